// The ledger in words, a line for each thing that it holds to be true: what every strategy has on every
// symbol, what each balance ought to be, and every live order. Lines are sorted and name strategies by name,
// so that two ledgers with the same text are the same, to the last digit, whatever order they heard it in.
//
//   balance ASSET expected
//   holding STRATEGY SYMBOL inventory cost realised spent received fees_quote fees_base fills [ASSET fee]...
//   order ID state executed executed_quote filled filled_quote fills
//
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/names.h"
#include "orders/ledger.h"

namespace vigil::orders {

/// @param names of the ledger's StrategyIndex, in their order; "?" stands for one that has none
[[nodiscard]] std::string statement(const Ledger& ledger, std::span<const domain::StrategyName> names);

/// The first line that is not in both; empty on the side that has no such line.
struct StatementDifference {
    std::string_view first;
    std::string_view second;
};
/// Nothing when the two are the same. The result points into them.
[[nodiscard]] std::optional<StatementDifference> difference(std::string_view first, std::string_view second);

}  // namespace vigil::orders
