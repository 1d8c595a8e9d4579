// A bounded queue between two or more threads. `try_push` refuses when it is full, and the caller
// states what that means (drop market data, halt trading, count a lost log line). Waits have deadlines. The
// memory for the most that was ever queued is kept, so that in steady state a push takes none from the heap.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/kept_queue.h"

namespace vigil::base {

/// Owned by whoever connects the threads; must outlive both sides. All members may be called from any thread.
template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_{capacity} {
        check(capacity > 0, "a queue holds at least one element");
    }

    /// False (and `value` untouched) when the queue is full or closed.
    [[nodiscard]] bool try_push(T&& value) {
        {
            const std::scoped_lock lock{mutex_};
            if (closed_ || items_.size() >= capacity_) return false;
            items_.push_back(std::move(value));
        }
        ready_.notify_one();
        return true;
    }

    /// Waits at most `patience`; nothing when the time passed or the queue is closed and empty.
    [[nodiscard]] std::optional<T> pop(std::chrono::nanoseconds patience) {
        std::unique_lock lock{mutex_};
        ready_.wait_for(lock, patience, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        return items_.pop_front();
    }

    /// Like pop, but takes everything that is there at once (for group commits).
    [[nodiscard]] std::vector<T> pop_all(std::chrono::nanoseconds patience) {
        std::unique_lock lock{mutex_};
        ready_.wait_for(lock, patience, [this] { return closed_ || !items_.empty(); });
        return items_.pop_all();
    }

    /// No more pushes; waiting readers wake, and still get what is queued.
    void close() {
        {
            const std::scoped_lock lock{mutex_};
            closed_ = true;
        }
        ready_.notify_all();
    }

    [[nodiscard]] bool closed() const {
        const std::scoped_lock lock{mutex_};
        return closed_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock{mutex_};
        return items_.size();
    }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

  private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    KeptQueue<T> items_;
    bool closed_{false};
};

}  // namespace vigil::base
