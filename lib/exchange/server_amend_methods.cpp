// Amending an order in place, and what was amended.
#include <array>

#include "exchange/server_methods.h"
#include "exchange/server_order_reader.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace amend {
enum Index : std::size_t { symbol, order_id, original_id, new_id, quantity };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, false},
                                               {"origClientOrderId", ParamKind::client_order_id, false},
                                               {"newClientOrderId", ParamKind::client_order_id, false},
                                               {"newQty", ParamKind::decimal, true}}};
}  // namespace amend

std::optional<RequestError> do_amend(Call& call) {
    const Arguments& arguments = call.arguments;
    const auto key = read_order_key(call, amend::order_id, amend::original_id);
    if (!key) return key.error();
    const auto symbol = find_symbol(call, arguments.text(amend::symbol));
    if (!symbol) return symbol.error();
    const auto amended = call.server.core->amend(
        call.key->account, (*symbol)->rules.symbol, *key, read_client_order_id(arguments, amend::new_id),
        *arguments.decimal<domain::Quantity>(amend::quantity), call.now);
    if (!amended) return request_error(amended.error());
    write_amendment(*amended, call.out);
    return std::nullopt;
}

namespace history {
enum Index : std::size_t { symbol, order_id, from, limit };
constexpr std::array<ParamSpec, 4> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, true},
                                               {"fromExecutionId", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace history

std::optional<RequestError> do_amendments(Call& call) {
    const auto limit = read_limit(call, history::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(history::symbol));
    if (!symbol) return symbol.error();
    const auto found = call.server.core->amendments(call.key->account, (*symbol)->rules.symbol,
                                                    domain::OrderId{call.arguments.number(history::order_id)},
                                                    call.arguments.number_or(history::from, 0), *limit);
    if (!found) return request_error(found.error());
    call.out.begin_array();
    for (const AmendmentRecord& record : *found) write_amendment_record(record, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace prevented {
enum Index : std::size_t { symbol, match_id, order_id, from, limit };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"preventedMatchId", ParamKind::whole, false},
                                               {"orderId", ParamKind::whole, false},
                                               {"fromPreventedMatchId", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace prevented

std::optional<RequestError> do_prevented_matches(Call& call) {
    const Arguments& arguments = call.arguments;
    const auto limit = read_limit(call, prevented::limit, 500, 1000);
    if (!limit) return limit.error();
    // The list of supported combinations: by match alone, or by order, from a match on.
    const bool by_match = arguments.has(prevented::match_id);
    const bool by_order = arguments.has(prevented::order_id);
    const bool bounded = arguments.has(prevented::from) || arguments.has(prevented::limit);
    if (by_match == by_order || (by_match && bounded)) return errors::bad_combination();
    const auto symbol = find_symbol(call, arguments.text(prevented::symbol));
    if (!symbol) return symbol.error();
    PreventedQuery query;
    if (by_match) query.match_id = arguments.number(prevented::match_id);
    if (by_order) query.order_id = domain::OrderId{arguments.number(prevented::order_id)};
    query.from_id = arguments.number_or(prevented::from, 0);
    query.limit = *limit;
    const auto found = call.server.core->prevented_matches(call.key->account, (*symbol)->rules.symbol, query);
    if (!found) return request_error(found.error());
    call.out.begin_array();
    for (const PreventedRecord& record : *found) write_prevented_match(record, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace allocations {
enum Index : std::size_t { symbol, start, end, from, limit, order_id };
constexpr std::array<ParamSpec, 6> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"fromAllocationId", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false},
                                               {"orderId", ParamKind::whole, false}}};
}  // namespace allocations

// Allocations come from smart order routing, which is not offered: there are none.
std::optional<RequestError> do_allocations(Call& call) {
    const auto limit = read_limit(call, allocations::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(allocations::symbol));
    if (!symbol) return symbol.error();
    const bool by_time = call.arguments.has(allocations::start) || call.arguments.has(allocations::end);
    const bool by_id = call.arguments.has(allocations::from) || call.arguments.has(allocations::order_id);
    if (by_time && by_id) return errors::bad_combination();
    if (auto error = check_day(read_time(call, allocations::start), read_time(call, allocations::end)))
        return error;
    call.out.begin_array();
    call.out.end_array();
    return std::nullopt;
}

}  // namespace

Body amend_order() {
    return {amend::parameters, do_amend};
}
Body order_amendments() {
    return {history::parameters, do_amendments};
}
Body prevented_matches() {
    return {prevented::parameters, do_prevented_matches};
}
Body own_allocations() {
    return {allocations::parameters, do_allocations};
}

std::int64_t prevented_matches_weight(const ParameterList& parameters) {
    return parameters.find("orderId") != nullptr ? 20 : 2;
}

}  // namespace vigil::exchange::methods
