// All that is known of one symbol's market: the newest top of book, the whole book, the last trade, candles,
// and how fresh all this is. The engine owns one a symbol, feeds it on the trading thread and shows it to the
// strategies; it says when a snapshot or a warm-up is wanted, the engine fetches them.
//
// Pure: time comes with the events and as `now`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "market/candle_series.h"
#include "market/order_book.h"

namespace vigil::market {

struct SymbolViewOptions {
    OrderBookLimits book;
    /// Without any event of book or ticker for so long, the symbol may not be quoted on.
    base::milliseconds stale_after{10'000};
    std::int64_t candles_kept{1000};  ///< closed ones, for each interval; one REST answer holds as many
};

/// Best bid and ask, both present.
struct Quote {
    std::int64_t update_id{0};
    domain::BookLevel bid;
    domain::BookLevel ask;
};

class SymbolView {
  public:
    explicit SymbolView(domain::Symbol symbol, SymbolViewOptions options = {});

    /// Declares that candles of this interval are wanted; before the first event.
    void follow(domain::CandleInterval interval);

    void on(const domain::BookTicker& event);
    DiffResult on(const domain::DepthDiff& event);
    SnapshotResult on(const domain::DepthSnapshot& snapshot);
    void on(const domain::PublicTrade& event);
    /// Ignored for an interval that is not followed.
    CandleResult on(const domain::Candle& event);
    /// Answer of `GET /api/v3/klines`; see CandleSeries::warm_up. False when the interval is not followed.
    bool warm_up(domain::CandleInterval interval, std::span<const domain::Candle> history);
    /// After a disconnect: the book and the top are unknown again; candles and the last trade stay.
    void reset();

    [[nodiscard]] const domain::Symbol& symbol() const { return symbol_; }
    /// Best bid and ask from the newer of bookTicker and book. Nothing when a side is empty or nothing is
    /// known.
    [[nodiscard]] const std::optional<Quote>& top() const { return top_; }
    [[nodiscard]] const OrderBook& book() const { return book_; }
    [[nodiscard]] const std::optional<domain::PublicTrade>& last_trade() const { return last_trade_; }
    /// Nothing when the interval is not followed.
    [[nodiscard]] const CandleSeries* candles(domain::CandleInterval interval) const;
    [[nodiscard]] std::span<const CandleSeries> all_candles() const { return candles_; }

    /// Age of the newest book or ticker event; nothing when there was none since the start or the last reset.
    [[nodiscard]] std::optional<std::int64_t> age_ms(base::MonotonicTime now) const;
    /// The book is whole, both sides have a price, and the newest event is fresh.
    [[nodiscard]] bool may_quote(base::MonotonicTime now) const;
    /// The book is not whole, and diffs are being buffered that a snapshot could bridge.
    [[nodiscard]] bool wants_snapshot() const;
    /// Middle of bid and ask, rounded down to 1e-8; for marks and logs, never a price to order at.
    [[nodiscard]] std::optional<domain::Price> mid() const;

  private:
    void take_top_from_book();
    [[nodiscard]] CandleSeries* find(domain::CandleInterval interval);

    domain::Symbol symbol_;
    SymbolViewOptions options_;
    OrderBook book_;
    std::optional<Quote> top_;
    std::optional<domain::PublicTrade> last_trade_;
    std::vector<CandleSeries> candles_;
    std::optional<base::MonotonicTime> newest_;
};

}  // namespace vigil::market
