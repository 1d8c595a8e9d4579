#include "binance/message_pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace vigil::binance {
namespace {

using base::MonotonicTime;

/// Control messages as fast as they may go and a pong now and then, over a link that takes up to 200 ms: the
/// exchange never sees more than five messages in a second (web-socket-streams.md, "WebSocket Limits").
TEST(MessagePace, NoSecondSeesMoreThanFiveMessages) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto between_ms = [&random](std::int64_t least, std::int64_t most) {
        return base::milliseconds{std::uniform_int_distribution<std::int64_t>{least, most}(random)};
    };
    for (int run = 0; run < 200; ++run) {
        MessagePace pace;
        std::vector<MonotonicTime> arrivals;
        MonotonicTime now{base::seconds{1'000}};
        const MonotonicTime end = now + base::seconds{60};
        MonotonicTime last{};
        const auto send = [&] {
            pace.sent(now);
            last = std::max(last, now + between_ms(1, 200));  // in order: one connection
            arrivals.push_back(last);
        };
        MonotonicTime pong = now + between_ms(0, 20'000);
        int control = 0;
        while (now < end) {
            const MonotonicTime next = pace.next_control(now);
            ASSERT_GE(next, now);
            now = std::min(next, pong);
            if (now == pong) {
                pong = now + between_ms(1'500, 20'000);
            } else {
                ++control;
            }
            send();
        }
        for (std::size_t i = 5; i < arrivals.size(); ++i)
            ASSERT_GE(arrivals[i] - arrivals[i - 5], base::seconds{1})
                << "message " << i << " of run " << run;
        EXPECT_GT(control, 150) << "and it is no standstill: four in 1.2 s";
    }
}

TEST(MessagePace, FourGoAtOnceAndTheFifthWaits) {
    MessagePace pace;
    const MonotonicTime now{base::seconds{5}};
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(pace.next_control(now), now);
        pace.sent(now);
    }
    EXPECT_GE(pace.next_control(now), now + base::seconds{1});
}

}  // namespace
}  // namespace vigil::binance
