// What the engine says when an answer tells of the limits something that is news: another number of a limit,
// orders or weight that somebody else has used, and that its own requests have to wait therefore. Each once.
#include <gtest/gtest.h>

#include "simulation/world.h"

namespace vigil::simulation {
namespace {

using domain::RateLimitType;

const domain::Symbol limited_symbol = *domain::Symbol::from("BTCUSDT");

/// Buys every few seconds.
WorldOptions a_buyer() {
    WorldOptions options;
    options.seed = 7;
    options.symbols = {limited_symbol};
    options.market.generate = {limited_symbol};
    strategy::DcaOptions dca;
    dca.every = base::seconds{10};
    dca.amount = domain::Amount::of(50);
    dca.total_budget = domain::Amount::of(5'000);
    options.strategies = {{*domain::StrategyName::from("dca"), limited_symbol, true, dca}};
    options.risk.daily_loss = {};
    return options;
}

class LimitsTold : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(world_.start()) << world_.why_not_started();
        // Into the first seconds of a minute that is watched from its beginning.
        world_.run(base::seconds{70} -
                   (world_.now().exchange.time_since_epoch() % base::seconds{60}) % base::seconds{60});
        ASSERT_EQ(told("governor.throttled") + told("governor.weight_drift") + told("governor.order_drift") +
                      told("governor.limit_changed"),
                  0);
    }

    [[nodiscard]] int told(const std::string& event) const {
        const auto all = world_.told();
        const auto found = all.find(event);
        return found == all.end() ? 0 : found->second;
    }

    /// As an answer says it, that has just come.
    void tell(RateLimitType type, base::seconds window, std::int64_t count, std::int64_t limit) {
        domain::RateLimitReport report;
        report.received = world_.now().monotonic;
        report.usage.push_back({type, window, count, limit});
        world_.engine().on_rate_limits(report, world_.now());
        world_.run(base::milliseconds{200});
    }

    [[nodiscard]] std::int64_t published(RateLimitType type, base::seconds window) {
        for (const governor::Usage& each : world_.engine().limits())
            if (each.limit.type == type && each.limit.window == window) return each.limit.limit;
        ADD_FAILURE() << "no such limit";
        return 0;
    }

    World world_{a_buyer()};
};

TEST_F(LimitsTold, AnotherNumberOfALimitIsToldOnceAndHoldsAtOnce) {
    const std::int64_t before = published(RateLimitType::orders, base::seconds{10});
    tell(RateLimitType::orders, base::seconds{10}, 0, before / 2);
    EXPECT_EQ(told("governor.limit_changed"), 1);
    EXPECT_EQ(published(RateLimitType::orders, base::seconds{10}), before / 2);
    tell(RateLimitType::orders, base::seconds{10}, 0, before / 2);
    EXPECT_EQ(told("governor.limit_changed"), 1);
}

TEST_F(LimitsTold, OrdersOfSomebodyElseAreToldFromTheThresholdOn) {
    const std::int64_t limit = published(RateLimitType::orders, base::seconds{10});
    tell(RateLimitType::orders, base::seconds{10}, 10, limit);  // fewer than need explaining
    EXPECT_EQ(told("governor.order_drift"), 0);
    world_.run(base::milliseconds{2'500});  // so early an answer may be of the ten seconds before
    tell(RateLimitType::orders, base::seconds{10}, 40, limit);
    EXPECT_EQ(told("governor.order_drift"), 1);
    tell(RateLimitType::orders, base::seconds{10}, 40, limit);
    EXPECT_EQ(told("governor.order_drift"), 1);
}

TEST_F(LimitsTold, RequestsThatWaitForTheNextMinuteSaySo) {
    const std::int64_t limit = published(RateLimitType::request_weight, base::seconds{60});
    tell(RateLimitType::request_weight, base::seconds{60}, limit * 95 / 100, limit);
    EXPECT_EQ(told("governor.weight_drift"), 1);
    const std::size_t placed = world_.accepted().size();
    world_.run(base::seconds{30});
    EXPECT_GE(told("governor.throttled"), 1);
    EXPECT_EQ(world_.accepted().size(), placed) << "what waits is not sent";
}

}  // namespace
}  // namespace vigil::simulation
