// The name of a market stream, taken apart ("<symbol>@trade", "<symbol>@kline_1m" ...; web-socket-streams.md,
// "Detailed Stream information").
#pragma once

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
    avg_price
};

struct StreamName {
    domain::Symbol symbol;  ///< upper case
    StreamKind kind{StreamKind::trade};
    std::int64_t levels{0};             ///< partial depth
    domain::CandleInterval interval{};  ///< kline
};

/// Nothing for a name that is not offered. (The exchange lets clients subscribe to such names, and never
/// sends anything.)
[[nodiscard]] std::optional<StreamName> parse_stream_name(std::string_view name);

}  // namespace vigil::exchange
