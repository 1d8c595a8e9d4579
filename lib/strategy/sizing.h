// Quantities and prices that a symbol's filters accept, and wishes made of them. Everything is exact and
// rounded to the safe side: never more is spent or sold than was given.
#pragma once

#include <optional>

#include "domain/decimal.h"
#include "domain/order.h"
#include "domain/symbol_rules.h"
#include "strategy/view.h"
#include "strategy/wishes.h"

namespace vigil::strategy {

/// The most of `have` that one order may sell at about `price`: floored to the step, within the maximum; zero
/// when that is less than the filters' minimum (dust).
[[nodiscard]] domain::Quantity sellable(const domain::SymbolRules& rules, domain::Quantity have,
                                        domain::Price price, domain::OrderType type);
/// The most base asset that `budget` buys at `price` in one order; zero when that is below the minimum.
[[nodiscard]] domain::Quantity buyable(const domain::SymbolRules& rules, domain::Amount budget,
                                       domain::Price price, domain::OrderType type);
/// `amount` as a quote amount of a market order: floored to the quote precision; zero when below the minimum.
[[nodiscard]] domain::Amount spendable(const domain::SymbolRules& rules, domain::Amount amount);

/// price * (1 + rate), on the tick: up for a positive rate of the buyer's limit, down for the seller's.
[[nodiscard]] std::optional<domain::Price> price_above(const domain::SymbolRules& rules, domain::Price price,
                                                       domain::Rate rate);
[[nodiscard]] std::optional<domain::Price> price_below(const domain::SymbolRules& rules, domain::Price price,
                                                       domain::Rate rate);

/// Quote asset that open buys may still spend.
[[nodiscard]] domain::Amount committed_quote(const View& view);
/// Base asset that open sells may still sell.
[[nodiscard]] domain::Quantity committed_base(const View& view);
/// What a fill added to (buy) or took from (sell) the base asset owned, commission included.
[[nodiscard]] domain::Quantity base_change(const domain::SymbolRules& rules, const domain::Fill& fill);
/// What a fill cost (buy, positive) or brought (sell, positive) in the quote asset, commission included.
[[nodiscard]] domain::Amount quote_change(const domain::SymbolRules& rules, const domain::Fill& fill);

/// whole * part / of, rounded up: what `part` of a holding cost, exactly. Expects 0 <= part <= of, of > 0.
[[nodiscard]] domain::Amount share_of(domain::Amount whole, domain::Quantity part, domain::Quantity of);

/// The order that a wish stands for, as the filters see it.
[[nodiscard]] domain::NewOrder as_order(const domain::Symbol& symbol, const Place& place);
/// Whether the filters accept the wish.
[[nodiscard]] bool legal(const domain::SymbolRules& rules, const Place& place);

[[nodiscard]] Place limit_order(domain::Slot slot, domain::Side side, domain::Quantity quantity,
                                domain::Price price, domain::TimeInForce time_in_force, Reason why);
[[nodiscard]] Place limit_maker_order(domain::Slot slot, domain::Side side, domain::Quantity quantity,
                                      domain::Price price, Reason why);
[[nodiscard]] Place market_sell(domain::Slot slot, domain::Quantity quantity, Reason why);
[[nodiscard]] Place market_buy(domain::Slot slot, domain::Amount quote_quantity, Reason why);

}  // namespace vigil::strategy
