// The prices of a grid, exact and on the tick.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"
#include "domain/decimal.h"
#include "strategy/options.h"

namespace vigil::strategy {

/// `levels` prices from lower to upper, each rounded to the nearest multiple of `tick`. A geometric grid's
/// ratio is a root, found by bisection in fixed point: no floating point is in it, and every machine finds
/// the same prices. Expects options without problems(). Kind invalid when two levels would be the same price.
[[nodiscard]] base::Result<std::vector<domain::Price>> grid_levels(const GridOptions& options,
                                                                   domain::Price tick);

/// What one pass through a cell earns, as fractions.
struct GridEarnings {
    domain::Rate spacing;  ///< (sell - buy) / buy, rounded down
    domain::Rate fees;     ///< the spacing at which a pass earns nothing: 1 / (1 - fee)^2 - 1, rounded up
    [[nodiscard]] bool earns() const { return spacing > fees; }
};
/// Of the cell between two neighbouring levels, when both orders pay `fee`. Expects 0 <= fee < 1.
[[nodiscard]] GridEarnings earnings(domain::Price buy, domain::Price sell, domain::Rate fee);
/// Of the poorest cell.
[[nodiscard]] GridEarnings poorest(const std::vector<domain::Price>& levels, domain::Rate fee);
/// The most levels, at least 2, with which every cell of this grid still earns; nothing when not even one
/// cell from lower to upper does.
[[nodiscard]] std::optional<int> most_levels_that_earn(const GridOptions& options, domain::Price tick,
                                                       domain::Rate fee);

/// "0.15 %": a fraction as a percentage, two places at least, never rounded up.
[[nodiscard]] std::string percent(domain::Rate rate);

}  // namespace vigil::strategy
