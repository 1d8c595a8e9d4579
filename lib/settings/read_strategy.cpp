// A strategy's file: keys of its own beside those of its kind. Every key that is read here is in
// config/strategy.schema.json, and a test says so. Ranges that are the strategy's own are checked by
// strategy::problems.
#include <algorithm>

#include "settings/readers.h"

namespace vigil::settings {

using base::Result;
using base::seconds;
using domain::Rate;

namespace {

constexpr seconds day{86'400};

/// A hundredth of a basis point up to everything.
constexpr Range<Rate> any_fraction{Rate::from_raw(100), Rate::of(1)};
constexpr Range<Rate> any_gain{Rate::from_raw(100), Rate::of(100)};

void read_kind(Section& section, strategy::GridOptions& out) {
    section.require("lower");
    section.require("upper");
    section.require("investment", "how much of the quote asset the grid may spend");
    section.decimal("lower", out.lower);
    section.decimal("upper", out.upper);
    section.integer("levels", out.levels, {2, 200});
    section.choice(
        "spacing", out.spacing,
        {{"arithmetic", strategy::Spacing::arithmetic}, {"geometric", strategy::Spacing::geometric}});
    section.decimal("investment", out.investment);
    section.decimal("stop_loss", out.stop_loss);
    section.decimal("take_profit", out.take_profit);
    section.choice("order_type", out.order_type,
                   {{"limit_maker", domain::OrderType::limit_maker}, {"limit", domain::OrderType::limit}});
    section.choice(
        "start_with", out.start_with,
        {{"buy_base", strategy::GridStart::buy_base}, {"quote_only", strategy::GridStart::quote_only}});
    section.boolean("sell_at_stop", out.sell_at_stop);
}

void read_kind(Section& section, strategy::DcaOptions& out) {
    section.require("every", "the time from one purchase to the next");
    section.require("amount", "how much of the quote asset to spend each time");
    section.require("total_budget", "how much of the quote asset to spend in all");
    section.duration("every", out.every, {seconds{1}, day * 366});
    section.decimal("amount", out.amount);
    section.decimal("total_budget", out.total_budget);
    section.value("start", [&out](const Node& node) -> Result<void> {
        const auto parsed = parse_instant(node.text);
        if (!parsed) return base::fail(parsed.error());
        out.start = *parsed;
        return {};
    });
    section.decimal("price_cap", out.price_cap);
    section.choice("order", out.order,
                   {{"market", strategy::DcaOrder::market}, {"limit", strategy::DcaOrder::limit}});
    section.percent("limit_offset", out.limit_offset, {Rate{}, Rate::of(1)});
    section.percent("take_profit", out.take_profit, any_gain);
}

void read_kind(Section& section, strategy::TrendOptions& out) {
    section.require("size", "how much of the quote asset to enter with");
    section.integer("fast", out.fast, {1, 500});
    section.integer("slow", out.slow, {2, 500});
    section.value("interval", [&out](const Node& node) -> Result<void> {
        const auto parsed = domain::parse_candle_interval(node.text);
        if (!parsed)
            return base::fail(base::ErrorKind::invalid,
                              "\"" + node.text +
                                  "\" is none of the exchange's: 1s, 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, "
                                  "8h, 12h, 1d, 3d, 1w");
        out.interval = *parsed;
        return {};
    });
    section.decimal("size", out.size);
    section.percent("stop", out.stop, any_fraction);
    section.percent("take_profit", out.take_profit, any_gain);
    section.duration("cool_down", out.cool_down, {seconds{0}, day * 366});
    section.decimal("max_position", out.max_position);
}

/// What the strategy itself finds, at the line of the key it names. What depends on a value that was refused
/// is left out: it would speak of a number that nobody wrote.
template <class Options>
void check_kind(Section& section, const Options& options) {
    const std::vector<std::string> refused = section.refused();
    for (const strategy::OptionProblem& problem : strategy::problems(options)) {
        const bool uncertain =
            std::any_of(refused.begin(), refused.end(), [&problem](const std::string& key) {
                return problem.key == key || problem.message.find(" " + key + " (") != std::string::npos;
            });
        if (!uncertain) section.wrong(problem.key, problem.message);
    }
}

std::string_view key_of_amount(strategy::StrategyKind kind) {
    switch (kind) {
        case strategy::StrategyKind::grid:
            return "investment";
        case strategy::StrategyKind::dca:
            return "amount";
        case strategy::StrategyKind::trend:
            return "size";
    }
    return "kind";
}

}  // namespace

void read_strategy(const Node& document, const Place& top_place, StrategySettings& out, Report& report) {
    Section section{&document, "", top_place, report};
    section.require("name", "a word of your own for this strategy");
    section.require("symbol", "what to trade, such as BTCUSDT");
    section.value("name", [&out](const Node& node) -> Result<void> {
        constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-_";
        const auto name = domain::StrategyName::from(node.text);
        if (!name || name->empty() || node.text.find_first_not_of(letters) != std::string::npos)
            return base::fail(base::ErrorKind::invalid,
                              "\"" + node.text + "\" is no name: write 1 to 31 of a-z 0-9 - _");
        out.options.name = *name;
        return {};
    });
    section.value("symbol", [&out](const Node& node) -> Result<void> {
        const auto symbol = parse_symbol(node.text);
        if (!symbol) return base::fail(symbol.error());
        out.options.symbol = *symbol;
        return {};
    });
    section.boolean("enabled", out.options.enabled);
    section.integer("weight", out.options.weight, {1, 1000});
    out.name_place = section.place_of("name");
    out.symbol_place = section.place_of("symbol");

    strategy::StrategyKind kind{};
    const bool known = section.choice("kind", kind,
                                      {{"grid", strategy::StrategyKind::grid},
                                       {"dca", strategy::StrategyKind::dca},
                                       {"trend", strategy::StrategyKind::trend}});
    // Without a kind nobody can say which keys are right.
    if (!known) {
        section.require("kind", "grid, dca or trend");
        return;
    }
    out.amount_place = section.place_of(key_of_amount(kind));
    const auto read = [&](auto options) {
        read_kind(section, options);
        check_kind(section, options);
        out.options.parameters = options;
    };
    if (kind == strategy::StrategyKind::grid) read(strategy::GridOptions{});
    if (kind == strategy::StrategyKind::dca) read(strategy::DcaOptions{});
    if (kind == strategy::StrategyKind::trend) read(strategy::TrendOptions{});
    section.finish();
}

}  // namespace vigil::settings
