#include "timesync/clock_estimator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "timesync/drift.h"

namespace vigil::timesync {

namespace {

constexpr std::int64_t drift_bound_ppb = drift_bound_ppm * 1000;
constexpr base::nanoseconds drift_point_interval = base::seconds{20};
constexpr base::nanoseconds drift_base_line = base::seconds{60};

// Anything else is not a clock: nothing was traded before, and nanoseconds since 1970 overflow in 2262.
constexpr base::ExchangeTime earliest_plausible = base::exchange_time_ms(1'483'228'800'000);  // 2017-01-01
constexpr base::ExchangeTime latest_plausible = base::exchange_time_ms(7'258'118'400'000);    // 2200-01-01

std::int64_t middle(std::int64_t low, std::int64_t high) {
    return low + (high - low) / 2;
}

}  // namespace

ClockEstimator::ClockEstimator(Options options) : options_{options}, burst_left_{options.burst_samples} {
    base::check(options.confirm_samples > 0 && options.burst_samples >= options.confirm_samples,
                "a burst is long enough to confirm an estimate");
    snapshot_.max_uncertainty_ = options.max_uncertainty;
    snapshot_.max_age_ = options.max_age;
}

const char* ClockEstimator::implausible(const Sample& sample) const {
    if (sample.received < sample.sent) return "received before it was sent";
    if (snapshot_.known_ && sample.received < snapshot_.newest_) return "older than the newest sample";
    if (sample.received - sample.sent > options_.max_round_trip) return "the answer took too long";
    if (sample.server_time < earliest_plausible || sample.server_time > latest_plausible)
        return "the server's time is no date";
    if (sample.resolution < base::microseconds{1} || sample.resolution > base::seconds{1})
        return "the resolution is out of range";
    return nullptr;
}

ClockEstimator::Bounds ClockEstimator::bounds_of(const Sample& sample) const {
    const std::int64_t server_ns = base::nanoseconds{sample.server_time.time_since_epoch()}.count();
    const std::int64_t sent_ns = sample.sent.time_since_epoch().count();
    const std::int64_t received_ns = sample.received.time_since_epoch().count();
    const std::int64_t spread_ns = base::nanoseconds{options_.server_spread}.count();
    const std::int64_t resolution_ns = base::nanoseconds{sample.resolution}.count();
    const std::int64_t margin_ns = spread_ns + drift_margin_ns(received_ns - sent_ns);
    return {sample.received, server_ns - received_ns - margin_ns,
            server_ns + resolution_ns - sent_ns + margin_ns};
}

ClockEstimator::Bounds ClockEstimator::widened(const Bounds& bounds, base::MonotonicTime to) {
    const std::int64_t margin_ns = drift_margin_ns((to - bounds.reference).count());
    return {to, bounds.low_ns - margin_ns, bounds.high_ns + margin_ns};
}

Update ClockEstimator::add(const Sample& sample) {
    Update update;
    update.before = state(sample.received);
    update.wall_step = observe_wall(sample.received, sample.wall);
    last_attempt_ = sample.sent;
    attempted_ = true;
    update.refused = implausible(sample);
    if (update.refused != nullptr) {
        ++failures_;
        update.after = state(sample.received);
        return update;
    }
    update.used = true;
    update.round_trip = std::chrono::ceil<base::microseconds>(sample.received - sample.sent);
    failures_ = 0;
    ++samples_used_;

    const Bounds fresh = bounds_of(sample);
    if (recent_.size > 0) {
        const Bounds expected = common_bounds(sample.received);
        if (fresh.low_ns > expected.high_ns || fresh.high_ns < expected.low_ns) {
            const std::int64_t step_ns =
                middle(fresh.low_ns, fresh.high_ns) - middle(expected.low_ns, expected.high_ns);
            update.step = std::chrono::duration_cast<base::microseconds>(base::nanoseconds{step_ns});
            agreeing_ = 0;
            burst_left_ = options_.burst_samples;
            doubted_ = true;
            snapshot_.confirmed_ = false;
            snapshot_.drift_ppb_ = 0;
            history_.clear();
        }
    }
    if (doubted_) recent_.clear();
    doubted_ = false;
    recent_.add(fresh);
    ++agreeing_;
    if (burst_left_ > 0) --burst_left_;
    if (agreeing_ >= options_.confirm_samples) snapshot_.confirmed_ = true;
    const Bounds common = common_bounds(sample.received);
    snapshot_.known_ = true;
    snapshot_.reference_ = sample.received;
    snapshot_.newest_ = sample.received;
    snapshot_.low_ns_ = common.low_ns;
    snapshot_.high_ns_ = common.high_ns;
    learn_drift();
    update.after = state(sample.received);
    return update;
}

ClockEstimator::Bounds ClockEstimator::common_bounds(base::MonotonicTime now) const {
    Bounds common = widened(recent_.at(recent_.size - 1), now);  // the newest, whatever its age
    for (std::size_t i = 0; i + 1 < recent_.size; ++i) {
        if (now - recent_.at(i).reference > options_.memory) continue;
        const Bounds bounds = widened(recent_.at(i), now);
        common.low_ns = std::max(common.low_ns, bounds.low_ns);
        common.high_ns = std::min(common.high_ns, bounds.high_ns);
    }
    base::check(common.low_ns <= common.high_ns, "samples that are kept agree with each other");
    return common;
}

void ClockEstimator::learn_drift() {
    const Bounds now{snapshot_.reference_, snapshot_.low_ns_, snapshot_.high_ns_};
    if (history_.size > 0 && now.reference - history_.at(history_.size - 1).reference < drift_point_interval)
        return;
    history_.add(now);
    const Bounds& then = history_.at(0);
    const std::int64_t elapsed_us = (now.reference - then.reference).count() / 1000;
    if (now.reference - then.reference < drift_base_line) return;
    // 1 ns in 1 us is 1000 ppm, or a million ppb; differences of seconds in ns times a million still fit.
    const std::int64_t error_ns = (now.high_ns - now.low_ns + then.high_ns - then.low_ns) / 2;
    if (error_ns * 1'000'000 / elapsed_us > drift_bound_ppb) return;  // tells nothing yet
    const std::int64_t moved_ns = middle(now.low_ns, now.high_ns) - middle(then.low_ns, then.high_ns);
    const std::int64_t moved_bounded_ns =
        std::clamp<std::int64_t>(moved_ns, -1'000'000'000'000, 1'000'000'000'000);
    snapshot_.drift_ppb_ =
        std::clamp(moved_bounded_ns * 1'000'000 / elapsed_us, -drift_bound_ppb, drift_bound_ppb);
}

void ClockEstimator::on_failure(base::MonotonicTime now) {
    ++failures_;
    last_attempt_ = now;
    attempted_ = true;
}

void ClockEstimator::doubt(base::MonotonicTime now) {
    agreeing_ = 0;
    doubted_ = true;
    snapshot_.confirmed_ = false;
    if (last_doubt_ && now - *last_doubt_ < options_.uncertain_interval) return;
    last_doubt_ = now;
    burst_left_ = options_.burst_samples;
}

std::optional<base::microseconds> ClockEstimator::observe_wall(base::MonotonicTime now, base::WallTime wall) {
    const bool known = std::exchange(wall_known_, true);
    const base::MonotonicTime before = std::exchange(wall_seen_at_, now);
    const base::WallTime wall_before = std::exchange(wall_seen_, wall);
    if (!known || now < before) return std::nullopt;
    const auto steady = std::chrono::duration_cast<base::microseconds>(now - before);
    const base::microseconds moved = (wall - wall_before) - steady;
    // A time service may slew the wall clock by 500 ppm against a steady clock that is not slewed with it.
    const base::microseconds allowed = options_.wall_step_threshold + steady / 2000;
    if (std::chrono::abs(moved) <= allowed) return std::nullopt;
    return moved;
}

base::MonotonicTime ClockEstimator::next_sample_due(base::MonotonicTime now) const {
    if (!attempted_) return now;
    if (failures_ > 0) {
        const int doublings = std::min(failures_ - 1, 4);
        return last_attempt_ +
               std::min<base::nanoseconds>(base::seconds{1} * (1 << doublings), options_.quiet_interval);
    }
    if (burst_left_ > 0) return last_attempt_ + options_.burst_interval;
    const bool well = state(now) == State::synchronised;
    return last_attempt_ + (well ? options_.quiet_interval : options_.uncertain_interval);
}

std::optional<base::microseconds> ClockEstimator::wall_offset() const {
    if (!wall_known_) return std::nullopt;
    const auto estimate = at(wall_seen_at_);
    if (!estimate) return std::nullopt;
    return estimate->time.time_since_epoch() - wall_seen_.time_since_epoch();
}

}  // namespace vigil::timesync
