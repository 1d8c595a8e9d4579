#include "exchange/symbol_spec.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;
using nlohmann::json;

namespace {

/// Reads members of one JSON object, remembering the first that is not what it should be.
class Members {
  public:
    explicit Members(const json& object) : object_{object} {}

    template <class Decimal>
    Decimal decimal(const char* name) {
        const auto at = object_.find(name);
        if (at == object_.end() || !at->is_string()) return bad<Decimal>(name);
        const auto value = Decimal::parse(at->get_ref<const std::string&>());
        return value && !value->is_negative() ? *value : bad<Decimal>(name);
    }
    std::int64_t integer(const char* name) {
        const auto at = object_.find(name);
        if (at == object_.end() || !at->is_number_integer()) return bad<std::int64_t>(name);
        return at->get<std::int64_t>();
    }
    std::int64_t integer_or(const char* name, std::int64_t otherwise) {
        return object_.contains(name) ? integer(name) : otherwise;
    }
    bool flag_or(const char* name, bool otherwise) {
        const auto at = object_.find(name);
        if (at == object_.end()) return otherwise;
        return at->is_boolean() ? at->get<bool>() : bad<bool>(name);
    }
    std::string text(const char* name) {
        const auto at = object_.find(name);
        return at != object_.end() && at->is_string() ? at->get<std::string>() : bad<std::string>(name);
    }
    [[nodiscard]] const std::optional<std::string>& wrong() const { return wrong_; }

  private:
    template <class T>
    T bad(const char* name) {
        if (!wrong_) wrong_ = std::string{name} + " is missing or malformed";
        return T{};
    }
    const json& object_;
    std::optional<std::string> wrong_;
};

void read_percent_price(Members& filter, bool by_side, domain::SymbolRules& rules) {
    using domain::Rate;
    domain::PercentPrice percent;
    percent.by_side = by_side;
    percent.bid_up = filter.decimal<Rate>(by_side ? "bidMultiplierUp" : "multiplierUp");
    percent.bid_down = filter.decimal<Rate>(by_side ? "bidMultiplierDown" : "multiplierDown");
    percent.ask_up = filter.decimal<Rate>(by_side ? "askMultiplierUp" : "multiplierUp");
    percent.ask_down = filter.decimal<Rate>(by_side ? "askMultiplierDown" : "multiplierDown");
    percent.average_minutes = static_cast<int>(filter.integer("avgPriceMins"));
    rules.percent_price = percent;
}

void read_notional(Members& filter, bool is_min, domain::SymbolRules& rules) {
    domain::NotionalFilter notional;
    notional.is_min_notional = is_min;
    notional.min = filter.decimal<domain::Amount>("minNotional");
    if (is_min) {
        notional.min_applies_to_market = filter.flag_or("applyToMarket", true);
    } else {
        notional.max = filter.decimal<domain::Amount>("maxNotional");
        notional.min_applies_to_market = filter.flag_or("applyMinToMarket", true);
        notional.max_applies_to_market = filter.flag_or("applyMaxToMarket", false);
    }
    notional.average_minutes = static_cast<int>(filter.integer_or("avgPriceMins", 5));
    // Where both are given, NOTIONAL is the newer and says more.
    if (!is_min || !rules.notional) rules.notional = notional;
}

domain::LotSize read_lot(Members& filter) {
    domain::LotSize lot;
    lot.min = filter.decimal<domain::Quantity>("minQty");
    lot.max = filter.decimal<domain::Quantity>("maxQty");
    lot.step = filter.decimal<domain::Quantity>("stepSize");
    return lot;
}

/// Reads one element of `filters`; an unknown one only leaves its name.
std::optional<std::string> read_filter(const json& element, domain::SymbolRules& rules) {
    if (!element.is_object()) return "a filter is no object";
    Members filter{element};
    const std::string type = filter.text("filterType");
    if (type == "PRICE_FILTER") {
        domain::PriceFilter price;
        price.min = filter.decimal<domain::Price>("minPrice");
        price.max = filter.decimal<domain::Price>("maxPrice");
        price.tick = filter.decimal<domain::Price>("tickSize");
        rules.price = price;
    } else if (type == "LOT_SIZE") {
        rules.lot = read_lot(filter);
    } else if (type == "MARKET_LOT_SIZE") {
        rules.market_lot = read_lot(filter);
    } else if (type == "NOTIONAL" || type == "MIN_NOTIONAL") {
        read_notional(filter, type == "MIN_NOTIONAL", rules);
    } else if (type == "PERCENT_PRICE" || type == "PERCENT_PRICE_BY_SIDE") {
        read_percent_price(filter, type == "PERCENT_PRICE_BY_SIDE", rules);
    } else if (type == "TRAILING_DELTA") {
        domain::TrailingDelta delta;
        delta.min_above = filter.integer("minTrailingAboveDelta");
        delta.max_above = filter.integer("maxTrailingAboveDelta");
        delta.min_below = filter.integer("minTrailingBelowDelta");
        delta.max_below = filter.integer("maxTrailingBelowDelta");
        rules.trailing_delta = delta;
    } else if (type == "ICEBERG_PARTS") {
        rules.iceberg_parts_max = filter.integer("limit");
    } else if (type == "MAX_NUM_ORDERS") {
        rules.orders_max = filter.integer_or("maxNumOrders", filter.integer_or("limit", 0));
    } else if (type == "MAX_NUM_ALGO_ORDERS") {
        rules.algo_orders_max = filter.integer("maxNumAlgoOrders");
    } else if (type == "MAX_NUM_ICEBERG_ORDERS") {
        rules.iceberg_orders_max = filter.integer("maxNumIcebergOrders");
    } else if (type == "MAX_NUM_ORDER_LISTS") {
        rules.order_lists_max = filter.integer("maxNumOrderLists");
    } else if (type == "MAX_NUM_ORDER_AMENDS") {
        rules.amends_max = filter.integer("maxNumOrderAmends");
    } else if (type == "MAX_POSITION") {
        rules.position_max = filter.decimal<domain::Quantity>("maxPosition");
    } else {
        rules.unknown_filters.push_back(type);
    }
    if (filter.wrong()) return "filter " + type + ": " + *filter.wrong();
    return std::nullopt;
}

std::optional<std::string> read_lists(const json& object, SymbolSpec& spec) {
    if (const auto types = object.find("orderTypes"); types != object.end() && types->is_array())
        for (const json& type : *types)
            if (type.is_string())
                spec.rules.order_types.push_back(domain::parse_order_type(type.get<std::string>()));
    if (const auto sets = object.find("permissionSets"); sets != object.end() && sets->is_array()) {
        spec.permission_sets.clear();
        for (const json& set : *sets) {
            if (!set.is_array()) return "permissionSets is malformed";
            auto& names = spec.permission_sets.emplace_back();
            for (const json& name : set)
                if (name.is_string()) names.push_back(name.get<std::string>());
        }
    }
    if (const auto modes = object.find("allowedSelfTradePreventionModes");
        modes != object.end() && modes->is_array()) {
        spec.allowed_stp_modes.clear();
        for (const json& mode : *modes)
            if (const auto known = mode.is_string() ? parse_stp_mode(mode.get<std::string>()) : std::nullopt)
                spec.allowed_stp_modes.push_back(*known);
    }
    if (const auto mode = object.find("defaultSelfTradePreventionMode");
        mode != object.end() && mode->is_string())
        spec.default_stp_mode = parse_stp_mode(mode->get<std::string>()).value_or(StpMode::none);
    else
        spec.default_stp_mode = StpMode::none;
    return std::nullopt;
}

Result<SymbolSpec> read_symbol(const json& object) {
    if (!object.is_object()) return fail(ErrorKind::invalid, "an element of symbols is no object");
    Members members{object};
    SymbolSpec spec;
    const std::string name = members.text("symbol");
    const auto symbol = domain::Symbol::from(name);
    const auto base_asset = domain::Asset::from(members.text("baseAsset"));
    const auto quote_asset = domain::Asset::from(members.text("quoteAsset"));
    if (members.wrong()) return fail(ErrorKind::invalid, "symbol " + name + ": " + *members.wrong());
    if (!symbol || !base_asset || !quote_asset || symbol->empty() || base_asset->empty() ||
        quote_asset->empty())
        return fail(ErrorKind::invalid, "symbol " + name.substr(0, 60) + ": a name is too long or empty");
    domain::SymbolRules& rules = spec.rules;
    rules.symbol = *symbol;
    rules.base = *base_asset;
    rules.quote = *quote_asset;
    rules.status = domain::parse_symbol_status(members.text("status"));
    rules.base_precision = static_cast<int>(members.integer_or("baseAssetPrecision", 8));
    rules.quote_precision = static_cast<int>(members.integer_or("quoteAssetPrecision", 8));
    rules.quote_order_quantity_allowed = members.flag_or("quoteOrderQtyMarketAllowed", false);
    rules.spot_trading_allowed = members.flag_or("isSpotTradingAllowed", true);
    spec.base_commission_precision = static_cast<int>(members.integer_or("baseCommissionPrecision", 8));
    spec.quote_commission_precision = static_cast<int>(members.integer_or("quoteCommissionPrecision", 8));
    spec.iceberg_allowed = members.flag_or("icebergAllowed", false);
    spec.oco_allowed = members.flag_or("ocoAllowed", false);
    spec.oto_allowed = members.flag_or("otoAllowed", false);
    spec.opo_allowed = members.flag_or("opoAllowed", false);
    spec.trailing_stop_allowed = members.flag_or("allowTrailingStop", false);
    spec.cancel_replace_allowed = members.flag_or("cancelReplaceAllowed", false);
    spec.amend_allowed = members.flag_or("amendAllowed", false);
    spec.peg_instructions_allowed = members.flag_or("pegInstructionsAllowed", false);
    spec.margin_trading_allowed = members.flag_or("isMarginTradingAllowed", false);
    if (members.wrong()) return fail(ErrorKind::invalid, "symbol " + name + ": " + *members.wrong());
    if (const auto wrong = read_lists(object, spec))
        return fail(ErrorKind::invalid, "symbol " + name + ": " + *wrong);
    const auto filters = object.find("filters");
    if (filters == object.end() || !filters->is_array())
        return fail(ErrorKind::invalid, "symbol " + name + ": filters is missing or malformed");
    for (const json& filter : *filters) {
        if (const auto wrong = read_filter(filter, rules))
            return fail(ErrorKind::invalid, "symbol " + name + ": " + *wrong);
        spec.filters.push_back(filter.dump());
    }
    return spec;
}

}  // namespace

Result<std::vector<SymbolSpec>> parse_exchange_info(std::string_view text) {
    const json root = json::parse(text, nullptr, false);
    if (root.is_discarded()) return fail(ErrorKind::invalid, "exchangeInfo is not valid JSON");
    const auto symbols = root.is_object() ? root.find("symbols") : root.end();
    if (symbols == root.end() || !symbols->is_array())
        return fail(ErrorKind::invalid, "exchangeInfo has no array 'symbols'");
    std::vector<SymbolSpec> specs;
    for (const json& object : *symbols) {
        auto spec = read_symbol(object);
        if (!spec) return fail(spec.error());
        specs.push_back(std::move(*spec));
    }
    return specs;
}

Result<void> change_filter(SymbolSpec& spec, std::string_view filter_json) {
    const json changed = json::parse(filter_json, nullptr, false);
    const std::string type = changed.is_object() ? changed.value("filterType", json{}).dump() : "null";
    SymbolSpec made = spec;
    bool found = false;
    for (std::string& text : made.filters) {
        if (json::parse(text).value("filterType", json{}).dump() != type) continue;
        found = true;
        text = changed.dump();
    }
    if (!found) return fail(ErrorKind::invalid, "the symbol has no filter of the type " + type);
    if (const auto wrong = read_filter(changed, made.rules)) return fail(ErrorKind::invalid, *wrong);
    spec = std::move(made);
    return {};
}

Result<std::vector<SymbolSpec>> load_exchange_info(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return fail(base::system_error("cannot open " + file.string(), errno));
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad() || text.bad()) return fail(ErrorKind::io, "cannot read " + file.string());
    auto specs = parse_exchange_info(text.str());
    if (!specs) return fail(specs.error().within(file.string()));
    return specs;
}

}  // namespace vigil::exchange
