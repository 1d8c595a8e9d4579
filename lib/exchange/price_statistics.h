// What tickers tell of one symbol: open, high, low, volume and so on of all trades since a moment
// (rest-api.md, "24hr ticker price change statistics", "Rolling window price change statistics", "Trading Day
// Ticker").
//
// Trades are counted by the minute, so that a window begins with the minute that its first moment lies in.
// What lies before the market's beginning is the synthetic history of klines.h: it has prices, volume and a
// number of trades, but no trades' ids.
//
// Part of the core: single-threaded, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/time.h"
#include "domain/decimal.h"
#include "exchange/core_events.h"
#include "exchange/klines.h"
#include "exchange/price_history.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

/// Of one window of one symbol. Without any price yet, all are zero.
struct PriceStatistics {
    base::ExchangeTime open_time;
    base::ExchangeTime close_time;
    domain::Price previous;  ///< last price before the window
    domain::Price open;
    domain::Price high;
    domain::Price low;
    domain::Price last;
    domain::Quantity last_quantity;  ///< of the last trade of all
    domain::Quantity volume;
    domain::Amount quote_volume;
    std::int64_t count{0};
    std::int64_t first_trade_id{-1};  ///< -1: no trade
    std::int64_t last_trade_id{-1};

    [[nodiscard]] domain::Price change() const { return last - open; }
    /// In thousandths of a percent, to nearest.
    [[nodiscard]] std::int64_t change_milli_percent() const;
    /// quote_volume / volume; zero without volume.
    [[nodiscard]] domain::Price weighted_average() const;
};

/// The trades of one symbol by the minute, as far back as the longest window.
class MinuteStatistics {
  public:
    static constexpr std::chrono::hours kept{8 * 24};  ///< seven days and a trading day's rest

    void add(const TradeEvent& trade);

    /// From `open_time` until `now`.
    /// @param history of before the beginning; null when there is no market yet
    [[nodiscard]] PriceStatistics since(base::ExchangeTime open_time, base::ExchangeTime now,
                                        const PriceHistory* history);

    [[nodiscard]] SavedMinutes save() const { return {{minutes_.begin(), minutes_.end()}, last_quantity_}; }
    /// In place of all that there is.
    void restore(const SavedMinutes& saved);

  private:
    const Kline& before_beginning(base::ExchangeTime open_time, const PriceHistory& history);

    std::deque<Kline> minutes_;  ///< those with trades
    std::optional<domain::Quantity> last_quantity_;
    std::map<base::ExchangeTime, Kline> history_spans_;  ///< computed before, by where they begin
};

}  // namespace vigil::exchange
