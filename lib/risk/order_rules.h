// The rules of the gate that look at one order, its symbol, the book and the money behind it. Internal to
// lib/risk: free functions over values, in the order in which the gate asks them.
#pragma once

#include <optional>

#include "domain/stages.h"
#include "risk/context.h"
#include "risk/options.h"
#include "risk/refusal.h"

namespace vigil::risk {

/// Whether the order only sells what its strategy has: what REDUCE and a closed day still allow.
[[nodiscard]] bool is_reduction(const domain::NewOrder& order, const RiskContext& context);

/// Symbol known and TRADING, order type offered, members of the order complete and positive.
[[nodiscard]] std::optional<Refusal> check_shape(const domain::NewOrder& order, const RiskContext& context);
/// The exchange's filters.
[[nodiscard]] std::optional<Refusal> check_filters(const domain::NewOrder& order, const RiskContext& context);

/// What the order is worth, at the worst price it may get.
struct Valuation {
    domain::Quantity quantity;  ///< base asset
    domain::Amount value;       ///< quote asset
    domain::Price mid;
};
/// Book, collar and slippage; on success `out` is filled in.
[[nodiscard]] std::optional<Refusal> check_price(const domain::NewOrder& order, const RiskContext& context,
                                                 const Options& options, Valuation& out);
/// Notional, open orders, position, budget, inventory, balance.
[[nodiscard]] std::optional<Refusal> check_size(const domain::NewOrder& order, const RiskContext& context,
                                                const Options& options, const SymbolLimits& limits,
                                                const Valuation& valuation);

}  // namespace vigil::risk
