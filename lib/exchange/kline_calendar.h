// Where klines begin and end: the sixteen intervals of the exchange, months among them, in UTC or in a time
// zone that is so many minutes ahead of it (rest-api.md, "Kline/Candlestick data").
//
// Weeks begin on Mondays, months on their first day, everything else at multiples of its width since 1970; in
// a time zone the same holds for its local time. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "domain/market_events.h"

namespace vigil::exchange {

/// Rounds towards the past, also before 1970.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    const std::int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/// Stands for "1M". Calendar months have no fixed width: nothing may be computed from this one.
inline constexpr domain::CandleInterval month_interval{30LL * 24 * 3'600 * 1'000};

/// "1s" to "1M", in the order of the documentation.
[[nodiscard]] std::span<const domain::CandleInterval> kline_intervals();
/// domain's intervals, and "1M".
[[nodiscard]] std::optional<domain::CandleInterval> parse_kline_interval(std::string_view word);
[[nodiscard]] std::string_view kline_interval_name(domain::CandleInterval interval);

/// A time zone as requests name it: hours ("0", "8", "-3") or hours and minutes ("-1:00", "05:45", "+08:00"),
/// from -12:00 to +14:00 inclusive. Nothing for anything else.
[[nodiscard]] std::optional<std::chrono::minutes> parse_time_zone(std::string_view word);

/// When the kline of `interval` that contains `time` opens. `zone`: how far local time is ahead of UTC.
[[nodiscard]] base::ExchangeTime kline_open(domain::CandleInterval interval, base::ExchangeTime time,
                                            std::chrono::minutes zone = {});
/// When the kline opens that comes `count` klines after the one that opens at `open_time` (negative: before).
[[nodiscard]] base::ExchangeTime kline_step(domain::CandleInterval interval, base::ExchangeTime open_time,
                                            std::int64_t count, std::chrono::minutes zone = {});
/// Whether the klines of `zone` are those of UTC.
[[nodiscard]] bool same_klines_as_utc(domain::CandleInterval interval, std::chrono::minutes zone);

}  // namespace vigil::exchange
