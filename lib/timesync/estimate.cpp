#include "timesync/estimate.h"

#include <algorithm>

#include "timesync/drift.h"

namespace vigil::timesync {

std::string_view to_string(State state) noexcept {
    switch (state) {
        case State::unsynchronised:
            return "unsynchronised";
        case State::uncertain:
            return "uncertain";
        case State::synchronised:
            return "synchronised";
    }
    return "unknown";
}

std::optional<ExchangeEstimate> Snapshot::at(base::MonotonicTime now) const {
    if (!known_ || now - newest_ > max_age_) return std::nullopt;
    const std::int64_t elapsed_ns = (now - reference_).count();
    const std::int64_t margin_ns = drift_margin_ns(elapsed_ns);
    const std::int64_t low_ns = low_ns_ - margin_ns;
    const std::int64_t high_ns = high_ns_ + margin_ns;
    const std::int64_t drifted_ns = elapsed_ns / 1000 * drift_ppb_ / 1'000'000;
    const std::int64_t best_ns = std::clamp(low_ns_ + (high_ns_ - low_ns_) / 2 + drifted_ns, low_ns, high_ns);
    const base::nanoseconds exchange{now.time_since_epoch().count() + best_ns};
    // Rounding down to whole microseconds is part of the error, on the late side.
    const base::nanoseconds error{std::max(high_ns - best_ns, best_ns - low_ns) + 1000};
    return ExchangeEstimate{base::ExchangeTime{std::chrono::floor<base::microseconds>(exchange)},
                            std::chrono::ceil<base::microseconds>(error)};
}

State Snapshot::state(base::MonotonicTime now) const {
    const auto estimate = at(now);
    if (!estimate) return State::unsynchronised;
    if (!confirmed_ || estimate->uncertainty > max_uncertainty_) return State::uncertain;
    return State::synchronised;
}

std::optional<base::nanoseconds> Snapshot::age(base::MonotonicTime now) const {
    if (!known_) return std::nullopt;
    return now - newest_;
}

}  // namespace vigil::timesync
