// Recurring purchases, step by step.
#include "strategy/dca.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "house.h"

namespace vigil::strategy {
namespace {

using domain::Amount;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Side;
using testing::House;

DcaOptions minutely() {
    DcaOptions dca;
    dca.every = base::seconds{60};
    dca.amount = Amount::of(30);
    dca.total_budget = Amount::of(100);
    return dca;
}

StrategyOptions options(DcaOptions dca) {
    StrategyOptions made;
    made.name = *domain::StrategyName::from("dca");
    made.symbol = *domain::Symbol::from("BTCUSDT");
    made.parameters = dca;
    return made;
}

House house(DcaOptions dca = minutely(), domain::SymbolRules rules = testing::btc_rules()) {
    House made{options(dca), Price::of(100), {}, 1, std::move(rules)};
    made.gross_spending_max = dca.total_budget;
    return made;
}

bool told(const House& market, std::string_view text) {
    return std::any_of(market.notes().begin(), market.notes().end(),
                       [&](const std::string& each) { return each.find(text) != std::string::npos; });
}

TEST(Dca, BuysAtOnceAndThenEachPeriodUntilTheBudgetIsUsedUp) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    ASSERT_EQ(market.placed().size(), 1U);
    EXPECT_EQ(market.placed()[0].type, OrderType::market);
    EXPECT_EQ(market.placed()[0].quote_quantity, Amount::of(30));
    market.advance(base::seconds{59});
    EXPECT_EQ(market.placed().size(), 1U);
    market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 2U);
    market.advance(base::seconds{60});
    market.advance(base::seconds{60});
    ASSERT_EQ(market.placed().size(), 4U);
    // What is left of 100 after three purchases that spent what 30 buys on the step.
    EXPECT_EQ(
        market.placed()[3].quote_quantity->str(),
        (Amount::of(100) - Amount::literal("29.9999997") * 3).floor_to(Amount::literal("0.00000001")).str());
    EXPECT_LE(market.holdings().bought, Amount::of(100));
    EXPECT_FALSE(market.stop().has_value());
    market.advance(base::seconds{60});
    ASSERT_TRUE(market.stop().has_value());
    EXPECT_EQ(*market.stop(), "dca: the budget is used up");
    EXPECT_EQ(market.placed().size(), 4U);
}

TEST(Dca, WaitsForAFirstTimeInTheFuture) {
    DcaOptions dca = minutely();
    House probe = house();
    dca.start = probe.exchange_now() + base::seconds{600};
    House market = house(dca);
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 599; ++i) market.advance(base::seconds{1});
    EXPECT_TRUE(market.placed().empty());
    market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 1U);
}

TEST(Dca, MissedPurchasesAreNotCaughtUpInABurst) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    // Down for ten periods and a half.
    market.set_exchange_now(market.exchange_now() + base::seconds{630});
    market.restart();
    EXPECT_EQ(market.placed().size(), 2U);
    EXPECT_TRUE(told(market, "9 purchases were missed"));
    market.advance(base::seconds{29});
    EXPECT_EQ(market.placed().size(), 2U);
    market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 3U) << "the schedule is still that of the start";
}

TEST(Dca, ARestartNeverRepeatsAPurchase) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 5; ++i) {
        market.restart();
        EXPECT_EQ(market.placed().size(), 1U);
    }
    market.advance(base::seconds{60});
    EXPECT_EQ(market.placed().size(), 2U);
    market.restart();
    EXPECT_EQ(market.placed().size(), 2U);
}

TEST(Dca, APurchaseWaitsForAWholeBookWithinItsPeriod) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.break_book();
    market.advance(base::seconds{60});
    market.advance(base::seconds{30});
    EXPECT_EQ(market.placed().size(), 1U);
    market.mend_book();
    market.move(Price::of(101));
    market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 2U);
}

TEST(Dca, AboveThePriceCapItSkipsAndSaysSo) {
    DcaOptions dca = minutely();
    dca.price_cap = Price::of(100);
    House market = house(dca);  // the ask is 100.01
    ASSERT_TRUE(market.start().has_value());
    EXPECT_TRUE(market.placed().empty());
    EXPECT_TRUE(told(market, "purchase 0 skipped, the ask 100.01 is above price_cap 100"));
    market.move(Price::of(99));
    EXPECT_TRUE(market.placed().empty()) << "skipped is skipped";
    market.advance(base::seconds{60});
    EXPECT_EQ(market.placed().size(), 1U);
}

TEST(Dca, AnUnknownPurchaseIsNeverRepeated) {
    for (const bool existed : {true, false}) {
        House market = house();
        market.lose_next(1, existed);
        ASSERT_TRUE(market.start().has_value());
        EXPECT_EQ(market.placed().size(), 1U);
        for (int i = 0; i < 10; ++i) market.advance(base::seconds{30});
        EXPECT_EQ(market.placed().size(), 1U);
        market.resolve_unknown();
        market.advance(base::seconds{1});
        EXPECT_EQ(market.placed().size(), 2U);
        EXPECT_LE(market.holdings().bought, Amount::of(60));
    }
}

TEST(Dca, ARefusedPurchaseIsTriedAgainAFewTimesThenGivenUp) {
    DcaOptions dca = minutely();
    dca.every = base::seconds{3600};
    House market = house(dca);
    market.refuse_next(1000, -2010, "Account has insufficient balance for requested action.");
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 3000; ++i) market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 5U);
    EXPECT_TRUE(told(market, "purchase 0 given up: rejected (-2010"));
    market.refuse_next(0, 0, "");
    for (int i = 0; i < 601; ++i) market.advance(base::seconds{1});
    EXPECT_EQ(market.placed().size(), 6U);
    EXPECT_EQ(market.orders().size(), 0U);
    EXPECT_TRUE(market.holdings().inventory.is_positive());
}

TEST(Dca, ALimitPurchaseRestsBelowAndGivesWayToTheNext) {
    DcaOptions dca = minutely();
    dca.order = DcaOrder::limit;
    dca.limit_offset = Rate::literal("0.01");
    House market = house(dca);
    ASSERT_TRUE(market.start().has_value());
    ASSERT_NE(market.order(0), nullptr);
    EXPECT_EQ(market.order(0)->price, Price::of(99));
    EXPECT_EQ(market.order(0)->quantity, Quantity::literal("0.30303"));
    market.move(Price::of(110));
    market.advance(base::seconds{60});  // cancels, and places as soon as the slot is free
    EXPECT_EQ(market.cancels(), 1);
    market.advance(base::seconds{1});
    ASSERT_NE(market.order(0), nullptr);
    EXPECT_EQ(market.order(0)->price, Price::literal("108.9"));
    market.move(Price::of(108));
    EXPECT_EQ(market.order(0), nullptr);
    EXPECT_TRUE(market.holdings().inventory.is_positive());
}

TEST(Dca, WithoutQuoteAmountsItBuysAQuantityAtABoundedPrice) {
    domain::SymbolRules rules = testing::btc_rules();
    rules.quote_order_quantity_allowed = false;
    House market = house(minutely(), rules);
    ASSERT_TRUE(market.start().has_value());
    ASSERT_EQ(market.placed().size(), 1U);
    EXPECT_EQ(market.placed()[0].type, OrderType::limit);
    EXPECT_EQ(market.placed()[0].time_in_force, domain::TimeInForce::ioc);
    EXPECT_EQ(market.placed()[0].price, Price::literal("100.12"));
    EXPECT_EQ(market.placed()[0].quantity, Quantity::literal("0.29964"));
}

TEST(Dca, TakesItsProfitAndGoesOn) {
    DcaOptions dca = minutely();
    dca.take_profit = Rate::literal("0.05");
    House market = house(dca);
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::of(104));
    EXPECT_EQ(market.placed().size(), 1U);
    market.move(Price::of(106));
    ASSERT_EQ(market.placed().size(), 2U);
    EXPECT_EQ(market.placed()[1].slot, Dca::profit_slot);
    EXPECT_EQ(market.placed()[1].side, Side::sell);
    EXPECT_GE(*market.placed()[1].price, Price::literal("105.01"));
    EXPECT_TRUE(market.holdings().realized_profit.is_positive());
    // What was sold does not come back into the budget.
    for (int i = 0; i < 10 && !market.stop(); ++i) market.advance(base::seconds{60});
    EXPECT_LE(market.holdings().bought, Amount::of(100));
    EXPECT_GT(market.holdings().bought, Amount::of(95));
    EXPECT_FALSE(market.stop().has_value()) << "what was bought is still to be sold";
    market.move(Price::of(200));
    market.move(Price::of(201));
    ASSERT_TRUE(market.stop().has_value());
}

TEST(Dca, RefusesAnAmountBelowTheMinimum) {
    DcaOptions dca = minutely();
    dca.amount = Amount::literal("4.99");
    House market = house(dca);
    const auto refused = market.start();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(refused.error().message.find("amount of 4.99 USDT is less than a market order must be (5)"),
              std::string::npos)
        << refused.error().message;
}

TEST(Dca, SavedStateThatIsNotItsOwnIsRefused) {
    Dca dca{options(minutely()), minutely()};
    for (const char* text :
         {"", "grid 1 phase=fresh", "dca 9 next=0", "dca 1 next=0",
          "dca 1 every_s=60 next=-1 used_up=0 stopped=0", "dca 1 every_s=0 next=1 used_up=0 stopped=0",
          "dca 1 start_us=9223372036854775807 every_s=1 next=1 used_up=0 stopped=0",
          "dca 1 start_us=1 every_s=60 next=9223372036854775807 used_up=0 stopped=0"}) {
        const auto result = dca.restore(text);
        ASSERT_FALSE(result.has_value()) << text;
        EXPECT_EQ(result.error().kind, base::ErrorKind::corrupt);
    }
    EXPECT_TRUE(dca.restore("dca 1 start_us=1000000 every_s=60 next=7 used_up=0 stopped=1").has_value());
    EXPECT_TRUE(dca.stopped());
    EXPECT_EQ(dca.save().view(), "dca 1 start_us=1000000 every_s=60 next=7 used_up=0 stopped=1");
}

TEST(Dca, AChangedScheduleGoesOnAfterTheLastPurchase) {
    DcaOptions dca = minutely();
    dca.every = base::seconds{100};
    Dca changed{options(dca), dca};
    // Six minutely purchases were consumed, the last at 300 s: of the new ones, 400 s is the next.
    ASSERT_TRUE(changed.restore("dca 1 start_us=0 every_s=60 next=6 used_up=0 stopped=0").has_value());
    EXPECT_EQ(changed.save().view(), "dca 1 start_us=0 every_s=100 next=4 used_up=0 stopped=0");
}

}  // namespace
}  // namespace vigil::strategy
