// The name of a market stream, taken apart ("<symbol>@trade", "<symbol>@kline_1m" ...; web-socket-streams.md,
// "Detailed Stream information").
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/market_events.h"
#include "domain/names.h"

namespace vigil::exchange {

enum class StreamKind : std::uint8_t {
    trade,
    agg_trade,
    book_ticker,
    depth,          ///< differences, each second
    depth_100ms,    ///< differences, each 100 ms
    partial_depth,  ///< the best 5, 10 or 20 levels, each second
    partial_depth_100ms,
    kline,
    avg_price,
    mini_ticker,
    ticker,
    window_ticker,       ///< of 1h, 4h or 1d
    all_mini_tickers,    ///< of every symbol that has changed, in one array
    all_window_tickers,  ///< the same for a window
};

struct StreamName {
    domain::Symbol symbol;  ///< upper case; empty for the streams of all symbols
    StreamKind kind{StreamKind::trade};
    std::int64_t levels{0};             ///< partial depth
    domain::CandleInterval interval{};  ///< kline
    std::chrono::minutes zone{0};       ///< kline: local time ahead of UTC
    std::chrono::hours window{0};       ///< window tickers

    [[nodiscard]] bool is_of_all_symbols() const {
        return kind == StreamKind::all_mini_tickers || kind == StreamKind::all_window_tickers;
    }
};

/// "1h", "4h" or "1d".
[[nodiscard]] std::string_view window_name(std::chrono::hours window);

/// Nothing for a name that is not offered. (The exchange lets clients subscribe to such names, and never
/// sends anything.)
[[nodiscard]] std::optional<StreamName> parse_stream_name(std::string_view name);

}  // namespace vigil::exchange
