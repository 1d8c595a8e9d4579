// The EMA cross, candle by candle.
#include "strategy/trend.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "house.h"

namespace vigil::strategy {
namespace {

using domain::Amount;
using domain::CandleInterval;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Side;
using testing::House;

constexpr CandleInterval minute{60'000};

TrendOptions quick() {
    TrendOptions trend;
    trend.fast = 2;
    trend.slow = 4;
    trend.interval = minute;
    trend.size = Amount::of(200);
    return trend;
}

StrategyOptions options(TrendOptions trend) {
    StrategyOptions made;
    made.name = *domain::StrategyName::from("trend");
    made.symbol = *domain::Symbol::from("BTCUSDT");
    made.parameters = trend;
    return made;
}

House house(TrendOptions trend = quick()) {
    return House{options(trend), Price::of(100)};
}

/// Ten falling candles, so that the fast average is below the slow one.
void fall(House& market) {
    for (int i = 0; i < 10; ++i) market.close_candle(minute, Price::of(120 - 2 * i));
}
/// A cross up, and the entry filled at the ask of 100.01.
void cross_up(House& market) {
    fall(market);
    market.close_candle(minute, Price::of(130));
}

TEST(Trend, BuysOnTheCrossUpAndSellsOnTheCrossDown) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    fall(market);
    EXPECT_TRUE(market.placed().empty());
    market.close_candle(minute, Price::of(130));
    ASSERT_EQ(market.placed().size(), 1U);
    EXPECT_EQ(market.placed()[0].type, OrderType::market);
    EXPECT_EQ(market.placed()[0].side, Side::buy);
    EXPECT_EQ(market.placed()[0].quote_quantity, Amount::of(200));
    market.close_candle(minute, Price::of(131));
    market.close_candle(minute, Price::of(132));
    EXPECT_EQ(market.placed().size(), 1U) << "one entry a cross";
    market.close_candle(minute, Price::of(60));
    ASSERT_EQ(market.placed().size(), 2U);
    EXPECT_EQ(market.placed()[1].side, Side::sell);
    EXPECT_EQ(market.placed()[1].reason.str(), "trend: cross below");
    EXPECT_LT(market.holdings().inventory, Quantity::literal("0.00001"));
    market.close_candle(minute, Price::of(150));
    EXPECT_EQ(market.placed().size(), 3U);
}

TEST(Trend, ATrendThatIsAlreadyThereIsNotEntered) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 4; ++i) market.close_candle(minute, Price::of(100 + i));
    // The first value of the slow average comes with the fast one already above it.
    for (int i = 4; i < 30; ++i) market.close_candle(minute, Price::of(100 + i));
    EXPECT_TRUE(market.placed().empty());
}

TEST(Trend, StopAndProfitAreMeasuredFromTheAverageCost) {
    TrendOptions trend = quick();
    trend.stop = Rate::literal("0.05");
    trend.take_profit = Rate::literal("0.10");
    for (const bool up : {true, false}) {
        House market = house(trend);
        ASSERT_TRUE(market.start().has_value());
        cross_up(market);
        ASSERT_EQ(market.placed().size(), 1U);
        // Average cost: 200 quote for what is left after the fee, about 100.11.
        const Price cost = market.holdings().average_cost;
        EXPECT_GT(cost, Price::literal("100.10"));
        EXPECT_LT(cost, Price::literal("100.12"));
        market.move(up ? Price::literal("110.11") : Price::literal("95.12"));
        EXPECT_EQ(market.placed().size(), 1U);
        market.move(up ? Price::literal("110.13") : Price::literal("95.10"));
        ASSERT_EQ(market.placed().size(), 2U);
        EXPECT_EQ(market.placed()[1].type, OrderType::market);
        EXPECT_EQ(market.placed()[1].reason.str(), up ? "trend: take-profit" : "trend: stop");
        EXPECT_EQ(market.holdings().realized_profit.is_positive(), up);
    }
}

TEST(Trend, CoolDownKeepsItOutAfterAnExitAndOverARestart) {
    TrendOptions trend = quick();
    trend.stop = Rate::literal("0.05");
    trend.cool_down = base::seconds{300};
    House market = house(trend);
    ASSERT_TRUE(market.start().has_value());
    cross_up(market);
    market.move(Price::of(90));
    ASSERT_EQ(market.placed().size(), 2U);
    EXPECT_NE(market.saved().find("cool_until_us="), std::string::npos);
    market.restart();
    fall(market);
    market.close_candle(minute, Price::of(130));
    EXPECT_EQ(market.placed().size(), 2U);
    EXPECT_TRUE(std::any_of(market.notes().begin(), market.notes().end(), [](const std::string& each) {
        return each.find("cool-down") != std::string::npos;
    }));
    market.advance(base::seconds{301});
    fall(market);
    market.close_candle(minute, Price::of(130));
    EXPECT_EQ(market.placed().size(), 3U);
}

TEST(Trend, AnEntryThatCannotBePlacedLapsesWithItsCandleAnExitDoesNot) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    fall(market);
    market.allow(false);
    market.close_candle(minute, Price::of(130));
    market.close_candle(minute, Price::of(131));
    market.allow(true);
    market.move(Price::of(101));
    EXPECT_TRUE(market.placed().empty());
    fall(market);
    market.close_candle(minute, Price::of(140));
    ASSERT_EQ(market.placed().size(), 1U);
    market.allow(false);
    market.close_candle(minute, Price::of(60));
    market.close_candle(minute, Price::of(200));  // even though it has crossed up again
    EXPECT_EQ(market.placed().size(), 1U);
    market.restart();
    market.allow(true);
    market.move(Price::of(101));
    ASSERT_EQ(market.placed().size(), 2U);
    EXPECT_EQ(market.placed()[1].side, Side::sell);
}

TEST(Trend, AnEntryThatWaitsIsPlacedWithinItsCandle) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    fall(market);
    market.break_book();
    market.close_candle(minute, Price::of(130));
    EXPECT_TRUE(market.placed().empty());
    market.mend_book();
    market.move(Price::of(101));
    EXPECT_EQ(market.placed().size(), 1U);
}

TEST(Trend, AnUnknownEntryIsNotRepeatedAndIsSoldIfItWasThere) {
    for (const bool existed : {true, false}) {
        House market = house();
        ASSERT_TRUE(market.start().has_value());
        fall(market);
        market.lose_next(1, existed);
        market.close_candle(minute, Price::of(130));
        ASSERT_EQ(market.placed().size(), 1U);
        for (int i = 0; i < 5; ++i) market.move(Price::of(100 + i));
        market.close_candle(minute, Price::of(131));
        EXPECT_EQ(market.placed().size(), 1U);
        fall(market);
        market.close_candle(minute, Price::of(150));  // another cross up, the first entry still unknown
        EXPECT_EQ(market.placed().size(), 1U);
        market.resolve_unknown();
        market.close_candle(minute, Price::of(60));
        EXPECT_EQ(market.placed().size(), existed ? 2U : 1U);
        EXPECT_LT(market.holdings().inventory, Quantity::literal("0.00001"));
    }
}

TEST(Trend, APositionHeldOverARestartIsLeftWhenTheAveragesAreBelow) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    cross_up(market);
    ASSERT_EQ(market.placed().size(), 1U);
    market.restart();
    market.close_candle(minute, Price::of(60));
    ASSERT_EQ(market.placed().size(), 2U);
    EXPECT_EQ(market.placed()[1].side, Side::sell);
}

TEST(Trend, ARefusedEntryIsRetriedWhileFreshAndNeverLoops) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    fall(market);
    market.refuse_next(1000, -2010, "Account has insufficient balance for requested action.");
    market.close_candle(minute, Price::of(130));
    for (int i = 0; i < 590; ++i) {
        market.advance(base::seconds{1});
        market.move(Price::of(100 + i % 2));
    }
    EXPECT_EQ(market.placed().size(), 5U);
}

TEST(Trend, MaxPositionCutsTheEntry) {
    TrendOptions trend = quick();
    trend.max_position = Amount::of(150);
    House market = house(trend);
    ASSERT_TRUE(market.start().has_value());
    cross_up(market);
    ASSERT_EQ(market.placed().size(), 1U);
    EXPECT_EQ(market.placed()[0].quote_quantity, Amount::of(150));
}

TEST(Trend, RefusesWhatCannotWork) {
    TrendOptions trend = quick();
    trend.size = Amount::of(4);
    EXPECT_NE(house(trend).start().error().message.find("an entry of 4 USDT"), std::string::npos);
    trend = quick();
    trend.take_profit = Rate::literal("0.002");
    EXPECT_NE(house(trend).start().error().message.find("does not earn two fees"), std::string::npos);
    domain::SymbolRules rules = testing::btc_rules();
    rules.quote_order_quantity_allowed = false;
    House market{options(quick()), Price::of(100), {}, 1, rules};
    EXPECT_EQ(market.start().error().kind, base::ErrorKind::invalid);
}

TEST(Trend, SavedStateThatIsNotItsOwnIsRefused) {
    Trend trend{options(quick()), quick()};
    for (const char* text : {"", "trend 1", "trend 1 exit=maybe cool_until_us=0",
                             "trend 1 exit=none cool_until_us=-1", "trend 1 exit=none cool_until_us=x"}) {
        const auto result = trend.restore(text);
        ASSERT_FALSE(result.has_value()) << text;
        EXPECT_EQ(result.error().kind, base::ErrorKind::corrupt);
    }
    EXPECT_TRUE(trend.restore("trend 1 exit=stop cool_until_us=5").has_value());
    EXPECT_EQ(trend.save().view(), "trend 1 exit=stop cool_until_us=5");
}

}  // namespace
}  // namespace vigil::strategy
