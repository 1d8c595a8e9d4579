#include <array>

#include "exchange/server_dispatch.h"
#include "exchange/server_methods.h"
#include "exchange/server_order_reader.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace one_order {
enum Index : std::size_t { symbol, order_id, original_id };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, false},
                                               {"origClientOrderId", ParamKind::client_order_id, false}}};
}  // namespace one_order

std::optional<RequestError> do_order_status(Call& call) {
    const Arguments& arguments = call.arguments;
    const auto key = read_order_key(call, one_order::order_id, one_order::original_id);
    if (!key) return key.error();
    const auto symbol = find_symbol(call, arguments.text(one_order::symbol));
    if (!symbol) return symbol.error();
    const auto order = call.server.core->order(call.key->account, (*symbol)->rules.symbol, *key);
    if (!order) return request_error(order.error());
    write_order(*order, call.out);
    return std::nullopt;
}

namespace open {
enum Index : std::size_t { symbol };
constexpr std::array<ParamSpec, 1> parameters{{{"symbol", ParamKind::symbol, false}}};
}  // namespace open

std::optional<RequestError> do_open_orders(Call& call) {
    std::optional<domain::Symbol> wanted;
    if (call.arguments.has(open::symbol)) {
        const auto symbol = find_symbol(call, call.arguments.text(open::symbol));
        if (!symbol) return symbol.error();
        wanted = (*symbol)->rules.symbol;
    }
    const auto orders = call.server.core->open_orders(call.key->account, wanted);
    if (!orders) return request_error(orders.error());
    call.out.begin_array();
    for (const OrderRecord& order : *orders) write_order(order, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace history {
enum Index : std::size_t { symbol, order_id, start, end, limit };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, false},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace history

std::optional<RequestError> do_all_orders(Call& call) {
    const auto limit = read_limit(call, history::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(history::symbol));
    if (!symbol) return symbol.error();
    OrdersQuery query;
    if (call.arguments.has(history::order_id))
        query.from_id = domain::OrderId{call.arguments.number(history::order_id)};
    query.start = read_time(call, history::start);
    query.end = read_time(call, history::end);
    query.limit = *limit;
    if (auto error = check_day(query.start, query.end)) return error;
    const auto orders = call.server.core->all_orders(call.key->account, (*symbol)->rules.symbol, query);
    if (!orders) return request_error(orders.error());
    call.out.begin_array();
    for (const OrderRecord& order : *orders) write_order(order, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace fills {
enum Index : std::size_t { symbol, order_id, start, end, from_id, limit };
constexpr std::array<ParamSpec, 6> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"orderId", ParamKind::whole, false},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"fromId", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace fills

std::optional<RequestError> do_own_trades(Call& call) {
    const Arguments& arguments = call.arguments;
    const auto limit = read_limit(call, fills::limit, 500, 1000);
    if (!limit) return limit.error();
    // The list of supported combinations: orderId and fromId go together, times stand alone.
    const bool by_id = arguments.has(fills::order_id) || arguments.has(fills::from_id);
    if (by_id && (arguments.has(fills::start) || arguments.has(fills::end))) return errors::bad_combination();
    const auto symbol = find_symbol(call, arguments.text(fills::symbol));
    if (!symbol) return symbol.error();
    TradesQuery query;
    if (arguments.has(fills::order_id)) query.order_id = domain::OrderId{arguments.number(fills::order_id)};
    if (arguments.has(fills::from_id)) query.from_id = domain::TradeId{arguments.number(fills::from_id)};
    query.start = read_time(call, fills::start);
    query.end = read_time(call, fills::end);
    query.limit = *limit;
    if (auto error = check_day(query.start, query.end)) return error;
    const auto trades = call.server.core->own_trades(call.key->account, (*symbol)->rules.symbol, query);
    if (!trades) return request_error(trades.error());
    call.out.begin_array();
    for (const FillRecord& fill : *trades) write_own_trade(fill, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace account {
enum Index : std::size_t { omit_zero };
constexpr std::array<ParamSpec, 1> parameters{{{"omitZeroBalances", ParamKind::boolean, false}}};

// makerCommission and its like: basis points.
std::int64_t basis_points(domain::Rate rate) {
    return rate.raw() / (domain::decimal_scale / 10'000);
}
}  // namespace account

std::optional<RequestError> do_account(Call& call) {
    const AccountView view = call.server.core->account(call.key->account);
    const CommissionRates& rates = view.commission.standard;
    const bool omit_zero = call.arguments.flag(account::omit_zero, false);
    JsonWriter& out = call.out;
    out.begin_object();
    out.key("makerCommission").integer(account::basis_points(rates.maker));
    out.key("takerCommission").integer(account::basis_points(rates.taker));
    out.key("buyerCommission").integer(account::basis_points(rates.buyer));
    out.key("sellerCommission").integer(account::basis_points(rates.seller));
    out.key("commissionRates");
    write_rates(rates, out);
    out.key("canTrade").boolean(view.can_trade);
    out.key("canWithdraw").boolean(true);
    out.key("canDeposit").boolean(true);
    out.key("brokered").boolean(false);
    out.key("requireSelfTradePrevention").boolean(view.require_self_trade_prevention);
    out.key("preventSor").boolean(false);
    out.key("updateTime").time(view.updated);
    out.key("accountType").word("SPOT");
    out.key("balances").begin_array();
    for (const domain::Balance& balance : view.balances) {
        if (omit_zero && balance.free.is_zero() && balance.locked.is_zero()) continue;
        out.begin_object();
        out.key("asset").text(balance.asset.view());
        out.key("free").decimal(balance.free);
        out.key("locked").decimal(balance.locked);
        out.end_object();
    }
    out.end_array();
    out.key("permissions").begin_array().word("SPOT").end_array();
    out.key("uid").integer(view.uid);
    out.end_object();
    return std::nullopt;
}

namespace commission {
enum Index : std::size_t { symbol };
constexpr std::array<ParamSpec, 1> parameters{{{"symbol", ParamKind::symbol, true}}};
}  // namespace commission

std::optional<RequestError> do_commission(Call& call) {
    const auto symbol = find_symbol(call, call.arguments.text(commission::symbol));
    if (!symbol) return symbol.error();
    const auto schedule = call.server.core->commission(call.key->account, (*symbol)->rules.symbol);
    if (!schedule) return request_error(schedule.error());
    call.out.begin_object();
    call.out.key("symbol").text((*symbol)->rules.symbol.view());
    call.out.key("standardCommission");
    write_rates(schedule->standard, call.out);
    call.out.key("specialCommission");
    write_rates(schedule->special, call.out);
    call.out.key("taxCommission");
    write_rates(schedule->tax, call.out);
    call.out.key("discount");
    write_discount(*schedule, call.out);
    call.out.end_object();
    return std::nullopt;
}

namespace filters {
enum Index : std::size_t { symbol };
constexpr std::array<ParamSpec, 1> parameters{{{"symbol", ParamKind::symbol, true}}};
}  // namespace filters

std::optional<RequestError> do_own_filters(Call& call) {
    const auto symbol = find_symbol(call, call.arguments.text(filters::symbol));
    if (!symbol) return symbol.error();
    const domain::SymbolRules& rules = (*symbol)->rules;
    const AccountView view = call.server.core->account(call.key->account);
    JsonWriter& out = call.out;
    out.begin_object();
    out.key("exchangeFilters").begin_array();
    write_exchange_filters(call.server.core_options, out);
    out.end_array();
    out.key("symbolFilters").begin_array();
    for (const std::string& filter : (*symbol)->filters) out.raw(filter);
    out.end_array();
    out.key("assetFilters").begin_array();
    for (const domain::Asset& asset : {rules.base, rules.quote}) {
        const auto limit = view.asset_limits.find(asset);
        if (limit == view.asset_limits.end()) continue;
        out.begin_object().key("filterType").word("MAX_ASSET");
        out.key("asset").text(asset.view());
        out.key("limit").decimal(limit->second).end_object();
    }
    out.end_array();
    out.end_object();
    return std::nullopt;
}

std::optional<RequestError> do_order_rate_limits(Call& call) {
    write_rate_limits(call.server, {}, call.key->account, false, call.now + call.out.times().shift, call.out);
    return std::nullopt;
}

std::optional<RequestError> do_key_restrictions(Call& call) {
    const domain::KeyPermissions& permissions = call.key->permissions;
    JsonWriter& out = call.out;
    out.begin_object();
    out.key("ipRestrict").boolean(permissions.ip_restricted);
    if (permissions.created) out.key("createTime").time(*permissions.created);
    out.key("enableReading").boolean(permissions.reading);
    out.key("enableSpotAndMarginTrading").boolean(permissions.spot_trading);
    out.key("enableWithdrawals").boolean(permissions.withdrawals);
    out.key("enableInternalTransfer").boolean(permissions.internal_transfer);
    out.key("enableMargin").boolean(permissions.margin);
    out.key("enableFutures").boolean(permissions.futures);
    out.key("permitsUniversalTransfer").boolean(permissions.universal_transfer);
    out.key("enableVanillaOptions").boolean(false);
    out.key("enableFixApiTrade").boolean(false);
    out.key("enableFixReadOnly").boolean(false);
    out.key("enablePortfolioMarginTrading").boolean(false);
    if (permissions.trading_expires)
        out.key("tradingAuthorityExpirationTime").time(*permissions.trading_expires);
    out.end_object();
    return std::nullopt;
}

}  // namespace

std::optional<RequestError> check_day(std::optional<base::ExchangeTime> start,
                                      std::optional<base::ExchangeTime> end) {
    constexpr base::microseconds longest = base::seconds{24 * 3600};
    if (start && end && *end > *start && *end - *start > longest) return errors::window_too_wide(24);
    return std::nullopt;
}

Body order_status() {
    return {one_order::parameters, do_order_status};
}
Body open_orders() {
    return {open::parameters, do_open_orders};
}
Body all_orders() {
    return {history::parameters, do_all_orders};
}
Body own_trades() {
    return {fills::parameters, do_own_trades};
}
Body account_status() {
    return {account::parameters, do_account};
}
Body account_commission() {
    return {commission::parameters, do_commission};
}
Body own_filters() {
    return {filters::parameters, do_own_filters};
}
Body order_rate_limits() {
    return {{}, do_order_rate_limits};
}
Body key_restrictions() {
    return {{}, do_key_restrictions};
}

std::int64_t open_orders_weight(const ParameterList& parameters) {
    return parameters.find("symbol") != nullptr ? 6 : 80;
}
std::int64_t own_trades_weight(const ParameterList& parameters) {
    return parameters.find("orderId") != nullptr ? 5 : 20;
}

}  // namespace vigil::exchange::methods
