// From the main thread to the trading thread and back: runs something there, or asks the exchange through the
// port, and waits for the answer with a deadline.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "domain/exchange_port.h"
#include "net/event_loop.h"

namespace vigil::runtime {

/// What a round through the trading loop may take.
inline constexpr base::milliseconds loop_patience{5'000};

/// A place for one value that another thread brings. Shared, so that a late one finds a home after the waiter
/// has left.
template <class T>
class Mailbox {
  public:
    void put(T value) {
        {
            const std::scoped_lock lock{mutex_};
            if (value_) return;
            value_ = std::move(value);
        }
        arrived_.notify_all();
    }
    [[nodiscard]] std::optional<T> take(base::milliseconds patience) {
        std::unique_lock lock{mutex_};
        arrived_.wait_for(lock, patience, [this] { return value_.has_value(); });
        return std::exchange(value_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<T> value_;
};

/// Runs `call()` on the loop's thread and returns what it returned. Error timeout when the loop does not come
/// round.
template <class Call, class T = std::invoke_result_t<Call>>
[[nodiscard]] base::Result<T> on_loop(net::EventLoop& loop, base::milliseconds patience, Call call) {
    auto mailbox = std::make_shared<Mailbox<T>>();
    if (!loop.post([mailbox, call = std::move(call)]() mutable { mailbox->put(call()); }))
        return base::fail(base::ErrorKind::exhausted, "the trading loop takes no more work");
    auto value = mailbox->take(patience);
    if (!value) return base::fail(base::ErrorKind::timeout, "the trading loop does not answer");
    return std::move(*value);
}

/// `start(callback)` is run on the loop's thread; waits for what the callback is given, in slices between
/// which `interrupted` is asked: error unavailable "stopped" when it says so.
template <class T>
[[nodiscard]] base::Result<T> ask(net::EventLoop& loop, base::milliseconds patience,
                                  std::function<void(domain::Callback<T>)> start,
                                  const std::function<bool()>& interrupted) {
    constexpr base::milliseconds slice{50};
    auto mailbox = std::make_shared<Mailbox<base::Result<T>>>();
    const bool posted = loop.post([mailbox, start = std::move(start)] {
        start([mailbox](base::Result<T> result) { mailbox->put(std::move(result)); });
    });
    if (!posted) return base::fail(base::ErrorKind::exhausted, "the trading loop takes no more work");
    auto result = mailbox->take(std::min(patience, slice));
    for (base::milliseconds left = patience - slice; !result && left > base::milliseconds{0}; left -= slice) {
        if (interrupted()) return base::fail(base::ErrorKind::unavailable, "stopped");
        result = mailbox->take(std::min(left, slice));
    }
    if (!result)
        return base::fail(base::ErrorKind::timeout,
                          "no answer within " + std::to_string(patience.count()) + " ms");
    return std::move(*result);
}

}  // namespace vigil::runtime
