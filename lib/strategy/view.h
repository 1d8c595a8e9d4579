// What a strategy sees: one symbol's market, what it owns, its own live orders, and the time. The engine
// makes a View for each call; nothing in it outlives the call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/order.h"
#include "domain/symbol_rules.h"
#include "market/symbol_view.h"

namespace vigil::strategy {

enum class OwnOrderState : std::uint8_t {
    pending,     ///< wished for, no word from the exchange yet
    open,        ///< resting at the exchange
    cancelling,  ///< open, and a cancel is on its way
    unknown,     ///< the exchange may or may not have it; being looked up
};

/// A live order of this strategy: anything that may still fill. Its slot is taken until it has ended.
struct OwnOrder {
    domain::Slot slot;
    domain::Side side{domain::Side::buy};
    domain::OrderType type{domain::OrderType::limit};
    domain::Price price;            ///< zero for MARKET
    domain::Quantity quantity;      ///< zero for MARKET by quote amount
    domain::Amount quote_quantity;  ///< MARKET by quote amount, else zero
    domain::Quantity executed;
    OwnOrderState state{OwnOrderState::pending};
};

/// What the ledger says this strategy has, by its own fills since it first ran. Commissions are included: in
/// the base asset they lessen `inventory`, in the quote asset they raise `bought` or lessen `sold`; in a
/// third asset they touch neither, and are part of `realized_profit` as far as their price is known.
struct Holdings {
    domain::Quantity inventory;      ///< base asset, with what own open sell orders lock
    domain::Amount bought;           ///< quote asset paid by all buys
    domain::Amount sold;             ///< quote asset received by all sells
    domain::Price average_cost;      ///< of `inventory`; zero when there is none
    domain::Amount realized_profit;  ///< quote asset

    /// Quote asset that is out of pocket now; negative once more came back than was paid.
    [[nodiscard]] domain::Amount spent_net() const { return bought - sold; }
};

struct View {
    base::MonotonicTime now;
    base::ExchangeTime exchange_now;
    const domain::SymbolRules& rules;
    const market::SymbolView& market;
    Holdings holdings;
    std::span<const OwnOrder> orders;  ///< live ones only, at most one a slot
    domain::Rate maker_fee;
    domain::Rate taker_fee;
    /// False while the house allows cancels only (ladder, symbol not TRADING, stopping): a placement would be
    /// refused, and is not to be wished for. Cancels always may be.
    bool new_orders_allowed{false};

    [[nodiscard]] const OwnOrder* order(domain::Slot slot) const {
        for (const OwnOrder& each : orders)
            if (each.slot == slot) return &each;
        return nullptr;
    }
    /// Orders may be placed at all: allowed, symbol TRADING, book whole and fresh.
    [[nodiscard]] bool may_place() const {
        return new_orders_allowed && rules.status == domain::SymbolStatus::trading && market.may_quote(now);
    }
};

/// What happened to one order of this strategy. The View that comes with it shows the state after the change:
/// an order that has ended is no longer in `orders`, a fill is already in `holdings`.
struct Accepted {};  ///< the exchange has it
struct Rejected {
    int code{0};  ///< of errors.md; definite: the order does not exist
    std::string message;
};
struct Filled {
    domain::Fill fill;
    bool whole{false};  ///< nothing is left of the order: it has ended
};
struct Cancelled {};  ///< ended; parts may have filled before
struct Expired {};    ///< ended by the exchange (IOC rest, EXPIRED, EXPIRED_IN_MATCH)
struct BecameUnknown {};
/// Certain: not a byte left the house (refused by risk, expired at the governor, journal full, not
/// connected).
struct NeverSent {
    std::string why;
};
/// A cancel was refused (-2011) while the order is not known to have ended: it stays in `orders`.
struct CancelFailed {
    int code{0};
    std::string message;
};
using Happening =
    std::variant<Accepted, Rejected, Filled, Cancelled, Expired, BecameUnknown, NeverSent, CancelFailed>;

struct OrderChange {
    OwnOrder order;  ///< as it is now, or was at its end; `executed` includes a fill that is told here
    Happening what;

    /// The order is no longer live, its slot is free.
    [[nodiscard]] bool ended() const {
        if (const auto* filled = std::get_if<Filled>(&what)) return filled->whole;
        return std::holds_alternative<Rejected>(what) || std::holds_alternative<Cancelled>(what) ||
               std::holds_alternative<Expired>(what) || std::holds_alternative<NeverSent>(what);
    }
};

}  // namespace vigil::strategy
