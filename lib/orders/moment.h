// One moment on the two clocks that the ledger needs: the monotonic one for delays, the exchange's for
// proofs.
#pragma once

#include "base/time.h"

namespace vigil::orders {

/// Comes in with every input. `monotonic` is zero in inputs that are replayed from an earlier session, whose
/// monotonic clock means nothing now.
struct Moment {
    base::MonotonicTime monotonic;
    base::ExchangeTime exchange;
};

}  // namespace vigil::orders
