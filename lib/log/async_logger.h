// The daemon's logger: records go through a bounded queue to one worker thread, which writes them to the
// sinks.
//
// What a full queue does: a record that finds no room pushes out the oldest queued one of the lowest class
// below its own (classes: debug and info; notice and warning; error and critical); where there is none, the
// record itself is lost. So an error is lost only when the whole queue is errors. Every loss is counted, and
// told as `log.dropped`. spdlog's own asynchronous logger can only drop the oldest line whatever it says, or
// block: hence this queue in front of its sinks.
//
// To spare the trading thread a system call for each line, the worker is woken only by records of severity
// warning or above and by a half-full queue; quieter records wait for its next look, at most `poll_interval`
// later.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "log/logger.h"
#include "log/sink.h"

namespace vigil::log {

/// Ends an observation when destroyed, and then waits for a call that is under way. Must go before the
/// logger, and not from inside its own callback.
class Subscription {
  public:
    Subscription() = default;
    explicit Subscription(std::function<void()> end) : end_{std::move(end)} {}
    Subscription(Subscription&& other) noexcept : end_{std::exchange(other.end_, nullptr)} {}
    Subscription& operator=(Subscription&& other) noexcept {
        if (this != &other) {
            if (end_) end_();
            end_ = std::exchange(other.end_, nullptr);
        }
        return *this;
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() {
        if (end_) end_();
    }

  private:
    std::function<void()> end_;
};

class AsyncLogger final : public Logger {
  public:
    struct Options {
        std::size_t queue_capacity{1024};                   ///< records, about 1 KiB each
        Severity minimum{Severity::info};                   ///< below it: counted, not written, not observed
        std::chrono::milliseconds poll_interval{50};        ///< longest delay of a quiet record
        std::chrono::milliseconds drop_report_every{1000};  ///< at most one log.dropped in this time
        std::function<void()>
            heartbeat{};  ///< called by the worker on every round, at least each poll_interval
    };

    /// @param clock must outlive the logger; stamps the records
    AsyncLogger(std::vector<std::unique_ptr<Sink>> sinks, const base::Clock& clock, Options options);
    /// Gives the queue two seconds to drain (see stop).
    ~AsyncLogger() override;

    /// Waits until everything emitted before the call is in the sinks and flushed. False when `patience` ran
    /// out.
    [[nodiscard]] bool flush(std::chrono::milliseconds patience);

    /// Drains, flushes and ends the worker; records emitted later are counted as dropped. False when
    /// `patience` ran out: the worker (stuck in a sink, such as a stopped journald) is then left behind with
    /// what it needs, and the process may exit. Idempotent.
    [[nodiscard]] bool stop(std::chrono::milliseconds patience);

    /// `observer` is called on the worker thread for every record from `minimum` up, redacted, in order of
    /// writing. It must not throw, and not wait for anything that logs.
    [[nodiscard]] Subscription subscribe(std::function<void(const Record&)> observer);

    [[nodiscard]] Counts counts() const override;

  private:
    void submit(const Record& record) noexcept override;

    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace vigil::log
