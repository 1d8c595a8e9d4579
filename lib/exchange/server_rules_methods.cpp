// Execution rules and reference prices (rest-api.md, "Query Execution Rules", "Query Reference Price"). No
// symbol of this exchange has any: the answers are those for such a symbol.
#include <algorithm>
#include <array>

#include "exchange/server_methods.h"

namespace vigil::exchange::methods {

namespace {

namespace rules {
enum Index : std::size_t { symbol, symbols, symbol_status };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, false},
                                               {"symbols", ParamKind::json_list, false},
                                               {"symbolStatus", ParamKind::text, false}}};
constexpr std::int64_t weight_max = 40;
}  // namespace rules

std::optional<RequestError> do_execution_rules(Call& call) {
    // "No combination of multiple parameters is allowed."
    const bool named = call.arguments.has(rules::symbol) || call.arguments.has(rules::symbols);
    if (named && call.arguments.has(rules::symbol_status)) return errors::bad_combination();
    const auto status = read_status(call, rules::symbol_status);
    if (!status) return status.error();
    const auto symbols = find_symbols(call, rules::symbol, rules::symbols);
    if (!symbols) return symbols.error();
    call.out.begin_object().key("symbolRules").begin_array();
    for (const SymbolSpec* symbol : *symbols) {
        if (*status && symbol->rules.status != **status) continue;
        call.out.begin_object();
        call.out.key("symbol").text(symbol->rules.symbol.view());
        call.out.key("rules").begin_array().end_array();
        call.out.end_object();
    }
    call.out.end_array().end_object();
    return std::nullopt;
}

namespace reference {
enum Index : std::size_t { symbol, symbol_status };
constexpr std::array<ParamSpec, 1> price_parameters{{{"symbol", ParamKind::symbol, true}}};
constexpr std::array<ParamSpec, 2> calculation_parameters{
    {{"symbol", ParamKind::symbol, true}, {"symbolStatus", ParamKind::text, false}}};
}  // namespace reference

std::optional<RequestError> do_reference_price(Call& call) {
    if (const auto symbol = find_symbol(call, call.arguments.text(reference::symbol)); !symbol)
        return symbol.error();
    return errors::no_reference_price();
}

std::optional<RequestError> do_reference_price_calculation(Call& call) {
    const auto status = read_status(call, reference::symbol_status);
    if (!status) return status.error();
    const auto symbol = find_symbol(call, call.arguments.text(reference::symbol));
    if (!symbol) return symbol.error();
    if (*status && (*symbol)->rules.status != **status) return errors::symbol_status_mismatch();
    return errors::no_reference_price();
}

}  // namespace

Body execution_rules() {
    return {rules::parameters, do_execution_rules};
}
Body reference_price() {
    return {reference::price_parameters, do_reference_price};
}
Body reference_price_calculation() {
    return {reference::calculation_parameters, do_reference_price_calculation};
}

std::int64_t execution_rules_weight(const ParameterList& parameters) {
    if (parameters.find("symbol") != nullptr) return 2;
    const auto names = parse_string_list(parameters.value("symbols"));
    if (!names) return rules::weight_max;
    return std::clamp<std::int64_t>(2 * static_cast<std::int64_t>(names->size()), 2, rules::weight_max);
}

}  // namespace vigil::exchange::methods
