// The exchange's limits as it publishes them (exchangeInfo.rateLimits) and as it reports their use (answer
// headers, `rateLimits` of WebSocket API answers). enums.md, "Rate limiters".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace vigil::domain {

enum class RateLimitType : std::uint8_t { request_weight, raw_requests, orders, connections, unknown };

/// As the exchange writes it.
[[nodiscard]] constexpr std::string_view to_string(RateLimitType type) noexcept {
    switch (type) {
        case RateLimitType::request_weight:
            return "REQUEST_WEIGHT";
        case RateLimitType::raw_requests:
            return "RAW_REQUESTS";
        case RateLimitType::orders:
            return "ORDERS";
        case RateLimitType::connections:
            return "CONNECTIONS";
        case RateLimitType::unknown:
            break;
    }
    return "UNKNOWN";
}

/// One published limit: at most `limit` in each fixed window of `window` of server time.
struct RateLimit {
    RateLimitType type{RateLimitType::unknown};
    base::seconds window{0};
    std::int64_t limit{0};

    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// How much of one limit was used, as an answer reported it.
struct RateLimitUsage {
    RateLimitType type{RateLimitType::unknown};
    base::seconds window{0};
    std::int64_t count{0};
    std::optional<std::int64_t> limit;  ///< the WebSocket API repeats the limit; headers do not
};

/// What one answer told about limits.
struct RateLimitReport {
    std::vector<RateLimitUsage> usage;
    base::MonotonicTime received;
};

/// What a refused request is about.
enum class LimitedScope : std::uint8_t {
    address,  ///< everything from this address rests
    orders,   ///< too many unfilled orders of the account (-1015): placements rest, nothing else
};

/// HTTP 429 / 418 / 403 / 5xx, or the WebSocket API's status.
struct RateLimited {
    int status{429};                                     ///< 429 slow down, 418 banned, 403 firewall, 5xx
    std::optional<base::seconds> retry_after;            ///< Retry-After header
    std::optional<base::ExchangeTime> retry_after_time;  ///< WebSocket API: `retryAfter` as a time
    base::MonotonicTime received;
    LimitedScope scope{LimitedScope::address};
};

}  // namespace vigil::domain
