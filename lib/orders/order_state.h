// The state of one own order, as a function of what is known about it.
//
// Answers and stream events come in any order, doubled, late or not at all. So the state is not moved from
// event to event: each input adds a fact, facts only ever grow, and the state is computed from the facts.
// Whatever the order of arrival, the same facts give the same state. The table of legal transitions below is
// what growing facts can lead to; the ledger checks each step against it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "domain/order.h"
#include "domain/order_outcome.h"

namespace vigil::orders {

enum class OrderState : std::uint8_t {
    journaled,         ///< decided; about to be sent
    sent,              ///< its bytes were handed to the socket; no word yet
    open,              ///< the exchange has it, nothing filled
    partially_filled,  ///< the exchange has it, a part is filled
    cancelling,        ///< the exchange has it, and a cancel is under way
    unknown,           ///< may have reached the exchange; being looked up
    filled,            ///< final, as all that follow
    cancelled,
    rejected,    ///< the exchange refused it
    expired,     ///< ended by the exchange's rules (IOC, FOK, MARKET rest, self trade prevention)
    never_sent,  ///< not a byte left
    not_found,   ///< proven never to have happened
};
inline constexpr int order_state_count = 12;

[[nodiscard]] std::string_view to_string(OrderState state) noexcept;
[[nodiscard]] constexpr bool is_final(OrderState state) {
    return state >= OrderState::filled;
}

/// What the answer to our own request to place it said. Of two answers the greater one counts.
enum class AnswerFact : std::uint8_t { none, unknown, never_sent, rejected, accepted };
/// What the exchange's record of it (stream, look-up, answer) said. Of two words the greater one counts.
enum class ExchangeFact : std::uint8_t { none, alive, rejected, expired, cancelled, filled };
/// Where our latest request to cancel it stands.
enum class CancelFact : std::uint8_t { none, asked, unclear, refused };

struct OrderFacts {
    bool sent{false};
    AnswerFact answer{AnswerFact::none};
    ExchangeFact exchange{ExchangeFact::none};
    CancelFact cancel{CancelFact::none};
    bool any_executed{false};
    bool all_executed{false};
    bool proven_absent{false};

    friend bool operator==(const OrderFacts&, const OrderFacts&) = default;
};

[[nodiscard]] OrderState state_of(const OrderFacts& facts) noexcept;

/// enums.md, "Order status", as a fact. A status unheard of is at least a sign of life.
[[nodiscard]] ExchangeFact fact_of(domain::OrderStatus status) noexcept;

/// Whether a rejection proves that the order does not exist. Not so for 5xx, -1000, -1001, -1006, -1007
/// (execution status unknown, errors.md) and "Duplicate order sent." (an order with this id is open). Nor for
/// -1021: it says when the refusal was made, not that every machine of the exchange made it; a slot is not
/// used anew before the order was looked up.
[[nodiscard]] bool is_certain(const domain::OutcomeRejected& rejection) noexcept;

/// One row of the table.
struct Transition {
    OrderState from;
    OrderState to;
    bool surprising;  ///< contradicts what was held to be final; an anomaly to report
};
/// Every transition between different states that facts can cause.
[[nodiscard]] std::span<const Transition> legal_transitions() noexcept;
/// The row of the table, or null when the transition is not legal.
[[nodiscard]] const Transition* find_transition(OrderState from, OrderState to) noexcept;

}  // namespace vigil::orders
