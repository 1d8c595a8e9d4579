// One thread's loop: sockets, timers and work posted by other threads, one callback after another.
//
// Owner: whoever runs the thread. Everything built on a loop (WsClient, HttpClient, Server, Timer) must be
// destroyed before the loop, on the loop's thread or while the loop is not running. Threads: only post() and
// stop() may be called from another thread; everything else from the loop's thread, or from any single thread
// while the loop does not run (set-up and tear-down). A violation aborts (base::check). A callback may
// create, destroy, watch, unwatch, arm and cancel anything, including what it is called by.
//
// It sits directly on epoll, level-triggered, and not on Asio's reactor: that one is edge-triggered and pays
// one more system call for each wait (an epoll_ctl, or a read that finds nothing), a third more on the way of
// an order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "net/task.h"

namespace vigil::net {

class Resolver;

/// Names one armed timer of one loop. A default-made one names none.
struct TimerId {
    std::uint32_t slot{0};
    std::uint32_t generation{0};  ///< 0: none
    friend bool operator==(TimerId, TimerId) = default;
};

/// Names one watched file descriptor of one loop. A default-made one names none.
struct WatchId {
    std::uint32_t slot{0};
    std::uint32_t generation{0};
    friend bool operator==(WatchId, WatchId) = default;
};

struct EventLoopOptions {
    /// Tasks that may wait in post(); one more is refused.
    std::size_t post_capacity = 65'536;
};

class EventLoop {
  public:
    using Options = EventLoopOptions;

    /// Aborts when the kernel refuses the few descriptors that it needs: there is nothing to run on then.
    explicit EventLoop(Options options = {});
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs callbacks until stop(). A stop() from before the call counts, and is used up.
    void run();
    /// The same, for at most `time`; with zero, whatever can be done without waiting.
    void run_for(base::nanoseconds time);
    /// Runs until `done()` holds (looked at after each turn) or `time` has passed; says whether it held.
    bool run_until(const std::function<bool()>& done, base::nanoseconds time);

    /// Ends run() after the callback that is being executed. Any thread.
    void stop();

    /// Queues `task` for the loop's next turn; tasks run in the order of their posting. False, and the task
    /// untouched and not run, when post_capacity tasks wait already. Any thread.
    [[nodiscard]] bool post(Task&& task);

    /// Calls `task` once, at `when` or as soon after as the loop comes round. Never from inside the call.
    TimerId call_at(base::MonotonicTime when, Task task);
    TimerId call_after(base::nanoseconds delay, Task task);
    /// False when it has run, is running, was cancelled or was never armed.
    bool cancel(TimerId timer);

    /// The clock read now.
    [[nodiscard]] base::MonotonicTime now() const;
    /// The clock as it was read when this turn began: no cost, at most one turn old.
    [[nodiscard]] base::MonotonicTime turn_time() const;

    [[nodiscard]] bool on_loop_thread() const;

    // For descriptors of every kind (sockets, signalfd, timerfd ...), level-triggered.

    using WatchCallback =
        std::function<void(std::uint32_t events)>;  ///< EPOLLIN, EPOLLOUT ... as epoll tells them
    /// The caller keeps owning `fd`, and calls unwatch before closing it. An error is what epoll_ctl said.
    [[nodiscard]] base::Result<WatchId> watch(int fd, std::uint32_t events, WatchCallback callback);
    void change(WatchId watch, std::uint32_t events);
    /// The callback is never called again, not even for an event of the turn in progress.
    void unwatch(WatchId watch);

    /// Runs `task` after the callback that is being executed has returned, before the loop looks at anything
    /// else and without another system call. This is how sends of one callback become one write.
    void after_callback(Task task);

    /// Host names to addresses, for this folder's connectors.
    [[nodiscard]] Resolver& resolver();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// One timer that its owner holds: arming again replaces, destroying cancels.
class Timer {
  public:
    explicit Timer(EventLoop& loop) : loop_{loop} {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer();

    void at(base::MonotonicTime when, Task task) {
        cancel();
        id_ = loop_.call_at(when, std::move(task));
    }
    void after(base::nanoseconds delay, Task task) {
        cancel();
        id_ = loop_.call_after(delay, std::move(task));
    }
    void cancel();

  private:
    EventLoop& loop_;
    TimerId id_{};
};

}  // namespace vigil::net
