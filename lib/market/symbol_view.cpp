#include "market/symbol_view.h"

#include <algorithm>

namespace vigil::market {

SymbolView::SymbolView(domain::Symbol symbol, SymbolViewOptions options)
    : symbol_{symbol}, options_{options}, book_{options.book} {}

void SymbolView::follow(domain::CandleInterval interval) {
    if (find(interval) == nullptr)
        candles_.emplace_back(interval,
                              static_cast<std::size_t>(std::max<std::int64_t>(1, options_.candles_kept)));
}

void SymbolView::on(const domain::BookTicker& event) {
    newest_ = std::max(newest_.value_or(event.received), event.received);
    // The ticker is as fast as trading and mostly ahead of the 100 ms diffs, but either may be newer.
    if (top_ && event.update_id <= top_->update_id) return;
    const bool sound = event.bid.price.is_positive() && event.ask.price > event.bid.price &&
                       event.bid.quantity.is_positive() && event.ask.quantity.is_positive();
    // A side without orders comes as zeros: there is no quote then.
    if (sound)
        top_ = Quote{event.update_id, event.bid, event.ask};
    else
        top_.reset();
}

DiffResult SymbolView::on(const domain::DepthDiff& event) {
    newest_ = std::max(newest_.value_or(event.received), event.received);
    const DiffResult result = book_.apply(event);
    if (result == DiffResult::applied) take_top_from_book();
    return result;
}

SnapshotResult SymbolView::on(const domain::DepthSnapshot& snapshot) {
    const SnapshotResult result = book_.apply(snapshot);
    if (result == SnapshotResult::applied) {
        newest_ = std::max(newest_.value_or(snapshot.received), snapshot.received);
        take_top_from_book();
    }
    return result;
}

void SymbolView::on(const domain::PublicTrade& event) {
    if (!event.price.is_positive()) return;  // a zero price is never a mark
    if (last_trade_ && event.trade_id < last_trade_->trade_id) return;
    last_trade_ = event;
}

CandleResult SymbolView::on(const domain::Candle& event) {
    CandleSeries* series = find(event.interval);
    return series != nullptr ? series->on(event) : CandleResult::ignored;
}

bool SymbolView::warm_up(domain::CandleInterval interval, std::span<const domain::Candle> history) {
    CandleSeries* series = find(interval);
    if (series == nullptr) return false;
    series->warm_up(history);
    return true;
}

void SymbolView::reset() {
    book_.reset();
    top_.reset();
    newest_.reset();
}

const CandleSeries* SymbolView::candles(domain::CandleInterval interval) const {
    const auto found = std::find_if(candles_.begin(), candles_.end(), [interval](const CandleSeries& series) {
        return series.interval() == interval;
    });
    return found == candles_.end() ? nullptr : &*found;
}

CandleSeries* SymbolView::find(domain::CandleInterval interval) {
    const auto found = std::find_if(candles_.begin(), candles_.end(), [interval](const CandleSeries& series) {
        return series.interval() == interval;
    });
    return found == candles_.end() ? nullptr : &*found;
}

std::optional<std::int64_t> SymbolView::age_ms(base::MonotonicTime now) const {
    if (!newest_) return std::nullopt;
    return std::chrono::floor<base::milliseconds>(std::max(base::nanoseconds{0}, now - *newest_)).count();
}

bool SymbolView::may_quote(base::MonotonicTime now) const {
    return book_.synchronised() && top_ && newest_ && now - *newest_ <= options_.stale_after;
}

bool SymbolView::wants_snapshot() const {
    return !book_.synchronised() && book_.buffered() > 0;
}

std::optional<domain::Price> SymbolView::mid() const {
    if (!top_) return std::nullopt;
    // Halves before the sum, so that no price can overflow it; both halves round down by at most 1e-8 / 2.
    const std::int64_t bid = top_->bid.price.raw();
    const std::int64_t ask = top_->ask.price.raw();
    return domain::Price::from_raw(bid + (ask - bid) / 2);
}

void SymbolView::take_top_from_book() {
    const auto best = book_.best();
    if (!best || (top_ && top_->update_id > best->update_id)) return;
    if (best->bid && best->ask)
        top_ = Quote{best->update_id, *best->bid, *best->ask};
    else
        top_.reset();
}

}  // namespace vigil::market
