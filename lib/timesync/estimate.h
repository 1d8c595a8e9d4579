// What is known of the exchange's clock, as values that can be copied to any thread.
//
// The exchange's time is never known exactly: an answer of GET /api/v3/time (rest-api.md, "Check server
// time") says only that somewhere between sending and receiving its clock showed that time. From this follow
// hard bounds, and everything here keeps to them: the true exchange time lies within `time` +/- `uncertainty`
// as long as the crystal of this machine and the exchange's clock drift apart by at most 200 ppm. Pure
// values: no clock is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace vigil::timesync {

/// An estimate of the exchange's time at one moment.
struct ExchangeEstimate {
    base::ExchangeTime time;           ///< the best guess
    base::microseconds uncertainty{};  ///< the true time is no further away

    [[nodiscard]] base::ExchangeTime earliest() const { return time - uncertainty; }
    [[nodiscard]] base::ExchangeTime latest() const { return time + uncertainty; }
};

enum class State : std::uint8_t {
    unsynchronised,  ///< no estimate: never measured, or too long ago
    uncertain,  ///< an estimate that must not be signed with: bound too wide, or a step not yet confirmed
    synchronised,
};
[[nodiscard]] std::string_view to_string(State state) noexcept;

/// Drift between the two clocks that the bounds allow for, in parts per million.
inline constexpr std::int64_t drift_bound_ppm = 200;

/// The estimator's knowledge at one moment; trivially copyable, so the clock thread can publish it and the
/// trading thread can sign with it. Default-constructed it knows nothing.
class Snapshot {
  public:
    Snapshot() = default;

    /// Nothing when unsynchronised. `now` may lie somewhat before the last sample; the bound widens both
    /// ways.
    [[nodiscard]] std::optional<ExchangeEstimate> at(base::MonotonicTime now) const;
    [[nodiscard]] State state(base::MonotonicTime now) const;
    /// Estimated drift, parts per billion: positive when the exchange's clock runs faster than ours.
    [[nodiscard]] std::int64_t drift_ppb() const { return drift_ppb_; }
    /// Time since the newest sample that was used; nothing before the first.
    [[nodiscard]] std::optional<base::nanoseconds> age(base::MonotonicTime now) const;

  private:
    friend class ClockEstimator;

    bool known_{false};
    bool confirmed_{false};            // enough samples agree since start or the last step
    base::MonotonicTime reference_{};  // the moment at which the two bounds hold
    base::MonotonicTime newest_{};     // receipt of the newest sample
    std::int64_t low_ns_{0};           // exchange time minus monotonic time, at `reference_`
    std::int64_t high_ns_{0};
    std::int64_t drift_ppb_{0};
    base::microseconds max_uncertainty_{0};
    base::nanoseconds max_age_{0};
};

}  // namespace vigil::timesync
