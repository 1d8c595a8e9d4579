#include "binance/rest_answers.h"

#include <limits>
#include <utility>

#include "binance/json_fields.h"
#include "binance/symbol_answers.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

/// A parser a thread: its buffers are reused, and nothing is shared.
base::Result<simdjson::dom::element> parse(std::string_view body, std::string_view what) {
    thread_local simdjson::dom::parser parser;
    simdjson::dom::element root;
    const simdjson::error_code failure = parser.parse(body.data(), body.size()).get(root);
    if (failure != simdjson::SUCCESS)
        return base::fail(ErrorKind::corrupt, std::string{what} + " is no JSON: " +
                                                  std::string{simdjson::error_message(failure)});
    return root;
}

base::Result<simdjson::dom::array> parse_array(std::string_view body, std::string_view what) {
    auto root = parse(body, what);
    if (!root) return base::fail(std::move(root.error()));
    simdjson::dom::array array;
    if (root->get_array().get(array) != simdjson::SUCCESS)
        return base::fail(ErrorKind::corrupt, std::string{what} + " is no array");
    return array;
}

domain::OrderView read_order(JsonFields& fields) {
    domain::OrderView view;
    view.symbol = fields.name<domain::Symbol>("symbol");
    view.order_id = domain::OrderId{fields.integer("orderId")};
    // In the answer to a cancel, clientOrderId is the cancel's own and origClientOrderId the order's.
    view.client_order_id = fields.name_or_empty<domain::ClientOrderId>(
        fields.has("origClientOrderId") ? "origClientOrderId" : "clientOrderId");
    const auto side = domain::parse_side(fields.text("side"));
    if (!side) fields.wrong("side", "is neither BUY nor SELL");
    view.side = side.value_or(domain::Side::buy);
    view.type = domain::parse_order_type(fields.text("type"));
    view.time_in_force = domain::parse_time_in_force(fields.text("timeInForce"));
    view.status = domain::parse_order_status(fields.text("status"));
    view.price = fields.decimal<domain::Price>("price");
    view.stop_price = fields.decimal_or_zero<domain::Price>("stopPrice");
    view.quantity = fields.decimal<domain::Quantity>("origQty");
    view.executed = fields.decimal<domain::Quantity>("executedQty");
    view.executed_quote = fields.decimal<domain::Amount>("cummulativeQuoteQty");
    const std::string_view updated = fields.has("updateTime") ? "updateTime" : "transactTime";
    view.updated = fields.time_ms(updated);
    view.created = fields.has("time") ? fields.time_ms("time") : view.updated;
    return view;
}

}  // namespace

std::optional<ApiError> parse_api_error(std::string_view body) {
    const auto root = parse(body, "error");
    if (!root) return std::nullopt;
    JsonFields fields{*root, "error"};
    const std::int64_t code = fields.integer("code");
    const std::string_view message = fields.text("msg");
    if (fields.error() || code < std::numeric_limits<int>::min() || code > std::numeric_limits<int>::max())
        return std::nullopt;
    return ApiError{static_cast<int>(code), std::string{message}};
}

base::Result<base::ExchangeTime> parse_server_time(std::string_view body) {
    const auto root = parse(body, "time");
    if (!root) return base::fail(root.error());
    JsonFields fields{*root, "time"};
    const std::int64_t value = fields.integer("serverTime");
    if (fields.error()) return base::fail(*fields.error());
    // Microseconds when they were asked for (X-MBX-TIME-UNIT), told apart by their size.
    constexpr std::int64_t least_us = 100'000'000'000'000;  // 1973 in microseconds, 5138 in milliseconds
    if (value <= 0) return base::fail(ErrorKind::corrupt, "time.serverTime is no time");
    return value >= least_us ? base::ExchangeTime{base::microseconds{value}} : base::exchange_time_ms(value);
}

base::Result<domain::ExchangeInfo> parse_exchange_info(std::string_view body) {
    const auto root = parse(body, "exchangeInfo");
    if (!root) return base::fail(root.error());
    return read_exchange_info(*root);
}

base::Result<domain::AccountSnapshot> parse_account(std::string_view body) {
    const auto root = parse(body, "account");
    if (!root) return base::fail(root.error());
    JsonFields fields{*root, "account"};
    domain::AccountSnapshot account;
    account.can_trade = fields.boolean("canTrade");
    account.uid = fields.integer_or("uid", 0);
    account.updated = fields.time_ms("updateTime");
    if (fields.has("commissionRates"))
        fields.object("commissionRates", [&account](JsonFields& rates) {
            account.maker_commission = rates.decimal<domain::Rate>("maker");
            account.taker_commission = rates.decimal<domain::Rate>("taker");
        });
    fields.objects("balances", [&account](JsonFields& balance) {
        account.balances.push_back({balance.name<domain::Asset>("asset"),
                                    balance.decimal<domain::Amount>("free"),
                                    balance.decimal<domain::Amount>("locked")});
    });
    if (fields.error()) return base::fail(*fields.error());
    return account;
}

base::Result<domain::KeyPermissions> parse_key_permissions(std::string_view body) {
    const auto root = parse(body, "apiRestrictions");
    if (!root) return base::fail(root.error());
    JsonFields fields{*root, "apiRestrictions"};
    domain::KeyPermissions permissions;
    permissions.reading = fields.boolean("enableReading");
    permissions.spot_trading = fields.boolean("enableSpotAndMarginTrading");
    permissions.withdrawals = fields.boolean("enableWithdrawals");
    permissions.ip_restricted = fields.boolean("ipRestrict");
    permissions.internal_transfer = fields.boolean_or("enableInternalTransfer", false);
    permissions.universal_transfer = fields.boolean_or("permitsUniversalTransfer", false);
    permissions.margin = fields.boolean_or("enableMargin", false);
    permissions.futures = fields.boolean_or("enableFutures", false);
    if (fields.has("createTime")) permissions.created = fields.time_ms("createTime");
    if (fields.has("tradingAuthorityExpirationTime"))
        permissions.trading_expires = fields.time_ms("tradingAuthorityExpirationTime");
    if (fields.error()) return base::fail(*fields.error());
    return permissions;
}

base::Result<domain::OrderView> parse_order(std::string_view body) {
    const auto root = parse(body, "order");
    if (!root) return base::fail(root.error());
    JsonFields fields{*root, "order"};
    domain::OrderView view = read_order(fields);
    if (fields.error()) return base::fail(*fields.error());
    return view;
}

base::Result<std::vector<domain::OrderView>> parse_orders(std::string_view body) {
    const auto array = parse_array(body, "orders");
    if (!array) return base::fail(array.error());
    std::vector<domain::OrderView> views;
    for (const simdjson::dom::element each : *array) {
        JsonFields fields{each, "orders"};
        views.push_back(read_order(fields));
        if (fields.error()) return base::fail(*fields.error());
    }
    return views;
}

base::Result<std::vector<domain::Fill>> parse_fills(std::string_view body) {
    const auto array = parse_array(body, "myTrades");
    if (!array) return base::fail(array.error());
    std::vector<domain::Fill> fills;
    for (const simdjson::dom::element each : *array) {
        JsonFields fields{each, "myTrades"};
        domain::Fill fill;
        fill.trade_id = domain::TradeId{fields.integer("id")};
        fill.order_id = domain::OrderId{fields.integer("orderId")};
        fill.price = fields.decimal<domain::Price>("price");
        fill.quantity = fields.decimal<domain::Quantity>("qty");
        fill.quote_quantity = fields.decimal<domain::Amount>("quoteQty");
        fill.commission = fields.decimal<domain::Amount>("commission");
        fill.commission_asset = fields.name<domain::Asset>("commissionAsset");
        fill.is_maker = fields.boolean("isMaker");
        fill.side = fields.boolean("isBuyer") ? domain::Side::buy : domain::Side::sell;
        fill.time = fields.time_ms("time");
        if (fields.error()) return base::fail(*fields.error());
        fills.push_back(fill);
    }
    return fills;
}

}  // namespace vigil::binance
