#include "market/candle_series.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::market {

namespace {

using domain::Candle;

base::milliseconds width(domain::CandleInterval interval) {
    return base::milliseconds{interval.width_ms};
}

}  // namespace

CandleSeries::CandleSeries(domain::CandleInterval interval, std::size_t capacity)
    : interval_{interval}, capacity_{capacity} {
    base::check(interval.width_ms > 0 && capacity > 0, "a series has an interval and room");
    closed_.reserve(2 * capacity);
}

bool CandleSeries::acceptable(const Candle& candle) const {
    return candle.interval == interval_ && candle.low.is_positive() && candle.low <= candle.high &&
           candle.open >= candle.low && candle.open <= candle.high && candle.close >= candle.low &&
           candle.close <= candle.high && !candle.volume.is_negative() &&
           candle.close_time >= candle.open_time && candle.close_time < candle.open_time + width(interval_);
}

CandleResult CandleSeries::on(const Candle& candle) {
    if (!acceptable(candle)) return CandleResult::ignored;
    bool missed = false;
    if (open_) {
        if (candle.open_time < open_->open_time) return CandleResult::ignored;
        // A later candle, and the one before was never seen closed: its last values are not known.
        missed = candle.open_time > open_->open_time;
    }
    if (!closed_.empty()) {
        const auto last = closed_.back().open_time;
        if (candle.open_time <= last) return CandleResult::ignored;
        missed = missed || candle.open_time > last + width(interval_);
    }
    if (missed) wants_warm_up_ = true;
    if (candle.closed) {
        append(candle);
        open_.reset();
    } else {
        open_ = candle;
    }
    if (missed) return CandleResult::gap;
    return candle.closed ? CandleResult::closed : CandleResult::updated;
}

std::size_t CandleSeries::warm_up(std::span<const Candle> history) {
    std::optional<Candle> open = open_;
    std::optional<base::ExchangeTime> reached;
    std::vector<Candle> previous;
    previous.swap(closed_);
    closed_.reserve(2 * capacity_);

    for (const Candle& candle : history) {
        if (!acceptable(candle) || (reached && candle.open_time <= *reached)) continue;
        reached = candle.open_time;
        if (candle.closed) {
            append(candle);
        } else if (!open || candle.open_time > open->open_time) {
            // Of the same open candle the stream's word is at least as new as the answer's.
            open = candle;
        }
    }
    // What closed on the stream while the answer was under way.
    const auto last_closed =
        closed_.empty() ? std::optional<base::ExchangeTime>{} : std::optional{closed_.back().open_time};
    for (const Candle& candle : previous)
        if (!last_closed || candle.open_time > *last_closed) append(candle);

    // An answer without a closed candle is an answer: the symbol has no history yet.
    wants_warm_up_ = false;
    // Whole only if the stream goes on where the answer ended: otherwise a close fell between the two.
    if (last_closed) {
        auto expected = *last_closed + width(interval_);
        for (const Candle& candle : previous) {
            if (candle.open_time <= *last_closed) continue;
            if (candle.open_time != expected) wants_warm_up_ = true;
            expected = candle.open_time + width(interval_);
        }
        if (open && open->open_time < expected) open.reset();
        if (open && open->open_time > expected) wants_warm_up_ = true;
    }
    open_ = open;
    return closed().size();
}

std::span<const Candle> CandleSeries::closed() const {
    const std::size_t kept = std::min(capacity_, closed_.size());
    return std::span{closed_}.last(kept);
}

std::int64_t CandleSeries::missing() const {
    const auto candles = closed();
    std::int64_t count = 0;
    for (std::size_t i = 1; i < candles.size(); ++i)
        count += (candles[i].open_time - candles[i - 1].open_time) / width(interval_) - 1;
    return count;
}

void CandleSeries::append(const Candle& candle) {
    if (closed_.size() == 2 * capacity_)
        closed_.erase(closed_.begin(), closed_.begin() + static_cast<std::ptrdiff_t>(capacity_));
    closed_.push_back(candle);
}

}  // namespace vigil::market
