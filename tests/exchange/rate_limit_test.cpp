#include "exchange/rate_limit.h"

#include <gtest/gtest.h>

namespace vigil::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// 2024-08-09 00:00:00 UTC: the beginning of a day, and so of every window.
constexpr base::ExchangeTime midnight = base::exchange_time_ms(1'723'161'600'000);
constexpr std::string_view here = "127.0.0.1";

RateLimitOptions small() {
    RateLimitOptions options;
    options.weight_per_minute = 100;
    options.raw_per_five_minutes = 50;
    options.orders_per_ten_seconds = 5;
    options.orders_per_day = 8;
    options.connections_per_five_minutes = 3;
    options.refusals_before_ban = 3;
    return options;
}

// web-socket-api.md, "How to interpret rate limits": a request at 00:01:23.456 counts towards 00:01:00.
TEST(RateLimit, WindowsAreFixedIntervalsOfServerTime) {
    RateLimiter limits{small()};
    EXPECT_FALSE(limits.charge(here, 100, midnight + milliseconds{59'999}));
    EXPECT_EQ(limits.used_weight(here, midnight + milliseconds{59'999}), 100);
    EXPECT_EQ(limits.used_weight(here, midnight + seconds{60}), 0);
    EXPECT_FALSE(limits.charge(here, 100, midnight + seconds{60}));
}

TEST(RateLimit, WeightAboveTheLimitIs429UntilTheWindowEnds) {
    RateLimiter limits{small()};
    ASSERT_FALSE(limits.charge(here, 100, midnight + seconds{1}));
    const auto error = limits.charge(here, 1, midnight + seconds{2});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->status, 429);
    EXPECT_EQ(error->code, -1003);
    EXPECT_EQ(error->message,
              "Too much request weight used; current limit is 100 request weight per 1 MINUTE. Please use "
              "WebSocket Streams for live updates to avoid polling the API.");
    EXPECT_EQ(error->retry_after, midnight + seconds{60});
    EXPECT_EQ(limits.used_weight(here, midnight + seconds{2}), 101);
    EXPECT_FALSE(limits.charge("10.0.0.1", 1, midnight + seconds{2})) << "another address has its own count";
}

TEST(RateLimit, RefundedWeightIsFree) {
    RateLimiter limits{small()};
    for (int i = 0; i < 40; ++i) {
        ASSERT_FALSE(limits.charge(here, 10, midnight));
        limits.refund(here, 10, midnight);
    }
    EXPECT_EQ(limits.used_weight(here, midnight), 0);
    limits.refund(here, 10, midnight);
    EXPECT_EQ(limits.used_weight(here, midnight), 0) << "there is no credit";
}

TEST(RateLimit, TheTwoPoolsOfWeightAreApart) {
    RateLimiter limits{small()};
    ASSERT_FALSE(limits.charge(here, 100, midnight));
    EXPECT_FALSE(limits.charge(here, 100, midnight, WeightPool::sapi));
    EXPECT_EQ(limits.used_weight(here, midnight), 100);
    EXPECT_EQ(limits.used_weight(here, midnight, WeightPool::sapi), 100);
}

TEST(RateLimit, RawRequestsCountWhateverTheyWeigh) {
    RateLimiter limits{small()};
    for (int i = 0; i < 50; ++i) ASSERT_FALSE(limits.charge(here, 0, midnight));
    const auto error = limits.charge(here, 0, midnight + seconds{299});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->status, 429);
    EXPECT_EQ(error->retry_after, midnight + seconds{300});
    EXPECT_FALSE(limits.charge(here, 0, midnight + seconds{300}));
}

// rest-api.md, "IP Limits": going on after 429 leads to 418; bans grow from 2 minutes to 3 days.
TEST(RateLimit, GoingOnLeadsToBansThatGrow) {
    RateLimiter limits{small()};
    base::ExchangeTime now = midnight;
    base::seconds expected{120};
    for (int offence = 0; offence < 15; ++offence) {
        ASSERT_FALSE(limits.charge(here, 100, now)) << offence;
        for (int i = 0; i < 3; ++i) EXPECT_EQ(limits.charge(here, 1, now)->status, 429);
        const auto banned = limits.charge(here, 1, now);
        ASSERT_EQ(banned->status, 418);
        const base::ExchangeTime until = now + expected;
        EXPECT_EQ(banned->retry_after, until);
        EXPECT_EQ(banned->message, "Way too much request weight used; IP banned until " +
                                       std::to_string(base::to_ms(until)) +
                                       ". Please use WebSocket Streams for live updates to avoid bans.");
        EXPECT_EQ(limits.charge(here, 1, until - milliseconds{1})->status, 418);
        EXPECT_FALSE(limits.banned_until(here, until));
        // A fresh minute, behind the ban.
        now = base::ExchangeTime{seconds{300} * (until.time_since_epoch() / seconds{300} + 1)};
        expected = std::min(expected * 2, base::seconds{3 * 24 * 3600});
    }
    EXPECT_EQ(expected, base::seconds{3 * 24 * 3600});
}

TEST(RateLimit, ConnectionsAreCountedInFiveMinutes) {
    RateLimiter limits{small()};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limits.connect(here, midnight));
    EXPECT_FALSE(limits.connect(here, midnight + seconds{299}));
    EXPECT_TRUE(limits.connect(here, midnight + seconds{300}));
    limits.ban(here, seconds{10}, midnight + seconds{300});
    EXPECT_FALSE(limits.connect(here, midnight + seconds{301}));
}

// faqs/order_count_decrement.md, Example 1: taker.
TEST(RateLimit, TakerFillsTakeOneOff) {
    RateLimiter limits{small()};
    const auto at = [](int second) { return midnight + seconds{second}; };
    ASSERT_FALSE(limits.count_orders(7, 1, at(1)));
    ASSERT_FALSE(limits.count_orders(7, 1, at(2)));
    limits.first_fill(7, false, at(2));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(2)), 1);
    ASSERT_FALSE(limits.count_orders(7, 1, at(3)));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(4)), 2);
    ASSERT_FALSE(limits.count_orders(7, 1, at(5)));
    limits.first_fill(7, false, at(5));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(5)), 2);
    EXPECT_EQ(limits.orders_in_day(7, at(5)), 2);
}

// Example 2: maker.
TEST(RateLimit, MakerFillsTakeMoreOff) {
    RateLimiter limits{small()};
    const auto at = [](int second) { return midnight + seconds{second}; };
    for (int i = 0; i < 5; ++i) ASSERT_FALSE(limits.count_orders(7, 1, at(2)));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(2)), 5);
    limits.first_fill(7, true, at(3));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(3)), 0);
    ASSERT_FALSE(limits.count_orders(7, 2, at(4)));
    limits.first_fill(7, true, at(5));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(5)), 0) << "you do not get credit";
    ASSERT_FALSE(limits.count_orders(7, 1, at(6)));
    EXPECT_EQ(limits.orders_in_ten_seconds(7, at(6)), 1);
}

TEST(RateLimit, TooManyOrdersAre429WithTheWindowThatIsFull) {
    RateLimiter limits{small()};
    for (int i = 0; i < 5; ++i) ASSERT_FALSE(limits.count_orders(7, 1, midnight + seconds{3}));
    const auto ten = limits.count_orders(7, 1, midnight + seconds{4});
    ASSERT_TRUE(ten);
    EXPECT_EQ(ten->code, -1015);
    EXPECT_EQ(ten->status, 429);
    EXPECT_EQ(ten->message, "Too many new orders; current limit is 5 orders per 10 SECOND.");
    EXPECT_EQ(ten->retry_after, midnight + seconds{10});
    EXPECT_FALSE(limits.count_orders(8, 1, midnight + seconds{4})) << "counted for each account";
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(limits.count_orders(7, 1, midnight + seconds{11}));
    const auto day = limits.count_orders(7, 1, midnight + seconds{12});
    ASSERT_TRUE(day);
    EXPECT_EQ(day->message, "Too many new orders; current limit is 8 orders per 1 DAY.");
    EXPECT_EQ(day->retry_after, midnight + seconds{86'400});
    EXPECT_FALSE(limits.count_orders(7, 1, midnight + seconds{86'400}));
}

// "What happens if I placed an order yesterday but it is filled the next day?"
TEST(RateLimit, FillsCountForThePresentWindow) {
    RateLimitOptions options;
    options.maker_credit = 1;
    RateLimiter limits{options};
    for (int i = 0; i < 5; ++i) ASSERT_FALSE(limits.count_orders(7, 1, midnight));
    const base::ExchangeTime tomorrow = midnight + seconds{86'400};
    for (int i = 0; i < 10; ++i) ASSERT_FALSE(limits.count_orders(7, 1, tomorrow));
    for (int i = 0; i < 5; ++i) limits.first_fill(7, true, tomorrow);
    EXPECT_EQ(limits.orders_in_day(7, tomorrow), 5);
}

TEST(RateLimit, RemembersABoundedNumberOfAddresses) {
    RateLimitOptions options = small();
    options.addresses_max = 10;
    RateLimiter limits{options};
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(limits.charge("10.0.0." + std::to_string(i), 10, midnight + milliseconds{i}));
    }
    EXPECT_EQ(limits.used_weight("10.0.0.99", midnight), 10);
    EXPECT_EQ(limits.used_weight("10.0.0.0", midnight), 0);
}

}  // namespace
}  // namespace vigil::exchange
