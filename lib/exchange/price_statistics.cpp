#include "exchange/price_statistics.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/check.h"
#include "exchange/kline_calendar.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::Price;

namespace {

__extension__ using Wide = __int128;

constexpr domain::CandleInterval minute_interval{60'000};
constexpr domain::CandleInterval hour_interval{60 * 60'000};
/// A window that moves needs a new one each minute; several windows are watched at once.
constexpr std::size_t history_spans_max = 16;

/// To nearest, halves away from zero.
std::int64_t rounded_quotient(Wide dividend, Wide divisor) {
    const Wide half = dividend < 0 ? -divisor / 2 : divisor / 2;
    const Wide quotient = (dividend + half) / divisor;
    constexpr Wide max = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp<Wide>(quotient, -max, max));
}

}  // namespace

std::int64_t PriceStatistics::change_milli_percent() const {
    if (!open.is_positive()) return 0;
    return rounded_quotient(static_cast<Wide>(change().raw()) * 100'000, open.raw());
}

Price PriceStatistics::weighted_average() const {
    if (!volume.is_positive()) return Price{};
    return Price::from_raw(
        rounded_quotient(static_cast<Wide>(quote_volume.raw()) * domain::decimal_scale, volume.raw()));
}

void MinuteStatistics::add(const TradeEvent& trade) {
    const ExchangeTime minute = kline_open(minute_interval, trade.time);
    Kline one;
    one.interval = minute_interval;
    one.open_time = minute;
    one.close_time = kline_step(minute_interval, minute, 1) - base::milliseconds{1};
    one.open = one.high = one.low = one.close = trade.price;
    one.volume = trade.quantity;
    one.quote_volume = trade.quote_quantity;
    one.trade_count = 1;
    one.first_trade_id = one.last_trade_id = trade.trade_id.value;
    last_quantity_ = trade.quantity;
    if (!minutes_.empty() && minutes_.back().open_time == minute) {
        append(minutes_.back(), one);
        return;
    }
    minutes_.push_back(one);
    while (minutes_.front().open_time < minute - kept) minutes_.pop_front();
}

void MinuteStatistics::restore(const SavedMinutes& saved) {
    minutes_.assign(saved.minutes.begin(), saved.minutes.end());
    for (Kline& minute : minutes_) minute.interval = minute_interval;
    last_quantity_ = saved.last_quantity;
    history_spans_.clear();
}

/// In whole hours as far as that goes: a window of a week is two hundred klines, not ten thousand.
const Kline& MinuteStatistics::before_beginning(ExchangeTime open_time, const PriceHistory& history) {
    const auto known = history_spans_.find(open_time);
    if (known != history_spans_.end()) return known->second;
    if (history_spans_.size() >= history_spans_max) history_spans_.clear();
    std::optional<Kline> span;
    ExchangeTime time = open_time;
    while (time < history.end()) {
        const ExchangeTime hour_later = kline_step(hour_interval, time, 1);
        const bool whole_hour = kline_open(hour_interval, time) == time && hour_later <= history.end();
        const domain::CandleInterval part = whole_hour ? hour_interval : minute_interval;
        const ExchangeTime next = kline_step(part, time, 1);
        const Kline one = history.kline(part, time, next);
        if (span) {
            append(*span, one);
        } else {
            span = one;
        }
        time = next;
    }
    base::check(span.has_value(), "the window begins before the market");
    return history_spans_.emplace(open_time, *span).first->second;
}

PriceStatistics MinuteStatistics::since(ExchangeTime open_time, ExchangeTime now,
                                        const PriceHistory* history) {
    PriceStatistics statistics;
    statistics.open_time = open_time;
    statistics.close_time = now;
    if (history == nullptr) return statistics;

    const ExchangeTime first_minute = kline_open(minute_interval, open_time);
    std::optional<Kline> whole;
    if (first_minute < history->end()) whole = before_beginning(first_minute, *history);
    const auto first =
        std::lower_bound(minutes_.begin(), minutes_.end(), first_minute,
                         [](const Kline& one, ExchangeTime time) { return one.open_time < time; });
    for (auto one = first; one != minutes_.end(); ++one) {
        if (whole) {
            append(*whole, *one);
        } else {
            whole = *one;
        }
    }
    statistics.previous =
        first != minutes_.begin() ? std::prev(first)->close : history->at(first_minute - base::seconds{1});
    statistics.last_quantity = last_quantity_.value_or(domain::Quantity{});
    if (!whole) {
        // No trade in the window: nothing has moved since the last one.
        statistics.open = statistics.high = statistics.low = statistics.last = statistics.previous;
        return statistics;
    }
    statistics.open = whole->open;
    statistics.high = whole->high;
    statistics.low = whole->low;
    statistics.last = whole->close;
    statistics.volume = whole->volume;
    statistics.quote_volume = whole->quote_volume;
    statistics.count = whole->trade_count;
    statistics.first_trade_id = whole->first_trade_id;
    statistics.last_trade_id = whole->last_trade_id;
    return statistics;
}

}  // namespace vigil::exchange
