// The handlers of all methods, by what they are about. server_registry.cpp lists them with their routes,
// weights and parameters; each handler's parameter list stands beside it, since it reads its arguments by
// their place in that list.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "exchange/server_call.h"

namespace vigil::exchange::methods {

/// A method's parameters and its handler.
struct Body {
    std::span<const ParamSpec> parameters;
    Handler handler;
};

// General: server_general_methods.cpp
[[nodiscard]] Body ping();
[[nodiscard]] Body time();
[[nodiscard]] Body exchange_info();

// Market data: server_market_methods.cpp
[[nodiscard]] Body depth();
[[nodiscard]] Body trades();
[[nodiscard]] Body historical_trades();
[[nodiscard]] Body block_trades();
[[nodiscard]] Body agg_trades();
[[nodiscard]] Body klines();
[[nodiscard]] Body average_price();
[[nodiscard]] std::int64_t depth_weight(const ParameterList& parameters);

// Tickers: server_ticker_methods.cpp
[[nodiscard]] Body day_ticker();
[[nodiscard]] Body trading_day_ticker();
[[nodiscard]] Body window_ticker();
[[nodiscard]] Body price_ticker();
[[nodiscard]] Body book_ticker();
[[nodiscard]] std::int64_t day_ticker_weight(const ParameterList& parameters);
[[nodiscard]] std::int64_t window_ticker_weight(const ParameterList& parameters);
[[nodiscard]] std::int64_t ticker_weight(const ParameterList& parameters);

// Execution rules and reference prices: server_rules_methods.cpp
[[nodiscard]] Body execution_rules();
[[nodiscard]] Body reference_price();
[[nodiscard]] Body reference_price_calculation();
[[nodiscard]] std::int64_t execution_rules_weight(const ParameterList& parameters);

// Orders: server_order_methods.cpp
[[nodiscard]] Body place_order();
[[nodiscard]] Body test_order();
[[nodiscard]] Body cancel_order();
[[nodiscard]] Body cancel_open_orders();
[[nodiscard]] std::int64_t test_order_weight(const ParameterList& parameters);
// server_replace_methods.cpp
[[nodiscard]] Body replace_order();
// server_amend_methods.cpp
[[nodiscard]] Body amend_order();
[[nodiscard]] Body order_amendments();
[[nodiscard]] Body prevented_matches();
[[nodiscard]] Body own_allocations();
[[nodiscard]] std::int64_t prevented_matches_weight(const ParameterList& parameters);
// server_order_list_methods.cpp
[[nodiscard]] Body place_oco();
[[nodiscard]] Body place_oto();
[[nodiscard]] Body place_otoco();
[[nodiscard]] Body place_opo();
[[nodiscard]] Body place_opoco();
[[nodiscard]] Body place_old_oco();
[[nodiscard]] Body cancel_order_list();
[[nodiscard]] Body order_list_status();
[[nodiscard]] Body open_order_lists();
[[nodiscard]] Body all_order_lists();

// Account: server_account_methods.cpp
[[nodiscard]] Body order_status();
[[nodiscard]] Body open_orders();
[[nodiscard]] Body all_orders();
[[nodiscard]] Body own_trades();
[[nodiscard]] Body account_status();
[[nodiscard]] Body account_commission();
[[nodiscard]] Body own_filters();
[[nodiscard]] Body order_rate_limits();
[[nodiscard]] Body key_restrictions();
[[nodiscard]] std::int64_t open_orders_weight(const ParameterList& parameters);
[[nodiscard]] std::int64_t own_trades_weight(const ParameterList& parameters);

// Session and user data stream, WebSocket API only: server_session_methods.cpp
[[nodiscard]] Body session_logon();
[[nodiscard]] Body session_status();
[[nodiscard]] Body session_logout();
[[nodiscard]] Body session_subscriptions();
[[nodiscard]] Body user_stream_subscribe();
[[nodiscard]] Body user_stream_subscribe_signature();
[[nodiscard]] Body user_stream_unsubscribe();

// What several handlers need.

/// A symbol that the exchange has, or -1121.
[[nodiscard]] RequestResult<const SymbolSpec*> find_symbol(const Call& call, std::string_view name);
/// Of parameters `symbol` and `symbols`: the one, the list, or all when neither was sent. Both together are
/// -1128, a malformed list -1100, a repeated symbol -1151.
[[nodiscard]] RequestResult<std::vector<const SymbolSpec*>> find_symbols(const Call& call, std::size_t symbol,
                                                                         std::size_t symbols);
/// Parameter `symbolStatus` (TRADING, HALT, BREAK; else -1122), when it was sent.
[[nodiscard]] RequestResult<std::optional<domain::SymbolStatus>> read_status(const Call& call,
                                                                             std::size_t index);
/// Parameter `limit`: 0 is -1130; above `max` it is `max`.
[[nodiscard]] RequestResult<std::size_t> read_limit(const Call& call, std::size_t index, std::size_t absent,
                                                    std::size_t max);
/// "The time between startTime and endTime can't be longer than 24 hours" (-1127).
[[nodiscard]] std::optional<RequestError> check_day(std::optional<base::ExchangeTime> start,
                                                    std::optional<base::ExchangeTime> end);
/// A time parameter (milliseconds or microseconds of the shown clock), as the core's time.
[[nodiscard]] std::optional<base::ExchangeTime> read_time(const Call& call, std::size_t index);
/// The same for the end of a range, which is part of it: a millisecond is meant to its last microsecond.
[[nodiscard]] std::optional<base::ExchangeTime> read_end_time(const Call& call, std::size_t index);
/// Parameter `timeZone`; UTC when it was not sent, -1130 when it is none.
[[nodiscard]] RequestResult<std::chrono::minutes> read_time_zone(const Call& call, std::size_t index);

}  // namespace vigil::exchange::methods
