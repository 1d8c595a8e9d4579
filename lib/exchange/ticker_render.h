// Price change statistics as JSON: the answers of the ticker requests (rest-api.md) and the payloads of the
// ticker streams (web-socket-streams.md).
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/names.h"
#include "exchange/core_events.h"
#include "exchange/price_statistics.h"
#include "exchange/server_json.h"

namespace vigil::exchange {

/// Parameter `type`.
enum class TickerType : std::uint8_t { full, mini };

/// What the two ends of a window are.
enum class WindowEnds : std::uint8_t {
    moving,       ///< moments of the exchange's clock
    from_minute,  ///< from a minute's beginning until now
    fixed         ///< a day of some time zone
};

/// `ticker/24hr`; `best` is the top of the book.
void write_day_ticker(const domain::Symbol& symbol, const PriceStatistics& statistics,
                      const BookTickerEvent& best, TickerType type, JsonWriter& out);
/// `ticker/tradingDay` and `ticker`.
void write_window_ticker(const domain::Symbol& symbol, const PriceStatistics& statistics, WindowEnds ends,
                         TickerType type, JsonWriter& out);

/// `<symbol>@miniTicker`.
void write_mini_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                             JsonWriter& out);
/// `<symbol>@ticker`.
void write_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                        const BookTickerEvent& best, JsonWriter& out);
/// `<symbol>@ticker_<window>`; `window` is "1h", "4h" or "1d".
void write_window_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                               std::string_view window, JsonWriter& out);

}  // namespace vigil::exchange
