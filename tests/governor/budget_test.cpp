// Budgets: shares, lanes and the reserve, windows, what answers report, and what orders give back.
#include <gtest/gtest.h>

#include <vector>

#include "approve.h"
#include "clock.h"
#include "governor/governor.h"
#include "governor/weights.h"

namespace vigil::governor {
namespace {

using namespace std::chrono_literals;
using domain::Lane;
using domain::RateLimitType;

const std::vector<domain::RateLimit> published{{RateLimitType::request_weight, 60s, 6000},
                                               {RateLimitType::raw_requests, 300s, 300'000},
                                               {RateLimitType::orders, 10s, 100},
                                               {RateLimitType::orders, 86'400s, 200'000}};

class BudgetTest : public testing::Test {
  protected:
    BudgetTest() { governor_.set_limits(published); }

    bool granted(Lane lane, std::int32_t weight) {
        return std::holds_alternative<Granted>(governor_.decide(clock_.now(), lane, {weight, 0}));
    }
    void place_ten_of_which_eight_are_answered() {
        clock_.elapsed = 3s;
        const auto late = clock_.mono() + 100s;
        for (int i = 0; i < 10; ++i)
            ASSERT_TRUE(
                std::holds_alternative<domain::Permitted>(governor_.admit(placement(late), clock_.now())));
        for (int i = 0; i < 8; ++i)
            governor_.on_order_answered(clock_.mono(), true, false, somebody, clock_.now());
    }
    /// Takes requests of weight 10 until the lane is told to wait.
    std::int64_t fill(Lane lane) {
        std::int64_t taken = 0;
        while (granted(lane, 10)) taken += 10;
        return taken;
    }
    Usage usage(RateLimitType type, base::seconds window) const {
        for (std::size_t i = 0; i < governor_.limit_count(); ++i)
            if (governor_.usage(i).limit.type == type && governor_.usage(i).limit.window == window)
                return governor_.usage(i);
        ADD_FAILURE() << "no such limit";
        return {};
    }
    Usage weight() const { return usage(RateLimitType::request_weight, 60s); }
    std::optional<Drift> report(RateLimitType type, base::seconds window, std::int64_t count) {
        const UsageNews news =
            governor_.on_usage({{{type, window, count, std::nullopt}}, clock_.mono()}, clock_.now());
        return type == RateLimitType::orders ? news.order_drift : news.weight_drift;
    }
    template <class Outcome>
    static bool is(const Admission& admission) {
        return std::holds_alternative<Outcome>(admission);
    }

    TestClock clock_;
    Governor governor_{{}};
};

TEST_F(BudgetTest, LanesStopAtTheirCeilings) {
    EXPECT_EQ(fill(Lane::market_data), 2100);
    EXPECT_EQ(fill(Lane::account), 300) << "up to 2400";
    EXPECT_EQ(fill(Lane::order), 450) << "up to 2850";
    EXPECT_EQ(fill(Lane::reconcile), 150) << "up to the share, 3000";
    EXPECT_EQ(fill(Lane::cancel), 600) << "the reserve";
    EXPECT_EQ(fill(Lane::emergency_cancel), 2100) << "up to 95 % of the limit";
    EXPECT_EQ(weight().budget, 3000);
    EXPECT_EQ(weight().used, 5700);
    EXPECT_EQ(weight().peak, 5700);
}

TEST_F(BudgetTest, PlacementsCannotClaimACancelsLane) {
    fill(Lane::reconcile);
    const auto soon = clock_.mono() + 100s;
    EXPECT_TRUE(is<Deferred>(governor_.admit(placement(soon, Lane::emergency_cancel), clock_.now())));
    EXPECT_TRUE(is<domain::Permitted>(governor_.admit(cancellation(soon, Lane::order), clock_.now())))
        << "and a cancel always may use the reserve";
}

TEST_F(BudgetTest, WaitsUntilTheNextWindowAndThenGoes) {
    clock_.elapsed = 20s;
    fill(Lane::market_data);
    const auto decision = governor_.decide(clock_.now(), Lane::market_data, {10, 0});
    const auto* wait = std::get_if<WaitUntil>(&decision);
    ASSERT_NE(wait, nullptr);
    EXPECT_EQ(wait->why, Why::budget);
    EXPECT_EQ(wait->until, clock_.mono() + 40s);
    clock_.to(wait->until - 1ms);
    EXPECT_FALSE(granted(Lane::market_data, 10));
    clock_.to(wait->until);
    EXPECT_TRUE(granted(Lane::market_data, 10));
    EXPECT_EQ(weight().used, 10);
    EXPECT_EQ(weight().peak, 2100);
}

TEST_F(BudgetTest, AnUncertainClockBeginsWindowsLate) {
    clock_.uncertainty = 200ms;
    clock_.elapsed = 10s;
    fill(Lane::market_data);
    clock_.elapsed = 60s + 199ms;
    EXPECT_FALSE(granted(Lane::market_data, 10)) << "the new window may not have begun there";
    clock_.elapsed = 60s + 200ms;
    EXPECT_TRUE(granted(Lane::market_data, 10));
}

TEST_F(BudgetTest, WhatIsSentAtTheEndOfAWindowCountsInTheNextToo) {
    clock_.elapsed = 59s + 500ms;
    EXPECT_TRUE(granted(Lane::market_data, 1000));
    clock_.elapsed = 61s;
    EXPECT_TRUE(granted(Lane::market_data, 10));
    EXPECT_EQ(weight().used, 1010) << "it may have arrived after the full minute";
    clock_.elapsed = 121s;
    EXPECT_TRUE(granted(Lane::market_data, 10));
    EXPECT_EQ(weight().used, 10);
}

TEST_F(BudgetTest, TooLargeIsRefusedForGood) {
    const auto decision = governor_.decide(clock_.now(), Lane::market_data, {2101, 0});
    ASSERT_TRUE(std::holds_alternative<Refused>(decision));
    EXPECT_EQ(std::get<Refused>(decision).why, Why::too_large);
    EXPECT_EQ(weight().used, 0);
}

TEST_F(BudgetTest, ForeignUseShrinksTheBudgetAtOnceAndIsTold) {
    clock_.elapsed = 5s;
    EXPECT_TRUE(granted(Lane::account, 100));
    const auto drift = report(RateLimitType::request_weight, 60s, 2395);
    ASSERT_TRUE(drift.has_value());
    EXPECT_EQ(drift->own, 100);
    EXPECT_EQ(drift->observed, 2395);
    EXPECT_EQ(drift->limit.limit, 6000);
    EXPECT_FALSE(granted(Lane::account, 20));
    EXPECT_TRUE(granted(Lane::order, 20));
    EXPECT_FALSE(report(RateLimitType::request_weight, 60s, 2500).has_value()) << "not at every answer";
    EXPECT_TRUE(report(RateLimitType::request_weight, 60s, 5500).has_value()) << "but when it has doubled";
    EXPECT_FALSE(granted(Lane::cancel, 1));
    EXPECT_TRUE(granted(Lane::emergency_cancel, 1));
    clock_.elapsed = 60s;
    EXPECT_TRUE(granted(Lane::account, 20)) << "a new minute, a new chance";
}

TEST_F(BudgetTest, ALowerReportFreesNothing) {
    EXPECT_TRUE(granted(Lane::account, 1000));
    EXPECT_FALSE(report(RateLimitType::request_weight, 60s, 20).has_value());
    EXPECT_EQ(weight().used, 1000);
}

TEST_F(BudgetTest, ACountThatMayBeOfTheWindowBeforeIsBelievedForAMomentOnly) {
    clock_.elapsed = 50s;
    EXPECT_TRUE(granted(Lane::account, 1000));
    report(RateLimitType::request_weight, 60s, 2000);
    clock_.elapsed = 60s + 100ms;
    EXPECT_FALSE(report(RateLimitType::request_weight, 60s, 2040).has_value()) << "no drift, perhaps";
    EXPECT_EQ(weight().used, 2040);
    report(RateLimitType::request_weight, 60s, 60);
    EXPECT_EQ(weight().used, 60) << "this one is surely of the new window";
    report(RateLimitType::request_weight, 60s, 2080);
    EXPECT_EQ(weight().used, 2080);
    clock_.elapsed = 62s + 100ms;
    EXPECT_TRUE(granted(Lane::market_data, 10));
    EXPECT_EQ(weight().used, 70);
    report(RateLimitType::request_weight, 60s, 2500);
    EXPECT_EQ(weight().used, 2500);
}

TEST_F(BudgetTest, SuccessfulOrdersCostNoWeightFailedOnesDo) {
    clock_.elapsed = 1s;
    const auto soon = clock_.mono() + 100s;
    const auto first = governor_.admit(placement(soon), clock_.now());
    const auto second = governor_.admit(placement(soon), clock_.now());
    const auto third = governor_.admit(cancellation(soon), clock_.now());
    ASSERT_TRUE(is<domain::Permitted>(first) && is<domain::Permitted>(second) &&
                is<domain::Permitted>(third));
    EXPECT_EQ(weight().used, 3) << "charged first";
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 2);
    governor_.on_order_answered(std::get<domain::Permitted>(first).permitted(), true, false, somebody,
                                clock_.now());
    EXPECT_EQ(weight().used, 2);
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 2);
    governor_.on_order_answered(std::get<domain::Permitted>(second).permitted(), false, false, somebody,
                                clock_.now());
    EXPECT_EQ(weight().used, 2) << "a failed one keeps its weight";
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 1) << "but adds no unfilled order";
    governor_.on_order_answered(std::get<domain::Permitted>(third).permitted(), true, true, somebody,
                                clock_.now());
    EXPECT_EQ(weight().used, 1);
    governor_.on_first_fill(somebody, false, clock_.now().exchange, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 0);
    governor_.on_first_fill(somebody, false, clock_.now().exchange, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 0) << "no credit for fills";
}

TEST_F(BudgetTest, NothingIsGivenBackIntoALaterWindow) {
    clock_.elapsed = 30s;
    const auto admission = governor_.admit(placement(clock_.mono() + 100s), clock_.now());
    clock_.elapsed = 70s;
    EXPECT_TRUE(granted(Lane::account, 10));
    governor_.on_order_answered(std::get<domain::Permitted>(admission).permitted(), true, false, somebody,
                                clock_.now());
    EXPECT_EQ(weight().used, 10);
}

TEST_F(BudgetTest, WhatNeverLeftIsGivenBackWhole) {
    clock_.elapsed = 1s;
    const auto soon = clock_.mono() + 100s;
    for (int i = 0; i < 3; ++i) {
        const auto order = governor_.admit(placement(soon), clock_.now());
        const auto cancel = governor_.admit(cancellation(soon), clock_.now());
        EXPECT_EQ(weight().used, 2);
        governor_.on_order_never_sent(std::get<domain::Permitted>(order).permitted(), false, somebody,
                                      clock_.now());
        governor_.on_order_never_sent(std::get<domain::Permitted>(cancel).permitted(), true, somebody,
                                      clock_.now());
        EXPECT_EQ(weight().used, 0);
        EXPECT_EQ(usage(RateLimitType::raw_requests, 300s).used, 0);
        EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 0);
        EXPECT_EQ(usage(RateLimitType::orders, 86'400s).used, 0);
    }
    report(RateLimitType::orders, 10s, 7);
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 7) << "nothing of ours is under way any more";
}

TEST_F(BudgetTest, WhatNeverLeftIsGivenBackInTheWindowThatItWasCarriedInto) {
    const auto soon = clock_.mono() + 100s;
    clock_.elapsed = 8s;
    const auto early = governor_.admit(placement(soon), clock_.now());
    clock_.elapsed = 9s + 500ms;
    const auto late = governor_.admit(placement(soon), clock_.now());
    clock_.elapsed = 10s + 100ms;
    EXPECT_TRUE(granted(Lane::account, 1));  // so that the next window begins
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 1) << "the late one may arrive in this window";
    governor_.on_order_never_sent(std::get<domain::Permitted>(early).permitted(), false, somebody,
                                  clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 1) << "of the early one nothing counts here";
    governor_.on_order_never_sent(std::get<domain::Permitted>(late).permitted(), false, somebody,
                                  clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 0);
}

TEST_F(BudgetTest, UnfilledOrdersAreLimitedAndFillsMakeRoom) {
    const auto late = clock_.mono() + 100s;
    for (int i = 0; i < 90; ++i)
        ASSERT_TRUE(is<domain::Permitted>(governor_.admit(placement(late), clock_.now())));
    auto waiting = governor_.admit(placement(late), clock_.now());
    ASSERT_TRUE(is<Deferred>(waiting));
    EXPECT_EQ(std::get<Deferred>(waiting).why, Why::order_count);
    EXPECT_EQ(std::get<Deferred>(waiting).until, clock_.mono() + 10s);
    EXPECT_TRUE(is<domain::Permitted>(governor_.admit(cancellation(late), clock_.now())))
        << "cancels are no orders";
    governor_.on_first_fill(somebody, false, clock_.now().exchange, clock_.now());
    EXPECT_TRUE(is<domain::Permitted>(
        governor_.admit(std::move(std::get<Deferred>(waiting).approved), clock_.now())));
}

TEST_F(BudgetTest, TheExchangesOrderCountReplacesOursPlusWhatIsInFlight) {
    ASSERT_NO_FATAL_FAILURE(place_ten_of_which_eight_are_answered());
    report(RateLimitType::orders, 10s, 3);  // maker fills took five off
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 5);
    report(RateLimitType::orders, 10s, 85);  // another key of the account is at it
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 87);
    governor_.on_order_unanswered(false);
    governor_.on_order_unanswered(false);
    report(RateLimitType::orders, 10s, 85);
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 85);
}

TEST_F(BudgetTest, AMakersFirstFillTakesMoreOffTheCountButNothingThatIsUnderWay) {
    ASSERT_NO_FATAL_FAILURE(place_ten_of_which_eight_are_answered());
    governor_.on_first_fill(somebody, true, clock_.now().exchange, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 5);
    governor_.on_first_fill(somebody, true, clock_.now().exchange, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 2)
        << "two have no answer: the exchange may count them after this fill";
}

TEST_F(BudgetTest, AFillCountsOnceAndInItsOwnWindow) {
    const auto late = clock_.mono() + 100s;
    clock_.elapsed = 9s;
    const auto before = clock_.now().exchange;
    clock_.elapsed = 11s;
    for (int i = 0; i < 9; ++i) {
        ASSERT_TRUE(is<domain::Permitted>(governor_.admit(placement(late), clock_.now())));
        governor_.on_order_answered(clock_.mono(), true, false, somebody, clock_.now());
    }
    governor_.on_first_fill(somebody, true, before, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 9) << "it was taken off the window before";
    EXPECT_EQ(usage(RateLimitType::orders, 86'400s).used, 4);
    const auto filled = clock_.now().exchange;
    clock_.elapsed = 12s;
    report(RateLimitType::orders, 10s, 4);
    governor_.on_first_fill(somebody, true, filled, clock_.now());
    EXPECT_EQ(usage(RateLimitType::orders, 10s).used, 4) << "the count that was told knew of this fill";
}

TEST_F(BudgetTest, OrdersOfOthersAreToldInAWindowThatWasWatchedWhole) {
    clock_.elapsed = 3s;
    EXPECT_FALSE(report(RateLimitType::orders, 10s, 80).has_value())
        << "they may be of an earlier session of ours";
    clock_.elapsed = 13s;
    EXPECT_FALSE(report(RateLimitType::orders, 10s, 19).has_value());
    const auto drift = report(RateLimitType::orders, 10s, 60);
    ASSERT_TRUE(drift.has_value());
    EXPECT_EQ(drift->observed, 60);
    EXPECT_EQ(drift->limit.window, 10s);
}

TEST_F(BudgetTest, ANewWindowBeginsCarefullyUntilAnAnswerTellsOfIt) {
    clock_.elapsed = 30s;
    EXPECT_TRUE(granted(Lane::account, 10));
    clock_.elapsed = 60s;
    EXPECT_EQ(fill(Lane::account), 1200) << "half of 2400";
    EXPECT_EQ(fill(Lane::cancel), 2400) << "cancels do not mind: up to the share and the reserve";
    const auto decision = governor_.decide(clock_.now(), Lane::account, {10, 0});
    ASSERT_TRUE(std::holds_alternative<WaitUntil>(decision));
    EXPECT_EQ(std::get<WaitUntil>(decision).until, clock_.mono() + 60s) << "cancels have taken the rest";
    clock_.elapsed = 120s;
    EXPECT_EQ(fill(Lane::account), 1200);
    const auto soon = governor_.decide(clock_.now(), Lane::account, {10, 0});
    ASSERT_TRUE(std::holds_alternative<WaitUntil>(soon));
    EXPECT_EQ(std::get<WaitUntil>(soon).until, clock_.mono() + 3s) << "without any answer";
    const std::uint64_t room = governor_.room_made();
    clock_.elapsed = 120s + 100ms;
    report(RateLimitType::request_weight, 60s, 1300);
    EXPECT_GT(governor_.room_made(), room) << "what waits may be tried again";
    EXPECT_EQ(fill(Lane::account), 1100) << "up to 2400, less what others use";
}

TEST_F(BudgetTest, EveryWaitIsMeasured) {
    EXPECT_TRUE(granted(Lane::account, 1));
    const auto first_asked = clock_.mono();
    clock_.elapsed += 1500ms;
    EXPECT_TRUE(
        std::holds_alternative<Granted>(governor_.decide(clock_.now(), Lane::account, {1, 0}, first_asked)));
    const LaneWaits& account = governor_.waits().of(Lane::account);
    EXPECT_EQ(account.granted, 2);
    EXPECT_EQ(account.waited, 1);
    EXPECT_EQ(account.longest, 1500ms);
    EXPECT_EQ(account.total, 1500ms);
    EXPECT_TRUE(is<Expired>(governor_.admit(placement(clock_.mono()), clock_.now())));
    EXPECT_EQ(governor_.waits().of(Lane::order).dropped, 1);
    EXPECT_EQ(governor_.waits().of(Lane::cancel).granted, 0);
}

TEST_F(BudgetTest, LateIntentsExpireInsteadOfWaiting) {
    fill(Lane::reconcile);
    auto late = governor_.admit(placement(clock_.mono() + 10s), clock_.now());
    ASSERT_TRUE(is<Expired>(late)) << "it could only go after its own deadline";
    EXPECT_EQ(std::get<Expired>(late).why, Why::budget);
    EXPECT_EQ(std::get<Expired>(late).approved.intent().client_order_id().view(), "v-1");
    auto too_late = governor_.admit(cancellation(clock_.mono()), clock_.now());
    ASSERT_TRUE(is<Expired>(too_late));
    EXPECT_EQ(std::get<Expired>(too_late).why, Why::late);
}

TEST_F(BudgetTest, LimitsAreFollowedWhenTheyChange) {
    EXPECT_TRUE(granted(Lane::account, 1000));
    governor_.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 1200},
                                                        {RateLimitType::request_weight, 10s, 300},
                                                        {RateLimitType::unknown, 60s, 5},
                                                        {RateLimitType::orders, 0s, 5},
                                                        {RateLimitType::orders, 10s, -5}});
    EXPECT_EQ(weight().used, 1000) << "what was charged stays charged";
    EXPECT_FALSE(granted(Lane::account, 1));
    EXPECT_EQ(governor_.limit_count(), 3U)
        << "two of weight, and connections; the impossible ones are ignored";
    governor_.set_limits({});
    EXPECT_EQ(governor_.limit_count(), 3U) << "an empty answer forgets nothing";
    governor_.set_limits(
        std::vector<domain::RateLimit>(20, domain::RateLimit{RateLimitType::request_weight, 60s, 1200}));
    EXPECT_LE(governor_.limit_count(), 8U);
    const UsageNews news =
        governor_.on_usage({{{RateLimitType::request_weight, 60s, 0, 6000}}, clock_.mono()}, clock_.now());
    EXPECT_FALSE(news.weight_drift.has_value());
    ASSERT_TRUE(news.limit_change.has_value()) << "answers of the WebSocket API repeat the limit";
    EXPECT_EQ(news.limit_change->before.limit, 1200);
    EXPECT_EQ(news.limit_change->after, 6000);
    EXPECT_EQ(weight().limit.limit, 6000);
}

TEST(Bootstrap, LetsTheFirstReadsThroughAndNoMore) {
    Governor governor{{}};
    TestClock clock;
    clock.uncertainty = 60s;  // time is not synchronised yet
    EXPECT_FALSE(governor.limits_known());
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(std::holds_alternative<Granted>(
            governor.decide(clock.now(), Lane::reconcile, weights::exchange_info)));
    EXPECT_TRUE(
        std::holds_alternative<WaitUntil>(governor.decide(clock.now(), Lane::reconcile, weights::time)));
    governor.set_limits(published);
    EXPECT_TRUE(governor.limits_known());
    EXPECT_TRUE(
        std::holds_alternative<Granted>(governor.decide(clock.now(), Lane::reconcile, weights::time)));
    EXPECT_EQ(governor.usage(0).limit.type, RateLimitType::request_weight);
    EXPECT_EQ(governor.usage(0).used, 101) << "what the first reads cost is not forgotten";
}

TEST(Connections, AreLimitedToo) {
    Governor governor{{}};
    governor.set_limits(published);
    TestClock clock;
    const Cost connect = weights::connect_streams;
    for (int i = 0; i < 105; ++i)
        ASSERT_TRUE(
            std::holds_alternative<Granted>(governor.decide(clock.now(), Lane::market_data, connect)));
    EXPECT_TRUE(std::holds_alternative<WaitUntil>(governor.decide(clock.now(), Lane::market_data, connect)));
    EXPECT_TRUE(std::holds_alternative<Granted>(governor.decide(clock.now(), Lane::reconcile, connect)));
    EXPECT_EQ(governor.usage(0).used, 0) << "a stream's connection costs no weight";
    EXPECT_TRUE(std::holds_alternative<Granted>(
        governor.decide(clock.now(), Lane::reconcile, weights::connect_ws_api)));
    EXPECT_EQ(governor.usage(0).used, 2) << "one to the WebSocket API does";
}

/// Whether the exchange's five minutes are fixed or slide, the documentation does not say: both have to hold,
/// whatever share of the limits is configured.
TEST(Connections, AStormOfAttemptsNeverSeesMoreThanTheLimitInAnyFiveMinutes) {
    for (const int share : {20, 50, 90}) {
        Governor governor{{.share_percent = share}};
        governor.set_limits(published);
        TestClock clock;
        clock.elapsed = 123s;
        std::vector<base::MonotonicTime> attempts;
        while (clock.elapsed < 3600s) {
            const Lane lane = attempts.size() % 3 == 0 ? Lane::market_data : Lane::reconcile;
            const Cost cost = lane == Lane::market_data ? weights::connect_streams : weights::connect_ws_api;
            if (std::holds_alternative<Granted>(governor.decide(clock.now(), lane, cost)))
                attempts.push_back(clock.mono());
            clock.elapsed += 50ms;  // 6000 wishes in five minutes
        }
        ASSERT_GT(attempts.size(), 300U);
        for (std::size_t i = 300; i < attempts.size(); ++i)
            ASSERT_GT(attempts[i] - attempts[i - 300], 300s) << "share " << share;
    }
}

TEST(Connections, NothingConnectsOrLogsOnDuringABan) {
    Governor governor{{}};
    governor.set_limits(published);
    TestClock clock;
    const Rest rest = governor.on_limited({418, 120s, std::nullopt, clock.mono()}, clock.now(), clock.wall());
    const auto held = [&](Lane lane, Cost cost) {
        const auto decision = governor.decide(clock.now(), lane, cost);
        const auto* wait = std::get_if<WaitUntil>(&decision);
        return wait != nullptr && wait->until == rest.until && wait->why == Why::banned;
    };
    const auto all_held = [&] {
        return held(Lane::market_data, weights::connect_streams) &&
               held(Lane::market_data, weights::no_request) &&
               held(Lane::reconcile, weights::connect_ws_api) &&
               held(Lane::reconcile, weights::session_logon) &&
               held(Lane::reconcile, weights::subscribe_user_data) && held(Lane::cancel, weights::no_request);
    };
    EXPECT_TRUE(all_held());
    clock.to(rest.until - 1ns);
    EXPECT_TRUE(all_held());
    clock.to(rest.until);
    EXPECT_TRUE(std::holds_alternative<Granted>(
        governor.decide(clock.now(), Lane::reconcile, weights::connect_ws_api)));
}

TEST(Weights, AreThoseOfTheDocumentation) {
    EXPECT_EQ(weights::depth(100).weight, 5);
    EXPECT_EQ(weights::depth(101).weight, 25);
    EXPECT_EQ(weights::depth(1000).weight, 50);
    EXPECT_EQ(weights::depth(5000).weight, 250);
    EXPECT_EQ(weights::open_orders(true).weight, 6);
    EXPECT_EQ(weights::open_orders(false).weight, 80);
    EXPECT_EQ(weights::my_trades(true).weight, 5);
    EXPECT_EQ(weights::my_trades(false).weight, 20);
    EXPECT_EQ(weights::ticker_24h(0).weight, 80);
    EXPECT_EQ(weights::ticker_24h(20).weight, 2);
    EXPECT_EQ(weights::ticker_24h(21).weight, 40);
    EXPECT_EQ(weights::ticker_24h(101).weight, 80);
    EXPECT_EQ(weights::rolling_ticker(51).weight, 200);
    EXPECT_EQ(weights::place_order.orders, 1);
    EXPECT_EQ(weights::cancel_order.orders, 0);
}

}  // namespace
}  // namespace vigil::governor
