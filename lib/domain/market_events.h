// Market data as the streams and snapshots carry it (web-socket-streams.md). Levels are spans into the
// decoder's buffer: they are valid only during the call that hands the event over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::domain {

struct BookLevel {
    Price price;
    Quantity quantity;  ///< zero in a diff: the level is gone

    friend bool operator==(const BookLevel&, const BookLevel&) = default;
};

/// `<symbol>@bookTicker`.
struct BookTicker {
    Symbol symbol;
    std::int64_t update_id{0};
    BookLevel bid;
    BookLevel ask;
    base::MonotonicTime received;
};

/// `<symbol>@depth[@100ms]`: all changes from update `first_id` to `last_id`.
struct DepthDiff {
    Symbol symbol;
    std::int64_t first_id{0};  ///< U
    std::int64_t last_id{0};   ///< u
    std::span<const BookLevel> bids;
    std::span<const BookLevel> asks;
    base::ExchangeTime event_time;
    base::MonotonicTime received;
};

/// `GET /api/v3/depth`.
struct DepthSnapshot {
    Symbol symbol;
    std::int64_t last_id{0};
    std::vector<BookLevel> bids;
    std::vector<BookLevel> asks;
    base::MonotonicTime received;
};

/// `<symbol>@trade`: one public trade.
struct PublicTrade {
    Symbol symbol;
    TradeId trade_id;
    Price price;
    Quantity quantity;
    bool buyer_is_maker{false};
    base::ExchangeTime time;
    base::MonotonicTime received;
};

/// Candle width in milliseconds and its exchange name ("1m", "1h"); months are not offered.
struct CandleInterval {
    std::int64_t width_ms{0};

    friend bool operator==(CandleInterval, CandleInterval) = default;
    friend auto operator<=>(CandleInterval, CandleInterval) = default;
};
/// "1s" "1m" "3m" "5m" "15m" "30m" "1h" "2h" "4h" "6h" "8h" "12h" "1d" "3d" "1w" (enums.md, "Kline
/// intervals").
[[nodiscard]] std::optional<CandleInterval> parse_candle_interval(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_string(CandleInterval interval) noexcept;

/// One kline, from the stream or from `GET /api/v3/klines`.
struct Candle {
    Symbol symbol;
    CandleInterval interval;
    base::ExchangeTime open_time;
    base::ExchangeTime close_time;
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
    Amount quote_volume;
    std::int64_t trade_count{0};
    Quantity taker_buy_volume;
    Amount taker_buy_quote_volume;
    bool closed{false};
    base::MonotonicTime received;
};

}  // namespace vigil::domain
