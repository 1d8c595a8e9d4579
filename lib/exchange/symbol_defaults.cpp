// Symbols that need no file: a table of the production filters of August 2025, and made-up ones for symbols
// that only a recording knows. Both are written as an exchangeInfo answer and read like one, so that what is
// shown is what is enforced.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "exchange/symbol_spec.h"

namespace vigil::exchange {

using nlohmann::json;

namespace {

struct Row {
    std::string base;
    std::string quote;
    std::string tick;
    std::string price_max;
    std::string step;
    std::string quantity_max;
    std::string market_quantity_max;
    std::string notional_min;
    std::string reference_price;
};

/// What production says, less what is not simulated: pegged orders are not offered.
json symbol_object(const Row& row) {
    json filters = json::array();
    filters.push_back({{"filterType", "PRICE_FILTER"},
                       {"minPrice", row.tick},
                       {"maxPrice", row.price_max},
                       {"tickSize", row.tick}});
    filters.push_back({{"filterType", "LOT_SIZE"},
                       {"minQty", row.step},
                       {"maxQty", row.quantity_max},
                       {"stepSize", row.step}});
    filters.push_back({{"filterType", "ICEBERG_PARTS"}, {"limit", 10}});
    filters.push_back({{"filterType", "MARKET_LOT_SIZE"},
                       {"minQty", "0.00000000"},
                       {"maxQty", row.market_quantity_max},
                       {"stepSize", "0.00000000"}});
    filters.push_back({{"filterType", "TRAILING_DELTA"},
                       {"minTrailingAboveDelta", 10},
                       {"maxTrailingAboveDelta", 2000},
                       {"minTrailingBelowDelta", 10},
                       {"maxTrailingBelowDelta", 2000}});
    filters.push_back({{"filterType", "PERCENT_PRICE_BY_SIDE"},
                       {"bidMultiplierUp", "5"},
                       {"bidMultiplierDown", "0.2"},
                       {"askMultiplierUp", "5"},
                       {"askMultiplierDown", "0.2"},
                       {"avgPriceMins", 5}});
    filters.push_back({{"filterType", "NOTIONAL"},
                       {"minNotional", row.notional_min},
                       {"applyMinToMarket", true},
                       {"maxNotional", "9000000.00000000"},
                       {"applyMaxToMarket", false},
                       {"avgPriceMins", 5}});
    filters.push_back({{"filterType", "MAX_NUM_ORDERS"}, {"maxNumOrders", 200}});
    filters.push_back({{"filterType", "MAX_NUM_ORDER_LISTS"}, {"maxNumOrderLists", 20}});
    filters.push_back({{"filterType", "MAX_NUM_ALGO_ORDERS"}, {"maxNumAlgoOrders", 5}});
    filters.push_back({{"filterType", "MAX_NUM_ORDER_AMENDS"}, {"maxNumOrderAmends", 10}});
    return {
        {"symbol", row.base + row.quote},
        {"status", "TRADING"},
        {"baseAsset", row.base},
        {"baseAssetPrecision", 8},
        {"quoteAsset", row.quote},
        {"quoteAssetPrecision", 8},
        {"baseCommissionPrecision", 8},
        {"quoteCommissionPrecision", 8},
        {"orderTypes",
         {"LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT",
          "TAKE_PROFIT_LIMIT"}},
        {"icebergAllowed", true},
        {"ocoAllowed", true},
        {"otoAllowed", true},
        {"opoAllowed", true},
        {"quoteOrderQtyMarketAllowed", true},
        {"allowTrailingStop", true},
        {"cancelReplaceAllowed", true},
        {"amendAllowed", true},
        {"isSpotTradingAllowed", true},
        {"filters", filters},
        {"permissionSets", json::array({json::array({"SPOT"})})},
        {"defaultSelfTradePreventionMode", "EXPIRE_MAKER"},
        {"allowedSelfTradePreventionModes", {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"}}};
}

SymbolSpec spec_of(const Row& row) {
    const json answer = {{"symbols", json::array({symbol_object(row)})}};
    auto specs = parse_exchange_info(answer.dump());
    base::check(specs.has_value() && specs->size() == 1, "a built-in symbol is well-formed");
    SymbolSpec spec = std::move(specs->front());
    spec.reference_price = domain::Price::literal(row.reference_price);
    return spec;
}

}  // namespace

std::vector<SymbolSpec> default_symbols() {
    const std::array<Row, 8> rows{{
        {"BTC", "USDT", "0.01000000", "1000000.00000000", "0.00001000", "9000.00000000", "97.09521512",
         "5.00000000", "61700"},
        {"ETH", "USDT", "0.01000000", "1000000.00000000", "0.00010000", "9000.00000000", "2357.34408702",
         "5.00000000", "2680"},
        {"BNB", "USDT", "0.01000000", "100000.00000000", "0.00100000", "900000.00000000", "4883.52236820",
         "5.00000000", "515"},
        {"SOL", "USDT", "0.01000000", "10000.00000000", "0.00100000", "90000.00000000", "64306.31937238",
         "5.00000000", "161"},
        {"XRP", "USDT", "0.00010000", "10000.00000000", "0.10000000", "9222449.00000000", "4886361.70000000",
         "5.00000000", "0.61"},
        {"ETH", "BTC", "0.00001000", "922327.00000000", "0.00010000", "100000.00000000", "1378.22417541",
         "0.00010000", "0.04343"},
        {"BNB", "BTC", "0.00000100", "100000.00000000", "0.00100000", "100000.00000000", "1507.76687866",
         "0.00010000", "0.008346"},
        {"BNB", "ETH", "0.00010000", "1000.00000000", "0.00100000", "9000000.00000000", "709.32798333",
         "0.00100000", "0.1921"},
    }};
    std::vector<SymbolSpec> specs;
    for (const Row& row : rows) specs.push_back(spec_of(row));
    return specs;
}

std::optional<SymbolSpec> make_symbol_spec(const domain::Symbol& symbol, domain::Price tick,
                                           domain::Quantity step, domain::Price reference_price) {
    constexpr std::array<std::string_view, 14> quotes{"FDUSD", "USDT", "USDC", "TUSD", "BUSD", "BTC", "ETH",
                                                      "BNB",   "EUR",  "TRY",  "GBP",  "BRL",  "JPY", "USD"};
    const std::string_view name = symbol.view();
    const auto quote = std::find_if(quotes.begin(), quotes.end(), [name](std::string_view suffix) {
        return name.size() > suffix.size() && name.ends_with(suffix);
    });
    if (quote == quotes.end()) return std::nullopt;
    const auto base_asset = domain::Asset::from(name.substr(0, name.size() - quote->size()));
    if (!base_asset) return std::nullopt;

    const bool dear_quote = *quote == "BTC" || *quote == "ETH" || *quote == "BNB";
    Row row;
    row.base = base_asset->str();
    row.quote = std::string{*quote};
    row.tick = (tick.is_positive() ? tick : domain::Price::from_raw(1)).str8();
    row.price_max = "1000000.00000000";
    row.step = (step.is_positive() ? step : domain::Quantity::from_raw(1)).str8();
    row.quantity_max = "9000000.00000000";
    row.market_quantity_max = "900000.00000000";
    row.notional_min = dear_quote ? "0.00010000" : "5.00000000";
    row.reference_price = reference_price.is_negative() ? "0" : reference_price.str();
    return spec_of(row);
}

}  // namespace vigil::exchange
