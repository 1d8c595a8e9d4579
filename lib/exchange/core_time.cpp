// What is due when: feed events, depth batches, klines and average prices, in the order of their times.
#include <algorithm>

#include "base/check.h"
#include "exchange/core_impl.h"

namespace vigil::exchange {

using base::ExchangeTime;
using base::microseconds;

namespace {

constexpr microseconds second{1'000'000};
constexpr microseconds minute = 60 * second;

}  // namespace

void ExchangeCore::Impl::attach(std::unique_ptr<Feed> feed, domain::Rate speed, ExchangeTime now) {
    base::check(feed != nullptr && speed.is_positive(), "a feed runs at a positive speed");
    now = std::max(now, now_);
    for (const FeedSymbol& known : feed->symbols()) {
        SymbolState* symbol = find(known.symbol);
        if (symbol != nullptr && known.first_price.is_positive()) start_market(*symbol, known.first_price);
    }
    AttachedFeed attached{std::move(feed), {}, now, speed, std::nullopt};
    if (const auto first = attached.feed->next_time()) attached.first = *first;
    feeds_.push_back(std::move(attached));
    schedule(feeds_.back());
}

void ExchangeCore::Impl::schedule(AttachedFeed& attached) {
    const auto next = attached.feed->next_time();
    if (!next) {
        attached.due.reset();
        sink_.on_feed_end(attached.feed->name(), attached.feed->error());
        return;
    }
    __extension__ using Wide = __int128;
    const Wide market_us = (*next - attached.first).count();
    const Wide own_us = market_us * domain::decimal_scale / attached.speed.raw();
    // A thousand years ahead is never; it only must not overflow.
    constexpr std::int64_t never_us = 1'000LL * 365 * 24 * 3'600 * 1'000'000;
    attached.due = attached.begin + microseconds{static_cast<std::int64_t>(std::min<Wide>(own_us, never_us))};
}

bool ExchangeCore::Impl::feeds_running() const {
    return std::any_of(feeds_.begin(), feeds_.end(), [](const AttachedFeed& f) { return f.due.has_value(); });
}

ExchangeTime ExchangeCore::Impl::next_boundary(microseconds grid) const {
    const auto since = now_.time_since_epoch();
    return ExchangeTime{(since / grid + 1) * grid};
}

std::optional<ExchangeTime> ExchangeCore::Impl::next_due() const {
    std::optional<ExchangeTime> due;
    const auto consider = [&due](ExchangeTime time) {
        if (!due || time < *due) due = time;
    };
    for (const AttachedFeed& attached : feeds_)
        if (attached.due) consider(*attached.due);
    if (!depth_batch_.empty()) consider(next_depth_);
    if (!kline_batch_.empty()) consider(next_second_);
    if (!started_.empty()) consider(next_minute_);
    return due;
}

void ExchangeCore::Impl::advance(ExchangeTime now) {
    while (const auto due = next_due()) {
        if (*due > now) break;
        step(*due);
    }
    now_ = std::max(now_, now);
}

/// One thing that is due. At one moment the market comes first, so that a batch holds all until its time.
void ExchangeCore::Impl::step(ExchangeTime due) {
    now_ = std::max(now_, due);
    for (AttachedFeed& attached : feeds_) {
        if (attached.due && *attached.due == due) return apply_feed(attached);
    }
    if (!depth_batch_.empty() && next_depth_ == due) return flush_depth();
    if (!kline_batch_.empty() && next_second_ == due) return second_tick();
    minute_tick();
}

void ExchangeCore::Impl::apply_feed(AttachedFeed& attached) {
    attached.feed->apply_next(*this);
    schedule(attached);
}

/// After every operation: remembers what the next batches have to tell.
void ExchangeCore::Impl::note_changes(SymbolState& symbol) {
    if (symbol.book.has_changes() && !symbol.in_depth_batch) {
        if (depth_batch_.empty()) next_depth_ = next_boundary(options_.depth_interval);
        depth_batch_.push_back(&symbol);
        symbol.in_depth_batch = true;
    }
    if (symbol.klines.has_changes() && !symbol.in_kline_batch) {
        if (kline_batch_.empty()) next_second_ = next_boundary(second);
        kline_batch_.push_back(&symbol);
        symbol.in_kline_batch = true;
    }
}

void ExchangeCore::Impl::flush_depth() {
    std::vector<SymbolState*> batch;
    batch.swap(depth_batch_);
    for (SymbolState* symbol : batch) {
        symbol->in_depth_batch = false;
        const SymbolBook::Changes changes = symbol->book.take_changes();
        sink_.on_depth(DepthEvent{symbol->spec.rules.symbol, changes.first_id, changes.last_id, changes.bids,
                                  changes.asks, now_});
    }
}

void ExchangeCore::Impl::tell_klines(const SymbolState& symbol, const std::vector<Kline>& klines) {
    if (!symbol.listed) return;
    for (const Kline& kline : klines) sink_.on_kline(KlineEvent{symbol.spec.rules.symbol, kline, now_});
}

/// Klines of one second change every second, the others every two (web-socket-streams.md).
void ExchangeCore::Impl::second_tick() {
    const bool only_one_second = (now_.time_since_epoch() / second) % 2 != 0;
    std::vector<SymbolState*> batch;
    batch.swap(kline_batch_);
    next_second_ = next_boundary(second);
    std::vector<domain::Symbol> traded;
    for (SymbolState* symbol : batch) {
        symbol->in_kline_batch = false;
        if (symbol->told_trade_id != symbol->next_trade_id) traded.push_back(symbol->spec.rules.symbol);
        symbol->told_trade_id = symbol->next_trade_id;
        std::vector<Kline> klines;
        symbol->klines.roll(now_, &klines);
        symbol->klines.take_changed(only_one_second, klines);
        tell_klines(*symbol, klines);
        if (const TradeEvent* last = symbol->tape.last(); last != nullptr && last->time > now_ - 2 * second) {
            if (const auto average = symbol->tape.average(now_))
                sink_.on_avg_price(AvgPriceEvent{symbol->spec.rules.symbol, *average, last->time, now_});
        }
        if (symbol->klines.has_changes()) {
            kline_batch_.push_back(symbol);
            symbol->in_kline_batch = true;
        }
    }
    if (!traded.empty()) sink_.on_traded(TradedEvent{traded, now_});
}

void ExchangeCore::Impl::minute_tick() {
    next_minute_ = next_boundary(minute);
    for (SymbolState* symbol : started_) {
        std::vector<Kline> klines;
        symbol->klines.roll(now_, &klines);
        tell_klines(*symbol, klines);
    }
}

}  // namespace vigil::exchange
