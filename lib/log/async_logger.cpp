#include "log/async_logger.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "log/record_queue.h"

namespace vigil::log {

namespace {

constexpr std::size_t batch_size = 64;

/// The worker takes no signals: they belong to the main thread.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

// Everything the worker touches. It is shared between the logger and the worker, so that a worker that is
// stuck in a sink at the end of the process can be left behind safely: `released` then keeps it away from
// what is not its own (clock, observers, heartbeat).
struct AsyncLogger::Shared {
    Shared(std::vector<std::unique_ptr<Sink>> to, const base::Clock& clock_of, Options with)
        : sinks(std::move(to)),
          failures(sinks.size()),
          clock(clock_of),
          options(std::move(with)),
          queue(options.queue_capacity) {}

    struct Observer {
        std::uint64_t id;
        std::function<void(const Record&)> call;
    };
    struct SinkFailures {
        std::uint64_t count{0};
        std::optional<base::MonotonicTime> told;
    };

    void count(Event event) {
        by_event[static_cast<std::size_t>(event)].fetch_add(1, std::memory_order_relaxed);
    }

    void run();
    void deliver(Record& record, std::size_t except_sink);
    void check_sink(std::size_t index, const base::Result<void>& result);
    void tell_own(Event event, std::initializer_list<Field> fields, std::size_t except_sink);
    void tell_losses(bool now);
    void flush_sinks();

    static constexpr std::size_t all_sinks = SIZE_MAX;

    // The worker's own.
    std::vector<std::unique_ptr<Sink>> sinks;
    std::vector<SinkFailures> failures;
    Losses losses_told{};
    std::optional<base::MonotonicTime> losses_told_at;
    bool dirty{false};         // written since the last flush
    bool telling_sink{false};  // a sink's failure is being told: its telling is not told again

    // Not the worker's: used only under `outside` and while not `released`.
    std::mutex outside;
    bool released{false};
    const base::Clock& clock;
    std::vector<Observer> observers;
    std::uint64_t next_observer{1};

    const Options options;
    RecordQueue queue;
    std::array<std::atomic<std::uint64_t>, event_count> by_event{};

    std::mutex progress_mutex;
    std::condition_variable progress;
    std::uint64_t flushed_to{0};
    bool finished{false};

    std::mutex thread_mutex;
    std::thread thread;
    bool abandoned{false};  // left behind by stop()
};

void AsyncLogger::Shared::run() {
    std::vector<Record> batch;
    batch.reserve(batch_size);
    for (;;) {
        const RecordQueue::Batch got = queue.pop(batch, batch_size, options.poll_interval);
        for (Record& record : batch) {
            record.redact_texts();
            deliver(record, all_sinks);
        }
        const bool last = got.closed && batch.empty();
        tell_losses(last);
        // While records stream in, flushing each small batch would cost more than it is worth; a pause or a
        // request ends that.
        const bool idle = batch.size() < batch_size;
        if (idle || got.wanted || last) {
            flush_sinks();
            const std::scoped_lock lock{progress_mutex};
            flushed_to = got.reached;
            finished = last;
        }
        progress.notify_all();
        {
            const std::scoped_lock lock{outside};
            if (!released && options.heartbeat) options.heartbeat();
        }
        if (last) return;
    }
}

void AsyncLogger::Shared::deliver(Record& record, std::size_t except_sink) {
    for (std::size_t i = 0; i < sinks.size(); ++i)
        if (i != except_sink) check_sink(i, sinks[i]->write(record));
    dirty = true;
    const std::scoped_lock lock{outside};
    if (released) return;
    for (const Observer& observer : observers) observer.call(record);
}

void AsyncLogger::Shared::check_sink(std::size_t index, const base::Result<void>& result) {
    SinkFailures& of_sink = failures[index];
    if (result) {
        of_sink.count = 0;
        return;
    }
    ++of_sink.count;
    if (telling_sink) return;
    {
        const std::scoped_lock lock{outside};
        if (released) return;
        const base::MonotonicTime now = clock.monotonic();
        if (of_sink.told && now - *of_sink.told < options.drop_report_every) return;
        of_sink.told = now;
    }
    telling_sink = true;
    tell_own(Event::log_sink_failed,
             {field("sink", sinks[index]->label()), field("reason", result.error().message),
              field("failures", of_sink.count)},
             index);
    telling_sink = false;
}

void AsyncLogger::Shared::tell_own(Event event, std::initializer_list<Field> fields,
                                   std::size_t except_sink) {
    Record record{event, fields};
    {
        const std::scoped_lock lock{outside};
        if (released) return;
        record.stamp(clock.wall());
    }
    count(event);
    record.redact_texts();
    deliver(record, except_sink);
}

void AsyncLogger::Shared::tell_losses(bool now) {
    const Losses losses = queue.losses();
    if (losses == losses_told) return;
    {
        const std::scoped_lock lock{outside};
        if (released) return;
        const base::MonotonicTime at = clock.monotonic();
        if (!now && losses_told_at && at - *losses_told_at < options.drop_report_every) return;
        losses_told_at = at;
    }
    Losses fresh{};
    for (std::size_t i = 0; i < losses.size(); ++i) fresh[i] = losses[i] - losses_told[i];
    losses_told = losses;
    tell_own(Event::log_dropped,
             {field("quiet", fresh[0]), field("warnings", fresh[1]), field("errors", fresh[2])}, all_sinks);
}

void AsyncLogger::Shared::flush_sinks() {
    if (!dirty) return;
    dirty = false;
    for (std::size_t i = 0; i < sinks.size(); ++i) check_sink(i, sinks[i]->flush());
}

AsyncLogger::AsyncLogger(std::vector<std::unique_ptr<Sink>> sinks, const base::Clock& clock, Options options)
    : shared_{std::make_shared<Shared>(std::move(sinks), clock, std::move(options))} {
    const SignalsBlocked blocked;
    shared_->thread = std::thread{[shared = shared_] { shared->run(); }};
    pthread_setname_np(shared_->thread.native_handle(), "vigil-log");
}

AsyncLogger::~AsyncLogger() {
    // Left behind when it does not finish; stop() has said so in its result, which a destructor cannot hand
    // on.
    static_cast<void>(stop(std::chrono::milliseconds{2000}));
}

bool AsyncLogger::flush(std::chrono::milliseconds patience) {
    const std::uint64_t target = shared_->queue.nudge();
    std::unique_lock lock{shared_->progress_mutex};
    return shared_->progress.wait_for(lock, patience, [&] { return shared_->flushed_to >= target; });
}

bool AsyncLogger::stop(std::chrono::milliseconds patience) {
    const std::scoped_lock one_at_a_time{shared_->thread_mutex};
    shared_->queue.close();
    if (shared_->abandoned) return false;
    bool finished = false;
    {
        std::unique_lock lock{shared_->progress_mutex};
        finished = shared_->progress.wait_for(lock, patience, [&] { return shared_->finished; });
    }
    if (finished) {
        if (shared_->thread.joinable()) shared_->thread.join();
    } else if (shared_->thread.joinable()) {
        shared_->thread.detach();
        shared_->abandoned = true;
    }
    const std::scoped_lock lock{shared_->outside};
    shared_->released = true;
    shared_->observers.clear();
    return finished;
}

Subscription AsyncLogger::subscribe(std::function<void(const Record&)> observer) {
    const std::scoped_lock lock{shared_->outside};
    const std::uint64_t id = shared_->next_observer++;
    shared_->observers.push_back({id, std::move(observer)});
    return Subscription{[shared = shared_, id] {
        const std::scoped_lock inner{shared->outside};
        std::erase_if(shared->observers, [id](const Shared::Observer& each) { return each.id == id; });
    }};
}

Counts AsyncLogger::counts() const {
    Counts counts;
    for (std::size_t i = 0; i < event_count; ++i) {
        const std::uint64_t count = shared_->by_event[i].load(std::memory_order_relaxed);
        counts.by_event[i] = count;
        counts.by_severity[static_cast<std::size_t>(severity(static_cast<Event>(i)))] += count;
    }
    for (const std::uint64_t lost : shared_->queue.losses()) counts.dropped += lost;
    return counts;
}

void AsyncLogger::submit(const Record& record) noexcept {
    shared_->count(record.event());
    if (severity(record.event()) < shared_->options.minimum) return;
    // After a stop the clock may be gone, but nothing is stamped then: push() refuses first.
    shared_->queue.push(record, shared_->clock.wall());
}

}  // namespace vigil::log
