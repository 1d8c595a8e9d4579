#include "binance/symbol_answers.h"

#include <utility>

namespace vigil::binance {

namespace {

domain::RateLimitType rate_limit_type(std::string_view word) {
    if (word == "REQUEST_WEIGHT") return domain::RateLimitType::request_weight;
    if (word == "RAW_REQUESTS") return domain::RateLimitType::raw_requests;
    if (word == "ORDERS") return domain::RateLimitType::orders;
    if (word == "CONNECTIONS") return domain::RateLimitType::connections;
    return domain::RateLimitType::unknown;
}

/// enums.md, "Rate limit intervals". Zero: unheard of.
base::seconds interval(std::string_view word) {
    if (word == "SECOND") return base::seconds{1};
    if (word == "MINUTE") return base::seconds{60};
    if (word == "HOUR") return base::seconds{3600};
    if (word == "DAY") return base::seconds{86400};
    return base::seconds{0};
}

domain::LotSize read_lot(JsonFields& f) {
    return {f.decimal<domain::Quantity>("minQty"), f.decimal<domain::Quantity>("maxQty"),
            f.decimal<domain::Quantity>("stepSize")};
}

/// One filter of filters.md into the rules.
void read_filter(JsonFields& f, domain::SymbolRules& rules) {
    const std::string_view type = f.text("filterType");
    if (type == "PRICE_FILTER") {
        rules.price =
            domain::PriceFilter{f.decimal<domain::Price>("minPrice"), f.decimal<domain::Price>("maxPrice"),
                                f.decimal<domain::Price>("tickSize")};
    } else if (type == "LOT_SIZE") {
        rules.lot = read_lot(f);
    } else if (type == "MARKET_LOT_SIZE") {
        rules.market_lot = read_lot(f);
    } else if (type == "MIN_NOTIONAL") {
        domain::NotionalFilter notional;
        notional.is_min_notional = true;
        notional.min = f.decimal<domain::Amount>("minNotional");
        notional.min_applies_to_market = f.boolean("applyToMarket");
        notional.average_minutes = static_cast<int>(f.integer("avgPriceMins"));
        rules.notional = notional;
    } else if (type == "NOTIONAL") {
        domain::NotionalFilter notional;
        notional.min = f.decimal<domain::Amount>("minNotional");
        notional.max = f.decimal<domain::Amount>("maxNotional");
        notional.min_applies_to_market = f.boolean("applyMinToMarket");
        notional.max_applies_to_market = f.boolean("applyMaxToMarket");
        notional.average_minutes = static_cast<int>(f.integer("avgPriceMins"));
        rules.notional = notional;
    } else if (type == "PERCENT_PRICE") {
        const auto up = f.decimal<domain::Rate>("multiplierUp");
        const auto down = f.decimal<domain::Rate>("multiplierDown");
        rules.percent_price =
            domain::PercentPrice{up, down, up, down, static_cast<int>(f.integer("avgPriceMins")), false};
    } else if (type == "PERCENT_PRICE_BY_SIDE") {
        rules.percent_price = domain::PercentPrice{
            f.decimal<domain::Rate>("bidMultiplierUp"),  f.decimal<domain::Rate>("bidMultiplierDown"),
            f.decimal<domain::Rate>("askMultiplierUp"),  f.decimal<domain::Rate>("askMultiplierDown"),
            static_cast<int>(f.integer("avgPriceMins")), true};
    } else if (type == "TRAILING_DELTA") {
        rules.trailing_delta =
            domain::TrailingDelta{f.integer("minTrailingAboveDelta"), f.integer("maxTrailingAboveDelta"),
                                  f.integer("minTrailingBelowDelta"), f.integer("maxTrailingBelowDelta")};
    } else if (type == "ICEBERG_PARTS") {
        rules.iceberg_parts_max = f.integer("limit");
    } else if (type == "MAX_NUM_ORDERS") {
        rules.orders_max = f.integer(f.has("maxNumOrders") ? "maxNumOrders" : "limit");
    } else if (type == "MAX_NUM_ALGO_ORDERS") {
        rules.algo_orders_max = f.integer("maxNumAlgoOrders");
    } else if (type == "MAX_NUM_ICEBERG_ORDERS") {
        rules.iceberg_orders_max = f.integer("maxNumIcebergOrders");
    } else if (type == "MAX_NUM_ORDER_LISTS") {
        rules.order_lists_max = f.integer("maxNumOrderLists");
    } else if (type == "MAX_NUM_ORDER_AMENDS") {
        rules.amends_max = f.integer("maxNumOrderAmends");
    } else if (type == "MAX_POSITION") {
        rules.position_max = f.decimal<domain::Quantity>("maxPosition");
    } else {
        rules.unknown_filters.emplace_back(type);
    }
}

domain::SymbolRules read_symbol(JsonFields& fields) {
    domain::SymbolRules rules;
    rules.symbol = fields.name<domain::Symbol>("symbol");
    rules.base = fields.name<domain::Asset>("baseAsset");
    rules.quote = fields.name<domain::Asset>("quoteAsset");
    rules.status = domain::parse_symbol_status(fields.text("status"));
    rules.base_precision = static_cast<int>(fields.integer("baseAssetPrecision"));
    rules.quote_precision = static_cast<int>(
        fields.integer(fields.has("quoteAssetPrecision") ? "quoteAssetPrecision" : "quotePrecision"));
    rules.quote_order_quantity_allowed = fields.boolean_or("quoteOrderQtyMarketAllowed", false);
    rules.spot_trading_allowed = fields.boolean_or("isSpotTradingAllowed", true);
    fields.each("orderTypes", [&rules](simdjson::dom::element each) {
        std::string_view word;
        if (each.get_string().get(word) == simdjson::SUCCESS)
            rules.order_types.push_back(domain::parse_order_type(word));
    });
    fields.objects("filters", [&rules](JsonFields& filter) { read_filter(filter, rules); });
    return rules;
}

}  // namespace

base::Result<domain::ExchangeInfo> read_exchange_info(simdjson::dom::element root) {
    JsonFields fields{root, "exchangeInfo"};
    domain::ExchangeInfo info;
    info.server_time = fields.time_ms("serverTime");
    fields.objects("rateLimits", [&info](JsonFields& limit) {
        const domain::RateLimitType type = rate_limit_type(limit.text("rateLimitType"));
        const base::seconds unit = interval(limit.text("interval"));
        const std::int64_t count = limit.integer("intervalNum");
        const std::int64_t most = limit.integer("limit");
        if (count <= 0 || count > 1000 || most < 0) limit.wrong("intervalNum", "is out of range");
        // A limit of an interval unheard of cannot be kept; the ones that are known can.
        if (unit.count() > 0) info.rate_limits.push_back({type, unit * count, most});
    });
    fields.objects("symbols", [&info](JsonFields& symbol) { info.symbols.push_back(read_symbol(symbol)); });
    if (fields.error()) return base::fail(*fields.error());
    return info;
}

}  // namespace vigil::binance
