#include "domain/market_events.h"

#include <array>
#include <utility>

namespace vigil::domain {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 15> intervals{{
    {"1s", 1'000},
    {"1m", minute_ms},
    {"3m", 3 * minute_ms},
    {"5m", 5 * minute_ms},
    {"15m", 15 * minute_ms},
    {"30m", 30 * minute_ms},
    {"1h", hour_ms},
    {"2h", 2 * hour_ms},
    {"4h", 4 * hour_ms},
    {"6h", 6 * hour_ms},
    {"8h", 8 * hour_ms},
    {"12h", 12 * hour_ms},
    {"1d", day_ms},
    {"3d", 3 * day_ms},
    {"1w", 7 * day_ms},
}};

}  // namespace

std::optional<CandleInterval> parse_candle_interval(std::string_view word) noexcept {
    for (const auto& [name, width_ms] : intervals)
        if (name == word) return CandleInterval{width_ms};
    return std::nullopt;
}

std::string_view to_string(CandleInterval interval) noexcept {
    for (const auto& [name, width_ms] : intervals)
        if (width_ms == interval.width_ms) return name;
    return "unknown";
}

}  // namespace vigil::domain
