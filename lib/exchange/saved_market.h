// What of one symbol's market outlives a restart: plain values, which the book, the tape, the klines and the
// statistics give and take back. Whoever reads them from a file checks them first (core_state_check.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "exchange/core_events.h"
#include "exchange/klines.h"

namespace vigil::exchange {

/// SymbolBook. What the own orders show is with them.
struct SavedBook {
    std::vector<domain::BookLevel> outside_bids;  ///< worst first
    std::vector<domain::BookLevel> outside_asks;
    std::vector<domain::Price> touched_bids;  ///< since the last depth batch
    std::vector<domain::Price> touched_asks;
    std::int64_t update_id{0};
    std::int64_t batch_start{0};
};

/// One second of TradeTape's average; sums of 128 bits as two halves.
struct SavedSecond {
    std::int64_t second{-1};
    std::uint64_t value_high{0};
    std::uint64_t value_low{0};
    std::uint64_t volume_high{0};
    std::uint64_t volume_low{0};
};

/// TradeTape, between two operations: no aggregate is in the making.
struct SavedTape {
    std::vector<TradeEvent> recent;  ///< oldest first
    std::vector<AggTradeEvent> aggregates;
    std::vector<SavedSecond> seconds;  ///< those with trades
    std::int64_t next_aggregate_id{1};
};

/// What PriceHistory is made from.
struct HistoryOrigin {
    std::uint64_t seed{0};
    base::ExchangeTime end;
    domain::Price end_price;
    domain::Price tick;
    domain::Quantity step;
};

/// The klines of one interval.
struct SavedSeries {
    std::int64_t width_ms{0};
    std::vector<Kline> closed;  ///< oldest first
    Kline open;
    bool changed{false};
    base::ExchangeTime live_begin;
};

/// KlineStore, once its market has begun.
struct SavedKlines {
    HistoryOrigin history;
    std::vector<SavedSeries> series;  ///< in the order of kline_intervals()
    bool has_changes{false};
};

/// MinuteStatistics.
struct SavedMinutes {
    std::vector<Kline> minutes;  ///< oldest first
    std::optional<domain::Quantity> last_quantity;
};

/// A feed and how far it has come (Feed::position).
struct SavedFeed {
    std::string name;
    std::string format;
    std::vector<domain::Symbol> symbols;
    std::vector<std::int64_t> position;
    std::int64_t first_us{0};  ///< market time of its first event
    base::ExchangeTime begin;  ///< when that was due
    domain::Rate speed;
};

}  // namespace vigil::exchange
