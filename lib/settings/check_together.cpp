#include <algorithm>

#include "settings/readers.h"

namespace vigil::settings {

namespace {

const risk::SymbolLimits& limits_of(const risk::Options& risk, const domain::Symbol& symbol) {
    const auto at =
        std::find_if(risk.symbols.begin(), risk.symbols.end(),
                     [&symbol](const risk::SymbolLimits& limits) { return limits.symbol == symbol; });
    return at == risk.symbols.end() ? risk.defaults : *at;
}

void check_limits(const StrategySettings& strategy, const risk::SymbolLimits& limits, Report& report) {
    const auto refuse = [&](std::string_view key, domain::Amount amount, std::string_view rule,
                            domain::Amount limit) {
        report.add(strategy.amount_place, std::string{key} + ": is " + amount.str() + ", more than risk." +
                                              std::string{rule} + " (" + limit.str() + ") allows for " +
                                              strategy.options.symbol.str());
    };
    const auto one_order = [&](std::string_view key, domain::Amount amount) {
        if (limits.order_notional_max && amount > *limits.order_notional_max)
            refuse(key, amount, "max_order_notional", *limits.order_notional_max);
    };
    if (const auto* grid = std::get_if<strategy::GridOptions>(&strategy.options.parameters)) {
        if (limits.position_max && grid->investment > *limits.position_max)
            refuse("investment", grid->investment, "max_position", *limits.position_max);
        if (limits.open_orders_max && grid->levels - 1 > *limits.open_orders_max)
            report.add(strategy.name_place, "levels: a grid of " + std::to_string(grid->levels) +
                                                " levels keeps " + std::to_string(grid->levels - 1) +
                                                " orders open, more than risk.max_open_orders (" +
                                                std::to_string(*limits.open_orders_max) + ")");
    } else if (const auto* dca = std::get_if<strategy::DcaOptions>(&strategy.options.parameters)) {
        one_order("amount", dca->amount);
    } else if (const auto* trend = std::get_if<strategy::TrendOptions>(&strategy.options.parameters)) {
        one_order("size", trend->size);
    }
}

}  // namespace

void check_together(const Settings& settings, Report& report) {
    for (auto strategy = settings.strategies.begin(); strategy != settings.strategies.end(); ++strategy) {
        const auto same = std::find_if(
            settings.strategies.begin(), strategy,
            [&](const StrategySettings& other) { return other.options.name == strategy->options.name; });
        if (same != strategy)
            report.add(strategy->name_place, "name: \"" + strategy->options.name.str() +
                                                 "\" is taken already, at " + same->name_place.str());
        check_limits(*strategy, limits_of(settings.risk, strategy->options.symbol), report);
    }
}

}  // namespace vigil::settings
