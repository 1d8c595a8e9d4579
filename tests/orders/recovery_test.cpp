#include "orders/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "fixtures.h"
#include "seed.h"

namespace vigil::orders::test {
namespace {

using domain::StrategyName;

StrategyName name(std::string_view text) {
    return *StrategyName::from(text);
}

TEST(Recovery, RebuildsOrdersPositionsAndTheCounter) {
    const std::vector strategies{name("grid")};
    Ledger ledger{{tag}};
    Recovery recovery{ledger, strategies};
    recovery.session(strategies);
    recovery.symbol({btcusdt, btc, usdt, qty("0.00001")});
    recovery.block_reserved({1000, 50});
    recovery.block_reserved({1050, 50});
    recovery.account(account({{usdt, amount("1000"), amount("0")}}, 0), true);
    const NewOrder done = limit(1, Side::buy, "100", "1", 0, 1);
    const NewOrder open = limit(2, Side::buy, "90", "1", 0, 2);
    const NewOrder wordless = limit(3, Side::buy, "80", "1", 0, 3);
    for (const NewOrder& order : {done, open, wordless}) recovery.intent(intent(order), at(1).exchange);
    recovery.execution(trade(done, fill(done, 9, "100", "1", "0", bnb, 5), qty("1")), at(5).exchange);
    recovery.outcome(outcome(open, domain::OutcomeAccepted{view(open, OrderStatus::new_order), {}}),
                     at(6).exchange);
    const auto summary = recovery.finish(at(9000));

    EXPECT_EQ(recovery.reserved_end(), 1100U);
    EXPECT_EQ(summary.refused, 0);
    EXPECT_EQ(summary.live, 2);
    EXPECT_EQ(summary.unknown, 1);
    EXPECT_EQ(ledger.find(done.client_order_id)->state, OrderState::filled);
    EXPECT_EQ(ledger.find(open.client_order_id)->state, OrderState::open);
    EXPECT_TRUE(ledger.find(open.client_order_id)->lookup_wanted);
    EXPECT_EQ(ledger.find(wordless.client_order_id)->state, OrderState::unknown);
    EXPECT_EQ(ledger.find(wordless.client_order_id)->sent_latest, at(9000).exchange);
    EXPECT_EQ(ledger.holding({0}, btcusdt).position.inventory, qty("1"));
    EXPECT_EQ(ledger.balances().expected_now(usdt), amount("900"));
}

TEST(Recovery, StrategiesKeepTheirOwnThroughAChangedConfiguration) {
    const std::vector now{name("trend"), name("grid")};
    KnownLedger ledger;
    Recovery recovery{ledger, now};
    recovery.session(std::vector{name("grid"), name("old"), name("trend")});
    for (std::uint16_t index = 0; index < 3; ++index) {
        const NewOrder order = limit(10U + index, Side::buy, "100", "1", index, 1);
        recovery.intent(intent(order), at(1).exchange);
        recovery.execution(trade(order, fill(order, 100 + index, "100", "1"), qty("1")), at(2).exchange);
    }
    recovery.session(now);
    const NewOrder later = limit(20, Side::buy, "100", "1", 0, 1);
    recovery.intent(intent(later), at(3).exchange);
    recovery.finish(at(10));

    EXPECT_THAT(recovery.strategies(), testing::ElementsAre(name("trend"), name("grid"), name("old")));
    EXPECT_EQ(ledger.find(own_id(10, 0, 1))->strategy, StrategyIndex{1});
    EXPECT_EQ(ledger.find(own_id(11, 1, 1))->strategy, StrategyIndex{2});
    EXPECT_EQ(ledger.find(own_id(12, 2, 1))->strategy, StrategyIndex{0});
    EXPECT_EQ(ledger.find(own_id(20, 0, 1))->strategy, StrategyIndex{0});
    EXPECT_EQ(ledger.holding({2}, btcusdt).position.inventory, qty("1"));
}

TEST(Recovery, AnAdoptedOrderIsToldOfAgain) {
    KnownLedger ledger;
    Recovery recovery{ledger, std::vector{name("grid")}};
    recovery.session(std::vector{name("grid")});
    const NewOrder lost = limit(5, Side::buy, "100", "1", 0, 2);
    recovery.adopted(view(lost, OrderStatus::new_order), at(1).exchange);
    recovery.adopted(view(lost, OrderStatus::canceled), at(2).exchange);
    EXPECT_EQ(recovery.finish(at(3)).refused, 0);
    EXPECT_TRUE(ledger.find(lost.client_order_id)->is_orphan);
    EXPECT_EQ(ledger.find(lost.client_order_id)->state, OrderState::cancelled);
}

// The second session found the order open, so that the cancel of the first had no effect: so it is in the
// third.
TEST(Recovery, ACancelWithoutAnswerEndsWithItsSession) {
    KnownLedger ledger;
    Recovery recovery{ledger, std::vector{name("grid")}};
    recovery.session(std::vector{name("grid")});
    const NewOrder order = limit(1, Side::buy, "100", "1", 0, 1);
    recovery.intent(intent(order), at(1).exchange);
    recovery.outcome(outcome(order, domain::OutcomeAccepted{view(order, OrderStatus::new_order), {}}),
                     at(2).exchange);
    recovery.intent(cancel_of(order), at(3).exchange);
    recovery.session(std::vector{name("grid")});
    recovery.order_view(view(order, OrderStatus::new_order), at(5).exchange);
    EXPECT_EQ(ledger.find(order.client_order_id)->state, OrderState::open);
}

TEST(Recovery, WhatTheLedgerCannotTakeIsCounted) {
    Ledger ledger{{tag}};
    Recovery recovery{ledger, std::vector{name("grid")}};
    recovery.session(std::vector{name("grid")});
    recovery.intent(intent(limit(1, Side::buy, "1", "1")), at(1).exchange);  // symbol never told
    recovery.symbol({btcusdt, btc, usdt, {}});
    recovery.intent(intent(limit(1, Side::buy, "1", "1")), at(1).exchange);
    recovery.intent(intent(limit(1, Side::buy, "1", "1")), at(1).exchange);  // doubled
    recovery.symbol({btcusdt, btc, bnb, {}});                                // other assets
    EXPECT_EQ(recovery.finish(at(2)).refused, 3);
}

// Killed at any point: what is rebuilt from the inputs so far is what was there, but for the orders without a
// word, which become Unknown.
TEST(Recovery, KilledAtAnyPointTheStateComesBack) {
    const unsigned seed = test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    const std::vector strategies{name("a"), name("b")};
    KnownLedger live;
    OrderChanges changes;
    std::vector<std::function<void(Recovery&)>> journal;
    const auto snapshot = account({{usdt, amount("1000000"), amount("0")}}, 0);
    live.on_account(snapshot);
    journal.emplace_back([snapshot](Recovery& r) { r.account(snapshot, false); });

    const auto compare = [&] {
        Ledger rebuilt{{tag}};
        Recovery recovery{rebuilt, strategies};
        recovery.session(strategies);
        recovery.symbol({btcusdt, btc, usdt, qty("0.00001")});
        for (const auto& record : journal) record(recovery);
        const auto summary = recovery.finish(at(100'000));
        ASSERT_EQ(summary.refused, 0);
        ASSERT_EQ(rebuilt.live().size(), live.live().size());
        for (const OrderRecord* record : live.live()) {
            const OrderRecord* again = rebuilt.find(record->id());
            ASSERT_NE(again, nullptr);
            const bool had_word = record->state != OrderState::journaled && record->state != OrderState::sent;
            ASSERT_EQ(again->state, had_word ? record->state : OrderState::unknown);
            ASSERT_EQ(again->filled, record->filled);
            ASSERT_EQ(again->slot, record->slot);
            ASSERT_TRUE(again->lookup_wanted);
        }
        ASSERT_EQ(rebuilt.holdings().size(), live.holdings().size());
        for (const HoldingView& holding : live.holdings()) {
            const HoldingView again = rebuilt.holding(holding.strategy, btcusdt);
            ASSERT_EQ(again.position, holding.position);
            ASSERT_EQ(again.committed_quote, holding.committed_quote);
            ASSERT_EQ(again.reserved_base, holding.reserved_base);
        }
        ASSERT_EQ(rebuilt.open_orders(), live.open_orders());
        ASSERT_EQ(rebuilt.balances().expected_now(usdt), live.balances().expected_now(usdt));
        ASSERT_EQ(rebuilt.last_trade(btcusdt), live.last_trade(btcusdt));
    };

    std::vector<NewOrder> placed;
    std::int64_t trade_id = 1;
    for (std::int64_t step = 1; step <= 400; ++step) {
        const Moment now = at(step * 10);
        const auto what = random() % 6;
        if (placed.empty() || what == 0) {
            const NewOrder order =
                limit(static_cast<std::uint64_t>(step), random() % 2 == 0 ? Side::buy : Side::sell, "100",
                      "1", static_cast<std::uint16_t>(random() % 2), static_cast<std::uint32_t>(step));
            placed.push_back(order);
            ASSERT_TRUE(live.placing(intent(order), now, std::nullopt, changes));
            journal.emplace_back([order, now](Recovery& r) { r.intent(intent(order), now.exchange); });
        } else {
            const NewOrder& order = placed[random() % placed.size()];
            const OrderRecord* record = live.find(order.client_order_id);
            ASSERT_NE(record, nullptr);
            if (what == 1) {
                const auto answer =
                    random() % 3 == 0
                        ? outcome(order, domain::OutcomeUnknown{"lost"})
                        : outcome(order, domain::OutcomeAccepted{view(order, OrderStatus::new_order), {}});
                live.on_outcome(answer, now, changes);
                journal.emplace_back([answer, now](Recovery& r) { r.outcome(answer, now.exchange); });
            } else if (what == 2 && !is_final(record->state)) {
                const auto gone =
                    report(order, ExecutionType::canceled, OrderStatus::canceled, record->executed);
                live.on_execution(gone, now, changes);
                journal.emplace_back([gone, now](Recovery& r) { r.execution(gone, now.exchange); });
            } else if (!is_final(record->state) && record->remaining().is_positive()) {
                const Quantity part = std::min(record->remaining(), qty("0.4"));
                Fill each =
                    fill(order, trade_id++, "100", "0.4", "0.01", random() % 2 == 0 ? usdt : bnb, step * 10);
                each.quantity = part;
                each.quote_quantity = *domain::notional(each.price, part, domain::Rounding::down);
                const auto event = trade(order, each, record->executed + part);
                live.on_execution(event, now, changes);
                journal.emplace_back([event, now](Recovery& r) { r.execution(event, now.exchange); });
            }
        }
        if (step % 10 == 0) {
            ASSERT_NO_FATAL_FAILURE(compare()) << "after step " << step;
        }
    }
}

}  // namespace
}  // namespace vigil::orders::test
