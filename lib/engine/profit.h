// What the own strategies have earned in one quote asset, and the limits on losing it.
#pragma once

#include <optional>

#include "engine/house.h"

namespace vigil::engine {

/// From own fills alone, of the strategies that are configured.
struct Profit {
    domain::Amount realised;
    std::optional<domain::Amount> total;  ///< with what is not realised; nothing: a price is missing
};
[[nodiscard]] Profit profit_in(const House& house, const domain::Asset& quote);

/// Holds the profit of now against the limits; what is reached moves the ladder, and is told.
void watch_losses(House& house, const Now& now);

}  // namespace vigil::engine
