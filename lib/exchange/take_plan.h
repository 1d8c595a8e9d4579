// What a taker would meet, worked out before anything changes: the same walk decides whether a FOK can be
// filled, what a market order costs, and what is then carried out, step by step.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/decimal.h"
#include "domain/order.h"
#include "exchange/core_types.h"
#include "exchange/live_order.h"
#include "exchange/symbol_book.h"

namespace vigil::exchange {

/// What a taker wants, and who it is.
struct TakerTerms {
    domain::Side side{domain::Side::buy};
    std::optional<domain::Price> limit;  ///< nothing: at any price
    domain::Quantity quantity;           ///< used when quote_quantity is absent
    std::optional<domain::Amount> quote_quantity;
    domain::Quantity step;  ///< grid of quantities bought by quote amount; zero: any
    AccountId account;
    std::int64_t trade_group_id{-1};
    StpMode stp_mode{StpMode::none};
};

enum class TakeKind : std::uint8_t {
    outside,       ///< a trade with the outside market
    own,           ///< a trade with the resting order `maker`
    expire_maker,  ///< self-trade prevention: `maker` expires
    expire_taker,  ///< the taker's rest expires; last step
    expire_both,   ///< last step
    decrement,     ///< both lose `quantity`
    transfer       ///< the same, and the quantity and its price change hands without a trade
};

struct TakeStep {
    TakeKind kind{TakeKind::outside};
    domain::Price price;
    domain::Quantity quantity;
    LiveOrder* maker{nullptr};
};

struct TakePlan {
    std::vector<TakeStep> steps;
    domain::Quantity quantity;           ///< to be traded
    domain::Amount quote;                ///< of it, each trade rounded down
    domain::Quantity transfer_quantity;  ///< to change hands without a trade (STP mode TRANSFER)
    domain::Amount transfer_quote;
    bool complete{false};   ///< the taker gets (or is prevented from) all it wants
    bool prevented{false};  ///< a self-trade is among the steps
    bool overflow{false};   ///< the amounts are beyond what a decimal holds
};

/// The trade group of an account; plain function so that the walk needs no accounts.
using TradeGroupOf = std::int64_t (*)(const void* context, AccountId account);

/// Walks the side opposite to `terms.side`, best price first; at one price, the outside quantity ahead of an
/// own order, that order, then what came later. Quote of a trade: price * quantity, rounded down.
[[nodiscard]] TakePlan plan_take(const SymbolBook& book, const TakerTerms& terms, TradeGroupOf group_of,
                                 const void* context);

}  // namespace vigil::exchange
