#include "runtime/clock_thread.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;

// The thread wakes at least this often, to beat and to look at the wall clock.
constexpr base::milliseconds wake_interval{500};
// A waiter looks for an interruption this often.
constexpr base::milliseconds look_interval{100};

}  // namespace

ClockThread::ClockThread(Parts parts, timesync::Options options, base::milliseconds sample_deadline)
    : parts_{std::move(parts)},
      sample_deadline_{sample_deadline},
      max_uncertainty_{options.max_uncertainty},
      heartbeat_{
          parts_.heartbeats.add("clock", sample_deadline * 2 + base::seconds{5}, parts_.clock.monotonic())},
      estimator_{options} {}

ClockThread::~ClockThread() {
    stop();
}

void ClockThread::start() {
    thread_ = std::thread{[this] { run(); }};
    pthread_setname_np(thread_.native_handle(), "vigil-clock");
}

void ClockThread::request_stop() {
    {
        const std::scoped_lock lock{mutex_};
        stop_ = true;
    }
    changed_.notify_all();
}

void ClockThread::stop() {
    request_stop();
    if (thread_.joinable()) thread_.join();
}

timesync::Snapshot ClockThread::snapshot() const {
    const std::scoped_lock lock{mutex_};
    return estimator_.snapshot();
}

std::optional<base::microseconds> ClockThread::wall_offset() const {
    const std::scoped_lock lock{mutex_};
    return estimator_.wall_offset();
}

void ClockThread::doubt() {
    {
        const std::scoped_lock lock{mutex_};
        estimator_.doubt(parts_.clock.monotonic());
        doubted_ = true;
    }
    changed_.notify_all();
}

base::Result<void> ClockThread::wait_until_synchronised(base::milliseconds patience,
                                                        const std::function<bool()>& interrupted) {
    const base::MonotonicTime give_up = parts_.clock.monotonic() + patience;
    std::unique_lock lock{mutex_};
    while (!stop_ && parts_.clock.monotonic() < give_up) {
        if (estimator_.state(parts_.clock.monotonic()) == timesync::State::synchronised) return {};
        if (interrupted()) return base::fail(base::ErrorKind::unavailable, "stopped while synchronising");
        changed_.wait_for(lock, look_interval);
    }
    std::string why = "exchange time not known after " + std::to_string(patience.count()) + " ms";
    if (!last_failure_.empty()) why += ": " + last_failure_;
    return base::fail(base::ErrorKind::unavailable, std::move(why));
}

void ClockThread::run() {
    for (;;) {
        const base::MonotonicTime now = parts_.clock.monotonic();
        heartbeat_.beat(now);
        bool due = false;
        {
            std::unique_lock lock{mutex_};
            if (stop_) return;
            if (const auto step = estimator_.observe_wall(now, parts_.clock.wall()))
                parts_.logger.emit(Event::clock_wall_stepped, {field("step_us", *step)});
            due = estimator_.next_sample_due(now) <= now;
            if (!due) {
                const auto patience =
                    std::min<base::nanoseconds>(estimator_.next_sample_due(now) - now, wake_interval);
                changed_.wait_for(lock, patience, [this] { return stop_ || std::exchange(doubted_, false); });
                continue;
            }
        }
        take_sample();
    }
}

void ClockThread::take_sample() {
    // Neither the governor nor the network is waited for under the lock.
    const auto permitted = parts_.permit();
    const auto sample = permitted ? parts_.source.sample(sample_deadline_)
                                  : base::Result<domain::TimeSample>{base::fail(permitted.error())};
    const base::MonotonicTime now = parts_.clock.monotonic();
    std::unique_lock lock{mutex_};
    if (stop_) return;
    if (!sample) {
        estimator_.on_failure(now);
        // A request that was held back says less about the cause than the one before it, which was answered
        // or not.
        if (permitted || last_failure_.empty()) last_failure_ = sample.error().message;
        ++failures_;
        parts_.logger.emit(Event::clock_sample_failed,
                           {field("reason", last_failure_), field("failures", failures_)});
        if (estimator_.state(now) == timesync::State::unsynchronised && estimator_.samples_used() > 0)
            parts_.logger.emit(
                Event::clock_unsynchronised,
                {field("reason", last_failure_),
                 field("age_ms", estimator_.snapshot().age(now).value_or(base::nanoseconds{0}))});
    } else {
        failures_ = 0;
        const auto update = estimator_.add({.sent = sample->sent,
                                            .received = sample->received,
                                            .server_time = sample->server_time,
                                            .resolution = sample->resolution,
                                            .wall = parts_.clock.wall()});
        tell(update, now);
    }
    lock.unlock();
    changed_.notify_all();
}

void ClockThread::tell(const timesync::Update& update, base::MonotonicTime now) {
    const auto estimate = estimator_.at(now);
    const base::microseconds uncertainty = estimate ? estimate->uncertainty : base::microseconds{0};
    const base::microseconds offset = estimator_.wall_offset().value_or(base::microseconds{0});
    log::Logger& logger = parts_.logger;

    if (!update.used) {
        last_failure_ = update.refused != nullptr ? update.refused : "implausible sample";
        logger.emit(Event::clock_sample_failed, {field("reason", last_failure_), field("failures", 0)});
        return;
    }
    logger.emit(Event::clock_sampled, {field("offset_us", offset), field("uncertainty_us", uncertainty),
                                       field("round_trip_us", update.round_trip),
                                       field("drift_ppb", estimator_.snapshot().drift_ppb())});
    if (update.step)
        logger.emit(Event::clock_stepped,
                    {field("step_us", *update.step), field("uncertainty_us", uncertainty)});
    if (update.wall_step) logger.emit(Event::clock_wall_stepped, {field("step_us", *update.wall_step)});
    if (update.before == update.after) return;
    if (update.after == timesync::State::synchronised)
        logger.emit(Event::clock_synchronised,
                    {field("offset_us", offset), field("uncertainty_us", uncertainty),
                     field("samples", estimator_.samples_used())});
    // Becoming uncertain while still collecting the first samples is no news.
    else if (update.after == timesync::State::uncertain && update.before == timesync::State::synchronised)
        logger.emit(Event::clock_uncertain,
                    {field("uncertainty_us", uncertainty), field("limit_us", max_uncertainty_)});
}

}  // namespace vigil::runtime
