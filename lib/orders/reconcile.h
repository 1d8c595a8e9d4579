// Reconciliation: the ledger as the journal left it against what the exchange says, before the first order of
// a session and in every periodic sweep. Pure: questions go out as a value, the answers come in as one, and
// the report tells what was found and whether it is sound to trade on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/account.h"
#include "domain/order.h"
#include "orders/ledger.h"

namespace vigil::orders {

/// What must be asked of the exchange.
struct ReconcileQuestions {
    struct Trades {
        domain::Symbol symbol;
        std::optional<domain::TradeId> from;   ///< nothing: from the most recent ones the exchange gives
        std::optional<domain::OrderId> order;  ///< only of this order, whose fills are known to be missing
    };
    struct Order {
        domain::Symbol symbol;
        domain::ClientOrderId id;
    };
    std::vector<Trades> trades;  ///< one for each symbol the ledger was told of
    std::vector<Order> orders;   ///< every live order
};
[[nodiscard]] ReconcileQuestions reconcile_questions(const Ledger& ledger);

/// The answers.
struct ReconcileInput {
    struct Trades {
        domain::Symbol symbol;
        std::vector<domain::Fill> fills;
    };
    struct NotFound {
        domain::ClientOrderId id;
        bool proven{false};  ///< the look-up policy holds it for proven that it never happened
    };
    domain::AccountSnapshot account;
    std::vector<domain::OrderView> open_orders;  ///< all symbols
    std::vector<Trades> trades;
    std::vector<domain::OrderView> orders;  ///< looked up one by one
    std::vector<NotFound> not_found;        ///< looked up, answered -2013
    Moment asked;                           ///< before the first question left
};

struct ReconcileReport {
    std::vector<domain::ClientOrderId> resolved;       ///< live before, settled now
    std::vector<domain::ClientOrderId> orphans;        ///< own prefix, unknown to the journal: adopted
    std::vector<domain::ClientOrderId> unresolved;     ///< to be looked up (again)
    std::vector<domain::ClientOrderId> fills_missing;  ///< myTrades of these orders is wanted
    std::vector<domain::ClientOrderId> not_adoptable;  ///< own prefix, on a symbol that is not configured
    int foreign_orders{0};
    int foreign_trades{0};  ///< trades of orders that the ledger does not know
    int fills_applied{0};
    int contradictions{0};
    std::vector<BalanceDifference>
        differences;                           ///< changed from outside; to report, not an obstacle by itself
    std::vector<BalanceDifference> uncovered;  ///< strategies hold more (expected) than the account (stated)
    /// The round before did not show the same differences: a fill between two of its questions may be all
    /// there is to them. Set by whoever keeps the rounds.
    bool differences_unconfirmed{false};
    /// A newer statement of a balance came while the questions were asked, so that their answer cannot be the
    /// new opening. Set by whoever opens.
    bool balances_overtaken{false};
    bool can_trade{false};  ///< as the account says

    /// Whether trading on it would be trading on facts: nothing unresolved, missing, contradictory,
    /// uncovered, unconfirmed or overtaken.
    [[nodiscard]] bool is_sound() const;
    /// One line for a person.
    [[nodiscard]] std::string summary() const;
};

/// Applies the answers to the ledger. `out` gets the changes, as for every other input.
[[nodiscard]] ReconcileReport reconcile(Ledger& ledger, const ReconcileInput& input, Moment now,
                                        OrderChanges& out);

}  // namespace vigil::orders
