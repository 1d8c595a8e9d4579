#include "market/resampler.h"

#include <algorithm>
#include <string>

namespace vigil::market {

namespace {

using base::ErrorKind;
using base::ExchangeTime;
using base::fail;
using domain::Amount;
using domain::Candle;
using domain::CandleInterval;
using domain::Quantity;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t three_days_ms = 3 * day_ms;
constexpr std::int64_t week_ms = 7 * day_ms;
/// 1970-01-01 was a Thursday; the exchange's weeks begin on Mondays.
constexpr std::int64_t first_monday_ms = 4 * day_ms;

base::milliseconds width(CandleInterval interval) {
    return base::milliseconds{interval.width_ms};
}

/// What Binance prints as a close time: one millisecond before the next window.
ExchangeTime last_moment(ExchangeTime open_time, CandleInterval interval) {
    return open_time + width(interval) - base::milliseconds{1};
}

template <class T>
bool add_to(T& sum, T more) {
    const auto added = sum.checked_add(more);
    if (added) sum = *added;
    return added.has_value();
}

}  // namespace

std::optional<ExchangeTime> window_of(CandleInterval interval, ExchangeTime time) {
    if (interval.width_ms <= 0 || interval.width_ms == three_days_ms) return std::nullopt;
    const std::int64_t offset_ms = interval.width_ms == week_ms ? first_monday_ms : 0;
    const std::int64_t since_us = time.time_since_epoch().count() - offset_ms * 1000;
    const std::int64_t width_us = interval.width_ms * 1000;
    std::int64_t rest_us = since_us % width_us;
    if (rest_us < 0) rest_us += width_us;
    return time - base::microseconds{rest_us};
}

base::Result<Resampler> Resampler::make(CandleInterval from, CandleInterval to) {
    if (from.width_ms <= 0 || to.width_ms <= from.width_ms || to.width_ms % from.width_ms != 0)
        return fail(ErrorKind::unsupported, std::string{domain::to_string(to)} +
                                                " candles cannot be made of " +
                                                std::string{domain::to_string(from)} + " candles");
    if (!window_of(to, {}) || !window_of(from, {}))
        return fail(ErrorKind::unsupported, "the alignment of 3d candles is not documented");
    return Resampler{from, to};
}

base::Result<void> Resampler::push(const Candle& candle, std::vector<Candle>& out) {
    if (candle.interval != from_ || !candle.closed)
        return fail(ErrorKind::invalid,
                    "only closed " + std::string{domain::to_string(from_)} + " candles can be taken");
    if (window_of(from_, candle.open_time) != candle.open_time)
        return fail(ErrorKind::invalid, "a candle that does not begin on its interval");
    if (last_open_ && candle.open_time <= *last_open_)
        return fail(ErrorKind::invalid, "a candle that is not later than the one before");

    const ExchangeTime window = *window_of(to_, candle.open_time);
    // Sums are made aside first, so that an overflow changes nothing.
    std::optional<Candle> grown;
    if (building_ && building_->open_time == window) {
        grown = building_;
        grown->high = std::max(grown->high, candle.high);
        grown->low = std::min(grown->low, candle.low);
        grown->close = candle.close;
        grown->close_time = candle.close_time;
        grown->received = candle.received;
        grown->trade_count += candle.trade_count;
        if (!add_to(grown->volume, candle.volume) || !add_to(grown->quote_volume, candle.quote_volume) ||
            !add_to(grown->taker_buy_volume, candle.taker_buy_volume) ||
            !add_to(grown->taker_buy_quote_volume, candle.taker_buy_quote_volume))
            return fail(ErrorKind::exhausted, "volumes that do not fit a decimal");
    }
    const bool first_of_all = !last_open_;
    last_open_ = candle.open_time;
    if (first_of_all && candle.open_time != window) skipped_window_ = window;
    if (skipped_window_ == window) return {};

    if (grown) {
        building_ = grown;
        ++parts_;
    } else {
        if (building_) emit(out);
        building_ = candle;
        building_->interval = to_;
        building_->open_time = window;
        building_->closed = false;
        parts_ = 1;
    }
    if (candle.open_time + width(from_) == window + width(to_)) emit(out);
    return {};
}

void Resampler::emit(std::vector<Candle>& out) {
    building_->closed = true;
    out.push_back(*building_);
    missing_ += to_.width_ms / from_.width_ms - parts_;
    building_.reset();
}

base::Result<TradeCandles> TradeCandles::make(domain::Symbol symbol, CandleInterval interval) {
    if (!window_of(interval, {}))
        return fail(ErrorKind::unsupported, "candles of this interval cannot be aligned");
    return TradeCandles{symbol, interval};
}

Candle TradeCandles::flat(ExchangeTime open_time, domain::Price price) const {
    Candle made;
    made.symbol = symbol_;
    made.interval = interval_;
    made.open_time = open_time;
    made.close_time = last_moment(open_time, interval_);
    made.open = made.high = made.low = made.close = price;
    return made;
}

base::Result<void> TradeCandles::push(const domain::PublicTrade& trade, std::vector<Candle>& out) {
    if (!trade.price.is_positive() || !trade.quantity.is_positive())
        return fail(ErrorKind::invalid, "a trade without a price or a quantity");
    const auto value = domain::notional(trade.price, trade.quantity, domain::Rounding::nearest);
    if (!value) return fail(ErrorKind::exhausted, "a trade whose value does not fit a decimal");
    if (building_ && trade.time < building_->open_time)
        return fail(ErrorKind::invalid, "a trade older than the open candle");

    advance(trade.time, out);
    if (!building_ || building_->trade_count == 0) {
        building_ = flat(*window_of(interval_, trade.time), trade.price);
    }
    Candle grown = *building_;
    grown.high = std::max(grown.high, trade.price);
    grown.low = std::min(grown.low, trade.price);
    grown.close = trade.price;
    grown.received = trade.received;
    ++grown.trade_count;
    bool fits = add_to(grown.volume, trade.quantity) && add_to(grown.quote_volume, *value);
    if (!trade.buyer_is_maker)
        fits = fits && add_to(grown.taker_buy_volume, trade.quantity) &&
               add_to(grown.taker_buy_quote_volume, *value);
    if (!fits) return fail(ErrorKind::exhausted, "volumes that do not fit a decimal");
    building_ = grown;
    return {};
}

void TradeCandles::advance(ExchangeTime now, std::vector<Candle>& out) {
    for (int emitted = 0; building_ && now >= building_->open_time + width(interval_); ++emitted) {
        if (emitted > flat_max) {
            building_.reset();
            return;
        }
        building_->closed = true;
        out.push_back(*building_);
        building_ = flat(building_->open_time + width(interval_), building_->close);
    }
}

}  // namespace vigil::market
