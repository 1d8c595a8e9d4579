#include "strategy/grid_levels.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::strategy {

namespace {

using domain::Price;
using domain::Rate;

__extension__ using Wide = __int128;

/// Ratios are counted in 1e-15: a product of two below 1,000 (options allow no wider grid) fits 128 bits, and
/// 200 multiplications leave an error far below a tick.
constexpr Wide ratio_one = 1'000'000'000'000'000;
constexpr Wide ratio_max = 1'001 * ratio_one;

/// ratio^steps, or a value above ratio_max as soon as it is.
Wide power(Wide ratio, int steps) {
    Wide result = ratio_one;
    for (int i = 0; i < steps && result <= ratio_max; ++i) result = result * ratio / ratio_one;
    return result;
}

/// The largest ratio whose `steps`-th power does not exceed `whole`.
Wide root(Wide whole, int steps) {
    Wide low = ratio_one;
    Wide high = whole;
    while (low < high) {
        const Wide middle = low + (high - low + 1) / 2;
        if (power(middle, steps) <= whole)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

Price nearest_tick(Wide raw, Price tick) {
    const std::int64_t step = tick.is_positive() ? tick.raw() : 1;
    const Wide rounded = (raw + step / 2) / step * step;
    return Price::from_raw(static_cast<std::int64_t>(rounded));
}

}  // namespace

base::Result<std::vector<Price>> grid_levels(const GridOptions& options, Price tick) {
    base::check(problems(options).empty(), "the options of a grid were checked");
    const int steps = options.levels - 1;
    const Wide lower = options.lower.raw();
    const Wide upper = options.upper.raw();
    std::vector<Price> levels;
    levels.reserve(static_cast<std::size_t>(options.levels));
    const Wide ratio =
        options.spacing == Spacing::geometric ? root(upper * ratio_one / lower, steps) : Wide{0};
    Wide factor = ratio_one;
    for (int i = 0; i <= steps; ++i) {
        Wide raw = upper;  // the last level exactly, whatever the root lost
        if (i < steps) {
            raw = options.spacing == Spacing::geometric ? lower * factor / ratio_one
                                                        : lower + (upper - lower) * i / steps;
            factor = factor * ratio / ratio_one;
        }
        levels.push_back(nearest_tick(raw, tick));
    }
    if (!levels.front().is_positive())
        return base::fail(base::ErrorKind::invalid,
                          "lower (" + options.lower.str() + ") is less than one tick (" + tick.str() + ")");
    for (std::size_t i = 1; i < levels.size(); ++i)
        if (levels[i] <= levels[i - 1])
            return base::fail(base::ErrorKind::invalid,
                              std::to_string(options.levels) + " levels between " + options.lower.str() +
                                  " and " + options.upper.str() + " lie closer than one tick (" + tick.str() +
                                  "): two of them would be " + levels[i].str());
    return levels;
}

GridEarnings earnings(Price buy, Price sell, Rate fee) {
    const Rate one = Rate::of(1);
    base::check(buy.is_positive() && sell > buy && !fee.is_negative() && fee < one,
                "a cell sells above its buy price, and a fee is a fraction");
    const auto spacing = domain::divide_scaled((sell - buy).raw(), buy.raw(), domain::Rounding::down);
    // After both fees sell * (1 - fee)^2 / buy remains of one unit.
    const auto kept = domain::scaled_by(one - fee, one - fee, domain::Rounding::down);
    const auto inverse = kept && kept->is_positive()
                             ? domain::divide_scaled(one.raw(), kept->raw(), domain::Rounding::up)
                             : std::nullopt;
    GridEarnings result;
    result.spacing = Rate::from_raw(spacing.value_or(0));
    result.fees =
        inverse ? Rate::from_raw(*inverse) - one : Rate::from_raw(std::numeric_limits<std::int64_t>::max());
    return result;
}

GridEarnings poorest(const std::vector<Price>& levels, Rate fee) {
    base::check(levels.size() >= 2, "a grid has a cell");
    GridEarnings least = earnings(levels[0], levels[1], fee);
    for (std::size_t i = 2; i < levels.size(); ++i) {
        const GridEarnings each = earnings(levels[i - 1], levels[i], fee);
        if (each.spacing < least.spacing) least = each;
    }
    return least;
}

std::optional<int> most_levels_that_earn(const GridOptions& options, Price tick, Rate fee) {
    GridOptions fewer = options;
    for (fewer.levels = options.levels; fewer.levels >= 2; --fewer.levels) {
        const auto levels = grid_levels(fewer, tick);
        if (levels && poorest(*levels, fee).earns()) return fewer.levels;
    }
    return std::nullopt;
}

std::string percent(Rate rate) {
    const auto hundredfold = domain::multiply_scaled(rate.raw(), Rate::of(100).raw(), domain::Rounding::down);
    if (!hundredfold) return "more than 100 %";
    const Rate value = Rate::from_raw(*hundredfold);
    // Four places are enough to tell a spacing from a fee.
    std::string text = value.floor_to(Rate::literal("0.0001")).str();
    const std::size_t point = text.find('.');
    if (point == std::string::npos)
        text += ".00";
    else if (text.size() - point == 2)
        text += "0";
    return text + " %";
}

}  // namespace vigil::strategy
