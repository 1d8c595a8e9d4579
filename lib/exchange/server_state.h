// What all requests share, whatever way they came: the core, the limits, the keys, the clock, the faults and
// the counters. One struct, owned by ExchangeServer; everything else borrows it. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "exchange/admin_faults.h"
#include "exchange/auth.h"
#include "exchange/core.h"
#include "exchange/rate_limit.h"
#include "exchange/server_clock.h"

namespace vigil::exchange {

/// How often each request arrived, and how it ended.
struct MethodCount {
    std::uint64_t rest{0};
    std::uint64_t websocket{0};
    std::uint64_t failed{0};   ///< answered with an error, faults included
    std::uint64_t dropped{0};  ///< answers that a fault swallowed
};

struct ServerCounters {
    std::vector<MethodCount> by_method;  ///< in the order of all_methods()
    std::uint64_t unknown_routes{0};
    std::uint64_t invalid_json{0};
    std::uint64_t orders_accepted{0};
    std::uint64_t orders_rejected{0};
    std::uint64_t cancels_accepted{0};
    std::uint64_t user_events{0};
    std::uint64_t market_messages{0};
    std::uint64_t weight_peak{0};                   ///< most weight that one address used in one minute
    std::unordered_map<int, std::uint64_t> errors;  ///< by code
};

struct ServerState {
    ServerState(const base::Clock& system_clock, RateLimitOptions rate_limits)
        : clock{system_clock}, limits{rate_limits}, faults{clock} {}

    ServerClock clock;
    RateLimiter limits;
    KeyRing keys;
    FaultTable faults;
    ServerCounters counters;
    ExchangeCore* core{nullptr};  ///< set once, before the first request
    CoreOptions core_options;     ///< what the core was made with
};

}  // namespace vigil::exchange
