#include "exchange/kline_store.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "exchange/kline_calendar.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::CandleInterval;

namespace {

constexpr std::int64_t second_ms = 1'000;

Kline flat(CandleInterval interval, ExchangeTime open_time, domain::Price price) {
    Kline kline;
    kline.interval = interval;
    kline.open_time = open_time;
    kline.close_time = kline_step(interval, open_time, 1) - std::chrono::milliseconds{1};
    kline.open = kline.high = kline.low = kline.close = price;
    return kline;
}

}  // namespace

KlineStore::KlineStore(std::size_t kept) : kept_{std::max<std::size_t>(kept, 1)} {
    for (const CandleInterval interval : kline_intervals())
        series_.push_back(Series{interval, {}, {}, false, {}});
}

void KlineStore::start(PriceHistory history, ExchangeTime now) {
    base::check(!started(), "a market begins once");
    history_.emplace(std::move(history));
    for (Series& series : series_) {
        const ExchangeTime open = kline_open(series.interval, now);
        series.open = history_->kline(series.interval, open, kline_step(series.interval, open, 1));
        series.open.closed = false;
        series.live_begin = series.open.open_time;
    }
}

void KlineStore::roll(ExchangeTime now, std::vector<Kline>* closed) {
    if (!started()) return;
    for (Series& series : series_) {
        if (now <= series.open.close_time) continue;
        const ExchangeTime current = kline_open(series.interval, now);
        // After a long pause only the klines that will be kept are made.
        const ExchangeTime oldest_kept =
            kline_step(series.interval, current, -static_cast<std::int64_t>(kept_));
        while (series.open.open_time < current) {
            series.open.closed = true;
            const domain::Price price = series.open.close;
            ExchangeTime next = kline_step(series.interval, series.open.open_time, 1);
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

std::optional<SavedKlines> KlineStore::save() const {
    if (!history_) return std::nullopt;
    SavedKlines saved{history_->origin(), {}, has_changes_};
    for (const Series& series : series_)
        saved.series.push_back({series.interval.width_ms,
                                {series.closed.begin(), series.closed.end()},
                                series.open,
                                series.changed,
                                series.live_begin});
    return saved;
}

void KlineStore::restore(const SavedKlines& saved) {
    base::check(saved.series.size() == series_.size(), "every interval has its series");
    history_.emplace(saved.history);
    for (std::size_t i = 0; i < series_.size(); ++i) {
        Series& series = series_[i];
        series.closed.assign(saved.series[i].closed.begin(), saved.series[i].closed.end());
        for (Kline& kline : series.closed) kline.interval = series.interval;
        while (series.closed.size() > kept_) series.closed.pop_front();
        series.open = saved.series[i].open;
        series.open.interval = series.interval;
        series.changed = saved.series[i].changed;
        series.live_begin = saved.series[i].live_begin;
    }
    has_changes_ = saved.has_changes;
}

const KlineStore::Series& KlineStore::series_of(CandleInterval interval) const {
    const auto found =
        std::find_if(series_.begin(), series_.end(), [&](const Series& s) { return s.interval == interval; });
    base::check(found != series_.end(), "every interval has its series");
    return *found;
}

std::optional<Kline> KlineStore::at(const Series& series, ExchangeTime open_time) const {
    if (open_time == series.open.open_time) return series.open;
    const auto found =
        std::lower_bound(series.closed.begin(), series.closed.end(), open_time,
                         [](const Kline& kline, ExchangeTime time) { return kline.open_time < time; });
    if (found != series.closed.end() && found->open_time == open_time) return *found;
    if (open_time >= series.live_begin) return std::nullopt;
    return history_->kline(series.interval, open_time, kline_step(series.interval, open_time, 1));
}

/// The shorter the parts, the sooner they are forgotten: the longest that fit.
std::optional<Kline> KlineStore::in_zone(CandleInterval interval, ExchangeTime open_time,
                                         ExchangeTime next_open) const {
    if (next_open <= history_->end()) return history_->kline(interval, open_time, next_open);
    constexpr std::int64_t minute_ms = 60 * second_ms;
    constexpr std::array<CandleInterval, 3> parts{{{60 * minute_ms}, {15 * minute_ms}, {minute_ms}}};
    const auto fits = [&](CandleInterval part) {
        return kline_open(part, open_time) == open_time && kline_open(part, next_open) == next_open;
    };
    const auto* const part = std::find_if(parts.begin(), parts.end() - 1, fits);
    const Series& series = series_of(*part);
    std::optional<Kline> whole;
    for (ExchangeTime time = open_time; time < next_open && time <= series.open.open_time;
         time = kline_step(*part, time, 1)) {
        const auto one = at(series, time);
        if (!one) return std::nullopt;
        if (whole) {
            append(*whole, *one);
        } else {
            whole = one;
        }
    }
    if (!whole) return std::nullopt;
    whole->interval = interval;
    whole->close_time = next_open - std::chrono::milliseconds{1};
    whole->closed = next_open <= series.open.open_time;
    return whole;
}

std::vector<Kline> KlineStore::query(const KlinesQuery& query) const {
    std::vector<Kline> found;
    if (!started() || query.limit == 0) return found;
    const CandleInterval interval = query.interval;
    const auto zone = same_klines_as_utc(interval, query.zone) ? std::chrono::minutes{0} : query.zone;
    const Series& series = series_of(interval);
    const auto span = static_cast<std::int64_t>(query.limit - 1);

    // The shortest series is the one that knows best how late it is.
    const ExchangeTime now = series_.front().open.open_time;
    ExchangeTime last = zone == zone.zero() ? series.open.open_time : kline_open(interval, now, zone);
    if (query.end && *query.end < last) last = kline_open(interval, *query.end, zone);
    ExchangeTime first = kline_step(interval, last, -span, zone);
    if (query.start) {
        if (*query.start > last) return found;
        first = kline_open(interval, *query.start, zone);
        if (first < *query.start) first = kline_step(interval, first, 1, zone);
        last = std::min(last, kline_step(interval, first, span, zone));
    }
    const ExchangeTime epoch = base::exchange_time_ms(0);
    first = std::max(first, kline_step(interval, kline_open(interval, epoch, zone), 1, zone));
    for (ExchangeTime time = first; time <= last; time = kline_step(interval, time, 1, zone)) {
        // What was forgotten of the live klines is not made up.
        const auto kline = zone == zone.zero() ? at(series, time)
                                               : in_zone(interval, time, kline_step(interval, time, 1, zone));
        if (kline) found.push_back(*kline);
    }
    return found;
}

}  // namespace vigil::exchange
