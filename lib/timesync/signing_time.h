// Which timestamp to sign, and until when a signed request can be accepted.
//
// The exchange accepts `timestamp < serverTime + 1000 ms` and `serverTime - timestamp <= recvWindow`
// (rest-api.md, "Timing security"). Ahead is the narrow side, so the timestamp is the earliest moment that
// "now" can be at the exchange: it is never ahead, however wrong the best guess. What that costs is
// recvWindow: twice the uncertainty.
#pragma once

#include <optional>

#include "base/time.h"
#include "timesync/estimate.h"

namespace vigil::timesync {

/// The timestamp for a request that is signed and sent now; whole milliseconds.
/// @return nothing when the uncertainty would eat more than half of `recv_window`: hold the request instead
[[nodiscard]] std::optional<base::ExchangeTime> timestamp_to_sign(const ExchangeEstimate& now,
                                                                  base::microseconds recv_window);

/// True once a request with that timestamp can no longer be accepted, whatever the error of the estimate:
/// from then on "not found" may be believed.
[[nodiscard]] bool surely_expired(base::ExchangeTime timestamp, base::microseconds recv_window,
                                  const ExchangeEstimate& now);

}  // namespace vigil::timesync
