// The timestamp to sign is accepted by the exchange's own rule, wherever in the bounds the truth lies.
#include "timesync/signing_time.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vigil::timesync {
namespace {

using namespace std::chrono_literals;

/// rest-api.md, "Timing security".
bool accepted(base::ExchangeTime timestamp, base::ExchangeTime server, base::microseconds recv_window) {
    return timestamp < server + 1000ms && server - timestamp <= recv_window;
}

TEST(SigningTime, IsNeverAheadAndInWholeMilliseconds) {
    const ExchangeEstimate now{base::ExchangeTime{1'723'161'253'000'999us}, 300us};
    const auto timestamp = timestamp_to_sign(now, 5s);
    ASSERT_TRUE(timestamp.has_value());
    EXPECT_EQ(timestamp->time_since_epoch().count() % 1000, 0);
    EXPECT_LE(*timestamp, now.earliest());
}

TEST(SigningTime, HoldsWhenTheClockIsTooUncertainForTheWindow) {
    const base::ExchangeTime time{1'723'161'253'000'000us};
    EXPECT_TRUE(timestamp_to_sign({time, 1'250ms}, 5s).has_value());
    EXPECT_FALSE(timestamp_to_sign({time, 1'251ms}, 5s).has_value());
    EXPECT_FALSE(timestamp_to_sign({time, 200ms}, 500ms).has_value());
}

TEST(SigningTimeProperty, IsAcceptedWithinAQuarterOfTheWindowAndSurelyExpiresLater) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto below = [&](std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{0, most}(random);
    };
    for (int i = 0; i < 100'000; ++i) {
        const base::microseconds window{1'000'000 + below(59'000'000)};
        const base::microseconds uncertainty{below(window.count() / 4)};
        const ExchangeEstimate now{
            base::ExchangeTime{base::microseconds{1'723'161'253'000'000 + below(999'999)}}, uncertainty};
        const base::ExchangeTime truth = now.earliest() + base::microseconds{below(2 * uncertainty.count())};
        const auto timestamp = timestamp_to_sign(now, window);
        ASSERT_TRUE(timestamp.has_value());
        const base::microseconds transit{below(window.count() / 2 - 1000)};
        ASSERT_TRUE(accepted(*timestamp, truth + transit, window));

        const base::microseconds later{below(2 * window.count())};
        const bool expired = surely_expired(*timestamp, window, {now.time + later, uncertainty});
        ASSERT_FALSE(expired && accepted(*timestamp, truth + later, window));
    }
}

TEST(SigningTime, ExpiryIsCertainInTheEnd) {
    const base::ExchangeTime time{1'723'161'253'000'000us};
    EXPECT_FALSE(surely_expired(time, 5s, {time + 5s, 0us}));
    EXPECT_FALSE(surely_expired(time, 5s, {time + 6s, 1s}));
    EXPECT_TRUE(surely_expired(time, 5s, {time + 6s, 999ms}));
}

}  // namespace
}  // namespace vigil::timesync
