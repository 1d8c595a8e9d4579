#include <array>

#include "exchange/server_methods.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace order {
enum Index : std::size_t {
    symbol,
    side,
    type,
    time_in_force,
    quantity,
    quote_quantity,
    price,
    client_order_id,
    strategy_id,
    strategy_type,
    stop_price,
    trailing_delta,
    iceberg_quantity,
    response_type,
    stp_mode,
    peg_price_type,
    peg_offset_value,
    peg_offset_type,
    commission_rates
};
// order.test takes one parameter more than order.place.
constexpr std::array<ParamSpec, 19> parameters{{{"symbol", ParamKind::symbol, true},
                                                {"side", ParamKind::text, true},
                                                {"type", ParamKind::text, true},
                                                {"timeInForce", ParamKind::text, false},
                                                {"quantity", ParamKind::decimal, false},
                                                {"quoteOrderQty", ParamKind::decimal, false},
                                                {"price", ParamKind::decimal, false},
                                                {"newClientOrderId", ParamKind::client_order_id, false},
                                                {"strategyId", ParamKind::whole, false},
                                                {"strategyType", ParamKind::whole, false},
                                                {"stopPrice", ParamKind::decimal, false},
                                                {"trailingDelta", ParamKind::whole, false},
                                                {"icebergQty", ParamKind::decimal, false},
                                                {"newOrderRespType", ParamKind::text, false},
                                                {"selfTradePreventionMode", ParamKind::text, false},
                                                {"pegPriceType", ParamKind::text, false},
                                                {"pegOffsetValue", ParamKind::whole, false},
                                                {"pegOffsetType", ParamKind::text, false},
                                                {"computeCommissionRates", ParamKind::boolean, false}}};
}  // namespace order

constexpr std::int64_t strategy_type_min = 1'000'000;

struct ParsedOrder {
    OrderRequest request;
    OrderResponse response{OrderResponse::ack};
};

std::optional<std::int64_t> optional_number(const Arguments& arguments, std::size_t index) {
    if (!arguments.has(index)) return std::nullopt;
    return arguments.number(index);
}

RequestResult<OrderResponse> read_response(const Arguments& arguments, domain::OrderType type) {
    if (!arguments.has(order::response_type)) {
        const bool full = type == domain::OrderType::limit || type == domain::OrderType::market;
        return full ? OrderResponse::full : OrderResponse::ack;
    }
    const std::string_view word = arguments.text(order::response_type);
    if (word == "ACK") return OrderResponse::ack;
    if (word == "RESULT") return OrderResponse::result;
    if (word == "FULL") return OrderResponse::full;
    return tl::unexpected(errors::invalid_data("newOrderRespType"));
}

// The words of the request; what an order type needs is the core's to check.
RequestResult<ParsedOrder> read_order(const Call& call) {
    const Arguments& arguments = call.arguments;
    ParsedOrder parsed;
    OrderRequest& request = parsed.request;
    const auto symbol = find_symbol(call, arguments.text(order::symbol));
    if (!symbol) return tl::unexpected(symbol.error());
    request.symbol = (*symbol)->rules.symbol;
    const auto side = domain::parse_side(arguments.text(order::side));
    if (!side) return tl::unexpected(errors::bad_side());
    request.side = *side;
    request.type = domain::parse_order_type(arguments.text(order::type));
    if (request.type == domain::OrderType::unknown) return tl::unexpected(errors::bad_order_type());
    if (arguments.has(order::time_in_force)) {
        request.time_in_force = domain::parse_time_in_force(arguments.text(order::time_in_force));
        if (*request.time_in_force == domain::TimeInForce::unknown)
            return tl::unexpected(errors::bad_time_in_force());
    }
    request.quantity = arguments.decimal<domain::Quantity>(order::quantity);
    request.quote_quantity = arguments.decimal<domain::Amount>(order::quote_quantity);
    request.price = arguments.decimal<domain::Price>(order::price);
    request.stop_price = arguments.decimal<domain::Price>(order::stop_price);
    request.iceberg_quantity = arguments.decimal<domain::Quantity>(order::iceberg_quantity);
    if (arguments.has(order::client_order_id))
        request.client_order_id = domain::client_order_id(arguments.text(order::client_order_id));
    request.trailing_delta = optional_number(arguments, order::trailing_delta);
    request.strategy_id = optional_number(arguments, order::strategy_id);
    request.strategy_type = optional_number(arguments, order::strategy_type);
    if (request.strategy_type && *request.strategy_type < strategy_type_min)
        return tl::unexpected(errors::bad_strategy_type());
    if (arguments.has(order::stp_mode)) {
        request.stp_mode = parse_stp_mode(arguments.text(order::stp_mode));
        if (!request.stp_mode) return tl::unexpected(errors::invalid_data("selfTradePreventionMode"));
    }
    if (arguments.has(order::peg_price_type) || arguments.has(order::peg_offset_value) ||
        arguments.has(order::peg_offset_type)) {
        return tl::unexpected(errors::order_rejected("Pegged orders are not supported for this symbol."));
    }
    const auto response = read_response(arguments, request.type);
    if (!response) return tl::unexpected(response.error());
    parsed.response = *response;
    return parsed;
}

std::optional<RequestError> do_place(Call& call) {
    call.shows_order_count = true;
    const auto parsed = read_order(call);
    if (!parsed) return parsed.error();
    const AccountId account = call.key->account;
    const base::ExchangeTime server_time = call.now + call.out.times().shift;
    // Counted first: an order that fills at once takes itself off again while it is being placed.
    if (auto error = call.server.limits.count_orders(account.value, 1, server_time)) return error;
    const auto placed = call.server.core->place(account, parsed->request, call.now);
    if (!placed) {
        call.server.limits.uncount_orders(account.value, 1, server_time);
        ++call.server.counters.orders_rejected;
        return request_error(placed.error());
    }
    ++call.server.counters.orders_accepted;
    write_placement(*placed, parsed->response, call.out);
    return std::nullopt;
}

void write_order_rates(std::string_view name, const CommissionRates& rates, JsonWriter& out) {
    out.key(name).begin_object();
    out.key("maker").decimal(rates.maker);
    out.key("taker").decimal(rates.taker);
    out.end_object();
}

std::optional<RequestError> do_test(Call& call) {
    const auto parsed = read_order(call);
    if (!parsed) return parsed.error();
    const auto tested = call.server.core->test(call.key->account, parsed->request, call.now);
    if (!tested) return request_error(tested.error());
    call.out.begin_object();
    if (call.arguments.flag(order::commission_rates, false)) {
        write_order_rates("standardCommissionForOrder", tested->standard, call.out);
        write_order_rates("specialCommissionForOrder", tested->special, call.out);
        write_order_rates("taxCommissionForOrder", tested->tax, call.out);
        call.out.key("discount");
        write_discount(*tested, call.out);
    }
    call.out.end_object();
    return std::nullopt;
}

namespace cancel {
enum Index : std::size_t { symbol, order_id, original_id, cancel_id, restrictions };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, false},
                                               {"origClientOrderId", ParamKind::client_order_id, false},
                                               {"newClientOrderId", ParamKind::client_order_id, false},
                                               {"cancelRestrictions", ParamKind::text, false}}};
}  // namespace cancel

std::optional<RequestError> do_cancel(Call& call) {
    const Arguments& arguments = call.arguments;
    if (!arguments.has(cancel::order_id) && !arguments.has(cancel::original_id))
        return errors::missing_both("origClientOrderId", "orderId");
    CancelRestriction restriction = CancelRestriction::none;
    if (arguments.has(cancel::restrictions)) {
        const auto parsed = parse_cancel_restriction(arguments.text(cancel::restrictions));
        if (!parsed) return errors::bad_cancel_restrictions();
        restriction = *parsed;
    }
    const auto symbol = find_symbol(call, arguments.text(cancel::symbol));
    if (!symbol) return symbol.error();
    OrderKey key;
    if (arguments.has(cancel::order_id)) key.order_id = domain::OrderId{arguments.number(cancel::order_id)};
    if (arguments.has(cancel::original_id))
        key.client_order_id = domain::client_order_id(arguments.text(cancel::original_id));
    std::optional<domain::ClientOrderId> cancel_id;
    if (arguments.has(cancel::cancel_id))
        cancel_id = domain::client_order_id(arguments.text(cancel::cancel_id));
    const auto cancelled = call.server.core->cancel(call.key->account, (*symbol)->rules.symbol, key,
                                                    cancel_id, restriction, call.now);
    if (!cancelled) return request_error(cancelled.error());
    ++call.server.counters.cancels_accepted;
    write_cancellation(*cancelled, call.out);
    return std::nullopt;
}

namespace cancel_all {
enum Index : std::size_t { symbol };
constexpr std::array<ParamSpec, 1> parameters{{{"symbol", ParamKind::symbol, true}}};
}  // namespace cancel_all

std::optional<RequestError> do_cancel_all(Call& call) {
    const auto symbol = find_symbol(call, call.arguments.text(cancel_all::symbol));
    if (!symbol) return symbol.error();
    const auto cancelled = call.server.core->cancel_all(call.key->account, (*symbol)->rules.symbol, call.now);
    if (!cancelled) return request_error(cancelled.error());
    call.server.counters.cancels_accepted += cancelled->size();
    call.out.begin_array();
    for (const Cancellation& one : *cancelled) write_cancellation(one, call.out);
    call.out.end_array();
    return std::nullopt;
}

}  // namespace

Body place_order() {
    return {std::span{order::parameters}.first(order::commission_rates), do_place};
}
Body test_order() {
    return {order::parameters, do_test};
}
Body cancel_order() {
    return {cancel::parameters, do_cancel};
}
Body cancel_open_orders() {
    return {cancel_all::parameters, do_cancel_all};
}

std::int64_t test_order_weight(const ParameterList& parameters) {
    return parameters.value("computeCommissionRates") == "true" ? 20 : 1;
}

}  // namespace vigil::exchange::methods
