#include "orders/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace vigil::orders::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LedgerTest : public testing::Test {
  protected:
    void place(const NewOrder& order, std::int64_t ms = 0) {
        ASSERT_TRUE(ledger.placing(intent(order), at(ms), std::nullopt, changes));
        ledger.on_sent(order.client_order_id, at(ms));
    }
    void ask_cancel(const NewOrder& order, std::int64_t ms) {
        ASSERT_TRUE(ledger.placing(cancel_of(order), at(ms), std::nullopt, changes));
    }
    /// The kinds told since the last call.
    std::vector<Kind> news() {
        auto all = kinds(changes);
        changes.clear();
        return all;
    }
    const OrderRecord& record(const NewOrder& order) { return *ledger.find(order.client_order_id); }
    HoldingView holding() { return ledger.holding({0}, btcusdt); }

    KnownLedger ledger;
    OrderChanges changes;
    const NewOrder buy = limit(1, Side::buy, "100", "2", 0, 5);
    const NewOrder sell = limit(2, Side::sell, "110", "1", 0, 6);
};

TEST_F(LedgerTest, TheLifeOfAnOrder) {
    place(buy);
    EXPECT_EQ(record(buy).state, OrderState::sent);
    EXPECT_EQ(ledger.open_orders(), 1);
    EXPECT_EQ(ledger.open_orders(btcusdt), 1);
    EXPECT_EQ(ledger.in_slot({0}, {5}), &record(buy));
    EXPECT_EQ(holding().committed_quote, amount("200"));
    EXPECT_THAT(news(), IsEmpty());

    ledger.on_outcome(outcome(buy, domain::OutcomeAccepted{view(buy, OrderStatus::new_order), {}}), at(5),
                      changes);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted));
    EXPECT_EQ(record(buy).state, OrderState::open);
    EXPECT_EQ(ledger.find(btcusdt, exchange_id(buy)), &record(buy));

    ledger.on_execution(trade(buy, fill(buy, 11, "100", "0.5", "0.0005", btc), qty("0.5")), at(6), changes);
    EXPECT_EQ(changes.at(0).fill->trade_id, TradeId{11});
    EXPECT_EQ(changes.at(0).state, OrderState::partially_filled);
    EXPECT_THAT(news(), ElementsAre(Kind::fill));
    EXPECT_EQ(holding().position.inventory, qty("0.4995"));
    EXPECT_EQ(holding().committed_quote, amount("150"));
    EXPECT_EQ(record(buy).remaining(), qty("1.5"));

    ledger.on_execution(trade(buy, fill(buy, 12, "99", "1.5"), qty("2")), at(7), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fill, Kind::filled));
    EXPECT_EQ(record(buy).state, OrderState::filled);
    EXPECT_EQ(ledger.open_orders(), 0);
    EXPECT_EQ(ledger.in_slot({0}, {5}), nullptr);
    EXPECT_THAT(ledger.live(), IsEmpty());
    EXPECT_EQ(holding().committed_quote, amount("0"));
    EXPECT_EQ(ledger.last_trade(btcusdt), TradeId{12});
}

TEST_F(LedgerTest, AcceptedThenAnswerLost) {
    place(buy);
    ledger.on_outcome(outcome(buy, domain::OutcomeUnknown{"deadline"}), at(1000), changes);
    EXPECT_EQ(changes.at(0).detail, "deadline");
    EXPECT_THAT(news(), ElementsAre(Kind::unknown));
    EXPECT_TRUE(record(buy).lookup_wanted);
    EXPECT_EQ(record(buy).sent_latest, at(0).exchange);
    EXPECT_EQ(holding().committed_quote, amount("200")) << "it may well exist";
    EXPECT_NE(ledger.in_slot({0}, {5}), nullptr);

    ledger.on_order_view(view(buy, OrderStatus::new_order), at(1200), at(1210), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted));
    EXPECT_FALSE(record(buy).lookup_wanted);
    EXPECT_EQ(ledger.open_orders(), 1);
}

TEST_F(LedgerTest, AcknowledgedByTheStreamBeforeTheAnswerIsGivenUp) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(10), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted));
    ledger.on_outcome(outcome(buy, domain::OutcomeUnknown{"deadline"}), at(1000), changes);
    EXPECT_THAT(news(), IsEmpty());
    EXPECT_EQ(record(buy).state, OrderState::open);
    EXPECT_FALSE(record(buy).lookup_wanted);
}

TEST_F(LedgerTest, FillRacesCancel) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(1), changes);
    ask_cancel(buy, 10);
    EXPECT_EQ(record(buy).state, OrderState::cancelling);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted, Kind::cancelling));
    // The answer to the cancel tells that a part was filled; the trade's own event comes later.
    ledger.on_outcome(
        outcome(buy, domain::OutcomeAccepted{view(buy, OrderStatus::canceled, qty("0.3"), amount("30")), {}},
                true, 12),
        at(12), changes);
    EXPECT_EQ(record(buy).state, OrderState::cancelled);
    EXPECT_THAT(news(), ElementsAre(Kind::fills_missing));
    EXPECT_EQ(ledger.open_orders(), 0);
    EXPECT_NE(ledger.in_slot({0}, {5}), nullptr) << "not settled while a fill is missing";
    EXPECT_EQ(holding().committed_quote, amount("30")) << "spent, but not yet booked";
    EXPECT_EQ(ledger.missing_fills().size(), 1U);

    ledger.on_fills(buy.client_order_id, std::vector{fill(buy, 11, "100", "0.3")}, at(20), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fill, Kind::cancelled));
    EXPECT_EQ(holding().position.inventory, qty("0.3"));
    EXPECT_EQ(holding().committed_quote, amount("0"));
    EXPECT_EQ(ledger.in_slot({0}, {5}), nullptr);
}

TEST_F(LedgerTest, AFillAfterTheCancelledOrderWasSettledStillCounts) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::canceled, OrderStatus::canceled), at(5), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted, Kind::cancelled));
    ledger.on_execution(trade(buy, fill(buy, 11, "100", "0.5"), qty("0.5")), at(6), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fill));
    EXPECT_EQ(record(buy).state, OrderState::cancelled);
    EXPECT_EQ(holding().position.inventory, qty("0.5"));
    // A view that tells of more than is known brings it back until the fills are here, without a second end.
    ledger.on_order_view(view(buy, OrderStatus::canceled, qty("0.8")), at(9), at(10), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fills_missing));
    EXPECT_EQ(ledger.missing_fills().size(), 1U);
    ledger.on_fills(buy.client_order_id, std::vector{fill(buy, 12, "100", "0.3")}, at(20), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fill));
    EXPECT_THAT(ledger.live(), IsEmpty());
}

TEST_F(LedgerTest, RefusedCancelLeavesTheOrderAndLooksItUp) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(1), changes);
    ask_cancel(buy, 10);
    news();
    ledger.on_outcome(outcome(buy, domain::OutcomeRejected{-2011, "Unknown order sent.", 400}, true, 12),
                      at(12), changes);
    EXPECT_EQ(changes.at(0).code, -2011);
    EXPECT_THAT(news(), ElementsAre(Kind::cancel_refused, Kind::lookup_wanted));
    EXPECT_EQ(record(buy).state, OrderState::open);
    EXPECT_TRUE(record(buy).lookup_wanted);
    ledger.on_order_view(view(buy, OrderStatus::filled, qty("2")), at(20), at(21), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fills_missing));
    ledger.on_fills(buy.client_order_id, std::vector{fill(buy, 11, "100", "2")}, at(30), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::fill, Kind::filled));
}

TEST_F(LedgerTest, LostCancelAnswerIsLookedUpAndMayBeAskedAgain) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(1), changes);
    ask_cancel(buy, 10);
    news();
    ledger.on_outcome(outcome(buy, domain::OutcomeUnknown{"connection lost"}, true, 12), at(12), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::lookup_wanted));
    EXPECT_EQ(record(buy).state, OrderState::cancelling);
    // A view asked for before the cancel says nothing of it.
    ledger.on_order_view(view(buy, OrderStatus::new_order), at(9), at(13), changes);
    EXPECT_EQ(record(buy).state, OrderState::cancelling);
    EXPECT_TRUE(record(buy).lookup_wanted);
    EXPECT_THAT(news(), IsEmpty());
    ledger.on_order_view(view(buy, OrderStatus::new_order), at(14), at(15), changes);
    EXPECT_EQ(record(buy).state, OrderState::open);
    // Who waits for the cancel hears of it; and what is news is journaled, so that a replay comes by here.
    EXPECT_THAT(news(), ElementsAre(Kind::cancel_refused));
    EXPECT_FALSE(record(buy).lookup_wanted);
    ask_cancel(buy, 20);
    EXPECT_EQ(record(buy).state, OrderState::cancelling);
    // The answer to the first cancel comes after all: it does not end the second.
    ledger.on_outcome(outcome(buy, domain::OutcomeRejected{-2011, "Unknown order sent.", 400}, true, 12),
                      at(21), changes);
    EXPECT_EQ(record(buy).state, OrderState::cancelling);
}

TEST_F(LedgerTest, RejectedAndNeverSentFreeEverything) {
    place(buy);
    ledger.on_outcome(outcome(buy, domain::OutcomeRejected{-2010, "Account has insufficient balance.", 400}),
                      at(1), changes);
    EXPECT_EQ(changes.at(0).code, -2010);
    EXPECT_EQ(changes.at(0).detail, "Account has insufficient balance.");
    EXPECT_THAT(news(), ElementsAre(Kind::rejected));
    EXPECT_EQ(record(buy).reject_code, -2010);
    place(sell);
    ledger.on_outcome(outcome(sell, domain::OutcomeNeverSent{"expired"}), at(2), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::never_sent));
    EXPECT_EQ(ledger.open_orders(), 0);
    EXPECT_EQ(holding().committed_quote, amount("0"));
    EXPECT_EQ(holding().reserved_base, qty("0"));
    EXPECT_EQ(holding().live_orders, 0);
}

TEST_F(LedgerTest, AnUncertainRejectionIsUnknown) {
    place(buy);
    ledger.on_outcome(outcome(buy, domain::OutcomeRejected{-2010, "Duplicate order sent.", 400}), at(1),
                      changes);
    EXPECT_THAT(news(), ElementsAre(Kind::unknown));
    place(sell);
    ledger.on_outcome(outcome(sell, domain::OutcomeRejected{0, "<html>", 503}), at(1), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::unknown));
}

TEST_F(LedgerTest, ProvenAbsentIsFinalUntilTheExchangeTellsOtherwise) {
    place(buy);
    ledger.on_outcome(outcome(buy, domain::OutcomeUnknown{"deadline"}), at(1), changes);
    ledger.on_not_found(buy.client_order_id, at(9000), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::unknown, Kind::not_found));
    EXPECT_EQ(ledger.open_orders(), 0);
    // It does turn up: nothing is hidden, and it counts again.
    ledger.on_execution(trade(buy, fill(buy, 11, "100", "0.5"), qty("0.5")), at(9100), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::contradiction, Kind::accepted, Kind::fill));
    EXPECT_EQ(ledger.open_orders(), 1);
    EXPECT_EQ(holding().position.inventory, qty("0.5"));
    EXPECT_EQ(ledger.in_slot({0}, {5}), &record(buy));
    ledger.on_execution(report(buy, ExecutionType::canceled, OrderStatus::canceled, qty("0.5")), at(9200),
                        changes);
    EXPECT_THAT(news(), ElementsAre(Kind::cancelled));
}

TEST_F(LedgerTest, NotFoundAgainstEvidenceIsAContradictionAndChangesNothing) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(1), changes);
    news();
    ledger.on_not_found(buy.client_order_id, at(9000), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::contradiction));
    EXPECT_EQ(record(buy).state, OrderState::open);
}

TEST_F(LedgerTest, StrangersAreToldAndNotTouched) {
    NewOrder other = limit(1, Side::buy, "1", "1");
    other.client_order_id = *ClientOrderId::from("web_77");
    ledger.on_execution(report(other, ExecutionType::new_order, OrderStatus::new_order), at(1), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::foreign));
    NewOrder elsewhere = other;
    elsewhere.client_order_id = *ClientOrderId::from("vzzzz-0-0-1");
    ledger.on_order_view(view(elsewhere, OrderStatus::new_order), at(1), at(2), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::foreign));

    const NewOrder lost = limit(99, Side::sell, "100", "1", 3, 4);
    ledger.on_execution(trade(lost, fill(lost, 5, "100", "1"), qty("1")), at(3), changes);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].kind, Kind::foreign_own);
    EXPECT_EQ(changes[0].strategy, StrategyIndex{3});
    EXPECT_EQ(changes[0].slot, Slot{4});
    EXPECT_EQ(changes[0].order_id, exchange_id(lost));
    EXPECT_EQ(changes[0].detail, "FILLED");
    EXPECT_EQ(ledger.find(lost.client_order_id), nullptr);
    EXPECT_TRUE(ledger.holdings().empty());
}

TEST_F(LedgerTest, AnOrphanCanBeAdopted) {
    const NewOrder lost = limit(99, Side::buy, "100", "1", 3, 4);
    ASSERT_TRUE(ledger.adopt(view(lost, OrderStatus::partially_filled, qty("0.4")), at(1), changes));
    EXPECT_THAT(news(), ElementsAre(Kind::accepted, Kind::fills_missing));
    EXPECT_TRUE(ledger.find(lost.client_order_id)->is_orphan);
    ledger.on_fills(lost.client_order_id, std::vector{fill(lost, 5, "100", "0.4")}, at(2), changes);
    EXPECT_EQ(ledger.holding({3}, btcusdt).position.inventory, qty("0.4"));
    EXPECT_EQ(ledger.open_orders(), 1);

    EXPECT_FALSE(ledger.adopt(view(lost, OrderStatus::new_order), at(1), changes)) << "known now";
    NewOrder other = lost;
    other.client_order_id = *ClientOrderId::from("web_1");
    EXPECT_FALSE(ledger.adopt(view(other, OrderStatus::new_order), at(1), changes)) << "not own";
    NewOrder elsewhere = limit(100, Side::buy, "1", "1");
    elsewhere.symbol = symbol("ETHUSDT");
    EXPECT_FALSE(ledger.adopt(view(elsewhere, OrderStatus::new_order), at(1), changes)) << "never told";
}

TEST_F(LedgerTest, PlacingIsRefusedForForeignFormsUsedIdsAndUnknownSymbols) {
    place(buy);
    EXPECT_FALSE(ledger.placing(intent(buy), at(1), std::nullopt, changes));
    NewOrder elsewhere = limit(7, Side::buy, "1", "1");
    elsewhere.symbol = symbol("ETHUSDT");
    EXPECT_FALSE(ledger.placing(intent(elsewhere), at(1), std::nullopt, changes));
    NewOrder other = limit(8, Side::buy, "1", "1");
    Intent alien = intent(other);
    other.client_order_id = *ClientOrderId::from("abc");
    alien.action = other;
    EXPECT_FALSE(ledger.placing(alien, at(1), std::nullopt, changes));
    EXPECT_EQ(ledger.open_orders(), 1);
}

TEST_F(LedgerTest, AFeeLeavesARestThatCannotBeSold) {
    place(buy);
    ledger.on_execution(trade(buy, fill(buy, 11, "100", "2", "0.002003", btc), qty("2")), at(6), changes);
    EXPECT_EQ(holding().position.inventory, qty("1.997997"));
    EXPECT_EQ(holding().sellable, qty("1.99799"));
    EXPECT_EQ(holding().dust, qty("0.000007"));
    NewOrder part = limit(3, Side::sell, "120", "1.5");
    place(part);
    EXPECT_EQ(holding().reserved_base, qty("1.5"));
    EXPECT_EQ(holding().sellable, qty("0.49799"));
}

TEST_F(LedgerTest, AMarketOrderByQuoteAmountIsHeldAgainstTheBudget) {
    NewOrder market = limit(4, Side::buy, "1", "1");
    market.type = OrderType::market;
    market.price.reset();
    market.quantity.reset();
    market.quote_quantity = amount("50");
    ASSERT_TRUE(ledger.placing(intent(market), at(0), price("100"), changes));
    EXPECT_EQ(holding().committed_quote, amount("50"));
    EXPECT_EQ(ledger.open_buys(btcusdt), qty("0.5"));
    const Fill part = fill(market, 1, "100", "0.3");
    const Fill rest = fill(market, 2, "100", "0.19");
    OrderView done = view(market, OrderStatus::filled, qty("0.49"), amount("49"));
    done.quantity = qty("0.49");
    ledger.on_outcome(outcome(market, domain::OutcomeAccepted{done, {part, rest}}), at(1), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::accepted, Kind::fill, Kind::fill, Kind::filled));
    EXPECT_EQ(holding().committed_quote, amount("0"));
    EXPECT_EQ(holding().position.cost, amount("49"));
}

TEST_F(LedgerTest, WhatTheExchangeSaysOfAnotherOrderIsAContradiction) {
    place(buy);
    ExecutionReport wrong = report(buy, ExecutionType::new_order, OrderStatus::new_order);
    wrong.side = Side::sell;
    ledger.on_execution(wrong, at(1), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::contradiction));
    OrderView strange = view(buy, OrderStatus::filled, qty("2"));
    strange.symbol = symbol("ETHUSDT");
    ledger.on_order_view(strange, at(1), at(2), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::contradiction));
    EXPECT_EQ(record(buy).state, OrderState::sent);
}

TEST_F(LedgerTest, ImpossibleQuantitiesAreNotBelieved) {
    place(buy);
    ledger.on_order_view(view(buy, OrderStatus::partially_filled, qty("2.1")), at(1), at(2), changes);
    EXPECT_EQ(count(changes, Kind::contradiction), 1);
    EXPECT_EQ(record(buy).executed, qty("0"));
    changes.clear();
    ledger.on_fills(buy.client_order_id, std::vector{fill(buy, 1, "100", "2.5")}, at(3), changes);
    Fill negative = fill(buy, 2, "100", "1");
    negative.quantity = qty("-1");
    Fill other_side = fill(buy, 3, "100", "1");
    other_side.side = Side::sell;
    Fill other_order = fill(buy, 4, "100", "1");
    other_order.order_id = domain::OrderId{1};
    ledger.on_fills(buy.client_order_id, std::vector{negative, other_side, other_order}, at(3), changes);
    EXPECT_EQ(count(changes, Kind::contradiction), 3);
    EXPECT_EQ(count(changes, Kind::fill), 0);
    EXPECT_EQ(holding().position, Position{});
    OrderView overflow = view(buy, OrderStatus::partially_filled, qty("1"),
                              Amount::from_raw(std::numeric_limits<std::int64_t>::max()));
    changes.clear();
    ledger.on_order_view(overflow, at(4), at(5), changes);
    EXPECT_EQ(count(changes, Kind::contradiction), 1);
}

TEST_F(LedgerTest, AnOrderThatOpenOrdersNoLongerNameIsLookedUp) {
    place(buy);
    ledger.on_execution(report(buy, ExecutionType::new_order, OrderStatus::new_order), at(10), changes);
    place(sell, 20);
    news();
    ledger.on_open_orders(btcusdt, {}, at(9), at(15), changes);
    EXPECT_THAT(news(), IsEmpty()) << "asked before the exchange told of it";
    ledger.on_open_orders(symbol("ETHUSDT"), {}, at(30), at(31), changes);
    EXPECT_THAT(news(), IsEmpty()) << "the list of another symbol";
    ledger.on_open_orders(std::nullopt, {}, at(30), at(31), changes);
    EXPECT_THAT(news(), ElementsAre(Kind::lookup_wanted));
    EXPECT_TRUE(record(buy).lookup_wanted);
    EXPECT_FALSE(record(sell).lookup_wanted) << "its own answer is still to come";
    ledger.on_open_orders(std::nullopt, std::vector{view(buy, OrderStatus::new_order)}, at(40), at(41),
                          changes);
    EXPECT_THAT(news(), IsEmpty());
    EXPECT_FALSE(record(buy).lookup_wanted);
}

TEST_F(LedgerTest, TwoOwnOrdersThatTradeWithEachOtherShareATradeId) {
    place(buy);
    place(limit(9, Side::sell, "100", "2", 1, 1));
    const NewOrder other = limit(9, Side::sell, "100", "2", 1, 1);
    ledger.on_execution(trade(buy, fill(buy, 77, "100", "2"), qty("2")), at(6), changes);
    ledger.on_execution(trade(other, fill(other, 77, "100", "2"), qty("2")), at(6), changes);
    EXPECT_EQ(count(changes, Kind::fill), 2);
    EXPECT_EQ(ledger.holding({0}, btcusdt).position.inventory, qty("2"));
    EXPECT_EQ(ledger.holding({1}, btcusdt).position.inventory, qty("-2"));
    EXPECT_EQ(ledger.inventory(btcusdt), qty("0"));
}

TEST_F(LedgerTest, DoubledNewsOfAFinishedOrderIsNoNews) {
    place(buy);
    const auto last = trade(buy, fill(buy, 12, "99", "2"), qty("2"));
    const auto answer =
        outcome(buy, domain::OutcomeAccepted{view(buy, OrderStatus::filled, qty("2"), amount("198")),
                                             {fill(buy, 12, "99", "2")}});
    ledger.on_execution(last, at(7), changes);
    news();
    ledger.on_execution(last, at(8), changes);
    ledger.on_outcome(answer, at(9), changes);
    ledger.on_order_view(view(buy, OrderStatus::new_order), at(1), at(10), changes);
    ledger.on_fills(buy.client_order_id, std::vector{fill(buy, 12, "99", "2")}, at(11), changes);
    EXPECT_THAT(news(), IsEmpty());
    EXPECT_EQ(holding().position.inventory, qty("2"));
}

TEST_F(LedgerTest, IsFoundByTheExchangesNumberAsItWasLastTold) {
    place(buy);
    const domain::OrderId first = exchange_id(buy);
    EXPECT_EQ(ledger.find(btcusdt, first), nullptr);
    ledger.on_order_view(view(buy, OrderStatus::new_order), at(1), at(2), changes);
    EXPECT_EQ(ledger.find(btcusdt, first), &record(buy));
    EXPECT_EQ(ledger.find(*domain::Symbol::from("ETHUSDT"), first), nullptr);

    domain::OrderView renumbered = view(buy, OrderStatus::filled, qty("2"));
    renumbered.order_id = domain::OrderId{77};
    ledger.on_order_view(renumbered, at(3), at(4), changes);
    EXPECT_EQ(ledger.find(btcusdt, first), nullptr);
    EXPECT_EQ(ledger.find(btcusdt, domain::OrderId{77}), &record(buy));

    // Another order cannot take the number away, and leaves it behind when it gets its own.
    place(sell, 5);
    domain::OrderView borrowed = view(sell, OrderStatus::new_order);
    borrowed.order_id = domain::OrderId{77};
    ledger.on_order_view(borrowed, at(6), at(7), changes);
    ledger.on_order_view(view(sell, OrderStatus::new_order), at(8), at(9), changes);
    EXPECT_EQ(ledger.find(btcusdt, domain::OrderId{77}), &record(buy));
    EXPECT_EQ(ledger.find(btcusdt, exchange_id(sell)), &record(sell));
}

TEST(Ledger, ForgetsTheOldestFinishedOrdersAndNeverCountsTheirFillsTwice) {
    KnownLedger ledger{3};
    OrderChanges changes;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        const NewOrder order = limit(i, Side::buy, "100", "1");
        ASSERT_TRUE(ledger.placing(intent(order), at(0), std::nullopt, changes));
        ledger.on_execution(trade(order, fill(order, static_cast<std::int64_t>(i), "100", "1"), qty("1")),
                            at(1), changes);
    }
    EXPECT_EQ(ledger.find(own_id(7)), nullptr);
    EXPECT_NE(ledger.find(own_id(8)), nullptr);
    EXPECT_EQ(ledger.find(btcusdt, domain::OrderId{1'000'007}), nullptr);
    EXPECT_EQ(ledger.find(btcusdt, domain::OrderId{1'000'008}), ledger.find(own_id(8)));
    EXPECT_EQ(ledger.holding({0}, btcusdt).position.inventory, qty("10"));
    // A late view of a forgotten order looks like a lost one. Adopting it does not book its fill again.
    const NewOrder old = limit(2, Side::buy, "100", "1");
    changes.clear();
    ledger.on_order_view(view(old, OrderStatus::filled, qty("1")), at(2), at(3), changes);
    EXPECT_THAT(kinds(changes), ElementsAre(Kind::foreign_own));
    ASSERT_TRUE(ledger.adopt(view(old, OrderStatus::filled, qty("1")), at(3), changes));
    changes.clear();
    ledger.on_fills(old.client_order_id, std::vector{fill(old, 2, "100", "1")}, at(4), changes);
    EXPECT_THAT(kinds(changes), ElementsAre(Kind::contradiction, Kind::filled));
    EXPECT_EQ(ledger.holding({0}, btcusdt).position.inventory, qty("10"));
    EXPECT_THAT(ledger.live(), IsEmpty());
}

TEST(Ledger, AfterARestartWhatHadNoWordIsUnknown) {
    KnownLedger ledger;
    OrderChanges changes;
    const NewOrder order = limit(1, Side::buy, "100", "1");
    ASSERT_TRUE(ledger.placing(intent(order), at(0), std::nullopt, changes));
    ledger.assume_sent(order.client_order_id, at(5000), changes);
    EXPECT_THAT(kinds(changes), ElementsAre(Kind::unknown));
    EXPECT_EQ(ledger.find(order.client_order_id)->sent_latest, at(5000).exchange)
        << "it may have left at any time up to now";
}

}  // namespace
}  // namespace vigil::orders::test
