// Orders and trades as the simulated exchange keeps them: every field that an answer, a query or a user event
// can show (rest-api.md "New order", "Query order", "Account trade list"; user-data-stream.md "Order
// Update").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/order.h"
#include "exchange/core_types.h"

namespace vigil::exchange {

/// "New order (TRADE)" after its parameters were parsed. Which members an order type needs, and which it must
/// not have, is checked by the core (-1102, -1106).
struct OrderRequest {
    domain::Symbol symbol;
    domain::Side side{domain::Side::buy};
    domain::OrderType type{domain::OrderType::limit};
    std::optional<domain::TimeInForce> time_in_force;
    std::optional<domain::Quantity> quantity;
    std::optional<domain::Amount> quote_quantity;  ///< quoteOrderQty
    std::optional<domain::Price> price;
    std::optional<domain::Price> stop_price;
    std::optional<domain::ClientOrderId> client_order_id;  ///< made up by the core when absent
    std::optional<domain::Quantity> iceberg_quantity;
    std::optional<std::int64_t> trailing_delta;  ///< basis points
    std::optional<std::int64_t> strategy_id;
    std::optional<std::int64_t> strategy_type;
    std::optional<StpMode> stp_mode;  ///< the symbol's default when absent
};

/// One order, open or closed.
struct OrderRecord {
    domain::Symbol symbol;
    domain::OrderId order_id;
    std::int64_t order_list_id{-1};
    domain::ClientOrderId client_order_id;
    AccountId account;
    domain::Side side{domain::Side::buy};
    domain::OrderType type{domain::OrderType::limit};
    domain::TimeInForce time_in_force{domain::TimeInForce::gtc};
    domain::OrderStatus status{domain::OrderStatus::new_order};
    domain::Price price;       ///< zero for market orders
    domain::Price stop_price;  ///< zero when there is none
    domain::Quantity quantity;
    domain::Amount quote_quantity;  ///< origQuoteOrderQty
    domain::Quantity executed;
    domain::Amount executed_quote;  ///< cummulativeQuoteQty
    domain::Quantity iceberg_quantity;
    std::optional<std::int64_t> trailing_delta;
    std::optional<base::ExchangeTime> trailing_time;  ///< since when it follows the price
    std::optional<std::int64_t> strategy_id;
    std::optional<std::int64_t> strategy_type;
    StpMode stp_mode{StpMode::none};
    domain::Quantity prevented_quantity;             ///< shown when prevented_match_id is set
    std::optional<std::int64_t> prevented_match_id;  ///< the last one
    ExpiryReason expiry_reason{ExpiryReason::none};
    base::ExchangeTime created;
    base::ExchangeTime updated;
    std::optional<base::ExchangeTime> working_time;  ///< since when on the book; "workingTime": -1 when empty
    bool is_working{false};        ///< false for a stop that was not triggered, and a pending order of a list
    bool quantity_pending{false};  ///< OPO: the quantity is that of the working order, once it is filled

    [[nodiscard]] domain::Quantity remaining() const { return quantity - executed - prevented_quantity; }
    [[nodiscard]] bool is_open() const { return domain::is_open(status); }
};

/// One own trade: an element of `fills` in a FULL answer, and of myTrades.
struct FillRecord {
    domain::TradeId trade_id;
    domain::Symbol symbol;
    domain::OrderId order_id;
    std::int64_t order_list_id{-1};
    domain::Price price;
    domain::Quantity quantity;
    domain::Amount quote_quantity;
    domain::Amount commission;
    domain::Asset commission_asset;
    bool is_buyer{false};
    bool is_maker{false};
    base::ExchangeTime time;
};

/// A self-trade that did not happen: an element of myPreventedMatches.
struct PreventedRecord {
    domain::Symbol symbol;
    std::int64_t match_id{0};
    domain::OrderId taker_order_id;
    domain::OrderId maker_order_id;
    AccountId taker;
    AccountId maker;
    std::int64_t trade_group_id{-1};
    StpMode mode{StpMode::none};
    domain::Price price;
    std::optional<domain::Quantity> taker_prevented;
    std::optional<domain::Quantity> maker_prevented;
    base::ExchangeTime time;
};

/// One amendment of an order: an element of order/amendments.
struct AmendmentRecord {
    domain::Symbol symbol;
    domain::OrderId order_id;
    std::int64_t execution_id{0};
    domain::ClientOrderId original_client_order_id;
    domain::ClientOrderId new_client_order_id;
    domain::Quantity original_quantity;
    domain::Quantity new_quantity;
    base::ExchangeTime time;
};

/// What a placement answered (ACK, RESULT and FULL are views of it).
struct Placement {
    OrderRecord order;                       ///< after matching
    std::vector<FillRecord> fills;           ///< of this call, in order
    std::vector<PreventedRecord> prevented;  ///< with this order as taker, in this call
    base::ExchangeTime transact_time;
};

/// What a cancel answered: the order, and the id of the cancel itself (`clientOrderId` of the answer, whose
/// `origClientOrderId` is the order's own).
struct Cancellation {
    OrderRecord order;
    domain::ClientOrderId cancel_id;
    base::ExchangeTime transact_time;
};

/// Names one order: by number, by client order id, or both (then both must fit).
struct OrderKey {
    std::optional<domain::OrderId> order_id;
    std::optional<domain::ClientOrderId> client_order_id;
};

/// myPreventedMatches: one match, or those of one order from a match on.
struct PreventedQuery {
    std::optional<std::int64_t> match_id;
    std::optional<domain::OrderId> order_id;
    std::int64_t from_id{0};
    std::size_t limit{500};
};

/// allOrders: from an order id on, or of a time span, or the most recent.
struct OrdersQuery {
    std::optional<domain::OrderId> from_id;
    std::optional<base::ExchangeTime> start;
    std::optional<base::ExchangeTime> end;
    std::size_t limit{500};
};

/// myTrades.
struct TradesQuery {
    std::optional<domain::OrderId> order_id;
    std::optional<domain::TradeId> from_id;
    std::optional<base::ExchangeTime> start;
    std::optional<base::ExchangeTime> end;
    std::size_t limit{500};
};

}  // namespace vigil::exchange
