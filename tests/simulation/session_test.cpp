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
    options.symbols = {btcusdt};
    options.market.generate = {btcusdt};
    options.market.volatility = domain::Rate::literal("4");
    Price reference;
    for (const exchange::SymbolSpec& spec : exchange::default_symbols())
        if (spec.rules.symbol == btcusdt) reference = spec.reference_price;
    options.strategies = three_strategies(reference);
    options.risk.daily_loss = {};
    return options;
}

void expect_accounted(World& world) {
    world.check_everything();
    for (const std::string& violation : world.violations()) ADD_FAILURE() << violation;
    for (const auto& [id, times] : world.accepted()) EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(world.difference(), "");
    EXPECT_FALSE(world.told().contains("order.trade_unaccounted")) << "every trade was our own";
}

/// A start that meets a fault ends, and is tried again a moment later, as systemd does.
bool starts(World& world) {
    constexpr int most = 20;
    for (int tries = 0; tries < most; ++tries) {
        if (world.start()) return true;
        world.run(base::seconds{1});
    }
    return false;
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
        return std::pair{world.disk().head_text(), world.told()};
    };
    EXPECT_EQ(run(), run());
}

class FaultySession : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FaultySession, LosesAndDoublesNothing) {
    WorldOptions options = options_for(GetParam());
    options.faults[Fault::lost_request] = 300;
    options.faults[Fault::lost_answer] = 600;
    options.faults[Fault::lost_event] = 600;
    options.faults[Fault::doubled_event] = 600;
    options.faults[Fault::failed_read] = 500;
    World world{options};
    ASSERT_TRUE(starts(world));
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
    options.faults[Fault::lost_event] = 10'000;
    World world{options};
    ASSERT_TRUE(starts(world));
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
    ASSERT_TRUE(starts(world));
    world.run(base::seconds{30});
    world.kill();
    const int trades = trade_behind_its_back(world, "by-hand-2");
    ASSERT_GT(trades, 0);
    ASSERT_TRUE(starts(world));
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
    world.run(base::seconds{60});
    EXPECT_EQ(world.told()["order.trade_unaccounted"], trades);
}

TEST(Session, TellsOnceOfAnOpenOrderOfSomebodyElse) {
    World world{options_for(302)};
    ASSERT_TRUE(starts(world));
    exchange::OrderRequest request;
    request.symbol = btcusdt;
    request.side = domain::Side::buy;
    request.type = domain::OrderType::limit;
    request.time_in_force = domain::TimeInForce::gtc;
    request.quantity = domain::Quantity::literal("0.01");
    request.price = Price::literal("45000");
    request.client_order_id = *domain::ClientOrderId::from("by-hand-4");
    ASSERT_TRUE(world.core().place(world.account(), request, world.core().now()));
    world.run(base::seconds{180});
    EXPECT_EQ(world.told()["order.foreign_seen"], 1);
    EXPECT_FALSE(world.core().open_orders(world.account(), btcusdt)->empty()) << "it was left alone";
}

domain::AccountSnapshot account_of(World& world) {
    const auto view = world.core().account(world.account());
    domain::AccountSnapshot snapshot;
    snapshot.balances = view.balances;
    snapshot.can_trade = true;
    snapshot.updated = world.core().now();
    return snapshot;
}

domain::AccountSnapshot with_one_more(domain::AccountSnapshot snapshot, std::string_view asset = "BTC") {
    for (domain::Balance& each : snapshot.balances)
        if (each.asset.view() == asset) each.free += Amount::of(1);
    return snapshot;
}

/// A world in which nothing trades, and no event comes.
WorldOptions silent_options(std::uint64_t seed) {
    WorldOptions options = options_for(seed);
    options.strategies = {options.strategies.at(1)};
    std::get<strategy::DcaOptions>(options.strategies.front().parameters).every = base::seconds{3'600};
    options.faults[Fault::lost_event] = 10'000;
    return options;
}

// The request never arrives; meanwhile somebody buys by hand, for a price and a quantity that could be its.
TEST(Session, SomebodyElsesTradeDoesNotKeepAnOrderUnknown) {
    WorldOptions options = options_for(310);
    options.strategies = {options.strategies.at(1)};
    auto& dca = std::get<strategy::DcaOptions>(options.strategies.front().parameters);
    dca.every = base::seconds{3'600};
    dca.amount = Amount::of(1'000);
    dca.total_budget = Amount::of(2'000);
    options.faults[Fault::lost_request] = 10'000;
    World world{options};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{2});
    ASSERT_EQ(world.told()["order.placed"], 1);
    ASSERT_GT(trade_behind_its_back(world, "by-hand-3"), 0);
    world.run(base::seconds{60});
    // It tries again with other orders, which are lost as well.
    EXPECT_GE(world.told()["order.resolved"], 1) << world.unsettled();
}

// A fill between two questions of the start looks like it for one round.
TEST(Session, AtStartADifferenceOfOneRoundIsNoChangeFromOutside) {
    World world{silent_options(311)};
    ASSERT_TRUE(world.start());
    orders::ReconcileInput input;
    input.account = with_one_more(account_of(world));
    EXPECT_FALSE(world.engine().reconcile(input, world.now()).is_sound());
    input.account = account_of(world);
    EXPECT_TRUE(world.engine().reconcile(input, world.now()).is_sound());
    world.run(base::milliseconds{100});
    EXPECT_EQ(world.told()["account.changed_outside"], 0);

    input.account = with_one_more(account_of(world));
    EXPECT_FALSE(world.engine().reconcile(input, world.now()).is_sound());
    EXPECT_TRUE(world.engine().reconcile(input, world.now()).is_sound());
    world.run(base::milliseconds{100});
    EXPECT_EQ(world.told()["account.changed_outside"], 1);
}

// The questions for trades fail, those for the account are answered: what differs may be a fill.
TEST(Session, WithoutTheTradesNoSweepCallsADifferenceAChangeFromOutside) {
    World world{silent_options(312)};
    ASSERT_TRUE(world.start());
    const auto account = [&] {
        const auto now = world.now();
        world.engine().on_answer({engine::ReadAccount{}, now.moment()},
                                 engine::Answer{with_one_more(account_of(world))}, now);
        world.run(base::milliseconds{100});
        return world.told()["account.changed_outside"];
    };
    for (int times = 0; times < 5; ++times) EXPECT_EQ(account(), 0);
    const auto now = world.now();
    world.engine().on_answer(
        {engine::ReadTrades{btcusdt, std::nullopt, std::nullopt, std::nullopt}, now.moment()},
        engine::Answer{std::vector<domain::Fill>{}}, now);
    EXPECT_EQ(account(), 1);
}

// How far a market order reaches is told by the best levels of the book: one far away, which it does not get
// to, is no slippage.
TEST(Session, BuysAtTheMarketWhateverRestsFarAway) {
    WorldOptions options = options_for(302);
    std::erase_if(options.strategies, [](const strategy::StrategyOptions& each) {
        return each.kind() != strategy::StrategyKind::dca;
    });
    World world{options};
    exchange::OrderRequest far;
    far.symbol = btcusdt;
    far.side = domain::Side::sell;
    far.type = domain::OrderType::limit;
    far.time_in_force = domain::TimeInForce::gtc;
    far.quantity = domain::Quantity::literal("0.001");
    far.price = Price::literal("70000");  // more than a tenth above the market
    far.client_order_id = *domain::ClientOrderId::from("far-away");
    ASSERT_TRUE(world.core().place(world.account(), far, world.core().now()));
    ASSERT_TRUE(world.start());
    world.run(base::seconds{45});
    EXPECT_GT(world.engine().report().fills, 0);
    EXPECT_EQ(world.told()["risk.refused"], 0);
}

// No order is live, so that every own fill is known, and a trade would have moved the base asset too.
TEST(Session, ADifferenceThatNoTradeCanBeBehindIsToldWithoutTheTrades) {
    World world{silent_options(313)};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{2});
    ASSERT_EQ(world.engine().report().open_orders, 0);
    for (const int told : {0, 1}) {
        const auto now = world.now();
        world.engine().on_answer({engine::ReadAccount{}, now.moment()},
                                 engine::Answer{with_one_more(account_of(world), "USDT")}, now);
        world.run(base::milliseconds{100});
        EXPECT_EQ(world.told()["account.changed_outside"], told);
    }
}

class KilledSession : public testing::TestWithParam<std::uint64_t> {};

TEST_P(KilledSession, ComesBackAndGoesOn) {
    WorldOptions options = options_for(GetParam());
    options.faults[Fault::lost_request] = 200;
    options.faults[Fault::lost_answer] = 400;
    options.faults[Fault::lost_event] = 200;
    options.faults[Fault::doubled_event] = 200;
    options.faults[Fault::failed_read] = 200;
    World world{options};
    ASSERT_TRUE(starts(world));
    for (int time = 0; time < 3; ++time) {
        world.run(base::seconds{20 + static_cast<std::int64_t>(GetParam() % 13)});
        world.kill();
        world.run(base::seconds{5});  // the exchange goes on: orders fill, and nobody hears of it
        ASSERT_TRUE(starts(world)) << "after kill " << time;
    }
    world.run(base::seconds{60});
    ASSERT_TRUE(world.stop()) << world.difference();
    expect_accounted(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, KilledSession, testing::Range<std::uint64_t>(200, 208));

}  // namespace
}  // namespace vigil::simulation
