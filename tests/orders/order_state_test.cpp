#include "orders/order_state.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigil::orders {
namespace {

std::vector<OrderFacts> every_combination() {
    std::vector<OrderFacts> all;
    for (const bool sent : {false, true})
        for (int answer = 0; answer <= static_cast<int>(AnswerFact::accepted); ++answer)
            for (int exchange = 0; exchange <= static_cast<int>(ExchangeFact::filled); ++exchange)
                for (int cancel = 0; cancel <= static_cast<int>(CancelFact::refused); ++cancel)
                    for (int executed = 0; executed <= 2; ++executed)
                        for (const bool absent : {false, true})
                            all.push_back(
                                {sent, static_cast<AnswerFact>(answer), static_cast<ExchangeFact>(exchange),
                                 static_cast<CancelFact>(cancel), executed > 0, executed > 1, absent});
    return all;
}

/// Whether facts can grow from `a` to `b` by any inputs. A cancel may be asked for and answered again.
bool may_become(const OrderFacts& a, const OrderFacts& b) {
    const bool cancel_forgotten = b.cancel == CancelFact::none && a.cancel != CancelFact::none;
    return (!a.sent || b.sent) && a.answer <= b.answer && a.exchange <= b.exchange && !cancel_forgotten &&
           (!a.any_executed || b.any_executed) && (!a.all_executed || b.all_executed) &&
           (!a.proven_absent || b.proven_absent);
}

std::string name(OrderState from, OrderState to) {
    return std::string{to_string(from)} + " -> " + std::string{to_string(to)};
}

// The table is exactly what growing facts can cause: nothing is missing from it, nothing in it is invented.
TEST(OrderState, TheTableIsWhatFactsCanCause) {
    std::set<std::pair<OrderState, OrderState>> caused;
    const auto all = every_combination();
    for (const OrderFacts& a : all)
        for (const OrderFacts& b : all)
            if (may_become(a, b) && state_of(a) != state_of(b)) caused.emplace(state_of(a), state_of(b));
    for (const auto& [from, to] : caused) EXPECT_NE(find_transition(from, to), nullptr) << name(from, to);
    for (const Transition& row : legal_transitions())
        EXPECT_TRUE(caused.contains({row.from, row.to})) << name(row.from, row.to);
    EXPECT_EQ(caused.size(), legal_transitions().size()) << "a row is doubled";
}

TEST(OrderState, AFinalStateIsLeftOnlyByContradiction) {
    for (const Transition& row : legal_transitions()) {
        const bool agrees = row.from == OrderState::not_found &&
                            (row.to == OrderState::rejected || row.to == OrderState::never_sent);
        if (is_final(row.from)) {
            EXPECT_EQ(row.surprising, !agrees) << name(row.from, row.to);
        } else {
            EXPECT_FALSE(row.surprising) << name(row.from, row.to);
        }
        EXPECT_NE(row.from, row.to);
    }
    EXPECT_EQ(find_transition(OrderState::filled, OrderState::open), nullptr);
    EXPECT_EQ(find_transition(OrderState::filled, OrderState::cancelled), nullptr);
    EXPECT_EQ(find_transition(OrderState::cancelled, OrderState::open), nullptr);
    EXPECT_EQ(find_transition(OrderState::open, OrderState::unknown), nullptr);
    EXPECT_EQ(find_transition(OrderState::open, OrderState::journaled), nullptr);
}

TEST(OrderState, EveryStateCanBeReachedAndHasItsOwnName) {
    std::set<OrderState> reached;
    for (const OrderFacts& facts : every_combination()) reached.insert(state_of(facts));
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(order_state_count));
    std::set<std::string_view> names;
    for (const OrderState state : reached) names.insert(to_string(state));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(order_state_count));
}

TEST(OrderState, TheExchangesOwnRecordGoesBeforeAnswers) {
    OrderFacts facts;
    EXPECT_EQ(state_of(facts), OrderState::journaled);
    facts.sent = true;
    EXPECT_EQ(state_of(facts), OrderState::sent);
    facts.answer = AnswerFact::unknown;
    EXPECT_EQ(state_of(facts), OrderState::unknown);
    facts.answer = AnswerFact::rejected;
    EXPECT_EQ(state_of(facts), OrderState::rejected);
    facts.exchange = ExchangeFact::alive;
    EXPECT_EQ(state_of(facts), OrderState::open);
    facts.any_executed = true;
    EXPECT_EQ(state_of(facts), OrderState::partially_filled);
    facts.cancel = CancelFact::asked;
    EXPECT_EQ(state_of(facts), OrderState::cancelling);
    facts.cancel = CancelFact::refused;
    EXPECT_EQ(state_of(facts), OrderState::partially_filled);
    facts.exchange = ExchangeFact::cancelled;
    EXPECT_EQ(state_of(facts), OrderState::cancelled);
}

TEST(OrderState, UnknownIsNotEndedByACancelAskedFor) {
    OrderFacts facts;
    facts.answer = AnswerFact::unknown;
    facts.cancel = CancelFact::asked;
    EXPECT_EQ(state_of(facts), OrderState::unknown);
}

TEST(OrderState, StatusWordsBecomeFacts) {
    using domain::OrderStatus;
    EXPECT_EQ(fact_of(OrderStatus::new_order), ExchangeFact::alive);
    EXPECT_EQ(fact_of(OrderStatus::pending_new), ExchangeFact::alive);
    EXPECT_EQ(fact_of(OrderStatus::pending_cancel), ExchangeFact::alive);
    EXPECT_EQ(fact_of(OrderStatus::unknown), ExchangeFact::alive);
    EXPECT_EQ(fact_of(OrderStatus::expired_in_match), ExchangeFact::expired);
    EXPECT_EQ(fact_of(OrderStatus::canceled), ExchangeFact::cancelled);
    EXPECT_EQ(fact_of(OrderStatus::rejected), ExchangeFact::rejected);
    EXPECT_EQ(fact_of(OrderStatus::filled), ExchangeFact::filled);
}

TEST(OrderState, OnlyCertainRejectionsAreRejections) {
    EXPECT_TRUE(is_certain({-2010, "Account has insufficient balance for requested action.", 400}));
    EXPECT_TRUE(is_certain({-1013, "Filter failure: LOT_SIZE", 400}));
    EXPECT_TRUE(is_certain({-1003, "Too many requests.", 429}));
    EXPECT_FALSE(is_certain({-1021, "Timestamp for this request is outside of the recvWindow.", 400}))
        << "looked up before anything takes its place";
    EXPECT_FALSE(is_certain({-1007, "Timeout waiting for response from backend server.", 408}));
    EXPECT_FALSE(is_certain({-1006, "An unexpected response was received.", 400}));
    EXPECT_FALSE(is_certain({-1000, "An unknown error occurred while processing the request.", 400}));
    EXPECT_FALSE(is_certain({-1001, "Internal error; unable to process your request.", 400}));
    EXPECT_FALSE(is_certain({0, "", 502}));
    EXPECT_FALSE(is_certain({-2010, "Duplicate order sent.", 400}));
}

}  // namespace
}  // namespace vigil::orders
