// The kill switch on a virtual clock: how long the last cancel takes when others have used up the address,
// when the order session is down, and over a restart.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/world.h"

namespace vigil::simulation {
namespace {

using domain::Amount;
using domain::Price;

const domain::Symbol btcusdt = *domain::Symbol::from("BTCUSDT");

/// A wide grid: many open orders, and few fills.
WorldOptions grid_options(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.symbols = {btcusdt};
    options.market.generate = {btcusdt};
    options.market.volatility = domain::Rate::literal("4");
    Price reference;
    for (const exchange::SymbolSpec& spec : exchange::default_symbols())
        if (spec.rules.symbol == btcusdt) reference = spec.reference_price;
    const auto at = [reference](std::string_view factor) {
        return domain::scaled_by(reference, domain::Rate::literal(factor), domain::Rounding::down)
            ->floor_to(Price::literal("0.01"));
    };
    strategy::GridOptions grid;
    grid.lower = at("0.98");
    grid.upper = at("1.02");
    grid.levels = 31;
    grid.investment = Amount::of(5'000);
    options.strategies = {{*domain::StrategyName::from("grid"), btcusdt, true, grid}};
    return options;
}

void place_foreign(World& world) {
    exchange::OrderRequest request;
    request.symbol = btcusdt;
    request.type = domain::OrderType::limit;
    request.time_in_force = domain::TimeInForce::gtc;
    request.price = Price::literal("30000");
    request.quantity = domain::Quantity::literal("0.001");
    request.client_order_id = *domain::ClientOrderId::from("not-ours");
    EXPECT_TRUE(world.core().place(world.account(), request, world.core().now()));
}

std::size_t open_at_exchange(World& world) {
    return world.core().open_orders(world.account(), btcusdt)->size();
}

void kill_switch(World& world) {
    world.engine().kill("operator ann", "a test", world.now());
    world.empty_outbox();
}

/// Everything that the exchange gives this address in the running minute, and in the running ten seconds, is
/// gone.
void use_up(World& world) {
    domain::RateLimitReport report;
    report.received = world.now().monotonic;
    for (const governor::Usage& usage : world.engine().limits())
        report.usage.push_back({usage.limit.type, usage.limit.window, usage.limit.limit, std::nullopt});
    world.engine().on_rate_limits(report, world.now());
    world.empty_outbox();
}

/// Seconds until no own order is open, at most `most`.
int seconds_until_closed(World& world, int most) {
    for (int second = 0; second <= most; ++second) {
        if (world.engine().kill_progress(world.now()).remaining.empty()) return second;
        world.run(base::seconds{1});
    }
    return most + 1;
}

TEST(Kill, CancelsEveryOwnOrderWithinASecondAndNoOther) {
    World world{grid_options(1)};
    ASSERT_TRUE(world.start());
    place_foreign(world);
    world.run(base::seconds{20});
    ASSERT_GT(open_at_exchange(world), 20U);
    kill_switch(world);
    const std::size_t orders = world.engine().kill_progress(world.now()).orders;
    EXPECT_LE(seconds_until_closed(world, 10), 1);
    EXPECT_EQ(open_at_exchange(world), 1U);
    const engine::KillProgress progress = world.engine().kill_progress(world.now());
    EXPECT_EQ(progress.orders, orders);
    EXPECT_EQ(progress.cancelled + progress.filled + progress.ended, orders);
    EXPECT_EQ(world.told()["risk.killed"], 1);
    EXPECT_EQ(world.told()["risk.kill_done"], 1);
    const std::size_t accepted = world.accepted().size();
    world.run(base::seconds{120});
    EXPECT_EQ(world.accepted().size(), accepted) << "nothing is placed any more";
    EXPECT_EQ(world.told()["risk.kill_done"], 1);
}

// docs/risk.md states the bound: the minute of the weight window, and a second.
TEST(Kill, WaitsForAtMostAWindowWhenTheWholeBudgetIsUsedUp) {
    for (const std::uint64_t seed : {2U, 3U, 4U, 5U}) {
        World world{grid_options(seed)};
        ASSERT_TRUE(world.start());
        world.run(base::seconds{20 + static_cast<std::int64_t>(seed) * 11});
        use_up(world);
        kill_switch(world);
        const engine::KillProgress progress = world.engine().kill_progress(world.now());
        EXPECT_GT(progress.remaining.size(), 20U);
        EXPECT_NE(progress.waits_for.find("governor"), std::string::npos) << progress.waits_for;
        const std::size_t accepted = world.accepted().size();
        EXPECT_LE(seconds_until_closed(world, 120), 62) << "seed " << seed;
        EXPECT_EQ(open_at_exchange(world), 0U);
        EXPECT_EQ(world.accepted().size(), accepted);
    }
}

TEST(Kill, CancelsAsSoonAsTheOrderSessionIsUp) {
    World world{grid_options(6)};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{20});
    world.engine().on_connection(domain::Connection::orders, domain::ConnectionState::disconnected,
                                 world.now());
    world.empty_outbox();
    kill_switch(world);
    const auto records = world.disk().last_sequence();
    world.run(base::seconds{30});
    const engine::KillProgress progress = world.engine().kill_progress(world.now());
    EXPECT_EQ(progress.cancelled, 0U);
    EXPECT_EQ(progress.waits_for, "the order session is down");
    EXPECT_LT(world.disk().last_sequence() - records, 30) << "no cancel is tried and journaled over and over";
    world.engine().on_connection(domain::Connection::orders, domain::ConnectionState::connected, world.now());
    world.empty_outbox();
    EXPECT_LE(seconds_until_closed(world, 10), 1);
    EXPECT_EQ(open_at_exchange(world), 0U);
}

TEST(Kill, OutlivesTheProcessAndEndsWithAResume) {
    World world{grid_options(7)};
    ASSERT_TRUE(world.start());
    world.run(base::seconds{20});
    kill_switch(world);
    world.kill();  // the process, with its cancels on the wire
    ASSERT_TRUE(world.start());
    EXPECT_EQ(world.engine().ladder().level, risk::Level::halt);
    EXPECT_TRUE(world.engine().ladder().cancels_all);
    world.run(base::seconds{30});
    EXPECT_EQ(open_at_exchange(world), 0U);
    const std::size_t accepted = world.accepted().size();
    ASSERT_TRUE(world.engine().lower_ladder(risk::Level::normal, "operator ann", "done", world.now()));
    world.empty_outbox();
    EXPECT_FALSE(world.engine().ladder().cancels_all);
    world.run(base::seconds{30});
    EXPECT_GT(world.accepted().size(), accepted) << "the grid goes on";
    EXPECT_GT(open_at_exchange(world), 0U);
}

TEST(Losses, AreSeenWithoutAnOrderAndCountAnewAfterAResume) {
    WorldOptions options = grid_options(8);
    risk::LossLimit limit;
    limit.quote = *domain::Asset::from("USDT");
    limit.drawdown_max = Amount::literal("30");
    limit.drawdown_level = risk::Level::cancel_only;
    options.risk.losses = {limit};
    World world{options};
    ASSERT_TRUE(world.start());
    for (int minute = 0; minute < 240 && world.engine().ladder().level == risk::Level::normal; ++minute)
        world.run(base::seconds{60});
    ASSERT_EQ(world.engine().ladder().level, risk::Level::cancel_only) << "a market that never falls";
    EXPECT_EQ(world.engine().ladder().by, "drawdown");
    EXPECT_EQ(world.told()["risk.loss_limit"], 1);
    world.kill();
    ASSERT_TRUE(world.start());
    world.run(base::seconds{5});
    EXPECT_EQ(world.engine().ladder().level, risk::Level::cancel_only);
    EXPECT_EQ(world.told()["risk.loss_limit"], 1) << "told once, also over a restart";
    ASSERT_TRUE(world.engine().lower_ladder(risk::Level::normal, "operator ann", "a test", world.now()));
    world.empty_outbox();
    world.run(base::seconds{2});
    EXPECT_EQ(world.engine().ladder().level, risk::Level::normal)
        << "what is lost already is not held against it";
}

}  // namespace
}  // namespace vigil::simulation
