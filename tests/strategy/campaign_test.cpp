// Each strategy through long random markets with every fault at once: lost answers, refusals, partial fills,
// orders ended by others, broken books, forbidden placing, restarts. The house checks at every wish that the
// strategy keeps to what must always be true (house.h); here it is checked that it went on working, and that
// it comes to its end cleanly.
#include <gtest/gtest.h>

#include <algorithm>

#include "house.h"

namespace vigil::strategy {
namespace {

using domain::Amount;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using testing::Faults;
using testing::House;

Faults all_faults() {
    Faults faults;
    faults.latency_steps_max = 3;
    faults.unknown = 30;
    faults.never_sent = 20;
    faults.rejected = 20;
    faults.cancelled_unasked = 5;
    faults.partial_fill = 200;
    faults.ioc_partial = 100;
    faults.book_breaks = 5;
    faults.placing_forbidden = 5;
    faults.restart = 5;
    return faults;
}

template <class Parameters>
StrategyOptions options(Parameters parameters) {
    StrategyOptions made;
    made.name = *domain::StrategyName::from("campaign");
    made.symbol = *domain::Symbol::from("BTCUSDT");
    made.parameters = parameters;
    return made;
}

GridOptions wide_grid() {
    GridOptions grid;
    grid.lower = Price::of(95);
    grid.upper = Price::of(105);
    grid.levels = 15;
    grid.investment = Amount::of(2000);
    return grid;
}

class Campaign : public ::testing::TestWithParam<unsigned> {};

TEST_P(Campaign, GridKeepsToItsInvestment) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    for (const bool third_asset : {false, true}) {
        Faults faults = all_faults();
        faults.fees_in_third_asset = third_asset;
        GridOptions grid = wide_grid();
        grid.spacing = GetParam() % 2 == 0 ? Spacing::geometric : Spacing::arithmetic;
        grid.start_with = GetParam() % 3 == 0 ? GridStart::quote_only : GridStart::buy_base;
        domain::SymbolRules rules = testing::btc_rules();
        if (GetParam() % 4 < 2) rules.lot->step = rules.lot->min = Quantity::literal("0.1");
        House market{options(grid), Price::of(100), faults, GetParam(), rules};
        market.net_spending_max = grid.investment;
        ASSERT_TRUE(market.start().has_value());
        for (int i = 0; i < 6000 && !HasFatalFailure(); ++i) market.random_step(base::milliseconds{500}, 12);
        EXPECT_GT(market.fills(), 40);
        EXPECT_LE(market.holdings().spent_net(), grid.investment);
    }
}

TEST_P(Campaign, GridEndsAtItsStop) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    GridOptions grid = wide_grid();
    grid.stop_loss = Price::of(94);
    grid.take_profit = Price::of(106);
    House market{options(grid), Price::of(100), all_faults(), GetParam()};
    market.net_spending_max = grid.investment;
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 200'000 && !market.stop() && !HasFatalFailure(); ++i)
        market.random_step(base::milliseconds{500}, 25);
    ASSERT_TRUE(market.stop().has_value());
    EXPECT_TRUE(market.orders().empty());
    // What is left is less than an order may be: 5 USDT.
    EXPECT_LT(market.holdings().inventory, Quantity::literal("0.06"));
}

/// Levels at 95, 95.68, ... 100.61, 101.34, ... 105; swings between 96 and 104, one tick at a time. Each
/// swing sells at five levels above 100 (the first time at four: the cell around 100 has nothing yet), buys
/// at ten on the way down and sells at five on the way back.
TEST(Grid, FillsEachLevelOnceASwingAndEarns) {
    House market{options(wide_grid()), Price::of(100)};
    market.net_spending_max = wide_grid().investment;
    ASSERT_TRUE(market.start().has_value());
    const auto walk = [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t tick = from; tick != to; tick += from < to ? 1 : -1)
            market.move(Price::of(100) + Price::literal("0.01") * tick);
    };
    for (int swing = 0; swing < 8; ++swing) {
        walk(0, 400);
        walk(400, -400);
        walk(-400, 0);
    }
    const int entry = 1;
    const int sales = 8 * 10 - 1;
    const int purchases = 8 * 10;
    EXPECT_EQ(market.fills(), entry + sales + purchases);
    EXPECT_TRUE(market.holdings().realized_profit.is_positive());
}

TEST_P(Campaign, DcaSpendsItsBudgetAndNoMore) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    for (const DcaOrder kind : {DcaOrder::market, DcaOrder::limit}) {
        DcaOptions dca;
        dca.every = base::seconds{20};
        dca.amount = Amount::of(17);
        dca.total_budget = Amount::literal("333.33");
        dca.order = kind;
        if (GetParam() % 2 == 0) dca.take_profit = Rate::literal("0.004");
        House market{options(dca), Price::of(100), all_faults(), GetParam()};
        market.gross_spending_max = dca.total_budget;
        ASSERT_TRUE(market.start().has_value());
        for (int i = 0; i < 20'000 && !market.stop() && !HasFatalFailure(); ++i)
            market.random_step(base::milliseconds{500}, 6);
        EXPECT_LE(market.holdings().bought, dca.total_budget);
        // Less is left than one order may be, or it is still at it.
        EXPECT_GT(market.holdings().bought, dca.total_budget - Amount::of(6));
        if (!dca.take_profit) {
            EXPECT_TRUE(market.stop().has_value());
        }
    }
}

TEST_P(Campaign, TrendHoldsAtMostOneEntry) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TrendOptions trend;
    trend.fast = 3;
    trend.slow = 8;
    trend.interval = {60'000};
    trend.size = Amount::of(100);
    trend.stop = Rate::literal("0.02");
    trend.take_profit = Rate::literal("0.03");
    trend.cool_down = base::seconds{120};
    House market{options(trend), Price::of(100), all_faults(), GetParam()};
    // One entry of 100, and what realised losses have cost before it.
    ASSERT_TRUE(market.start().has_value());
    for (int i = 0; i < 30'000 && !HasFatalFailure(); ++i) {
        market.random_step(base::milliseconds{1000}, 20);
        if (i % 60 == 59) market.close_candle({60'000}, market.bid());
        const Holdings& has = market.holdings();
        const auto cost = domain::notional(has.average_cost, has.inventory, domain::Rounding::down);
        // An entry on top of a rest that was too little to sell: never above both.
        ASSERT_LE(*cost, Amount::of(106)) << "step " << i;
    }
    EXPECT_GT(market.placed().size(), 20U);
    EXPECT_GT(market.fills(), 20);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Campaign, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace vigil::strategy
