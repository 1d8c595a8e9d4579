// The parameters of a new order, as they stand in order.place, order.test, order.cancelReplace and, with a
// prefix ("aboveStopPrice", "workingQuantity"), in the order lists: where each stands in a method's list of
// parameters, and how it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "exchange/order_record.h"
#include "exchange/server_call.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

/// Places of one order's parameters in a method's list; `absent` where the method has no such parameter.
struct OrderFields {
    static constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();

    std::size_t side{absent};
    std::size_t type{absent};
    std::size_t time_in_force{absent};
    std::size_t quantity{absent};
    std::size_t quote_quantity{absent};
    std::size_t price{absent};
    std::size_t client_order_id{absent};
    std::size_t strategy_id{absent};
    std::size_t strategy_type{absent};
    std::size_t stop_price{absent};
    std::size_t trailing_delta{absent};
    std::size_t iceberg_quantity{absent};
    std::size_t peg_price_type{absent};
    std::size_t peg_offset_type{absent};
    std::size_t peg_offset_value{absent};
};

/// Whether `name` is `member` behind `prefix` ("above", "price": "abovePrice").
[[nodiscard]] constexpr bool is_prefixed(std::string_view name, std::string_view prefix,
                                         std::string_view member) {
    if (prefix.empty()) return name == member;
    if (name.size() != prefix.size() + member.size() || name.substr(0, prefix.size()) != prefix) return false;
    const char first = member[0];
    return name[prefix.size()] == static_cast<char>(first - 'a' + 'A') &&
           name.substr(prefix.size() + 1) == member.substr(1);
}

[[nodiscard]] constexpr std::size_t place_of(std::span<const ParamSpec> specs, std::string_view prefix,
                                             std::string_view member) {
    for (std::size_t i = 0; i < specs.size(); ++i)
        if (is_prefixed(specs[i].name, prefix, member)) return i;
    return OrderFields::absent;
}

/// Worked out when the method's list is defined, so that a request looks nothing up.
[[nodiscard]] constexpr OrderFields order_fields(std::span<const ParamSpec> specs, std::string_view prefix) {
    OrderFields fields;
    fields.side = place_of(specs, prefix, "side");
    fields.type = place_of(specs, prefix, "type");
    fields.time_in_force = place_of(specs, prefix, "timeInForce");
    fields.quantity = place_of(specs, prefix, "quantity");
    fields.quote_quantity = place_of(specs, prefix, "quoteOrderQty");
    fields.price = place_of(specs, prefix, "price");
    fields.client_order_id = place_of(specs, prefix, prefix.empty() ? "newClientOrderId" : "clientOrderId");
    fields.strategy_id = place_of(specs, prefix, "strategyId");
    fields.strategy_type = place_of(specs, prefix, "strategyType");
    fields.stop_price = place_of(specs, prefix, "stopPrice");
    fields.trailing_delta = place_of(specs, prefix, "trailingDelta");
    fields.iceberg_quantity = place_of(specs, prefix, "icebergQty");
    fields.peg_price_type = place_of(specs, prefix, "pegPriceType");
    fields.peg_offset_type = place_of(specs, prefix, "pegOffsetType");
    fields.peg_offset_value = place_of(specs, prefix, "pegOffsetValue");
    return fields;
}

/// Reads what was sent of `fields` into `request`; what an order type needs is the core's to check. Words
/// that are no enumerator are -1115, -1116, -1117, -1134.
[[nodiscard]] std::optional<RequestError> read_order_fields(const Arguments& arguments,
                                                            const OrderFields& fields, OrderRequest& request);
/// Parameter `selfTradePreventionMode`, when it was sent (-1130).
[[nodiscard]] RequestResult<std::optional<StpMode>> read_stp_mode(const Arguments& arguments,
                                                                  std::size_t index);
/// Parameter `newOrderRespType`; `absent` when it was not sent (-1130).
[[nodiscard]] RequestResult<OrderResponse> read_response(const Arguments& arguments, std::size_t index,
                                                         OrderResponse absent);
/// "MARKET and LIMIT order types default to FULL, all other orders default to ACK" ("New order").
[[nodiscard]] OrderResponse default_response(domain::OrderType type);
/// Parameter `cancelRestrictions` (-1145).
[[nodiscard]] RequestResult<CancelRestriction> read_cancel_restriction(const Arguments& arguments,
                                                                       std::size_t index);
/// A client order id, when it was sent.
[[nodiscard]] std::optional<domain::ClientOrderId> read_client_order_id(const Arguments& arguments,
                                                                        std::size_t index);
/// An order by number, by name, or both; -1102 naming both parameters when neither was sent.
[[nodiscard]] RequestResult<OrderKey> read_order_key(const Call& call, std::size_t order_id,
                                                     std::size_t client_order_id);

}  // namespace vigil::exchange::methods
