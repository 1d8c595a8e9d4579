#include "strategy/options.h"

namespace vigil::strategy {

namespace {

using Problems = std::vector<OptionProblem>;

constexpr int grid_levels_max = 200;
constexpr int trend_slow_max = 500;
constexpr base::seconds trend_cool_down_max{366 * 86'400};
constexpr base::seconds dca_every_max{366 * 86'400};
/// Beyond this the fixed-point root of a geometric grid would run out of digits, and no such grid makes
/// sense.
constexpr std::int64_t grid_span_max = 1000;

void want(Problems& found, bool holds, std::string_view key, std::string message) {
    if (!holds) found.push_back({key, std::move(message)});
}

void want_fraction(Problems& found, const std::optional<domain::Rate>& rate, std::string_view key,
                   bool below_one) {
    if (!rate) return;
    want(found, rate->is_positive(), key, "is " + rate->str() + ", must be above 0");
    if (below_one)
        want(found, *rate < domain::Rate::of(1), key, "is " + rate->str() + ", must be below 1 (100 %)");
}

}  // namespace

std::string_view to_string(StrategyKind kind) noexcept {
    switch (kind) {
        case StrategyKind::grid:
            return "grid";
        case StrategyKind::dca:
            return "dca";
        case StrategyKind::trend:
            return "trend";
    }
    return "unknown";
}

std::optional<StrategyKind> parse_strategy_kind(std::string_view word) noexcept {
    for (const auto kind : {StrategyKind::grid, StrategyKind::dca, StrategyKind::trend})
        if (to_string(kind) == word) return kind;
    return std::nullopt;
}

std::optional<Spacing> parse_spacing(std::string_view word) noexcept {
    if (word == "arithmetic") return Spacing::arithmetic;
    if (word == "geometric") return Spacing::geometric;
    return std::nullopt;
}

std::optional<GridStart> parse_grid_start(std::string_view word) noexcept {
    if (word == "buy_base") return GridStart::buy_base;
    if (word == "quote_only") return GridStart::quote_only;
    return std::nullopt;
}

std::optional<DcaOrder> parse_dca_order(std::string_view word) noexcept {
    if (word == "market") return DcaOrder::market;
    if (word == "limit") return DcaOrder::limit;
    return std::nullopt;
}

std::vector<OptionProblem> problems(const GridOptions& options) {
    Problems found;
    want(found, options.lower.is_positive(), "lower", "must be above 0");
    want(found, options.upper > options.lower, "upper",
         "is " + options.upper.str() + ", must be above lower (" + options.lower.str() + ")");
    if (options.lower.is_positive())
        want(found, options.upper.raw() / grid_span_max < options.lower.raw(), "upper",
             "is more than " + std::to_string(grid_span_max) + " times lower");
    want(found, options.levels >= 2 && options.levels <= grid_levels_max, "levels",
         "is " + std::to_string(options.levels) + ", must be 2 to " + std::to_string(grid_levels_max));
    want(found, options.investment.is_positive(), "investment", "must be above 0");
    if (options.stop_loss) {
        want(found, options.stop_loss->is_positive(), "stop_loss", "must be above 0");
        want(found, *options.stop_loss < options.lower, "stop_loss",
             "is " + options.stop_loss->str() + ", must be below lower (" + options.lower.str() + ")");
    }
    if (options.take_profit)
        want(found, *options.take_profit > options.upper, "take_profit",
             "is " + options.take_profit->str() + ", must be above upper (" + options.upper.str() + ")");
    want(found,
         options.order_type == domain::OrderType::limit_maker ||
             options.order_type == domain::OrderType::limit,
         "order_type", "must be limit_maker or limit");
    return found;
}

std::vector<OptionProblem> problems(const DcaOptions& options) {
    Problems found;
    want(found, options.every >= base::seconds{1} && options.every <= dca_every_max, "every",
         "must be 1s to 366 days");
    if (options.start)
        want(found, options.start->time_since_epoch() >= base::microseconds{0}, "start",
             "must not be before 1970");
    want(found, options.amount.is_positive(), "amount", "must be above 0");
    want(found, options.total_budget >= options.amount, "total_budget",
         "is " + options.total_budget.str() + ", less than one purchase (amount " + options.amount.str() +
             ")");
    if (options.price_cap) want(found, options.price_cap->is_positive(), "price_cap", "must be above 0");
    want(found, !options.limit_offset.is_negative() && options.limit_offset < domain::Rate::of(1),
         "limit_offset", "is " + options.limit_offset.str() + ", must be 0 or more and below 1");
    want(found, options.order == DcaOrder::limit || options.limit_offset.is_zero(), "limit_offset",
         "has a meaning for limit orders only");
    want_fraction(found, options.take_profit, "take_profit", false);
    return found;
}

std::vector<OptionProblem> problems(const TrendOptions& options) {
    Problems found;
    want(found, options.fast >= 1, "fast",
         "is " + std::to_string(options.fast) + ", must be at least 1 candle");
    want(found, options.slow > options.fast && options.slow <= trend_slow_max, "slow",
         "is " + std::to_string(options.slow) + ", must be above fast (" + std::to_string(options.fast) +
             ") and at most " + std::to_string(trend_slow_max));
    want(found, domain::to_string(options.interval) != "unknown", "interval", "is not one of the exchange's");
    want(found, options.size.is_positive(), "size", "must be above 0");
    want_fraction(found, options.stop, "stop", true);
    want_fraction(found, options.take_profit, "take_profit", false);
    want(found, options.cool_down >= base::seconds{0}, "cool_down", "must not be negative");
    want(found, options.cool_down <= trend_cool_down_max, "cool_down", "must be at most 366 days");
    if (options.max_position)
        want(found, options.max_position->is_positive(), "max_position", "must be above 0");
    return found;
}

std::vector<OptionProblem> problems(const StrategyOptions& options) {
    Problems found =
        std::visit([](const auto& parameters) { return problems(parameters); }, options.parameters);
    want(found, !options.name.empty(), "name", "must not be empty");
    want(found, !options.symbol.empty(), "symbol", "must not be empty");
    return found;
}

}  // namespace vigil::strategy
