// The filters of one symbol applied to one order, exactly, before the wire (filters.md). The risk gate
// refuses with it what the exchange would refuse; the simulated exchange answers with it what the exchange
// would answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decimal.h"
#include "domain/order.h"
#include "domain/symbol_rules.h"

namespace vigil::domain {

/// What the filters need to know beside the order. Absent values leave the filters that need them unchecked.
struct CheckContext {
    std::optional<Price> average_price;       ///< over the filter's minutes; the last price when those are 0
    std::optional<Quantity> position;         ///< free + locked base asset + open buys, for MAX_POSITION
    std::optional<std::int64_t> open_orders;  ///< on this symbol, for MAX_NUM_ORDERS
    std::optional<std::int64_t> open_algo_orders;
};

/// One broken filter.
struct FilterBreach {
    std::string_view filter;  ///< the exchange's name, "LOT_SIZE"
    std::string detail;       ///< for a person: what was given, what is allowed, the nearest legal value
    std::optional<std::string> nearest;  ///< nearest legal value as text, when there is one
};

/// The first filter that `order` breaks, in the exchange's order of checking, or nothing.
/// A MARKET order by quote amount is checked as far as its price is known from `context`.
[[nodiscard]] std::optional<FilterBreach> check_order(const SymbolRules& rules, const NewOrder& order,
                                                      const CheckContext& context);

}  // namespace vigil::domain
