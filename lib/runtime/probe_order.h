// The order that a preflight tries: the smallest that the filters allow, far from the market.
#pragma once

#include "base/error.h"
#include "domain/order.h"
#include "domain/symbol_rules.h"

namespace vigil::runtime {

/// A LIMIT GTC buy at about half of `mid`, or as far below it as PERCENT_PRICE allows with some room;
/// quantity the smallest that LOT_SIZE and NOTIONAL allow. Without a client order id. Errors: rejected, when
/// the symbol does not trade, or no such order passes its filters.
[[nodiscard]] base::Result<domain::NewOrder> plan_probe_order(const domain::SymbolRules& rules,
                                                              domain::Price mid);

}  // namespace vigil::runtime
