// How long requests have waited here, by lane: for status, metrics and the session's summary.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "domain/stages.h"

namespace vigil::governor {

inline constexpr std::size_t lane_count = 6;

struct LaneWaits {
    std::int64_t granted{0};
    std::int64_t waited{0};   ///< of those granted, that could not go at once
    std::int64_t dropped{0};  ///< never sent: too late to be of use, or too large for any window
    base::nanoseconds total{0};
    base::nanoseconds longest{0};
};

class Waits {
  public:
    /// @param wait from when it was first asked until it was granted; zero: it went at once
    void granted(domain::Lane lane, base::nanoseconds wait) {
        LaneWaits& waits = of_[static_cast<std::size_t>(lane)];
        ++waits.granted;
        if (wait <= base::nanoseconds{0}) return;
        ++waits.waited;
        waits.total += wait;
        waits.longest = std::max(waits.longest, wait);
    }
    void dropped(domain::Lane lane) { ++of_[static_cast<std::size_t>(lane)].dropped; }
    [[nodiscard]] const LaneWaits& of(domain::Lane lane) const { return of_[static_cast<std::size_t>(lane)]; }

  private:
    std::array<LaneWaits, lane_count> of_{};
};

}  // namespace vigil::governor
