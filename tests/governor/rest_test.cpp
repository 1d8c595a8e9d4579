// Rests: 429 and 418 with everything that may be said or left out, restarts, the firewall, server trouble.
#include <gtest/gtest.h>

#include <limits>
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

const BootId this_boot = *BootId::from("11111111-1111-4111-8111-111111111111");
const BootId next_boot = *BootId::from("22222222-2222-4222-8222-222222222222");

class RestTest : public testing::Test {
  protected:
    RestTest() { prepare(governor_); }

    static void prepare(Governor& governor) {
        governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000},
                                                           {RateLimitType::orders, 10s, 100},
                                                           {RateLimitType::orders, 86'400s, 200'000}});
        governor.set_boot_id(this_boot);
    }
    static std::optional<Why> held(Governor& governor, const TestClock& clock, Lane lane) {
        const auto decision = governor.decide(clock.now(), lane, {1, 0});
        const auto* wait = std::get_if<WaitUntil>(&decision);
        return wait == nullptr ? std::nullopt : std::optional{wait->why};
    }
    std::optional<Why> held(Lane lane) { return held(governor_, clock_, lane); }
    Rest limited(int status, std::optional<base::seconds> retry_after) {
        return governor_.on_limited({status, retry_after, std::nullopt, clock_.mono()}, clock_.now(),
                                    clock_.wall());
    }

    domain::RateLimited refused_order(std::optional<base::seconds> retry_after) const {
        return {429, retry_after, std::nullopt, clock_.mono(), domain::LimitedScope::orders};
    }
    Rest too_many_orders(std::optional<base::seconds> retry_after) {
        return governor_.on_limited(refused_order(retry_after), clock_.now(), clock_.wall());
    }

    TestClock clock_;
    Governor governor_{{.jitter_percent = 0}};
};

TEST_F(RestTest, NothingAtAllIsSentDuringABan) {
    const Rest rest = limited(418, 120s);
    EXPECT_EQ(rest.status, 418);
    EXPECT_GE(rest.length, 120s);
    EXPECT_LE(rest.length, 122s);
    for (const Lane lane : {Lane::emergency_cancel, Lane::cancel, Lane::reconcile, Lane::order, Lane::account,
                            Lane::market_data})
        EXPECT_EQ(held(lane), Why::banned);
    EXPECT_EQ(governor_.banned_until(clock_.now()), rest.until);
    auto admission = governor_.admit(cancellation(clock_.mono() + 1h, Lane::emergency_cancel), clock_.now());
    ASSERT_TRUE(std::holds_alternative<Deferred>(admission));
    EXPECT_EQ(std::get<Deferred>(admission).until, rest.until);
    clock_.to(rest.until - 1ns);
    EXPECT_EQ(held(Lane::emergency_cancel), Why::banned);
    EXPECT_FALSE(governor_.take_lifted_ban(clock_.now()).has_value());
    clock_.to(rest.until);
    EXPECT_EQ(held(Lane::market_data), std::nullopt);
    EXPECT_EQ(governor_.take_lifted_ban(clock_.now()), 418);
    EXPECT_FALSE(governor_.take_lifted_ban(clock_.now()).has_value());
    EXPECT_FALSE(governor_.ban_record().has_value());
}

TEST_F(RestTest, AfterABanTheBudgetIsHalfForAMinute) {
    clock_.elapsed = 10s;
    const Rest rest = limited(429, 60s);
    clock_.to(rest.until);
    EXPECT_TRUE(std::holds_alternative<Granted>(governor_.decide(clock_.now(), Lane::reconcile, {1500, 0})));
    const auto decision = governor_.decide(clock_.now(), Lane::reconcile, {10, 0});
    EXPECT_TRUE(std::holds_alternative<WaitUntil>(decision));
    const auto large = governor_.decide(clock_.now(), Lane::reconcile, {2900, 0});
    EXPECT_TRUE(std::holds_alternative<WaitUntil>(large)) << "too large for now only";
    clock_.to(rest.until + 121s);
    EXPECT_TRUE(std::holds_alternative<Granted>(governor_.decide(clock_.now(), Lane::reconcile, {1, 0})));
    clock_.elapsed += 3s;  // no answer has told of this window
    EXPECT_TRUE(std::holds_alternative<Granted>(governor_.decide(clock_.now(), Lane::reconcile, {2900, 0})));
}

TEST_F(RestTest, ABanIsNeverShortened) {
    const Rest first = limited(418, 3600s);
    clock_.elapsed = 1s;
    const Rest second = limited(429, 5s);
    EXPECT_EQ(second.until, first.until);
    EXPECT_EQ(second.status, 418);
}

TEST_F(RestTest, WithoutRetryAfterRestsGrow) {
    base::nanoseconds before{0};
    for (int i = 0; i < 12; ++i) {
        const Rest rest = limited(418, std::nullopt);
        EXPECT_GE(rest.length, 120s);
        EXPECT_GT(rest.length, before);
        EXPECT_EQ(limited(418, std::nullopt).in_a_row, i + 1) << "answers of the same burst count once";
        before = rest.length;
        clock_.to(governor_.banned_until(clock_.now()).value());
        EXPECT_FALSE(held(Lane::cancel).has_value());
        if (before >= 95h) break;
    }
    clock_.elapsed += 20min;
    governor_.on_succeeded(clock_.now());
    EXPECT_LE(limited(429, std::nullopt).length, 61s) << "good behaviour is remembered, too";
}

TEST_F(RestTest, HostileRetryAfterIsBounded) {
    for (const auto seconds : {std::numeric_limits<std::int64_t>::max(), std::int64_t{-5},
                               std::numeric_limits<std::int64_t>::min(), std::int64_t{0}}) {
        Governor governor{{}};
        prepare(governor);
        const Rest rest = governor.on_limited({429, base::seconds{seconds}, std::nullopt, clock_.mono()},
                                              clock_.now(), clock_.wall());
        EXPECT_GE(rest.length, 60s);
        EXPECT_LE(rest.length, longest_ban);
    }
    for (const auto time : {base::ExchangeTime::max(), base::ExchangeTime::min(), base::ExchangeTime{}}) {
        Governor governor{{}};
        prepare(governor);
        const Rest rest =
            governor.on_limited({418, std::nullopt, time, clock_.mono()}, clock_.now(), clock_.wall());
        EXPECT_GE(rest.length, 120s);
        EXPECT_LE(rest.length, longest_ban);
    }
}

TEST_F(RestTest, TheWebSocketApiNamesATime) {
    clock_.uncertainty = 300ms;
    const Rest rest = governor_.on_limited({418, std::nullopt, clock_.now().exchange + 500s, clock_.mono()},
                                           clock_.now(), clock_.wall());
    EXPECT_GE(rest.length, 500s + 300ms);
    EXPECT_LE(rest.length, 502s);
}

TEST_F(RestTest, TooManyOrdersRestsPlacementsOnly) {
    const Rest rest = too_many_orders(10s);
    const auto far = clock_.mono() + 1h;
    const auto waiting = governor_.admit(placement(far), clock_.now());
    ASSERT_TRUE(std::holds_alternative<Deferred>(waiting));
    EXPECT_EQ(std::get<Deferred>(waiting).why, Why::order_count);
    EXPECT_EQ(std::get<Deferred>(waiting).until, rest.until);
    EXPECT_TRUE(std::holds_alternative<domain::Permitted>(governor_.admit(cancellation(far), clock_.now())));
    EXPECT_FALSE(held(Lane::market_data).has_value());
    EXPECT_FALSE(governor_.ban_record().has_value()) << "nothing to persist: it is no ban of the address";
}

TEST_F(RestTest, TooManyOrdersWithoutATimeRestsUntilTheFullWindowEnds) {
    clock_.elapsed = 23s;
    EXPECT_EQ(too_many_orders(std::nullopt).until, clock_.mono() + 7s)
        << "none looks full from here: the shorter of the two windows, of 10 s";
    Governor day_is_full{{}};
    prepare(day_is_full);
    static_cast<void>(day_is_full.on_usage({{{domain::RateLimitType::orders, 10s, 3, std::nullopt},
                                             {domain::RateLimitType::orders, 86'400s, 200'000, std::nullopt}},
                                            clock_.mono()},
                                           clock_.now()));
    EXPECT_EQ(day_is_full.on_limited(refused_order(std::nullopt), clock_.now(), clock_.wall()).until,
              clock_.mono() + (86'400s - 23s));
    Governor shorter_is_full{{}};
    prepare(shorter_is_full);
    static_cast<void>(shorter_is_full.on_usage(
        {{{domain::RateLimitType::orders, 10s, 100, std::nullopt}}, clock_.mono()}, clock_.now()));
    EXPECT_EQ(shorter_is_full.on_limited(refused_order(std::nullopt), clock_.now(), clock_.wall()).until,
              clock_.mono() + 7s);
}

TEST_F(RestTest, ServerErrorsCoolDownAllButCancels) {
    const auto first = governor_.on_failed(503, clock_.now());
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->length, 1s);
    EXPECT_EQ(governor_.on_failed(503, clock_.now())->in_a_row, 1)
        << "requests that fail together count once";
    EXPECT_EQ(held(Lane::order), Why::cool_down);
    EXPECT_FALSE(held(Lane::cancel).has_value());
    base::nanoseconds before = first->length;
    for (int i = 0; i < 10; ++i) {
        clock_.to(governor_.on_failed(0, clock_.now())->until);
        const auto next = governor_.on_failed(500, clock_.now());
        EXPECT_EQ(next->length, std::min<base::nanoseconds>(2 * before, 60s));
        before = next->length;
    }
    clock_.to(governor_.on_failed(500, clock_.now())->until);
    EXPECT_FALSE(held(Lane::order).has_value());
    governor_.on_succeeded(clock_.now());
    EXPECT_EQ(governor_.on_failed(502, clock_.now())->length, 1s);
    EXPECT_FALSE(governor_.on_failed(400, clock_.now()).has_value()) << "our own mistake, not the server's";
}

TEST_F(RestTest, CoolDownsAreSpreadBySeed) {
    const auto lengths = [&](std::uint64_t seed) {
        Governor governor{{.seed = seed}};
        prepare(governor);
        TestClock clock = clock_;
        std::vector<base::nanoseconds> seen;
        for (int i = 0; i < 8; ++i) {
            seen.push_back(governor.on_failed(503, clock.now())->length);
            clock.to(clock.mono() + seen.back());
        }
        return seen;
    };
    const auto one = lengths(1);
    EXPECT_EQ(one, lengths(1)) << "the same seed, the same run";
    EXPECT_NE(one, lengths(2));
    base::nanoseconds plain = 1s;
    for (const base::nanoseconds length : one) {
        EXPECT_GE(length, plain);
        EXPECT_LE(length, plain + plain / 4);
        plain = std::min<base::nanoseconds>(2 * plain, 60s);
    }
}

TEST_F(RestTest, TheFirewallHoldsAllButEmergencyCancels) {
    EXPECT_EQ(governor_.on_failed(403, clock_.now())->length, 60s);
    EXPECT_EQ(held(Lane::cancel), Why::firewall);
    EXPECT_FALSE(held(Lane::emergency_cancel).has_value());
    for (int i = 0; i < 20; ++i) {
        clock_.to(governor_.on_failed(403, clock_.now())->until);
        EXPECT_LE(governor_.on_failed(403, clock_.now())->length, 1h);
    }
}

TEST_F(RestTest, ARestartInTheSameBootKeepsTheExactDeadlineWhateverTheWallClock) {
    const Rest rest = limited(418, 600s);
    const BanRecord record = governor_.ban_record().value();
    for (const auto wall_shift : {-8760h, -1h, 0h, 1h, 8760h}) {
        TestClock later = clock_;
        later.elapsed += 100s;
        Governor restarted{{}};
        prepare(restarted);
        const auto restored = restarted.restore_ban(record, later.now(), later.wall() + wall_shift);
        ASSERT_TRUE(restored.has_value()) << wall_shift.count() << " h";
        EXPECT_EQ(restored->until, rest.until);
        EXPECT_EQ(held(restarted, later, Lane::emergency_cancel), Why::banned);
        later.to(rest.until);
        EXPECT_FALSE(held(restarted, later, Lane::emergency_cancel).has_value());
    }
    TestClock much_later = clock_;
    much_later.to(rest.until);
    Governor restarted{{}};
    prepare(restarted);
    EXPECT_FALSE(restarted.restore_ban(record, much_later.now(), much_later.wall()).has_value());
}

TEST_F(RestTest, AfterARebootTheWallClockDecidesButNeverForLess) {
    limited(418, 600s);
    const BanRecord record = governor_.ban_record().value();
    const auto remaining = [&](base::WallTime wall) -> base::nanoseconds {
        const base::MonotonicTime now{5s};  // the monotonic clock began anew
        const auto until = remaining_ban(record, now, wall, next_boot);
        return until ? *until - now : base::nanoseconds{0};
    };
    EXPECT_EQ(remaining(record.wall_imposed), 601s);
    EXPECT_EQ(remaining(record.wall_imposed + 100s), 501s);
    EXPECT_EQ(remaining(record.wall_imposed - 1h), 601s) << "the clock went back: the whole ban again";
    EXPECT_EQ(remaining(base::WallTime{}), 601s) << "no clock battery";
    EXPECT_EQ(remaining(record.wall_until), 0s);
}

TEST_F(RestTest, ABootThatCannotBeNamedIsAnotherBoot) {
    limited(418, 600s);
    BanRecord record = governor_.ban_record().value();
    record.boot_id = {};
    EXPECT_EQ(remaining_ban(record, clock_.mono() + 1s, record.wall_imposed, BootId{}),
              clock_.mono() + 1s + 601s);
}

TEST_F(RestTest, ARestoredBanIsPersistedForTheNextRestart) {
    limited(418, 600s);
    const BanRecord record = governor_.ban_record().value();
    Governor second{{}};
    second.set_boot_id(next_boot);
    TestClock rebooted;
    rebooted.elapsed = -900s;  // early on the new boot's monotonic clock
    ASSERT_TRUE(second.restore_ban(record, rebooted.now(), record.wall_imposed + 100s).has_value());
    const BanRecord again = second.ban_record().value();
    EXPECT_EQ(again.boot_id, next_boot);
    EXPECT_EQ(again.status, 418);
    EXPECT_EQ(again.wall_until, record.wall_until);
    EXPECT_EQ(again.until, rebooted.mono() + 501s);
    EXPECT_EQ(again.offences, record.offences);
}

TEST(BanRecordProperty, ADamagedRecordNeverHoldsForEverNorOverflows) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto any = [&] {
        switch (random() % 4) {
            case 0:
                return std::numeric_limits<std::int64_t>::max();
            case 1:
                return std::numeric_limits<std::int64_t>::min();
            case 2:
                return static_cast<std::int64_t>(random());
            default:
                return static_cast<std::int64_t>(random() % 2'000'000'000'000'000);
        }
    };
    const base::MonotonicTime now{10'000s};
    const base::WallTime wall{base::seconds{1'723'161'600}};
    for (int i = 0; i < 100'000; ++i) {
        BanRecord record;
        record.until = base::MonotonicTime{base::nanoseconds{any()}};
        record.imposed = base::MonotonicTime{base::nanoseconds{any()}};
        record.wall_until = base::WallTime{base::microseconds{any()}};
        record.wall_imposed = base::WallTime{base::microseconds{any()}};
        record.boot_id = random() % 2 == 0 ? this_boot : next_boot;
        const auto until = remaining_ban(record, now, wall, this_boot);
        if (!until) continue;
        ASSERT_GT(*until, now);
        ASSERT_LE(*until, now + longest_ban);
    }
}

}  // namespace
}  // namespace vigil::governor
