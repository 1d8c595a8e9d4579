// Whole sessions of engine and exchange core on a virtual clock: without faults, with losses on every way,
// and killed in the middle. What must hold: no order twice, none forgotten, and ledger and exchange equal to
// the last digit.
#include <gtest/gtest.h>

#include "simulation/world.h"

namespace vigil::simulation {
namespace {

using domain::Amount;
using domain::Price;

const domain::Symbol btcusdt = *domain::Symbol::from("BTCUSDT");

/// A grid around the market's first price, a purchase every 20 s, and a trend on one-second candles.
std::vector<strategy::StrategyOptions> three_strategies(Price reference) {
    const auto at = [reference](std::string_view factor) {
        return domain::scaled_by(reference, domain::Rate::literal(factor), domain::Rounding::down)
            ->floor_to(Price::literal("0.01"));
    };
    strategy::GridOptions grid;
    grid.lower = at("0.995");
    grid.upper = at("1.005");
    grid.levels = 21;
    grid.investment = Amount::of(5'000);
    strategy::DcaOptions dca;
    dca.every = base::seconds{20};
    dca.amount = Amount::of(50);
    dca.total_budget = Amount::of(2'000);
    strategy::TrendOptions trend;
    trend.fast = 3;
    trend.slow = 8;
    trend.interval = domain::CandleInterval{1'000};
    trend.size = Amount::of(500);
    return {{*domain::StrategyName::from("grid"), btcusdt, true, grid},
            {*domain::StrategyName::from("dca"), btcusdt, true, dca},
            {*domain::StrategyName::from("trend"), btcusdt, true, trend}};
}

WorldOptions options_for(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.market.generate = {btcusdt};
    options.market.volatility = domain::Rate::literal("4");
    Price reference;
    for (const exchange::SymbolSpec& spec : exchange::default_symbols())
        if (spec.rules.symbol == btcusdt) reference = spec.reference_price;
    options.strategies = three_strategies(reference);
    options.risk.daily_loss = {};
    return options;
}

void expect_accounted(const World& world) {
    for (const auto& [id, times] : world.accepted()) EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(world.difference(), "");
    EXPECT_FALSE(world.told().contains("order.trade_unaccounted")) << "every trade was our own";
}

/// A market order on the account that the engine knows nothing of. Returns its number of trades.
int trade_behind_its_back(World& world, std::string_view id) {
    exchange::OrderRequest request;
    request.symbol = btcusdt;
    request.type = domain::OrderType::market;
    request.quantity = domain::Quantity::literal("0.01");
    request.client_order_id = *domain::ClientOrderId::from(id);
    const int before = world.fills_at_exchange();
    EXPECT_TRUE(world.core().place(world.account(), request, world.core().now()));
    return world.fills_at_exchange() - before;
}

TEST(Session, WithoutFaultsEndsEqualToTheLastDigit) {
    World world{options_for(1)};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{600});
    ASSERT_TRUE(world.stop());
    const engine::Report report = world.engine().report();
    EXPECT_GT(report.orders, 50);
    EXPECT_GT(report.fills, 20);
    EXPECT_EQ(report.fills, world.fills_at_exchange());
    for (const engine::StrategyReport& each : report.strategies) EXPECT_GT(each.fills, 0) << each.name.view();
    expect_accounted(world);
    for (const auto& [event, times] : world.told()) {
        EXPECT_NE(event, "order.unknown") << times;
        EXPECT_NE(event, "reconcile.mismatch") << times;
        EXPECT_NE(event, "account.changed_outside") << times;
    }
}

TEST(Session, IsTheSameForTheSameSeed) {
    const auto run = [] {
        World world{options_for(7)};
        EXPECT_TRUE(world.start());
        world.run(base::seconds{120});
        return std::pair{world.journal().last_sequence(), world.told()};
    };
    EXPECT_EQ(run(), run());
}

class FaultySession : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FaultySession, LosesAndDoublesNothing) {
    WorldOptions options = options_for(GetParam());
    options.faults = {.lose_request = 30,
                      .lose_answer = 60,
                      .lose_user_event = 60,
                      .double_user_event = 60,
                      .fail_read = 50};
    World world{options};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{240});
    ASSERT_TRUE(world.stop()) << world.difference();
    EXPECT_EQ(world.engine().report().fills, world.fills_at_exchange());
    EXPECT_GT(world.faults_injected(), 0);
    expect_accounted(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultySession, testing::Range<std::uint64_t>(100, 112));

// No event of it ever arrives, so that only the sweep can find it.
TEST(Session, TellsOnceAndWithinAMinuteOfTradesThatTheLedgerDoesNotKnow) {
    WorldOptions options = options_for(300);
    options.faults.lose_user_event = 1000;
    World world{options};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{45});
    EXPECT_FALSE(world.told().contains("order.trade_unaccounted"));
    const int trades = trade_behind_its_back(world, "by-hand-1");
    ASSERT_GT(trades, 0);
    world.run(base::seconds{60});
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
    world.run(base::seconds{120});
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
}

TEST(Session, TellsOfTradesThatHappenedWhileItWasDown) {
    World world{options_for(301)};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{30});
    world.kill();
    const int trades = trade_behind_its_back(world, "by-hand-2");
    ASSERT_GT(trades, 0);
    ASSERT_TRUE(world.start());
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
    world.run(base::seconds{60});
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
}

class KilledSession : public testing::TestWithParam<std::uint64_t> {};

TEST_P(KilledSession, ComesBackAndGoesOn) {
    WorldOptions options = options_for(GetParam());
    options.faults = {.lose_request = 20,
                      .lose_answer = 40,
                      .lose_user_event = 20,
                      .double_user_event = 20,
                      .fail_read = 20};
    World world{options};
    ASSERT_TRUE(world.start());
    for (int time = 0; time < 3; ++time) {
        world.run(base::seconds{20 + static_cast<std::int64_t>(GetParam() % 13)});
        world.kill();
        world.run(base::seconds{5});  // the exchange goes on: orders fill, and nobody hears of it
        ASSERT_TRUE(world.start()) << "after kill " << time;
    }
    world.run(base::seconds{60});
    ASSERT_TRUE(world.stop()) << world.difference();
    expect_accounted(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, KilledSession, testing::Range<std::uint64_t>(200, 208));

}  // namespace
}  // namespace vigil::simulation
