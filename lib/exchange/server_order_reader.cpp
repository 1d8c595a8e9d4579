#include "exchange/server_order_reader.h"

namespace vigil::exchange::methods {

namespace {

constexpr std::int64_t strategy_type_min = 1'000'000;

bool sent(const Arguments& arguments, std::size_t index) {
    return index != OrderFields::absent && arguments.has(index);
}

template <class Decimal>
std::optional<Decimal> decimal(const Arguments& arguments, std::size_t index) {
    if (!sent(arguments, index)) return std::nullopt;
    return arguments.decimal<Decimal>(index);
}

std::optional<std::int64_t> whole(const Arguments& arguments, std::size_t index) {
    if (!sent(arguments, index)) return std::nullopt;
    return arguments.number(index);
}

}  // namespace

std::optional<RequestError> read_order_fields(const Arguments& arguments, const OrderFields& fields,
                                              OrderRequest& request) {
    if (sent(arguments, fields.side)) {
        const auto side = domain::parse_side(arguments.text(fields.side));
        if (!side) return errors::bad_side();
        request.side = *side;
    }
    if (sent(arguments, fields.type)) {
        request.type = domain::parse_order_type(arguments.text(fields.type));
        if (request.type == domain::OrderType::unknown) return errors::bad_order_type();
    }
    if (sent(arguments, fields.time_in_force)) {
        request.time_in_force = domain::parse_time_in_force(arguments.text(fields.time_in_force));
        if (*request.time_in_force == domain::TimeInForce::unknown) return errors::bad_time_in_force();
    }
    if (sent(arguments, fields.quantity))
        request.quantity = arguments.decimal<domain::Quantity>(fields.quantity);
    request.quote_quantity = decimal<domain::Amount>(arguments, fields.quote_quantity);
    request.price = decimal<domain::Price>(arguments, fields.price);
    request.stop_price = decimal<domain::Price>(arguments, fields.stop_price);
    request.iceberg_quantity = decimal<domain::Quantity>(arguments, fields.iceberg_quantity);
    if (fields.client_order_id != OrderFields::absent)
        request.client_order_id = read_client_order_id(arguments, fields.client_order_id);
    request.trailing_delta = whole(arguments, fields.trailing_delta);
    request.strategy_id = whole(arguments, fields.strategy_id);
    request.strategy_type = whole(arguments, fields.strategy_type);
    if (request.strategy_type && *request.strategy_type < strategy_type_min)
        return errors::bad_strategy_type();
    if (sent(arguments, fields.peg_price_type) || sent(arguments, fields.peg_offset_type) ||
        sent(arguments, fields.peg_offset_value))
        return errors::order_rejected("Pegged orders are not supported for this symbol.");
    return std::nullopt;
}

RequestResult<std::optional<StpMode>> read_stp_mode(const Arguments& arguments, std::size_t index) {
    if (!arguments.has(index)) return std::optional<StpMode>{};
    const auto mode = parse_stp_mode(arguments.text(index));
    if (!mode) return tl::unexpected(errors::invalid_data("selfTradePreventionMode"));
    return mode;
}

RequestResult<OrderResponse> read_response(const Arguments& arguments, std::size_t index,
                                           OrderResponse absent) {
    if (!arguments.has(index)) return absent;
    const std::string_view word = arguments.text(index);
    if (word == "ACK") return OrderResponse::ack;
    if (word == "RESULT") return OrderResponse::result;
    if (word == "FULL") return OrderResponse::full;
    return tl::unexpected(errors::invalid_data("newOrderRespType"));
}

OrderResponse default_response(domain::OrderType type) {
    const bool full = type == domain::OrderType::limit || type == domain::OrderType::market;
    return full ? OrderResponse::full : OrderResponse::ack;
}

RequestResult<CancelRestriction> read_cancel_restriction(const Arguments& arguments, std::size_t index) {
    if (!arguments.has(index)) return CancelRestriction::none;
    const auto parsed = parse_cancel_restriction(arguments.text(index));
    if (!parsed) return tl::unexpected(errors::bad_cancel_restrictions());
    return *parsed;
}

std::optional<domain::ClientOrderId> read_client_order_id(const Arguments& arguments, std::size_t index) {
    if (!arguments.has(index)) return std::nullopt;
    return domain::client_order_id(arguments.text(index));
}

RequestResult<OrderKey> read_order_key(const Call& call, std::size_t order_id, std::size_t client_order_id) {
    const Arguments& arguments = call.arguments;
    if (!arguments.has(order_id) && !arguments.has(client_order_id))
        return tl::unexpected(errors::missing_both(call.method.parameters[client_order_id].name,
                                                   call.method.parameters[order_id].name));
    OrderKey key;
    if (arguments.has(order_id)) key.order_id = domain::OrderId{arguments.number(order_id)};
    key.client_order_id = read_client_order_id(arguments, client_order_id);
    return key;
}

}  // namespace vigil::exchange::methods
