// What each request costs: the documented weights (rest-api.md and web-socket-api.md, "Weight" of each
// endpoint; version of July 2026). REST and the WebSocket API share one budget and mostly the same weights.
//
// Placing, cancelling, cancel-replace and order lists cost their weight only when they fail (CHANGELOG.md,
// 2026-04-02); the governor charges first and gives back. Whatever is not known here costs
// `unknown_endpoint`, the most expensive of the ordinary ones, rather than nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "governor/governor.h"

namespace vigil::governor::weights {

inline constexpr Cost ping{1, 0};                ///< GET /api/v3/ping
inline constexpr Cost time{1, 0};                ///< GET /api/v3/time
inline constexpr Cost exchange_info{20, 0};      ///< GET /api/v3/exchangeInfo
inline constexpr Cost recent_trades{25, 0};      ///< GET /api/v3/trades
inline constexpr Cost historical_trades{25, 0};  ///< GET /api/v3/historicalTrades
inline constexpr Cost aggregate_trades{4, 0};    ///< GET /api/v3/aggTrades
inline constexpr Cost klines{2, 0};              ///< GET /api/v3/klines and uiKlines
inline constexpr Cost average_price{2, 0};       ///< GET /api/v3/avgPrice

inline constexpr Cost account{20, 0};      ///< GET /api/v3/account
inline constexpr Cost query_order{4, 0};   ///< GET /api/v3/order
inline constexpr Cost all_orders{20, 0};   ///< GET /api/v3/allOrders
inline constexpr Cost order_count{40, 0};  ///< GET /api/v3/rateLimit/order
inline constexpr Cost my_filters{40, 0};   ///< GET /api/v3/myFilters
inline constexpr Cost commission{20, 0};   ///< GET /api/v3/account/commission
/// GET /sapi/v1/account/apiRestrictions: /sapi has limits of its own that /api does not publish; charged here
/// as one request, so that it is never free.
inline constexpr Cost key_permissions{1, 0};

inline constexpr Cost place_order{1, 1};         ///< POST /api/v3/order, order.place
inline constexpr Cost test_order{1, 0};          ///< POST /api/v3/order/test
inline constexpr Cost cancel_order{1, 0};        ///< DELETE /api/v3/order, order.cancel
inline constexpr Cost cancel_open_orders{1, 0};  ///< DELETE /api/v3/openOrders
inline constexpr Cost cancel_replace{1, 1};      ///< POST /api/v3/order/cancelReplace

inline constexpr Cost connect_streams{0, 0, 1, 0};  ///< opening a connection to the market streams
inline constexpr Cost connect_ws_api{2, 0, 1};      ///< opening a WebSocket API connection
inline constexpr Cost session_logon{2, 0};          ///< session.logon, .status, .logout
inline constexpr Cost subscribe_user_data{2, 0};    ///< userDataStream.subscribe, .subscribe.signature

/// Counts against no limit, but has to rest like all: a message on a stream, a spare connection.
inline constexpr Cost no_request{0, 0, 0, 0};

inline constexpr Cost unknown_endpoint{80, 0};

/// GET /api/v3/depth, by its `limit` (default 100).
[[nodiscard]] constexpr Cost depth(int limit) {
    if (limit <= 100) return {5, 0};
    if (limit <= 500) return {25, 0};
    if (limit <= 1000) return {50, 0};
    return {250, 0};
}
/// GET /api/v3/openOrders, of one symbol or of all.
[[nodiscard]] constexpr Cost open_orders(bool one_symbol) {
    return {one_symbol ? 6 : 80, 0};
}
/// GET /api/v3/myTrades, with or without orderId.
[[nodiscard]] constexpr Cost my_trades(bool of_one_order) {
    return {of_one_order ? 5 : 20, 0};
}
/// GET /api/v3/ticker/24hr; 0 symbols: all of them.
[[nodiscard]] constexpr Cost ticker_24h(int symbols) {
    if (symbols <= 0 || symbols > 100) return {80, 0};
    return {symbols <= 20 ? 2 : 40, 0};
}
/// GET /api/v3/ticker/price and ticker/bookTicker; 0 symbols: all of them.
[[nodiscard]] constexpr Cost price_ticker(int symbols) {
    return {symbols == 1 ? 2 : 4, 0};
}
/// GET /api/v3/ticker (rolling window) and ticker/tradingDay.
[[nodiscard]] constexpr Cost rolling_ticker(int symbols) {
    return {std::clamp(symbols, 1, 50) * 4, 0};
}

}  // namespace vigil::governor::weights
