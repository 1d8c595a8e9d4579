// Which timestamp to sign with: the exchange's time as far as it is known.
#pragma once

#include <functional>

#include "base/error.h"
#include "base/time.h"
#include "timesync/estimate.h"

namespace vigil::binance {

/// The timestamp to sign now; an Error while exchange time is not known well enough.
using TimestampSource = std::function<base::Result<base::ExchangeTime>()>;

/// @param clock    outlives what is returned
/// @param snapshot what is known of the exchange's clock; nothing is signed while it is not synchronised
[[nodiscard]] TimestampSource timestamp_source(const base::Clock& clock,
                                               std::function<timesync::Snapshot()> snapshot,
                                               base::milliseconds recv_window);

}  // namespace vigil::binance
