// Order lists: placing, cancelling and asking for them.
#include <array>

#include "exchange/server_methods.h"
#include "exchange/server_order_list_parameters.h"
#include "exchange/server_order_reader.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

struct ParsedList {
    OrderListRequest request;
    OrderResponse response{OrderResponse::full};
};

/// What all orders of a list share: symbol and self-trade prevention.
RequestResult<ParsedList> read_common(const Call& call, ListShape shape, OrderRequest& shared) {
    const Arguments& arguments = call.arguments;
    ParsedList parsed;
    parsed.request.shape = shape;
    const auto symbol = find_symbol(call, arguments.text(list_parameter::symbol));
    if (!symbol) return tl::unexpected(symbol.error());
    shared.symbol = (*symbol)->rules.symbol;
    parsed.request.list_client_id = read_client_order_id(arguments, list_parameter::list_client_order_id);
    const auto response = read_response(arguments, list_parameter::response_type, OrderResponse::full);
    if (!response) return tl::unexpected(response.error());
    parsed.response = *response;
    const auto stp_mode = read_stp_mode(arguments, list_parameter::stp_mode);
    if (!stp_mode) return tl::unexpected(stp_mode.error());
    shared.stp_mode = *stp_mode;
    return parsed;
}

std::optional<RequestError> add_leg(const Call& call, const OrderFields& fields, std::string_view prefix,
                                    const OrderRequest& shared, OrderListRequest& list) {
    ListLeg leg{shared, prefix};
    if (auto error = read_order_fields(call.arguments, fields, leg.order)) return error;
    list.legs.push_back(std::move(leg));
    return std::nullopt;
}

std::optional<RequestError> place(Call& call, const ParsedList& parsed) {
    ServerState& server = call.server;
    const AccountId account = call.key->account;
    const base::ExchangeTime server_time = call.now + call.out.times().shift;
    const auto orders = static_cast<std::int64_t>(parsed.request.legs.size());
    if (auto error = server.limits.count_orders(account.value, orders, server_time)) return error;
    const auto placed = server.core->place_list(account, parsed.request, call.now);
    if (!placed) {
        server.limits.uncount_orders(account.value, orders, server_time);
        server.counters.orders_rejected += static_cast<std::uint64_t>(orders);
        return request_error(placed.error());
    }
    server.counters.orders_accepted += static_cast<std::uint64_t>(orders);
    write_list_placement(*placed, parsed.response, call.out);
    return std::nullopt;
}

std::optional<RequestError> do_oco(Call& call) {
    static constexpr OrderFields both = order_fields(oco_parameters, {});
    static constexpr OrderFields above = order_fields(oco_parameters, "above");
    static constexpr OrderFields below = order_fields(oco_parameters, "below");
    call.shows_order_count = true;
    OrderRequest shared;
    auto parsed = read_common(call, ListShape::oco, shared);
    if (!parsed) return parsed.error();
    if (auto error = read_order_fields(call.arguments, both, shared)) return error;
    if (auto error = add_leg(call, above, "above", shared, parsed->request)) return error;
    if (auto error = add_leg(call, below, "below", shared, parsed->request)) return error;
    return place(call, *parsed);
}

/// OTO and OPO: a working order and a pending one.
template <ListShape Shape, const auto& Parameters>
std::optional<RequestError> do_pending_one(Call& call) {
    static constexpr OrderFields working = order_fields(Parameters, "working");
    static constexpr OrderFields pending = order_fields(Parameters, "pending");
    call.shows_order_count = true;
    OrderRequest shared;
    auto parsed = read_common(call, Shape, shared);
    if (!parsed) return parsed.error();
    if (auto error = add_leg(call, working, "working", shared, parsed->request)) return error;
    if (auto error = add_leg(call, pending, "pending", shared, parsed->request)) return error;
    return place(call, *parsed);
}

/// OTOCO and OPOCO: a working order and a pending pair.
template <ListShape Shape, const auto& Parameters>
std::optional<RequestError> do_pending_pair(Call& call) {
    static constexpr OrderFields working = order_fields(Parameters, "working");
    static constexpr OrderFields both = order_fields(Parameters, "pending");
    static constexpr OrderFields above = order_fields(Parameters, "pendingAbove");
    static constexpr OrderFields below = order_fields(Parameters, "pendingBelow");
    call.shows_order_count = true;
    OrderRequest shared;
    auto parsed = read_common(call, Shape, shared);
    if (!parsed) return parsed.error();
    if (auto error = add_leg(call, working, "working", shared, parsed->request)) return error;
    if (auto error = read_order_fields(call.arguments, both, shared)) return error;
    if (auto error = add_leg(call, above, "pendingAbove", shared, parsed->request)) return error;
    if (auto error = add_leg(call, below, "pendingBelow", shared, parsed->request)) return error;
    return place(call, *parsed);
}

/// "New OCO - Deprecated": a LIMIT_MAKER and a stop loss, under older names.
std::optional<RequestError> do_old_oco(Call& call) {
    static constexpr OrderFields both = [] {
        OrderFields fields;
        fields.side = place_of(old_oco_parameters, {}, "side");
        fields.quantity = place_of(old_oco_parameters, {}, "quantity");
        return fields;
    }();
    static constexpr OrderFields limit = [] {
        OrderFields fields = order_fields(old_oco_parameters, "limit");
        fields.price = place_of(old_oco_parameters, {}, "price");
        return fields;
    }();
    static constexpr OrderFields stop = [] {
        OrderFields fields = order_fields(old_oco_parameters, "stop");
        fields.price = place_of(old_oco_parameters, {}, "stopLimitPrice");
        fields.stop_price = place_of(old_oco_parameters, {}, "stopPrice");
        fields.trailing_delta = place_of(old_oco_parameters, {}, "trailingDelta");
        fields.time_in_force = place_of(old_oco_parameters, {}, "stopLimitTimeInForce");
        return fields;
    }();
    call.shows_order_count = true;
    OrderRequest shared;
    auto parsed = read_common(call, ListShape::oco, shared);
    if (!parsed) return parsed.error();
    if (auto error = read_order_fields(call.arguments, both, shared)) return error;
    shared.type = domain::OrderType::limit_maker;
    if (auto error = add_leg(call, limit, "limit", shared, parsed->request)) return error;
    const bool has_limit = call.arguments.has(stop.price);
    // "If provided, stopLimitTimeInForce is required."
    if (has_limit && !call.arguments.has(stop.time_in_force)) return errors::missing("stopLimitTimeInForce");
    shared.type = has_limit ? domain::OrderType::stop_loss_limit : domain::OrderType::stop_loss;
    if (auto error = add_leg(call, stop, "stop", shared, parsed->request)) return error;
    // The limit order is below in a buy, above in a sell.
    if (shared.side == domain::Side::buy) std::swap(parsed->request.legs[0], parsed->request.legs[1]);
    return place(call, *parsed);
}

// --- Cancelling and asking ---------------------------------------------------------------------------------

RequestResult<ListKey> read_list_key(const Call& call, std::size_t list_id, std::size_t client_order_id) {
    const Arguments& arguments = call.arguments;
    if (!arguments.has(list_id) && !arguments.has(client_order_id))
        return tl::unexpected(errors::missing_both(call.method.parameters[client_order_id].name,
                                                   call.method.parameters[list_id].name));
    ListKey key;
    if (arguments.has(list_id)) key.list_id = arguments.number(list_id);
    key.client_order_id = read_client_order_id(arguments, client_order_id);
    return key;
}

namespace cancel {
enum Index : std::size_t { symbol, list_id, list_client_order_id, cancel_id };
constexpr std::array<ParamSpec, 4> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderListId", ParamKind::whole, false},
                                               {"listClientOrderId", ParamKind::client_order_id, false},
                                               {"newClientOrderId", ParamKind::client_order_id, false}}};
}  // namespace cancel

std::optional<RequestError> do_cancel(Call& call) {
    const auto key = read_list_key(call, cancel::list_id, cancel::list_client_order_id);
    if (!key) return key.error();
    const auto symbol = find_symbol(call, call.arguments.text(cancel::symbol));
    if (!symbol) return symbol.error();
    const auto cancelled =
        call.server.core->cancel_list(call.key->account, (*symbol)->rules.symbol, *key,
                                      read_client_order_id(call.arguments, cancel::cancel_id), call.now);
    if (!cancelled) return request_error(cancelled.error());
    ++call.server.counters.cancels_accepted;
    write_list_cancellation(*cancelled, call.out);
    return std::nullopt;
}

namespace one_list {
enum Index : std::size_t { list_id, client_order_id };
constexpr std::array<ParamSpec, 2> parameters{
    {{"orderListId", ParamKind::whole, false}, {"origClientOrderId", ParamKind::client_order_id, false}}};
}  // namespace one_list

std::optional<RequestError> do_status(Call& call) {
    const auto key = read_list_key(call, one_list::list_id, one_list::client_order_id);
    if (!key) return key.error();
    const auto list = call.server.core->order_list(call.key->account, *key);
    if (!list) return request_error(list.error());
    write_order_list(*list, call.out);
    return std::nullopt;
}

void write_lists(const std::vector<OrderListRecord>& lists, JsonWriter& out) {
    out.begin_array();
    for (const OrderListRecord& list : lists) write_order_list(list, out);
    out.end_array();
}

std::optional<RequestError> do_open(Call& call) {
    write_lists(call.server.core->open_order_lists(call.key->account), call.out);
    return std::nullopt;
}

namespace history {
enum Index : std::size_t { from_id, start, end, limit };
constexpr std::array<ParamSpec, 4> parameters{{{"fromId", ParamKind::whole, false},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace history

std::optional<RequestError> do_all(Call& call) {
    const auto limit = read_limit(call, history::limit, 500, 1000);
    if (!limit) return limit.error();
    ListsQuery query;
    // "If supplied, neither startTime or endTime can be provided."
    if (call.arguments.has(history::from_id)) {
        if (call.arguments.has(history::start) || call.arguments.has(history::end))
            return errors::bad_combination();
        query.from_id = call.arguments.number(history::from_id);
    }
    query.start = read_time(call, history::start);
    query.end = read_time(call, history::end);
    query.limit = *limit;
    if (auto error = check_day(query.start, query.end)) return error;
    write_lists(call.server.core->all_order_lists(call.key->account, query), call.out);
    return std::nullopt;
}

}  // namespace

Body place_oco() {
    return {oco_parameters, do_oco};
}
Body place_oto() {
    return {oto_parameters, do_pending_one<ListShape::oto, oto_parameters>};
}
Body place_opo() {
    return {opo_parameters, do_pending_one<ListShape::opo, opo_parameters>};
}
Body place_otoco() {
    return {otoco_parameters, do_pending_pair<ListShape::otoco, otoco_parameters>};
}
Body place_opoco() {
    return {opoco_parameters, do_pending_pair<ListShape::opoco, opoco_parameters>};
}
Body place_old_oco() {
    return {old_oco_parameters, do_old_oco};
}
Body cancel_order_list() {
    return {cancel::parameters, do_cancel};
}
Body order_list_status() {
    return {one_list::parameters, do_status};
}
Body open_order_lists() {
    return {{}, do_open};
}
Body all_order_lists() {
    return {history::parameters, do_all};
}

}  // namespace vigil::exchange::methods
