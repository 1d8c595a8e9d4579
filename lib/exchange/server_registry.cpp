// The table of all methods: routes, security, weights. rest-api.md and web-socket-api.md give each line.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "exchange/server_call.h"
#include "exchange/server_methods.h"

namespace vigil::exchange {

namespace {

struct Cost {
    std::int64_t weight{1};
    WeightRule rule{nullptr};
    bool free_when_successful{false};
};

struct Rest {
    std::string_view verb;
    std::string_view path;
};

MethodSpec both(std::string_view name, Rest rest, Security security, Cost cost, methods::Body body) {
    MethodSpec spec;
    spec.name = name;
    spec.verb = rest.verb;
    spec.path = rest.path;
    spec.security = security;
    spec.weight = cost.weight;
    spec.weight_rule = cost.rule;
    spec.free_when_successful = cost.free_when_successful;
    spec.parameters = body.parameters;
    spec.handler = body.handler;
    return spec;
}

MethodSpec websocket_only(std::string_view name, Security security, Cost cost, methods::Body body,
                          bool wants_explicit_key = false) {
    MethodSpec spec = both(name, {}, security, cost, body);
    spec.wants_explicit_key = wants_explicit_key;
    return spec;
}

MethodSpec rest_only(std::string_view name, Rest rest, Security security, Cost cost, methods::Body body) {
    MethodSpec spec = both(name, rest, security, cost, body);
    spec.on_websocket = false;
    if (rest.path.starts_with("/sapi/")) spec.pool = WeightPool::sapi;
    return spec;
}

const auto& table() {
    using enum Security;
    static const std::array methods_table{
        both("ping", {"GET", "/api/v3/ping"}, none, {1}, methods::ping()),
        both("time", {"GET", "/api/v3/time"}, none, {1}, methods::time()),
        both("exchangeInfo", {"GET", "/api/v3/exchangeInfo"}, none, {20}, methods::exchange_info()),

        both("depth", {"GET", "/api/v3/depth"}, none, {5, methods::depth_weight}, methods::depth()),
        both("trades.recent", {"GET", "/api/v3/trades"}, none, {25}, methods::trades()),
        both("trades.historical", {"GET", "/api/v3/historicalTrades"}, none, {25},
             methods::historical_trades()),
        both("blockTrades.historical", {"GET", "/api/v3/historicalBlockTrades"}, none, {25},
             methods::block_trades()),
        both("trades.aggregate", {"GET", "/api/v3/aggTrades"}, none, {4}, methods::agg_trades()),
        both("klines", {"GET", "/api/v3/klines"}, none, {2}, methods::klines()),
        both("uiKlines", {"GET", "/api/v3/uiKlines"}, none, {2}, methods::klines()),
        both("avgPrice", {"GET", "/api/v3/avgPrice"}, none, {2}, methods::average_price()),
        both("ticker.24hr", {"GET", "/api/v3/ticker/24hr"}, none, {2, methods::day_ticker_weight},
             methods::day_ticker()),
        both("ticker.tradingDay", {"GET", "/api/v3/ticker/tradingDay"}, none,
             {4, methods::window_ticker_weight}, methods::trading_day_ticker()),
        both("ticker", {"GET", "/api/v3/ticker"}, none, {4, methods::window_ticker_weight},
             methods::window_ticker()),
        both("ticker.price", {"GET", "/api/v3/ticker/price"}, none, {2, methods::ticker_weight},
             methods::price_ticker()),
        both("ticker.book", {"GET", "/api/v3/ticker/bookTicker"}, none, {2, methods::ticker_weight},
             methods::book_ticker()),
        both("executionRules", {"GET", "/api/v3/executionRules"}, none, {2, methods::execution_rules_weight},
             methods::execution_rules()),
        both("referencePrice", {"GET", "/api/v3/referencePrice"}, none, {2}, methods::reference_price()),
        both("referencePrice.calculation", {"GET", "/api/v3/referencePrice/calculation"}, none, {2},
             methods::reference_price_calculation()),

        both("order.place", {"POST", "/api/v3/order"}, trade, {1, nullptr, true}, methods::place_order()),
        both("order.test", {"POST", "/api/v3/order/test"}, trade, {1, methods::test_order_weight},
             methods::test_order()),
        both("order.cancelReplace", {"POST", "/api/v3/order/cancelReplace"}, trade, {1, nullptr, true},
             methods::replace_order()),
        both("order.amend.keepPriority", {"PUT", "/api/v3/order/amend/keepPriority"}, trade,
             {4, nullptr, true}, methods::amend_order()),
        both("order.cancel", {"DELETE", "/api/v3/order"}, trade, {1, nullptr, true}, methods::cancel_order()),
        both("openOrders.cancelAll", {"DELETE", "/api/v3/openOrders"}, trade, {1, nullptr, true},
             methods::cancel_open_orders()),

        both("orderList.place", {"POST", "/api/v3/order/oco"}, trade, {1, nullptr, true},
             methods::place_old_oco()),
        both("orderList.place.oco", {"POST", "/api/v3/orderList/oco"}, trade, {1, nullptr, true},
             methods::place_oco()),
        both("orderList.place.oto", {"POST", "/api/v3/orderList/oto"}, trade, {1, nullptr, true},
             methods::place_oto()),
        both("orderList.place.otoco", {"POST", "/api/v3/orderList/otoco"}, trade, {1, nullptr, true},
             methods::place_otoco()),
        both("orderList.place.opo", {"POST", "/api/v3/orderList/opo"}, trade, {1, nullptr, true},
             methods::place_opo()),
        both("orderList.place.opoco", {"POST", "/api/v3/orderList/opoco"}, trade, {1, nullptr, true},
             methods::place_opoco()),
        both("orderList.cancel", {"DELETE", "/api/v3/orderList"}, trade, {1, nullptr, true},
             methods::cancel_order_list()),

        both("orderList.status", {"GET", "/api/v3/orderList"}, user_data, {4}, methods::order_list_status()),
        both("openOrderLists.status", {"GET", "/api/v3/openOrderList"}, user_data, {6},
             methods::open_order_lists()),
        both("allOrderLists", {"GET", "/api/v3/allOrderList"}, user_data, {20}, methods::all_order_lists()),
        both("order.status", {"GET", "/api/v3/order"}, user_data, {4}, methods::order_status()),
        both("openOrders.status", {"GET", "/api/v3/openOrders"}, user_data, {6, methods::open_orders_weight},
             methods::open_orders()),
        both("allOrders", {"GET", "/api/v3/allOrders"}, user_data, {20}, methods::all_orders()),
        both("myTrades", {"GET", "/api/v3/myTrades"}, user_data, {20, methods::own_trades_weight},
             methods::own_trades()),
        both("myPreventedMatches", {"GET", "/api/v3/myPreventedMatches"}, user_data,
             {2, methods::prevented_matches_weight}, methods::prevented_matches()),
        both("myAllocations", {"GET", "/api/v3/myAllocations"}, user_data, {20}, methods::own_allocations()),
        both("order.amendments", {"GET", "/api/v3/order/amendments"}, user_data, {4},
             methods::order_amendments()),
        both("account.status", {"GET", "/api/v3/account"}, user_data, {20}, methods::account_status()),
        both("account.commission", {"GET", "/api/v3/account/commission"}, user_data, {20},
             methods::account_commission()),
        both("myFilters", {"GET", "/api/v3/myFilters"}, user_data, {40}, methods::own_filters()),
        both("account.rateLimits.orders", {"GET", "/api/v3/rateLimit/order"}, user_data, {40},
             methods::order_rate_limits()),
        rest_only("apiRestrictions", {"GET", "/sapi/v1/account/apiRestrictions"}, user_data, {1},
                  methods::key_restrictions()),

        websocket_only("session.logon", user_stream, {2}, methods::session_logon(), true),
        websocket_only("session.status", none, {2}, methods::session_status()),
        websocket_only("session.logout", none, {2}, methods::session_logout()),
        websocket_only("session.subscriptions", none, {2}, methods::session_subscriptions()),
        websocket_only("userDataStream.subscribe", none, {2}, methods::user_stream_subscribe()),
        websocket_only("userDataStream.subscribe.signature", user_stream, {2},
                       methods::user_stream_subscribe_signature(), true),
        websocket_only("userDataStream.unsubscribe", none, {2}, methods::user_stream_unsubscribe()),
    };
    return methods_table;
}

using ByName = std::unordered_map<std::string_view, const MethodSpec*>;

const ByName& websocket_methods() {
    static const ByName map = [] {
        ByName made;
        for (const MethodSpec& method : all_methods()) {
            if (method.on_websocket) made.emplace(method.name, &method);
        }
        return made;
    }();
    return map;
}

}  // namespace

std::span<const MethodSpec> all_methods() {
    return table();
}

std::size_t index_of(const MethodSpec& method) {
    const auto methods = all_methods();
    const auto index = static_cast<std::size_t>(&method - methods.data());
    base::check(index < methods.size(), "a method is one of the table's");
    return index;
}

const MethodSpec* find_rest_method(std::string_view verb, std::string_view path) {
    for (const MethodSpec& method : all_methods()) {
        if (method.path == path && method.verb == verb) return &method;
    }
    return nullptr;
}

bool is_rest_path(std::string_view path) {
    return std::any_of(all_methods().begin(), all_methods().end(),
                       [path](const MethodSpec& method) { return method.path == path && !path.empty(); });
}

const MethodSpec* find_websocket_method(std::string_view name) {
    if (name.starts_with("v3/")) name.remove_prefix(3);
    const auto found = websocket_methods().find(name);
    return found == websocket_methods().end() ? nullptr : found->second;
}

}  // namespace vigil::exchange
