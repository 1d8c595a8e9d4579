// Orders: what is asked for, and what the exchange says of it. Plain values; the exchange's words for the
// enumerators are those of enums.md, and each has a last enumerator `unknown` for words that did not exist
// when this was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::domain {

enum class Side : std::uint8_t { buy, sell };
enum class OrderType : std::uint8_t {
    limit,
    market,
    limit_maker,
    stop_loss,
    stop_loss_limit,
    take_profit,
    take_profit_limit,
    unknown
};
enum class TimeInForce : std::uint8_t { gtc, ioc, fok, unknown };
enum class OrderStatus : std::uint8_t {
    new_order,
    pending_new,
    partially_filled,
    filled,
    canceled,
    pending_cancel,
    rejected,
    expired,
    expired_in_match,
    unknown
};
enum class ExecutionType : std::uint8_t {
    new_order,
    canceled,
    replaced,
    rejected,
    trade,
    expired,
    trade_prevention,
    unknown
};

/// The exchange's words, "BUY", "LIMIT_MAKER", "PARTIALLY_FILLED" (enums.md), and back; an unheard-of word is
/// `unknown`.
[[nodiscard]] std::string_view to_string(Side side) noexcept;
[[nodiscard]] std::string_view to_string(OrderType type) noexcept;
[[nodiscard]] std::string_view to_string(TimeInForce tif) noexcept;
[[nodiscard]] std::string_view to_string(OrderStatus status) noexcept;
[[nodiscard]] std::string_view to_string(ExecutionType type) noexcept;
[[nodiscard]] std::optional<Side> parse_side(std::string_view word) noexcept;
[[nodiscard]] OrderType parse_order_type(std::string_view word) noexcept;
[[nodiscard]] TimeInForce parse_time_in_force(std::string_view word) noexcept;
[[nodiscard]] OrderStatus parse_order_status(std::string_view word) noexcept;
[[nodiscard]] ExecutionType parse_execution_type(std::string_view word) noexcept;

[[nodiscard]] constexpr Side opposite(Side side) {
    return side == Side::buy ? Side::sell : Side::buy;
}
/// Whether an order in this state can still fill.
[[nodiscard]] constexpr bool is_open(OrderStatus status) {
    return status == OrderStatus::new_order || status == OrderStatus::pending_new ||
           status == OrderStatus::partially_filled || status == OrderStatus::pending_cancel;
}
/// Whether an order in this state has ended for good.
[[nodiscard]] constexpr bool is_final(OrderStatus status) {
    return !is_open(status) && status != OrderStatus::unknown;
}

/// A new order as it is to be sent ("New order (TRADE)", rest-api.md). Optional members are sent only when
/// set.
struct NewOrder {
    Symbol symbol;
    Side side{Side::buy};
    OrderType type{OrderType::limit};
    std::optional<TimeInForce> time_in_force;
    std::optional<Quantity> quantity;      ///< base asset
    std::optional<Amount> quote_quantity;  ///< quote asset, MARKET only (quoteOrderQty)
    std::optional<Price> price;
    std::optional<Price> stop_price;
    ClientOrderId client_order_id;

    friend bool operator==(const NewOrder&, const NewOrder&) = default;
};

/// A cancel by the client order id that we gave the order ("Cancel order (TRADE)", rest-api.md).
struct CancelOrder {
    Symbol symbol;
    ClientOrderId client_order_id;  ///< of the order to cancel (origClientOrderId)

    friend bool operator==(const CancelOrder&, const CancelOrder&) = default;
};

/// One order as the exchange knows it: the answer of order.status, openOrders, allOrders, and of a placement.
struct OrderView {
    Symbol symbol;
    OrderId order_id;
    ClientOrderId
        client_order_id;  ///< as first given; empty when the exchange's text does not fit our limits
    Side side{Side::buy};
    OrderType type{OrderType::unknown};
    TimeInForce time_in_force{TimeInForce::unknown};
    OrderStatus status{OrderStatus::unknown};
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity executed;
    Amount executed_quote;  ///< cummulativeQuoteQty; negative: not available (enums of old orders)
    base::ExchangeTime created;
    base::ExchangeTime updated;

    friend bool operator==(const OrderView&, const OrderView&) = default;
};

/// One fill of one of our orders: an element of `fills` in a FULL answer, or of myTrades.
struct Fill {
    TradeId trade_id;
    OrderId order_id;
    Price price;
    Quantity quantity;
    Amount quote_quantity;
    Amount commission;
    Asset commission_asset;
    bool is_maker{false};
    Side side{Side::buy};  ///< of our order
    base::ExchangeTime time;

    friend bool operator==(const Fill&, const Fill&) = default;
};

/// `executionReport` (user-data-stream.md, "Order Update").
struct ExecutionReport {
    Symbol symbol;
    OrderId order_id;
    ClientOrderId client_order_id;  ///< of the order itself: field C when it is set (cancels), else c
    Side side{Side::buy};
    OrderType type{OrderType::unknown};
    TimeInForce time_in_force{TimeInForce::unknown};
    ExecutionType execution{ExecutionType::unknown};
    OrderStatus status{OrderStatus::unknown};
    std::string reject_reason;  ///< "NONE" unless rejected
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity executed;         ///< cumulative (z)
    Amount executed_quote;     ///< cumulative (Z)
    std::optional<Fill> fill;  ///< set when execution is `trade`
    base::ExchangeTime event_time;
    base::ExchangeTime transact_time;
};

}  // namespace vigil::domain
