// Against a model of the exchange's own counting, with delays, a wrong clock and other users of the address:
// we never exceed our share, and a cancel always finds room.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "approve.h"
#include "clock.h"
#include "governor/governor.h"

namespace vigil::governor {
namespace {

using namespace std::chrono_literals;
using domain::Lane;
using domain::RateLimitType;

/// Counts what arrives, in its own fixed windows.
class CountingExchange {
  public:
    explicit CountingExchange(base::seconds window) : window_{window} {}
    std::int64_t arrive(base::ExchangeTime at, std::int64_t weight) {
        return counts_[at.time_since_epoch() / base::microseconds{window_}] += weight;
    }
    [[nodiscard]] std::int64_t most() const {
        std::int64_t most = 0;
        for (const auto& [window, count] : counts_) most = std::max(most, count);
        return most;
    }

  private:
    base::seconds window_;
    std::map<std::int64_t, std::int64_t> counts_;
};

class ExchangeProperty : public testing::Test {
  protected:
    std::int64_t below(std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{0, most}(random_);
    }

    const unsigned seed_ = std::random_device{}();
    std::mt19937_64 random_{seed_};
};

TEST_F(ExchangeProperty, OwnUseStaysWithinTheShareInEveryWindowOfTheExchange) {
    SCOPED_TRACE("seed " + std::to_string(seed_));
    for (int round = 0; round < 60; ++round) {
        Governor governor{{}};
        governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000}});
        CountingExchange exchange{60s};
        TestClock truth;
        truth.elapsed = base::microseconds{below(60'000'000)};
        const std::int64_t uncertainty_us = below(250'000);
        for (int i = 0; i < 3000; ++i) {
            truth.elapsed += base::microseconds{below(below(20) == 0 ? 2'000'000 : 50'000)};
            // What we believe is off by up to the uncertainty.
            Now now = truth.now();
            now.uncertainty = base::microseconds{uncertainty_us};
            now.exchange += base::microseconds{below(2 * uncertainty_us) - uncertainty_us};
            const auto lane = static_cast<Lane>(2 + below(3));
            const auto weight = static_cast<std::int32_t>(1 + below(100));
            const auto decision = governor.decide(now, lane, {weight, 0});
            ASSERT_FALSE(std::holds_alternative<Refused>(decision));
            if (const auto* wait = std::get_if<WaitUntil>(&decision)) {
                ASSERT_GT(wait->until, now.monotonic);
                ASSERT_LE(wait->until, now.monotonic + 61s);
                continue;
            }
            const base::microseconds transit{below(1'000'000)};
            const std::int64_t count = exchange.arrive(truth.now().exchange + transit, weight);
            if (below(3) == 0)
                static_cast<void>(governor.on_usage(
                    {{{RateLimitType::request_weight, 60s, count, std::nullopt}}, now.monotonic}, now));
        }
        ASSERT_LE(exchange.most(), 3000);
        ASSERT_GE(exchange.most(), 1000) << "the budget is there to be used";
    }
}

TEST_F(ExchangeProperty, ACancelFindsRoomAtOnceUnderSaturation) {
    SCOPED_TRACE("seed " + std::to_string(seed_));
    Governor governor{{}};
    governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000},
                                                       {RateLimitType::orders, 10s, 100}});
    TestClock clock;
    int cancels = 0;
    for (int i = 0; i < 50'000; ++i) {
        clock.elapsed += base::microseconds{below(5000)};
        static_cast<void>(governor.decide(clock.now(), static_cast<Lane>(2 + below(3)), {50, 0}));
        static_cast<void>(governor.admit(placement(clock.mono() + 1s), clock.now()));
        if (below(9) != 0) continue;
        auto admission = governor.admit(cancellation(clock.mono() + 1s), clock.now());
        ASSERT_TRUE(std::holds_alternative<domain::Permitted>(admission)) << "cancel " << cancels;
        governor.on_order_answered(clock.mono(), true, true, somebody, clock.now());
        ++cancels;
    }
    ASSERT_GT(cancels, 1000);
}

TEST_F(ExchangeProperty, WithReportsTheTotalOfAllUsersIsRespected) {
    SCOPED_TRACE("seed " + std::to_string(seed_));
    for (int round = 0; round < 40; ++round) {
        Governor governor{{}};
        governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000}});
        CountingExchange all{60s};
        TestClock clock;
        const std::int64_t foreign_rate = below(60);
        for (int i = 0; i < 5000; ++i) {
            clock.elapsed += base::microseconds{below(40'000)};
            static_cast<void>(all.arrive(clock.now().exchange, below(foreign_rate)));
            const auto decision = governor.decide(clock.now(), Lane::account, {20, 0});
            if (!std::holds_alternative<Granted>(decision)) continue;
            const std::int64_t before = all.arrive(clock.now().exchange, 0);
            const std::int64_t count = all.arrive(clock.now().exchange, 20);
            static_cast<void>(governor.on_usage(
                {{{RateLimitType::request_weight, 60s, count, std::nullopt}}, clock.mono()}, clock.now()));
            // Whatever others had used when we last heard of it, we stayed below the account lane's ceiling;
            // what they used since then is the only thing that we could not know.
            ASSERT_LE(before, 2400 + 60 * 50);
            if (before > 2400) {
                ASSERT_FALSE(
                    std::holds_alternative<Granted>(governor.decide(clock.now(), Lane::account, {20, 0})));
            }
        }
    }
}

/// The day's orders as the documentation counts them (faqs/order_count_decrement.md, example 1).
TEST(OrderCount, FollowsTheDocumentedExample) {
    Governor governor{{}};
    governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000},
                                                       {RateLimitType::orders, 10s, 100}});
    TestClock clock;
    const auto count = [&] {
        for (std::size_t i = 0; i < governor.limit_count(); ++i)
            if (governor.usage(i).limit.type == RateLimitType::orders) return governor.usage(i).used;
        return std::int64_t{-1};
    };
    const auto place = [&] {
        clock.elapsed += 1s;
        auto admission = governor.admit(placement(clock.mono() + 10s), clock.now());
        ASSERT_TRUE(std::holds_alternative<domain::Permitted>(admission));
        governor.on_order_answered(clock.mono(), true, false, somebody, clock.now());
    };
    place();
    EXPECT_EQ(count(), 1) << "order A";
    place();
    EXPECT_EQ(count(), 2) << "order B";
    governor.on_first_fill(somebody, false, clock.now().exchange, clock.now());
    EXPECT_EQ(count(), 1) << "order B partially filled";
    place();
    EXPECT_EQ(count(), 2) << "order C";
    place();
    EXPECT_EQ(count(), 3) << "market order D";
    governor.on_first_fill(somebody, false, clock.now().exchange, clock.now());
    EXPECT_EQ(count(), 2) << "order D filled";
}

}  // namespace
}  // namespace vigil::governor
