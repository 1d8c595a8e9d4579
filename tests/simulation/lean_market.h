// An outside market made for short sessions: a few levels a side, some moves a second, each far enough to
// meet resting orders, with quantities small enough to fill them in parts. It costs a hundredth of the
// generated market.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exchange/feed.h"

namespace vigil::simulation {

struct LeanMarketOptions {
    std::uint64_t seed{1};
    std::vector<exchange::GeneratedSymbol> symbols;
    exchange::MarketTime start;
    base::microseconds gap_mean{250'000};  ///< between two moves of one symbol
    std::int64_t move_ppm{500};            ///< standard deviation of one move
};

/// @param stands_still when it becomes true the market ends: book and prices stay as they are
[[nodiscard]] std::unique_ptr<exchange::Feed> lean_market(const LeanMarketOptions& options,
                                                          std::shared_ptr<const bool> stands_still);

}  // namespace vigil::simulation
