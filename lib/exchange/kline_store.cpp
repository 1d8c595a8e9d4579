#include "exchange/kline_store.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/check.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::CandleInterval;

namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

constexpr std::array<CandleInterval, 15> intervals{{{second_ms},
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
                                                    {7 * day_ms}}};

std::chrono::milliseconds width_of(CandleInterval interval) {
    return std::chrono::milliseconds{interval.width_ms};
}

/// Statistics stop growing at the end of their range instead of overflowing: a fast replay of a cheap coin
/// can get there.
template <class Tag>
void grow(domain::Fixed<Tag>& total, domain::Fixed<Tag> by) {
    if (const auto sum = total.checked_add(by)) total = *sum;
}

Kline flat(CandleInterval interval, ExchangeTime open_time, domain::Price price) {
    Kline kline;
    kline.interval = interval;
    kline.open_time = open_time;
    kline.close_time = open_time + width_of(interval) - std::chrono::milliseconds{1};
    kline.open = kline.high = kline.low = kline.close = price;
    return kline;
}

}  // namespace

std::span<const CandleInterval> kline_intervals() {
    return intervals;
}

KlineStore::KlineStore(std::size_t kept) : kept_{std::max<std::size_t>(kept, 1)} {
    for (const CandleInterval interval : intervals) series_.push_back(Series{interval, {}, {}, false, {}});
}

void KlineStore::start(PriceHistory history, ExchangeTime now) {
    base::check(!started(), "a market begins once");
    history_.emplace(std::move(history));
    for (Series& series : series_) {
        series.open = history_->kline(series.interval, kline_open(series.interval, now));
        series.open.closed = false;
        series.live_begin = series.open.open_time;
    }
}

void KlineStore::roll(ExchangeTime now, std::vector<Kline>* closed) {
    if (!started()) return;
    for (Series& series : series_) {
        if (now <= series.open.close_time) continue;
        const auto width = width_of(series.interval);
        const ExchangeTime current = kline_open(series.interval, now);
        // After a long pause only the klines that will be kept are made.
        const ExchangeTime oldest_kept = current - width * static_cast<std::int64_t>(kept_);
        while (series.open.open_time < current) {
            series.open.closed = true;
            const domain::Price price = series.open.close;
            ExchangeTime next = series.open.open_time + width;
            const bool worth_telling = series.open.last_trade_id >= 0 || series.interval.width_ms > second_ms;
            if (closed != nullptr && worth_telling) closed->push_back(series.open);
            series.closed.push_back(series.open);
            if (series.closed.size() > kept_) series.closed.pop_front();
            if (next < oldest_kept) {
                next = oldest_kept;
                series.closed.clear();
            }
            series.open = flat(series.interval, next, price);
            series.changed = false;
        }
    }
}

void KlineStore::add(const TradeEvent& trade) {
    for (Series& series : series_) {
        Kline& kline = series.open;
        // A market that moved between two klines without a trade opens where it now trades.
        if (kline.last_trade_id < 0 && !kline.synthetic) kline.open = kline.high = kline.low = trade.price;
        kline.high = std::max(kline.high, trade.price);
        kline.low = std::min(kline.low, trade.price);
        kline.close = trade.price;
        grow(kline.volume, trade.quantity);
        grow(kline.quote_volume, trade.quote_quantity);
        ++kline.trade_count;
        if (!trade.buyer_is_maker) {
            grow(kline.taker_buy_volume, trade.quantity);
            grow(kline.taker_buy_quote_volume, trade.quote_quantity);
        }
        if (kline.first_trade_id < 0) kline.first_trade_id = trade.trade_id.value;
        kline.last_trade_id = trade.trade_id.value;
        series.changed = true;
    }
    has_changes_ = true;
}

void KlineStore::take_changed(bool only_one_second, std::vector<Kline>& out) {
    for (Series& series : series_) {
        if (!series.changed || (only_one_second && series.interval.width_ms != second_ms)) continue;
        out.push_back(series.open);
        series.changed = false;
    }
    if (!only_one_second) has_changes_ = false;
}

Kline KlineStore::at(const Series& series, ExchangeTime open_time) const {
    if (open_time == series.open.open_time) return series.open;
    const auto found =
        std::lower_bound(series.closed.begin(), series.closed.end(), open_time,
                         [](const Kline& kline, ExchangeTime time) { return kline.open_time < time; });
    if (found != series.closed.end() && found->open_time == open_time) return *found;
    return history_->kline(series.interval, open_time);
}

std::vector<Kline> KlineStore::query(CandleInterval interval, std::optional<ExchangeTime> start,
                                     std::optional<ExchangeTime> end, std::size_t limit) const {
    std::vector<Kline> found;
    const auto series =
        std::find_if(series_.begin(), series_.end(), [&](const Series& s) { return s.interval == interval; });
    if (series == series_.end() || !started() || limit == 0) return found;
    const auto width = width_of(interval);
    const auto span = width * static_cast<std::int64_t>(limit - 1);

    ExchangeTime last = series->open.open_time;
    if (end) last = std::min(last, kline_open(interval, *end));
    // What was forgotten of the live klines is not made up.
    const ExchangeTime first_live =
        series->closed.empty() ? series->open.open_time : series->closed.front().open_time;
    ExchangeTime first = last - span;
    if (start) {
        first = kline_open(interval, *start);
        if (first < *start) first += width;
        last = std::min(last, first + span);
    }
    first = std::max(first, kline_open(interval, base::exchange_time_ms(0)) + width);
    for (ExchangeTime time = first; time <= last; time += width) {
        const bool forgotten = time < first_live && time >= series->live_begin;
        if (!forgotten) found.push_back(at(*series, time));
    }
    return found;
}

}  // namespace vigil::exchange
