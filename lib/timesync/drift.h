// How far two clocks can have drifted apart.
#pragma once

#include <cstdint>

#include "timesync/estimate.h"

namespace vigil::timesync {

/// The most that `elapsed_ns` (of either sign) allow for, rounded up.
[[nodiscard]] constexpr std::int64_t drift_margin_ns(std::int64_t elapsed_ns) {
    const std::int64_t size = elapsed_ns < 0 ? -elapsed_ns : elapsed_ns;
    return size / 1'000'000 * drift_bound_ppm + drift_bound_ppm;
}

}  // namespace vigil::timesync
