#include "orders/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace vigil::orders::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReconcileTest : public testing::Test {
  protected:
    void SetUp() override {
        ledger.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
        input.asked = at(10'000);
        input.account = account({{usdt, amount("1000"), amount("0")}}, 9000);
    }
    void place(const NewOrder& order) {
        ASSERT_TRUE(ledger.placing(intent(order), at(100), std::nullopt, changes));
    }
    ReconcileReport run() {
        changes.clear();
        return reconcile(ledger, input, at(10'100), changes);
    }

    KnownLedger ledger;
    OrderChanges changes;
    ReconcileInput input;
    const NewOrder buy = limit(1, Side::buy, "100", "2");
};

TEST_F(ReconcileTest, AnEmptyHouseIsSound) {
    const auto report = run();
    EXPECT_TRUE(report.is_sound());
    EXPECT_TRUE(report.can_trade);
    EXPECT_EQ(report.summary(), "sound");
}

TEST_F(ReconcileTest, AsksForEveryLiveOrderAndForTradesSinceTheLast) {
    place(buy);
    auto questions = reconcile_questions(ledger);
    ASSERT_EQ(questions.orders.size(), 1U);
    EXPECT_EQ(questions.orders[0].id, buy.client_order_id);
    ASSERT_EQ(questions.trades.size(), 1U);
    EXPECT_EQ(questions.trades[0].from, std::nullopt);
    ledger.on_execution(trade(buy, fill(buy, 41, "100", "1"), qty("1")), at(200), changes);
    EXPECT_EQ(reconcile_questions(ledger).trades[0].from, TradeId{42});
}

TEST_F(ReconcileTest, WhatFilledWhileNobodyLookedIsBooked) {
    place(buy);
    ledger.assume_sent(buy.client_order_id, at(5000), changes);
    input.orders = {view(buy, OrderStatus::filled, qty("2"), amount("200"))};
    input.trades = {{btcusdt, {fill(buy, 7, "100", "2", "0.002", btc, 8000)}}};
    input.account = account({{usdt, amount("800"), amount("0")}, {btc, amount("1.998"), amount("0")}}, 9000);
    const auto report = run();
    EXPECT_TRUE(report.is_sound()) << report.summary();
    EXPECT_THAT(report.resolved, ElementsAre(buy.client_order_id));
    EXPECT_EQ(report.fills_applied, 1);
    EXPECT_THAT(report.differences, IsEmpty());
    EXPECT_EQ(ledger.holding({0}, btcusdt).position.inventory, qty("1.998"));
}

TEST_F(ReconcileTest, AnUnansweredOrderIsNotSoundUntilItIsProvenAbsent) {
    place(buy);
    ledger.assume_sent(buy.client_order_id, at(5000), changes);
    input.not_found = {{buy.client_order_id, false}};
    auto report = run();
    EXPECT_FALSE(report.is_sound());
    EXPECT_THAT(report.unresolved, ElementsAre(buy.client_order_id));
    EXPECT_THAT(report.summary(), HasSubstr("1 unresolved"));
    input.not_found = {{buy.client_order_id, true}};
    report = run();
    EXPECT_TRUE(report.is_sound()) << report.summary();
    EXPECT_THAT(report.resolved, ElementsAre(buy.client_order_id));
}

TEST_F(ReconcileTest, AnOrderThatVanishedFromTheOpenOnesIsUnresolvedUntilLookedUp) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(200), changes);
    auto report = run();
    EXPECT_THAT(report.unresolved, ElementsAre(buy.client_order_id));
    input.orders = {view(buy, OrderStatus::canceled)};
    report = run();
    EXPECT_TRUE(report.is_sound()) << report.summary();
}

TEST_F(ReconcileTest, FillsStillMissingAreNotSound) {
    place(buy);
    input.open_orders = {view(buy, OrderStatus::partially_filled, qty("0.5"), amount("50"))};
    input.account = account({{usdt, amount("950"), amount("0")}, {btc, amount("0.5"), amount("0")}}, 9000);
    const auto report = run();
    EXPECT_FALSE(report.is_sound());
    EXPECT_THAT(report.fills_missing, ElementsAre(buy.client_order_id));
}

TEST_F(ReconcileTest, OwnOrdersThatTheJournalDoesNotKnowAreAdopted) {
    const NewOrder lost = limit(55, Side::sell, "150", "1", 2, 3);
    NewOrder other = limit(56, Side::sell, "150", "1");
    other.client_order_id = *ClientOrderId::from("android_1");
    NewOrder elsewhere = limit(57, Side::sell, "150", "1");
    elsewhere.symbol = symbol("ETHUSDT");
    input.open_orders = {view(lost, OrderStatus::new_order), view(other, OrderStatus::new_order)};
    auto report = run();
    EXPECT_TRUE(report.is_sound()) << report.summary();
    EXPECT_THAT(report.orphans, ElementsAre(lost.client_order_id));
    EXPECT_EQ(report.foreign_orders, 1);
    EXPECT_NE(ledger.in_slot({2}, {3}), nullptr);
    input.open_orders.push_back(view(elsewhere, OrderStatus::new_order));
    report = run();
    EXPECT_FALSE(report.is_sound());
    EXPECT_THAT(report.not_adoptable, ElementsAre(elsewhere.client_order_id));
    EXPECT_THAT(report.orphans, IsEmpty()) << "adopted the first time";
}

TEST_F(ReconcileTest, ADepositIsToldAndNoObstacle) {
    input.account = account({{usdt, amount("1500"), amount("0")}}, 9000);
    const auto report = run();
    EXPECT_TRUE(report.is_sound());
    EXPECT_THAT(report.differences, ElementsAre(BalanceDifference{usdt, amount("1000"), amount("1500")}));
    EXPECT_EQ(report.summary(), "sound, USDT changed from outside (expected 1000, stated 1500)");
}

TEST_F(ReconcileTest, InventoryThatIsGoneIsNotSound) {
    place(buy);
    ledger.on_execution(trade(buy, fill(buy, 7, "100", "2", "0", bnb, 200), qty("2")), at(200), changes);
    input.account = account({{usdt, amount("800"), amount("0")}, {btc, amount("1.5"), amount("0.4")}}, 9000);
    const auto report = run();
    EXPECT_FALSE(report.is_sound());
    EXPECT_THAT(report.uncovered, ElementsAre(BalanceDifference{btc, amount("2"), amount("1.9")}));
}

TEST_F(ReconcileTest, TradesOfOthersAreCountedAndLeftAlone) {
    Fill stranger = fill(buy, 3, "100", "1");
    stranger.order_id = domain::OrderId{4711};
    input.trades = {{btcusdt, {stranger}}};
    const auto report = run();
    EXPECT_EQ(report.foreign_trades, 1);
    EXPECT_EQ(report.fills_applied, 0);
    EXPECT_TRUE(ledger.holdings().empty());
}

TEST_F(ReconcileTest, TwiceIsAsGoodAsOnce) {
    place(buy);
    input.open_orders = {view(buy, OrderStatus::partially_filled, qty("0.5"), amount("50"))};
    input.trades = {{btcusdt, {fill(buy, 7, "100", "0.5", "0", bnb, 8000)}}};
    input.account = account({{usdt, amount("950"), amount("0")}, {btc, amount("0.5"), amount("0")}}, 9000);
    EXPECT_TRUE(run().is_sound());
    const Position before = ledger.holding({0}, btcusdt).position;
    const auto again = run();
    EXPECT_TRUE(again.is_sound()) << again.summary();
    EXPECT_EQ(again.fills_applied, 0);
    EXPECT_THAT(changes, IsEmpty());
    EXPECT_EQ(ledger.holding({0}, btcusdt).position, before);
}

TEST_F(ReconcileTest, AContradictionIsNotSound) {
    place(buy);
    OrderView wrong = view(buy, OrderStatus::filled, qty("2"));
    wrong.side = Side::sell;
    input.orders = {wrong};
    const auto report = run();
    EXPECT_FALSE(report.is_sound());
    EXPECT_EQ(report.contradictions, 1);
}

}  // namespace
}  // namespace vigil::orders::test
