#include "net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/unique_fd.h"
#include "net/resolver.h"

namespace vigil::net {

namespace {

using base::check;
using base::MonotonicTime;

constexpr int events_per_turn = 64;

/// Waits with the kernel's full resolution; on kernels without epoll_pwait2 rounded up to whole milliseconds.
int wait_for_events(int epoll_fd, std::array<epoll_event, events_per_turn>& events,
                    std::optional<base::nanoseconds> patience) {
    static std::atomic<bool> has_pwait2{true};
    if (has_pwait2.load(std::memory_order_relaxed)) {
        timespec limit{};
        if (patience) {
            limit.tv_sec = static_cast<time_t>(patience->count() / 1'000'000'000);
            limit.tv_nsec = static_cast<long>(patience->count() % 1'000'000'000);
        }
        const int count =
            ::epoll_pwait2(epoll_fd, events.data(), events_per_turn, patience ? &limit : nullptr, nullptr);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
        has_pwait2.store(false, std::memory_order_relaxed);
    }
    int limit_ms = -1;
    if (patience) {
        const auto whole = std::chrono::ceil<base::milliseconds>(*patience).count();
        limit_ms = static_cast<int>(std::min<std::int64_t>(whole, std::numeric_limits<int>::max()));
    }
    return ::epoll_wait(epoll_fd, events.data(), events_per_turn, limit_ms);
}

}  // namespace

class EventLoop::Impl {
  public:
    Impl(EventLoop& loop, Options options)
        : loop_{loop},
          options_{options},
          epoll_{::epoll_create1(EPOLL_CLOEXEC)},
          wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        check(static_cast<bool>(epoll_) && static_cast<bool>(wake_),
              "the kernel gives an epoll and an eventfd");
        turn_time_ = clock_.monotonic();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = wake_token;
        check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0,
              "the eventfd can be watched");
    }

    /// Lets go of everything that is still queued while the loop is whole: what is destroyed here may call
    /// back into unwatch and cancel.
    void let_go() {
        resolver_.reset();
        for (Watch& watch : watches_) {
            const auto gone = std::move(watch.callback);
            watch.callback = nullptr;
        }
        for (TimerSlot& slot : timers_) slot.task.reset();
        while (!deferred_.empty()) const auto gone = std::exchange(deferred_, {});
        batch_.clear();
        for (;;) {
            std::vector<Task> gone;
            {
                const std::scoped_lock lock{mutex_};
                gone.swap(posted_);
            }
            if (gone.empty()) break;
        }
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() = default;

    /// Whether `done` held; false without one.
    bool run(std::optional<MonotonicTime> until, const std::function<bool()>* done) {
        check(owner_.load() == std::thread::id{},
              "a loop is run by one thread at a time, and not from its callbacks");
        owner_.store(std::this_thread::get_id());
        bool held = false;
        for (;;) {
            begin_turn();
            held = done != nullptr && (*done)();
            if (held || stop_requested()) break;
            wait_and_dispatch(until);
            if (until && clock_.monotonic() >= *until) {
                held = done != nullptr && (*done)();
                break;
            }
        }
        stop_.store(false);
        owner_.store(std::thread::id{});
        return held;
    }

    void stop() {
        stop_.store(true);
        wake();
    }

    bool post(Task&& task) {
        bool must_wake = false;
        {
            const std::scoped_lock lock{mutex_};
            if (posted_.size() >= options_.post_capacity) return false;
            posted_.push_back(std::move(task));
            must_wake = !has_posted_.exchange(true);
        }
        if (must_wake && owner_.load() != std::this_thread::get_id()) wake();
        return true;
    }

    TimerId call_at(MonotonicTime when, Task task) {
        check_thread();
        std::uint32_t index = 0;
        if (free_timers_.empty()) {
            index = static_cast<std::uint32_t>(timers_.size());
            timers_.emplace_back();
        } else {
            index = free_timers_.back();
            free_timers_.pop_back();
        }
        TimerSlot& slot = timers_[index];
        slot.task = std::move(task);
        slot.armed = true;
        due_.push_back(Due{when, next_order_++, index, slot.generation});
        std::push_heap(due_.begin(), due_.end(), later);
        return TimerId{index, slot.generation};
    }

    bool cancel(TimerId timer) {
        check_thread();
        if (timer.generation == 0 || timer.slot >= timers_.size()) return false;
        TimerSlot& slot = timers_[timer.slot];
        if (slot.generation != timer.generation || !slot.armed) return false;
        const Task gone = free_timer(timer.slot);
        ++stale_;
        // Cancelled entries stay in the heap until they come up; when they are the greater part, it is built
        // anew.
        if (stale_ > 64 && stale_ > due_.size() / 2) {
            std::erase_if(due_,
                          [this](const Due& due) { return timers_[due.slot].generation != due.generation; });
            std::make_heap(due_.begin(), due_.end(), later);
            stale_ = 0;
        }
        return true;
    }

    base::Result<WatchId> watch(int fd, std::uint32_t events, WatchCallback callback) {
        check_thread();
        std::uint32_t index = 0;
        if (free_watches_.empty()) {
            index = static_cast<std::uint32_t>(watches_.size());
            watches_.emplace_back();
        } else {
            index = free_watches_.back();
            free_watches_.pop_back();
        }
        Watch& watch = watches_[index];
        epoll_event event{};
        event.events = events;
        event.data.u64 = token(index, watch.generation);
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
            const int reason = errno;
            free_watches_.push_back(index);
            return base::fail(base::system_error("cannot watch a descriptor", reason));
        }
        watch.fd = fd;
        watch.callback = std::make_shared<WatchCallback>(std::move(callback));
        return WatchId{index, watch.generation};
    }

    void change(WatchId id, std::uint32_t events) {
        check_thread();
        check(id.slot < watches_.size() && watches_[id.slot].generation == id.generation,
              "a changed watch exists");
        epoll_event event{};
        event.events = events;
        event.data.u64 = token(id.slot, id.generation);
        check(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, watches_[id.slot].fd, &event) == 0,
              "a watch can be changed");
    }

    void unwatch(WatchId id) {
        check_thread();
        if (id.generation == 0 || id.slot >= watches_.size()) return;
        Watch& watch = watches_[id.slot];
        if (watch.generation != id.generation) return;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watch.fd, nullptr);
        watch.fd = -1;
        watch.generation = next_generation(watch.generation);
        free_watches_.push_back(id.slot);
        const auto gone = std::exchange(watch.callback, nullptr);
    }

    void after_callback(Task task) {
        check_thread();
        deferred_.push_back(std::move(task));
    }

    [[nodiscard]] bool on_loop_thread() const { return owner_.load() == std::this_thread::get_id(); }

    void check_thread() const {
        const auto owner = owner_.load(std::memory_order_relaxed);
        check(owner == std::thread::id{} || owner == std::this_thread::get_id(),
              "a loop is used from its own thread (but for post and stop)");
    }

    Resolver& resolver() {
        if (!resolver_) resolver_ = std::make_unique<Resolver>(loop_);
        return *resolver_;
    }

    [[nodiscard]] MonotonicTime now() const { return clock_.monotonic(); }
    [[nodiscard]] MonotonicTime turn_time() const { return turn_time_; }

  private:
    static constexpr std::uint64_t wake_token = std::numeric_limits<std::uint64_t>::max();

    struct Watch {
        int fd{-1};
        std::uint32_t generation{1};
        std::shared_ptr<WatchCallback> callback;
    };
    struct TimerSlot {
        Task task;
        std::uint32_t generation{1};
        bool armed{false};
    };
    struct Due {
        MonotonicTime when;
        std::uint64_t order;  ///< timers of the same instant run in the order of their arming
        std::uint32_t slot;
        std::uint32_t generation;
    };

    static bool later(const Due& a, const Due& b) {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
    static std::uint64_t token(std::uint32_t slot, std::uint32_t generation) {
        return (std::uint64_t{generation} << 32U) | slot;
    }
    /// Never 0, which stands for none, and never all ones, which with the last slot is the eventfd.
    static std::uint32_t next_generation(std::uint32_t generation) {
        return generation >= std::numeric_limits<std::uint32_t>::max() - 1 ? 1 : generation + 1;
    }

    [[nodiscard]] bool stop_requested() const { return stop_.load(std::memory_order_relaxed); }

    void wake() {
        const std::uint64_t one = 1;
        // A full counter would refuse the write; then the loop is about to wake anyway.
        [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    }

    Task free_timer(std::uint32_t index) {
        TimerSlot& slot = timers_[index];
        slot.armed = false;
        slot.generation = next_generation(slot.generation);
        free_timers_.push_back(index);
        return std::move(slot.task);
    }

    void run_deferred() {
        for (std::size_t next = 0; next < deferred_.size(); ++next) {
            Task task = std::move(deferred_[next]);
            task();
        }
        deferred_.clear();
    }

    /// What waits without a system call: tasks of the set-up, posted tasks, due timers.
    void begin_turn() {
        run_deferred();
        run_posted();
        run_due();
    }

    void run_posted() {
        if (batch_next_ == batch_.size()) {
            if (!has_posted_.load(std::memory_order_acquire)) return;
            batch_.clear();
            batch_next_ = 0;
            const std::scoped_lock lock{mutex_};
            batch_.swap(posted_);
            has_posted_.store(false);
        }
        while (batch_next_ < batch_.size() && !stop_requested()) {
            Task task = std::move(batch_[batch_next_++]);
            task();
            task.reset();
            run_deferred();
        }
    }

    void run_due() {
        if (due_.empty()) return;
        const MonotonicTime time = clock_.monotonic();
        const std::uint64_t armed_before = next_order_;
        while (!due_.empty() && !stop_requested()) {
            const Due due = due_.front();
            if (timers_[due.slot].generation != due.generation) {
                pop_due();
                if (stale_ > 0) --stale_;
                continue;
            }
            if (due.when > time || due.order >= armed_before) return;
            pop_due();
            Task task = free_timer(due.slot);
            task();
            task.reset();
            run_deferred();
        }
    }

    void pop_due() {
        std::pop_heap(due_.begin(), due_.end(), later);
        due_.pop_back();
    }

    [[nodiscard]] std::optional<base::nanoseconds> patience(std::optional<MonotonicTime> until) const {
        using base::nanoseconds;
        if (batch_next_ < batch_.size() || has_posted_.load(std::memory_order_acquire)) return nanoseconds{0};
        std::optional<MonotonicTime> next = until;
        if (!due_.empty() && (!next || due_.front().when < *next)) next = due_.front().when;
        if (!next) return std::nullopt;
        return std::max(*next - clock_.monotonic(), nanoseconds{0});
    }

    void wait_and_dispatch(std::optional<MonotonicTime> until) {
        std::array<epoll_event, events_per_turn> events;
        const int count = wait_for_events(epoll_.get(), events, patience(until));
        turn_time_ = clock_.monotonic();
        check(count >= 0 || errno == EINTR, "epoll waits");
        for (int i = 0; i < count && !stop_requested(); ++i) {
            const std::uint64_t which = events[static_cast<std::size_t>(i)].data.u64;
            if (which == wake_token) {
                std::uint64_t times = 0;
                [[maybe_unused]] const auto got = ::read(wake_.get(), &times, sizeof times);
                continue;
            }
            const auto slot = static_cast<std::uint32_t>(which);
            if (watches_[slot].generation != static_cast<std::uint32_t>(which >> 32U)) continue;
            const auto callback = watches_[slot].callback;  // kept alive through its own unwatch
            (*callback)(events[static_cast<std::size_t>(i)].events);
            run_deferred();
        }
    }

    EventLoop& loop_;
    const Options options_;
    base::SystemClock clock_;
    base::UniqueFd epoll_;
    base::UniqueFd wake_;
    MonotonicTime turn_time_;
    std::atomic<std::thread::id> owner_{std::thread::id{}};
    std::atomic<bool> stop_{false};

    std::mutex mutex_;  ///< guards posted_
    std::vector<Task> posted_;
    std::atomic<bool> has_posted_{false};
    std::vector<Task> batch_;  ///< taken from posted_, being run
    std::size_t batch_next_{0};

    std::vector<Watch> watches_;
    std::vector<std::uint32_t> free_watches_;
    std::vector<TimerSlot> timers_;
    std::vector<std::uint32_t> free_timers_;
    std::vector<Due> due_;  ///< heap, earliest first, with entries of cancelled timers among them
    std::size_t stale_{0};
    std::uint64_t next_order_{0};
    std::vector<Task> deferred_;
    std::unique_ptr<Resolver> resolver_;
};

EventLoop::EventLoop(Options options) : impl_{std::make_unique<Impl>(*this, options)} {}
EventLoop::~EventLoop() {
    impl_->let_go();
}

void EventLoop::run() {
    impl_->run(std::nullopt, nullptr);
}
void EventLoop::run_for(base::nanoseconds time) {
    impl_->run(impl_->now() + time, nullptr);
}
bool EventLoop::run_until(const std::function<bool()>& done, base::nanoseconds time) {
    return impl_->run(impl_->now() + time, &done);
}
void EventLoop::stop() {
    impl_->stop();
}
bool EventLoop::post(Task&& task) {
    return impl_->post(std::move(task));
}
TimerId EventLoop::call_at(base::MonotonicTime when, Task task) {
    return impl_->call_at(when, std::move(task));
}
TimerId EventLoop::call_after(base::nanoseconds delay, Task task) {
    return impl_->call_at(impl_->now() + delay, std::move(task));
}
bool EventLoop::cancel(TimerId timer) {
    return impl_->cancel(timer);
}
base::MonotonicTime EventLoop::now() const {
    return impl_->now();
}
base::MonotonicTime EventLoop::turn_time() const {
    return impl_->turn_time();
}
bool EventLoop::on_loop_thread() const {
    return impl_->on_loop_thread();
}
base::Result<WatchId> EventLoop::watch(int fd, std::uint32_t events, WatchCallback callback) {
    return impl_->watch(fd, events, std::move(callback));
}
void EventLoop::change(WatchId watch, std::uint32_t events) {
    impl_->change(watch, events);
}
void EventLoop::unwatch(WatchId watch) {
    impl_->unwatch(watch);
}
void EventLoop::after_callback(Task task) {
    impl_->after_callback(std::move(task));
}
Resolver& EventLoop::resolver() {
    return impl_->resolver();
}

Timer::~Timer() {
    cancel();
}

void Timer::cancel() {
    const TimerId armed = std::exchange(id_, TimerId{});
    if (armed != TimerId{}) loop_.cancel(armed);
}

}  // namespace vigil::net
