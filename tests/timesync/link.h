// A model of the exchange's clock and of the way to it, for property tests: the truth is known here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "base/time.h"
#include "timesync/clock_estimator.h"

namespace vigil::timesync {

/// The exchange's true clock as a function of our monotonic one: drifts, wanders, and steps when told to.
class TrueClock {
  public:
    TrueClock(std::int64_t start_us, std::int64_t drift_ppb)
        : offset_ns_{start_us * 1000}, drift_ppb_{drift_ppb} {}

    void advance_to(base::MonotonicTime now) {
        const std::int64_t elapsed_ns = (now - now_).count();
        offset_ns_ += elapsed_ns / 1000 * drift_ppb_ / 1'000'000;
        now_ = now;
    }
    void set_drift_ppb(std::int64_t ppb) { drift_ppb_ = ppb; }
    void step(base::microseconds by) { offset_ns_ += base::nanoseconds{by}.count(); }

    /// True exchange time in nanoseconds at the moment of the last advance.
    [[nodiscard]] std::int64_t exact_ns() const { return now_.time_since_epoch().count() + offset_ns_; }
    [[nodiscard]] base::MonotonicTime now() const { return now_; }

  private:
    base::MonotonicTime now_{};
    std::int64_t offset_ns_;
    std::int64_t drift_ppb_;
};

/// One request over a link with the two delays given; the clock is advanced to the moment of receipt.
inline Sample measure(TrueClock& clock, base::nanoseconds there, base::nanoseconds back,
                      base::microseconds resolution, base::microseconds wall_offset = {}) {
    Sample sample;
    sample.sent = clock.now();
    clock.advance_to(sample.sent + there);
    const std::int64_t server_us = clock.exact_ns() / 1000;
    sample.server_time = base::ExchangeTime{base::microseconds{server_us - server_us % resolution.count()}};
    sample.resolution = resolution;
    clock.advance_to(sample.sent + there + back);
    sample.received = clock.now();
    sample.wall =
        base::WallTime{std::chrono::duration_cast<base::microseconds>(sample.received.time_since_epoch()) +
                       base::microseconds{1'700'000'000'000'000} + wall_offset};
    return sample;
}

/// Whether the truth lies within the estimate.
inline bool holds(const ExchangeEstimate& estimate, std::int64_t exact_ns) {
    const std::int64_t low_ns = base::nanoseconds{estimate.earliest().time_since_epoch()}.count();
    const std::int64_t high_ns = base::nanoseconds{estimate.latest().time_since_epoch()}.count();
    return low_ns <= exact_ns && exact_ns <= high_ns;
}

}  // namespace vigil::timesync
