// Decodes the bodies of REST answers, which the WebSocket API repeats as its `result` (rest-api.md,
// web-socket-api.md). Whatever comes in, HTML or half a document, the outcome is a value or an Error of kind
// corrupt; unknown members and enumerators are taken as such and never a failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/account.h"
#include "domain/market_events.h"
#include "domain/order.h"
#include "domain/symbol_rules.h"

namespace vigil::binance {

/// `{"code":-1121,"msg":"Invalid symbol."}` (errors.md).
struct ApiError {
    int code{0};
    std::string message;
};
/// Nothing when the body has not that form.
[[nodiscard]] std::optional<ApiError> parse_api_error(std::string_view body);

[[nodiscard]] base::Result<base::ExchangeTime> parse_server_time(std::string_view body);
[[nodiscard]] base::Result<domain::ExchangeInfo> parse_exchange_info(std::string_view body);
[[nodiscard]] base::Result<domain::AccountSnapshot> parse_account(std::string_view body);
[[nodiscard]] base::Result<domain::KeyPermissions> parse_key_permissions(std::string_view body);
[[nodiscard]] base::Result<domain::OrderView> parse_order(std::string_view body);
[[nodiscard]] base::Result<std::vector<domain::OrderView>> parse_orders(std::string_view body);
/// `GET /api/v3/myTrades`.
[[nodiscard]] base::Result<std::vector<domain::Fill>> parse_fills(std::string_view body);
/// @param symbol the one that was asked for; the answer does not name it
[[nodiscard]] base::Result<domain::DepthSnapshot> parse_depth(const domain::Symbol& symbol,
                                                              std::string_view body);
/// @param now exchange time, to tell whether the last candle is closed
[[nodiscard]] base::Result<std::vector<domain::Candle>> parse_candles(const domain::Symbol& symbol,
                                                                      domain::CandleInterval interval,
                                                                      base::ExchangeTime now,
                                                                      std::string_view body);

}  // namespace vigil::binance
