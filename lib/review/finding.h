// What a detector has to say: that events which are each in order are unusual together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace vigil::review {

enum class Detector : std::uint8_t {
    rejection_rate,       ///< the exchange rejects an unusual share of a symbol's orders
    order_latency,        ///< one order took far longer than the others
    clock_uncertainty,    ///< exchange time is known much less well than usual
    connection_flapping,  ///< a connection is lost again and again
};
inline constexpr std::size_t detector_count = 4;
[[nodiscard]] std::string_view to_string(Detector detector) noexcept;

struct Finding {
    Detector detector{};
    std::string subject;    ///< a symbol, an endpoint, "exchange time"
    std::int64_t value{0};  ///< percent, microseconds or times, as `reason` says
    std::int64_t limit{0};  ///< the value at which it becomes remarkable
    std::string reason;
    base::WallTime time;  ///< of the event that completed the picture
};

}  // namespace vigil::review
