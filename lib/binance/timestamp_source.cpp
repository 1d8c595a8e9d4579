#include "binance/timestamp_source.h"

#include <utility>

#include "timesync/signing_time.h"

namespace vigil::binance {

using base::ErrorKind;

TimestampSource timestamp_source(const base::Clock& clock, std::function<timesync::Snapshot()> snapshot,
                                 base::milliseconds recv_window) {
    return [&clock, snapshot = std::move(snapshot), recv_window]() -> base::Result<base::ExchangeTime> {
        const timesync::Snapshot known = snapshot();
        const base::MonotonicTime now = clock.monotonic();
        const auto estimate = known.at(now);
        if (!estimate || known.state(now) != timesync::State::synchronised)
            return base::fail(ErrorKind::unavailable, "exchange time is not known well enough to sign");
        const auto timestamp = timesync::timestamp_to_sign(*estimate, recv_window);
        if (!timestamp) return base::fail(ErrorKind::unavailable, "exchange time is too uncertain to sign");
        return *timestamp;
    };
}

}  // namespace vigil::binance
