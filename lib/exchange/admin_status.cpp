// GET /status: what the exchange holds and what was asked of it, for tests and for people.
#include <algorithm>
#include <map>

#include "exchange/admin.h"
#include "exchange/server_call.h"
#include "exchange/server_json.h"
#include "exchange/server_render.h"

namespace vigil::exchange {

namespace {

/// More than the core keeps of one account and symbol.
constexpr std::size_t history_max = 1'000'000;

void write_requests(const ServerCounters& counters, JsonWriter& out) {
    out.key("requests").begin_object();
    for (const MethodSpec& method : all_methods()) {
        const MethodCount& count = counters.by_method[index_of(method)];
        if (count.rest + count.websocket == 0) continue;
        out.key(method.name).begin_object();
        out.key("rest").integer(static_cast<std::int64_t>(count.rest));
        out.key("websocket").integer(static_cast<std::int64_t>(count.websocket));
        out.key("failed").integer(static_cast<std::int64_t>(count.failed));
        out.key("dropped").integer(static_cast<std::int64_t>(count.dropped));
        out.end_object();
    }
    out.end_object();
}

void write_counters(const ServerCounters& counters, JsonWriter& out) {
    const auto write = [&out](std::string_view name, std::uint64_t value) {
        out.key(name).integer(static_cast<std::int64_t>(value));
    };
    out.key("counters").begin_object();
    write("orders_accepted", counters.orders_accepted);
    write("orders_rejected", counters.orders_rejected);
    write("cancels_accepted", counters.cancels_accepted);
    write("user_events", counters.user_events);
    write("market_messages", counters.market_messages);
    write("unknown_routes", counters.unknown_routes);
    write("invalid_json", counters.invalid_json);
    write("weight_peak", counters.weight_peak);
    out.end_object();
    out.key("errors").begin_object();
    const std::map<int, std::uint64_t> sorted{counters.errors.begin(), counters.errors.end()};
    for (const auto& [code, count] : sorted) write(std::to_string(code), count);
    out.end_object();
}

void write_balances(const AccountView& view, JsonWriter& out) {
    out.key("balances").begin_object();
    for (const domain::Balance& balance : view.balances) {
        if (balance.free.is_zero() && balance.locked.is_zero()) continue;
        out.key(balance.asset.view()).begin_object();
        out.key("free").decimal(balance.free);
        out.key("locked").decimal(balance.locked);
        out.end_object();
    }
    out.end_object();
}

// All orders of one account that the core still keeps, and how often each client order id was accepted: an
// order that was sent twice shows here, and nowhere else so plainly.
void write_orders(const ExchangeCore& core, AccountId account, std::size_t orders_max, JsonWriter& out) {
    std::map<std::string, std::int64_t> accepted;
    std::int64_t open = 0;
    std::int64_t fills = 0;
    out.key("orders").begin_array();
    for (const SymbolSpec* symbol : core.symbols()) {
        OrdersQuery query;
        query.limit = history_max;
        const auto orders = core.all_orders(account, symbol->rules.symbol, query);
        if (!orders) continue;
        const std::size_t first = orders->size() > orders_max ? orders->size() - orders_max : 0;
        for (std::size_t i = 0; i < orders->size(); ++i) {
            const OrderRecord& order = (*orders)[i];
            ++accepted[order.client_order_id.str()];
            if (order.is_open()) ++open;
            if (i >= first) write_order(order, out);
        }
        TradesQuery trades;
        trades.limit = history_max;
        const auto own = core.own_trades(account, symbol->rules.symbol, trades);
        if (own) fills += static_cast<std::int64_t>(own->size());
    }
    out.end_array();
    out.key("open_orders").integer(open);
    out.key("fills").integer(fills);
    out.key("accepted_by_client_order_id").begin_object();
    for (const auto& [id, count] : accepted) out.key(id).integer(count);
    out.end_object();
}

void write_totals(const ExchangeCore& core, JsonWriter& out) {
    out.key("totals").begin_object();
    for (const AssetTotals& total : core.totals()) {
        out.key(total.asset.view()).begin_object();
        out.key("deposited").decimal(total.deposited);
        out.key("accounts").decimal(total.accounts);
        out.key("fees").decimal(total.fees);
        out.key("outside").decimal(total.outside);
        out.end_object();
    }
    out.end_object();
}

}  // namespace

std::string status_json(const AdminTargets& targets, base::MonotonicTime started, std::size_t orders_max) {
    const ServerState& state = targets.state;
    const ExchangeCore& core = *state.core;
    std::string text;
    JsonWriter out{text, TimeFormat{TimeUnit::millisecond, state.clock.shift()}};
    out.begin_object();
    out.key("server_time").boundary(state.clock.shown());
    out.key("uptime_ms")
        .integer(std::chrono::duration_cast<base::milliseconds>(state.clock.monotonic() - started).count());
    out.key("market").begin_object();
    out.key("paused").boolean(state.clock.paused());
    out.key("feeds_running").boolean(core.feeds_running());
    out.key("notices").begin_array();
    for (const std::string& notice : targets.notices) out.text(notice);
    out.end_array();
    out.end_object();
    out.key("connections").begin_object();
    out.key("streams").integer(static_cast<std::int64_t>(targets.streams.connections()));
    out.key("stream_subscriptions").integer(static_cast<std::int64_t>(targets.streams.subscriptions()));
    out.key("ws_api").integer(static_cast<std::int64_t>(targets.api.connections()));
    out.key("user_data_subscriptions").integer(static_cast<std::int64_t>(targets.api.subscriptions()));
    out.end_object();
    write_requests(state.counters, out);
    write_counters(state.counters, out);
    out.key("accounts").begin_array();
    for (const OpenedAccount& opened : targets.accounts) {
        const AccountView view = core.account(opened.account);
        out.begin_object();
        out.key("label").text(view.label);
        out.key("uid").integer(view.uid);
        write_balances(view, out);
        write_orders(core, opened.account, orders_max, out);
        const base::ExchangeTime now = state.clock.shown();
        out.key("unfilled_orders_10s").integer(state.limits.orders_in_ten_seconds(opened.account.value, now));
        out.key("unfilled_orders_1d").integer(state.limits.orders_in_day(opened.account.value, now));
        out.end_object();
    }
    out.end_array();
    write_totals(core, out);
    out.end_object();
    return text;
}

}  // namespace vigil::exchange
