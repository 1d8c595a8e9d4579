#include "timesync/signing_time.h"

#include <chrono>

namespace vigil::timesync {

std::optional<base::ExchangeTime> timestamp_to_sign(const ExchangeEstimate& now,
                                                    base::microseconds recv_window) {
    if (2 * now.uncertainty > recv_window / 2) return std::nullopt;
    return std::chrono::floor<base::milliseconds>(now.earliest());
}

bool surely_expired(base::ExchangeTime timestamp, base::microseconds recv_window,
                    const ExchangeEstimate& now) {
    return now.earliest() > timestamp + recv_window;
}

}  // namespace vigil::timesync
