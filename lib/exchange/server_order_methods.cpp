#include <array>

#include "exchange/server_methods.h"
#include "exchange/server_order_reader.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace order {
enum Index : std::size_t { symbol = 0, response_type = 13, stp_mode = 14, commission_rates = 18 };
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
static_assert(parameters[response_type].name == "newOrderRespType" &&
              parameters[stp_mode].name == "selfTradePreventionMode" &&
              parameters[commission_rates].name == "computeCommissionRates");
}  // namespace order

struct ParsedOrder {
    OrderRequest request;
    OrderResponse response{OrderResponse::ack};
};

// The words of the request; what an order type needs is the core's to check.
RequestResult<ParsedOrder> read_order(const Call& call) {
    static constexpr OrderFields fields = order_fields(order::parameters, {});
    const Arguments& arguments = call.arguments;
    ParsedOrder parsed;
    const auto symbol = find_symbol(call, arguments.text(order::symbol));
    if (!symbol) return tl::unexpected(symbol.error());
    parsed.request.symbol = (*symbol)->rules.symbol;
    if (auto error = read_order_fields(arguments, fields, parsed.request)) return tl::unexpected(*error);
    const auto stp_mode = read_stp_mode(arguments, order::stp_mode);
    if (!stp_mode) return tl::unexpected(stp_mode.error());
    parsed.request.stp_mode = *stp_mode;
    const auto response =
        read_response(arguments, order::response_type, default_response(parsed.request.type));
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
    const auto key = read_order_key(call, cancel::order_id, cancel::original_id);
    if (!key) return key.error();
    const auto restriction = read_cancel_restriction(arguments, cancel::restrictions);
    if (!restriction) return restriction.error();
    const auto symbol = find_symbol(call, arguments.text(cancel::symbol));
    if (!symbol) return symbol.error();
    const auto cancelled =
        call.server.core->cancel(call.key->account, (*symbol)->rules.symbol, *key,
                                 read_client_order_id(arguments, cancel::cancel_id), *restriction, call.now);
    if (!cancelled) return request_error(cancelled.error());
    ++call.server.counters.cancels_accepted;
    write_cancelled(*cancelled, call.out);
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
    for (const CancelledItem& one : *cancelled) write_cancelled(one, call.out);
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
