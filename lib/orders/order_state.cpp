#include "orders/order_state.h"

#include <array>

namespace vigil::orders {

namespace {

using S = OrderState;

// Facts only grow, so this is all that can happen. Every state but `journaled` can also be the first one that
// the ledger tells of, because answers and events may overtake each other.
constexpr std::array transitions{
    // On its way.
    Transition{S::journaled, S::sent, false},
    Transition{S::journaled, S::never_sent, false},
    Transition{S::journaled, S::unknown, false},
    Transition{S::journaled, S::rejected, false},
    Transition{S::journaled, S::open, false},
    Transition{S::journaled, S::partially_filled, false},
    Transition{S::journaled, S::cancelling, false},
    Transition{S::journaled, S::filled, false},
    Transition{S::journaled, S::cancelled, false},
    Transition{S::journaled, S::expired, false},
    Transition{S::journaled, S::not_found, false},
    // Handed to the socket.
    Transition{S::sent, S::unknown, false},
    Transition{S::sent, S::never_sent, false},
    Transition{S::sent, S::rejected, false},
    Transition{S::sent, S::open, false},
    Transition{S::sent, S::partially_filled, false},
    Transition{S::sent, S::cancelling, false},
    Transition{S::sent, S::filled, false},
    Transition{S::sent, S::cancelled, false},
    Transition{S::sent, S::expired, false},
    Transition{S::sent, S::not_found, false},
    // Being looked up.
    Transition{S::unknown, S::open, false},
    Transition{S::unknown, S::partially_filled, false},
    Transition{S::unknown, S::cancelling, false},
    Transition{S::unknown, S::filled, false},
    Transition{S::unknown, S::cancelled, false},
    Transition{S::unknown, S::rejected, false},
    Transition{S::unknown, S::expired, false},
    Transition{S::unknown, S::never_sent, false},
    Transition{S::unknown, S::not_found, false},
    // At the exchange.
    Transition{S::open, S::partially_filled, false},
    Transition{S::open, S::cancelling, false},
    Transition{S::open, S::filled, false},
    Transition{S::open, S::cancelled, false},
    Transition{S::open, S::rejected, false},  // a stop order refused when it was triggered
    Transition{S::open, S::expired, false},
    Transition{S::partially_filled, S::cancelling, false},
    Transition{S::partially_filled, S::filled, false},
    Transition{S::partially_filled, S::cancelled, false},
    Transition{S::partially_filled, S::rejected, false},
    Transition{S::partially_filled, S::expired, false},
    Transition{S::cancelling, S::open, false},  // the cancel was refused
    Transition{S::cancelling, S::partially_filled, false},
    Transition{S::cancelling, S::filled, false},
    Transition{S::cancelling, S::cancelled, false},
    Transition{S::cancelling, S::rejected, false},
    Transition{S::cancelling, S::expired, false},
    // Held for certain, and contradicted by the exchange itself, whose word counts.
    Transition{S::rejected, S::open, true},
    Transition{S::rejected, S::partially_filled, true},
    Transition{S::rejected, S::cancelling, true},
    Transition{S::rejected, S::filled, true},
    Transition{S::rejected, S::cancelled, true},
    Transition{S::rejected, S::expired, true},
    Transition{S::never_sent, S::open, true},
    Transition{S::never_sent, S::partially_filled, true},
    Transition{S::never_sent, S::cancelling, true},
    Transition{S::never_sent, S::filled, true},
    Transition{S::never_sent, S::cancelled, true},
    Transition{S::never_sent, S::rejected, true},
    Transition{S::never_sent, S::expired, true},
    Transition{S::not_found, S::open, true},
    Transition{S::not_found, S::partially_filled, true},
    Transition{S::not_found, S::cancelling, true},
    Transition{S::not_found, S::filled, true},
    Transition{S::not_found, S::cancelled, true},
    Transition{S::not_found, S::rejected, false},    // a late answer that agrees
    Transition{S::not_found, S::never_sent, false},  // likewise
    Transition{S::not_found, S::expired, true},
    // Two final words that exclude each other: the greater one counts.
    Transition{S::expired, S::cancelled, true},
    Transition{S::expired, S::filled, true},
    Transition{S::cancelled, S::filled, true},
};

}  // namespace

std::string_view to_string(OrderState state) noexcept {
    switch (state) {
        case S::journaled:
            return "journaled";
        case S::sent:
            return "sent";
        case S::open:
            return "open";
        case S::partially_filled:
            return "partially_filled";
        case S::cancelling:
            return "cancelling";
        case S::unknown:
            return "unknown";
        case S::filled:
            return "filled";
        case S::cancelled:
            return "cancelled";
        case S::rejected:
            return "rejected";
        case S::expired:
            return "expired";
        case S::never_sent:
            return "never_sent";
        case S::not_found:
            return "not_found";
    }
    return "invalid";
}

OrderState state_of(const OrderFacts& facts) noexcept {
    // The exchange's own record of the order goes before every answer.
    if (facts.exchange == ExchangeFact::filled || facts.all_executed) return S::filled;
    if (facts.exchange == ExchangeFact::cancelled) return S::cancelled;
    if (facts.exchange == ExchangeFact::expired) return S::expired;
    if (facts.exchange == ExchangeFact::rejected) return S::rejected;
    const bool is_alive =
        facts.exchange == ExchangeFact::alive || facts.answer == AnswerFact::accepted || facts.any_executed;
    if (is_alive) {
        if (facts.cancel == CancelFact::asked || facts.cancel == CancelFact::unclear) return S::cancelling;
        return facts.any_executed ? S::partially_filled : S::open;
    }
    if (facts.answer == AnswerFact::rejected) return S::rejected;
    if (facts.answer == AnswerFact::never_sent) return S::never_sent;
    if (facts.proven_absent) return S::not_found;
    if (facts.answer == AnswerFact::unknown) return S::unknown;
    return facts.sent ? S::sent : S::journaled;
}

ExchangeFact fact_of(domain::OrderStatus status) noexcept {
    using domain::OrderStatus;
    switch (status) {
        case OrderStatus::filled:
            return ExchangeFact::filled;
        case OrderStatus::canceled:
            return ExchangeFact::cancelled;
        case OrderStatus::rejected:
            return ExchangeFact::rejected;
        case OrderStatus::expired:
        case OrderStatus::expired_in_match:
            return ExchangeFact::expired;
        case OrderStatus::new_order:
        case OrderStatus::pending_new:
        case OrderStatus::partially_filled:
        case OrderStatus::pending_cancel:
        case OrderStatus::unknown:
            return ExchangeFact::alive;
    }
    return ExchangeFact::alive;
}

bool is_certain(const domain::OutcomeRejected& rejection) noexcept {
    if (rejection.http_status >= 500) return false;
    if (rejection.code == -1000 || rejection.code == -1001 || rejection.code == -1006 ||
        rejection.code == -1007 || rejection.code == -1021)
        return false;
    return rejection.message.find("Duplicate order sent") == std::string::npos;
}

std::span<const Transition> legal_transitions() noexcept {
    return transitions;
}

const Transition* find_transition(OrderState from, OrderState to) noexcept {
    for (const Transition& transition : transitions)
        if (transition.from == from && transition.to == to) return &transition;
    return nullptr;
}

}  // namespace vigil::orders
