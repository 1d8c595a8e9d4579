#include "exchange/kline_calendar.h"

#include <array>
#include <charconv>

namespace vigil::exchange {

using base::ExchangeTime;
using domain::CandleInterval;

namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t week_ms = 7 * day_ms;
constexpr std::int64_t monday_ms = 4 * day_ms;  // 1970-01-05

constexpr std::array<CandleInterval, 16> intervals{{{second_ms},
                                                    {minute_ms},
                                                    {3 * minute_ms},
                                                    {5 * minute_ms},
                                                    {15 * minute_ms},
                                                    {30 * minute_ms},
                                                    {hour_ms},
                                                    {2 * hour_ms},
                                                    {4 * hour_ms},
                                                    {6 * hour_ms},
                                                    {8 * hour_ms},
                                                    {12 * hour_ms},
                                                    {day_ms},
                                                    {3 * day_ms},
                                                    {week_ms},
                                                    month_interval}};

std::chrono::year_month month_of(ExchangeTime local) {
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::floor<std::chrono::days>(local.time_since_epoch())}};
    return date.year() / date.month();
}

ExchangeTime first_of(std::chrono::year_month month) {
    return ExchangeTime{std::chrono::sys_days{month / 1}.time_since_epoch()};
}

/// One or two digits of at most `max`.
std::optional<int> small_number(std::string_view digits, int max) {
    int value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size();
    if (!whole || digits.size() > 2 || digits.front() == '-' || value > max) return std::nullopt;
    return value;
}

}  // namespace

std::span<const CandleInterval> kline_intervals() {
    return intervals;
}

std::optional<CandleInterval> parse_kline_interval(std::string_view word) {
    if (word == "1M") return month_interval;
    return domain::parse_candle_interval(word);
}

std::string_view kline_interval_name(CandleInterval interval) {
    return interval == month_interval ? "1M" : domain::to_string(interval);
}

std::optional<std::chrono::minutes> parse_time_zone(std::string_view word) {
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    const std::size_t colon = word.find(':');
    const auto hours = small_number(word.substr(0, colon), 14);
    if (!hours) return std::nullopt;
    int minutes = 0;
    if (colon != std::string_view::npos) {
        const std::string_view digits = word.substr(colon + 1);
        const auto parsed = digits.size() == 2 ? small_number(digits, 59) : std::nullopt;
        if (!parsed) return std::nullopt;
        minutes = *parsed;
    }
    const std::chrono::minutes ahead{(*hours * 60 + minutes) * (negative ? -1 : 1)};
    if (ahead < std::chrono::hours{-12} || ahead > std::chrono::hours{14}) return std::nullopt;
    return ahead;
}

ExchangeTime kline_open(CandleInterval interval, ExchangeTime time, std::chrono::minutes zone) {
    if (interval == month_interval) return first_of(month_of(time + zone)) - zone;
    const std::int64_t offset_ms = (interval.width_ms == week_ms ? monday_ms : 0) -
                                   std::chrono::duration_cast<std::chrono::milliseconds>(zone).count();
    const std::int64_t number = floor_div(base::to_ms(time) - offset_ms, interval.width_ms);
    return base::exchange_time_ms(number * interval.width_ms + offset_ms);
}

ExchangeTime kline_step(CandleInterval interval, ExchangeTime open_time, std::int64_t count,
                        std::chrono::minutes zone) {
    if (interval == month_interval) {
        const std::chrono::months months{count};
        return first_of(month_of(open_time + zone) + months) - zone;
    }
    return open_time + std::chrono::milliseconds{interval.width_ms} * count;
}

bool same_klines_as_utc(CandleInterval interval, std::chrono::minutes zone) {
    // No zone is a whole day away, so that days and longer differ in each but UTC.
    return std::chrono::duration_cast<std::chrono::milliseconds>(zone).count() % interval.width_ms == 0;
}

}  // namespace vigil::exchange
