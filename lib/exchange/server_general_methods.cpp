#include <algorithm>
#include <array>
#include <unordered_set>

#include "exchange/kline_calendar.h"
#include "exchange/server_methods.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

constexpr std::string_view symbols_range =
    R"(^\[("[\w\-._&&[^a-z]]{1,50}"(,"[\w\-._&&[^a-z]]{1,50}"){0,}){0,1}\]$)";

std::optional<RequestError> do_ping(Call& call) {
    call.out.begin_object().end_object();
    return std::nullopt;
}

std::optional<RequestError> do_time(Call& call) {
    call.out.begin_object().key("serverTime").time(call.now).end_object();
    return std::nullopt;
}

namespace info {
enum Index : std::size_t { symbol, symbols, permissions, show_permission_sets, symbol_status };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, false},
                                               {"symbols", ParamKind::json_list, false},
                                               {"permissions", ParamKind::text, false},
                                               {"showPermissionSets", ParamKind::boolean, false},
                                               {"symbolStatus", ParamKind::text, false}}};
}  // namespace info

// `permissions=SPOT` or `permissions=["MARGIN","LEVERAGED"]`.
std::vector<std::string> wanted_permissions(const Call& call) {
    if (!call.arguments.has(info::permissions)) return {"SPOT", "MARGIN", "LEVERAGED"};
    const std::string_view text = call.arguments.text(info::permissions);
    if (auto list = parse_string_list(text)) return *std::move(list);
    return {std::string{text}};
}

bool is_permitted(const SymbolSpec& symbol, const std::vector<std::string>& wanted) {
    for (const auto& set : symbol.permission_sets) {
        for (const std::string& permission : set) {
            if (std::find(wanted.begin(), wanted.end(), permission) != wanted.end()) return true;
        }
    }
    return false;
}

// What the exchange as it is can do: a symbol does not promise an endpoint that is not offered.
bool offered(std::string_view websocket_name) {
    return find_websocket_method(websocket_name) != nullptr;
}

void write_symbol(const SymbolSpec& symbol, bool with_permission_sets, JsonWriter& out) {
    const domain::SymbolRules& rules = symbol.rules;
    out.begin_object();
    out.key("symbol").text(rules.symbol.view());
    out.key("status").word(domain::to_string(rules.status));
    out.key("baseAsset").text(rules.base.view());
    out.key("baseAssetPrecision").integer(rules.base_precision);
    out.key("quoteAsset").text(rules.quote.view());
    out.key("quotePrecision").integer(rules.quote_precision);
    out.key("quoteAssetPrecision").integer(rules.quote_precision);
    out.key("baseCommissionPrecision").integer(symbol.base_commission_precision);
    out.key("quoteCommissionPrecision").integer(symbol.quote_commission_precision);
    out.key("orderTypes").begin_array();
    for (const domain::OrderType type : rules.order_types) out.word(domain::to_string(type));
    out.end_array();
    out.key("icebergAllowed").boolean(symbol.iceberg_allowed);
    out.key("ocoAllowed").boolean(symbol.oco_allowed && offered("orderList.place.oco"));
    out.key("otoAllowed").boolean(symbol.oto_allowed && offered("orderList.place.oto"));
    out.key("opoAllowed").boolean(symbol.opo_allowed && offered("orderList.place.opo"));
    out.key("quoteOrderQtyMarketAllowed").boolean(rules.quote_order_quantity_allowed);
    out.key("allowTrailingStop").boolean(symbol.trailing_stop_allowed);
    out.key("cancelReplaceAllowed").boolean(symbol.cancel_replace_allowed && offered("order.cancelReplace"));
    out.key("amendAllowed").boolean(symbol.amend_allowed && offered("order.amend.keepPriority"));
    out.key("pegInstructionsAllowed").boolean(false);  // order.place refuses them
    out.key("isSpotTradingAllowed").boolean(rules.spot_trading_allowed);
    out.key("isMarginTradingAllowed").boolean(symbol.margin_trading_allowed);
    out.key("filters").begin_array();
    for (const std::string& filter : symbol.filters) out.raw(filter);
    out.end_array();
    out.key("permissions").begin_array().end_array();
    out.key("permissionSets").begin_array();
    if (with_permission_sets) {
        for (const auto& set : symbol.permission_sets) {
            out.begin_array();
            for (const std::string& permission : set) out.text(permission);
            out.end_array();
        }
    }
    out.end_array();
    out.key("defaultSelfTradePreventionMode").word(to_string(symbol.default_stp_mode));
    out.key("allowedSelfTradePreventionModes").begin_array();
    for (const StpMode mode : symbol.allowed_stp_modes) out.word(to_string(mode));
    out.end_array();
    out.end_object();
}

std::optional<RequestError> do_exchange_info(Call& call) {
    const bool named = call.arguments.has(info::symbol) || call.arguments.has(info::symbols);
    if (named && (call.arguments.has(info::permissions) || call.arguments.has(info::symbol_status)))
        return errors::bad_combination();
    const auto status = read_status(call, info::symbol_status);
    if (!status) return status.error();
    auto symbols = find_symbols(call, info::symbol, info::symbols);
    if (!symbols) return symbols.error();
    if (!named) {
        const auto wanted = wanted_permissions(call);
        std::erase_if(*symbols, [&](const SymbolSpec* symbol) {
            return !is_permitted(*symbol, wanted) || (*status && symbol->rules.status != **status);
        });
    }
    JsonWriter& out = call.out;
    out.begin_object();
    out.key("timezone").word("UTC");
    out.key("serverTime").time(call.now);
    out.key("rateLimits").begin_array();
    for (const LimitRule& rule : call.server.limits.rules()) {
        out.begin_object();
        out.key("rateLimitType").word(rule.type);
        out.key("interval").word(rule.interval);
        out.key("intervalNum").integer(rule.interval_count);
        out.key("limit").integer(rule.limit);
        out.end_object();
    }
    out.end_array();
    out.key("exchangeFilters").begin_array();
    write_exchange_filters(call.server.core_options, out);
    out.end_array();
    out.key("symbols").begin_array();
    const bool with_sets = call.arguments.flag(info::show_permission_sets, true);
    for (const SymbolSpec* symbol : *symbols) write_symbol(*symbol, with_sets, out);
    out.end_array();
    out.end_object();
    return std::nullopt;
}

}  // namespace

Body ping() {
    return {{}, do_ping};
}
Body time() {
    return {{}, do_time};
}
Body exchange_info() {
    return {info::parameters, do_exchange_info};
}

RequestResult<const SymbolSpec*> find_symbol(const Call& call, std::string_view name) {
    const auto symbol = domain::Symbol::from(name);
    const SymbolSpec* found = symbol ? call.server.core->symbol(*symbol) : nullptr;
    if (found == nullptr) return tl::unexpected(errors::bad_symbol());
    return found;
}

RequestResult<std::vector<const SymbolSpec*>> find_symbols(const Call& call, std::size_t symbol,
                                                           std::size_t symbols) {
    if (call.arguments.has(symbol) && call.arguments.has(symbols))
        return tl::unexpected(errors::bad_combination());
    if (call.arguments.has(symbol)) {
        const auto found = find_symbol(call, call.arguments.text(symbol));
        if (!found) return tl::unexpected(found.error());
        return std::vector<const SymbolSpec*>{*found};
    }
    if (!call.arguments.has(symbols)) return call.server.core->symbols();
    const auto names = parse_string_list(call.arguments.text(symbols));
    if (!names) return tl::unexpected(errors::illegal_characters("symbols", symbols_range));
    std::unordered_set<std::string_view> seen;
    std::vector<const SymbolSpec*> list;
    list.reserve(names->size());
    for (const std::string& name : *names) {
        std::int64_t unused = 0;
        if (name.empty() || check_value({"symbols", ParamKind::symbol, true}, name, unused))
            return tl::unexpected(errors::illegal_characters("symbols", symbols_range));
        if (!seen.insert(name).second) return tl::unexpected(errors::duplicate_symbols());
        const auto found = find_symbol(call, name);
        if (!found) return tl::unexpected(found.error());
        list.push_back(*found);
    }
    return list;
}

RequestResult<std::optional<domain::SymbolStatus>> read_status(const Call& call, std::size_t index) {
    if (!call.arguments.has(index)) return std::optional<domain::SymbolStatus>{};
    const std::string_view word = call.arguments.text(index);
    if (word != "TRADING" && word != "HALT" && word != "BREAK")
        return tl::unexpected(errors::bad_symbol_status());
    return std::optional{domain::parse_symbol_status(word)};
}

RequestResult<std::size_t> read_limit(const Call& call, std::size_t index, std::size_t absent,
                                      std::size_t max) {
    if (!call.arguments.has(index)) return absent;
    const std::int64_t limit = call.arguments.number(index);
    if (limit == 0) return tl::unexpected(errors::invalid_data("limit"));
    return std::min(static_cast<std::size_t>(limit), max);
}

std::optional<base::ExchangeTime> read_time(const Call& call, std::size_t index) {
    if (!call.arguments.has(index)) return std::nullopt;
    return time_of_parameter(call.arguments.number(index)) - call.out.times().shift;
}

std::optional<base::ExchangeTime> read_end_time(const Call& call, std::size_t index) {
    const auto time = read_time(call, index);
    if (!time) return std::nullopt;
    const bool in_milliseconds =
        base::to_ms(time_of_parameter(call.arguments.number(index))) == call.arguments.number(index);
    return in_milliseconds ? *time + base::microseconds{999} : *time;
}

RequestResult<std::chrono::minutes> read_time_zone(const Call& call, std::size_t index) {
    if (!call.arguments.has(index)) return std::chrono::minutes{0};
    const auto zone = parse_time_zone(call.arguments.text(index));
    if (!zone) return tl::unexpected(errors::invalid_data("timeZone"));
    return *zone;
}

}  // namespace vigil::exchange::methods
