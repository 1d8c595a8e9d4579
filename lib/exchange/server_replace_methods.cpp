// Cancel and replace: one order is cancelled and another placed, in one request but not as one transaction.
#include <array>

#include "exchange/server_methods.h"
#include "exchange/server_order_reader.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace replace {
constexpr std::array<ParamSpec, 24> parameters{
    {{"symbol", ParamKind::symbol, true},
     {"side", ParamKind::text, true},
     {"type", ParamKind::text, true},
     {"cancelReplaceMode", ParamKind::text, true},
     {"timeInForce", ParamKind::text, false},
     {"quantity", ParamKind::decimal, false},
     {"quoteOrderQty", ParamKind::decimal, false},
     {"price", ParamKind::decimal, false},
     {"cancelNewClientOrderId", ParamKind::client_order_id, false},
     {"cancelOrigClientOrderId", ParamKind::client_order_id, false},
     {"cancelOrderId", ParamKind::whole, false},
     {"newClientOrderId", ParamKind::client_order_id, false},
     {"strategyId", ParamKind::whole, false},
     {"strategyType", ParamKind::whole, false},
     {"stopPrice", ParamKind::decimal, false},
     {"trailingDelta", ParamKind::whole, false},
     {"icebergQty", ParamKind::decimal, false},
     {"newOrderRespType", ParamKind::text, false},
     {"selfTradePreventionMode", ParamKind::text, false},
     {"cancelRestrictions", ParamKind::text, false},
     {"orderRateLimitExceededMode", ParamKind::text, false},
     {"pegPriceType", ParamKind::text, false},
     {"pegOffsetValue", ParamKind::whole, false},
     {"pegOffsetType", ParamKind::text, false}}};
constexpr OrderFields fields = order_fields(parameters, {});
constexpr std::size_t place(std::string_view name) {
    return place_of(parameters, {}, name);
}
}  // namespace replace

struct ReplaceRequest {
    OrderKey cancelled;
    std::optional<domain::ClientOrderId> cancel_id;
    CancelRestriction restriction{CancelRestriction::none};
    OrderRequest order;
    OrderResponse response{OrderResponse::ack};
    bool stop_on_failure{true};
    bool cancels_when_exceeded{false};
};

RequestResult<ReplaceRequest> read_replace(const Call& call) {
    const Arguments& arguments = call.arguments;
    ReplaceRequest parsed;
    const std::string_view mode = arguments.text(replace::place("cancelReplaceMode"));
    if (mode != "STOP_ON_FAILURE" && mode != "ALLOW_FAILURE")
        return tl::unexpected(errors::invalid_data("cancelReplaceMode"));
    parsed.stop_on_failure = mode == "STOP_ON_FAILURE";
    constexpr std::size_t exceeded = replace::place("orderRateLimitExceededMode");
    if (arguments.has(exceeded)) {
        const std::string_view word = arguments.text(exceeded);
        if (word != "DO_NOTHING" && word != "CANCEL_ONLY")
            return tl::unexpected(errors::invalid_data("orderRateLimitExceededMode"));
        parsed.cancels_when_exceeded = word == "CANCEL_ONLY";
    }
    const auto key =
        read_order_key(call, replace::place("cancelOrderId"), replace::place("cancelOrigClientOrderId"));
    if (!key) return tl::unexpected(key.error());
    parsed.cancelled = *key;
    parsed.cancel_id = read_client_order_id(arguments, replace::place("cancelNewClientOrderId"));
    const auto restriction = read_cancel_restriction(arguments, replace::place("cancelRestrictions"));
    if (!restriction) return tl::unexpected(restriction.error());
    parsed.restriction = *restriction;

    const auto symbol = find_symbol(call, arguments.text(replace::place("symbol")));
    if (!symbol) return tl::unexpected(symbol.error());
    if (!(*symbol)->cancel_replace_allowed)
        return tl::unexpected(
            errors::order_rejected("Order cancel-replace is not supported for this symbol."));
    parsed.order.symbol = (*symbol)->rules.symbol;
    if (auto error = read_order_fields(arguments, replace::fields, parsed.order))
        return tl::unexpected(*error);
    const auto stp_mode = read_stp_mode(arguments, replace::place("selfTradePreventionMode"));
    if (!stp_mode) return tl::unexpected(stp_mode.error());
    parsed.order.stp_mode = *stp_mode;
    const auto response =
        read_response(arguments, replace::place("newOrderRespType"), default_response(parsed.order.type));
    if (!response) return tl::unexpected(response.error());
    parsed.response = *response;
    return parsed;
}

struct NewOrderResult {
    std::string_view word{"NOT_ATTEMPTED"};
    std::optional<Placement> placement;
    std::optional<RequestError> error;
};

void write_refusal(int code, std::string_view message, JsonWriter& out) {
    out.begin_object();
    out.key("code").integer(code);
    out.key("msg").text(message);
    out.end_object();
}

void write_results(const Outcome<CancelledItem>& cancelled, const NewOrderResult& placed,
                   OrderResponse response, JsonWriter& out) {
    out.begin_object();
    out.key("cancelResult").word(cancelled ? "SUCCESS" : "FAILURE");
    out.key("newOrderResult").word(placed.word);
    out.key("cancelResponse");
    if (cancelled)
        write_cancelled(*cancelled, out);
    else
        write_refusal(cancelled.error().code, cancelled.error().message, out);
    out.key("newOrderResponse");
    if (placed.placement)
        write_placement(*placed.placement, response, out);
    else if (placed.error)
        write_refusal(placed.error->code, placed.error->message, out);
    else
        out.null();
    out.end_object();
}

// The table of outcomes of "Cancel an Existing Order and Send a New Order": what has failed of the two, and
// whether the unfilled order count forbade the second.
std::optional<RequestError> overall(bool cancelled, const NewOrderResult& placed, bool stop_on_failure,
                                    bool exceeded) {
    if (cancelled && placed.placement) return std::nullopt;
    const bool partial = cancelled || placed.placement;
    int status = partial ? 409 : 400;
    if (exceeded && stop_on_failure) status = 429;
    return partial ? errors::cancel_replace_partial(status) : errors::cancel_replace_failed(status);
}

std::optional<RequestError> do_replace(Call& call) {
    call.shows_order_count = true;
    const auto request = read_replace(call);
    if (!request) return request.error();
    ServerState& server = call.server;
    const AccountId account = call.key->account;
    const base::ExchangeTime server_time = call.now + call.out.times().shift;
    // "Filters and Order Count are evaluated before the processing of the cancellation and order placement."
    if (const auto tested = server.core->test(account, request->order, call.now); !tested)
        return request_error(tested.error());
    const auto exceeded = server.limits.count_orders(account.value, 1, server_time);
    if (exceeded && !request->cancels_when_exceeded) return exceeded;

    const auto cancelled = server.core->cancel(account, request->order.symbol, request->cancelled,
                                               request->cancel_id, request->restriction, call.now);
    if (cancelled) ++server.counters.cancels_accepted;
    NewOrderResult placed;
    if (cancelled || !request->stop_on_failure) {
        placed.word = "FAILURE";
        if (exceeded) {
            placed.error = exceeded;
        } else if (auto placement = server.core->place(account, request->order, call.now)) {
            placed.word = "SUCCESS";
            placed.placement = std::move(*placement);
            ++server.counters.orders_accepted;
        } else {
            placed.error = request_error(placement.error());
            server.limits.uncount_orders(account.value, 1, server_time);
            ++server.counters.orders_rejected;
        }
    }
    auto error = overall(cancelled.has_value(), placed, request->stop_on_failure, exceeded.has_value());
    if (!error) {
        write_results(cancelled, placed, request->response, call.out);
        return std::nullopt;
    }
    JsonWriter data{error->data, call.out.times()};
    write_results(cancelled, placed, request->response, data);
    if (error->status == 429) error->retry_after = exceeded->retry_after;
    return error;
}

}  // namespace

Body replace_order() {
    return {replace::parameters, do_replace};
}

}  // namespace vigil::exchange::methods
