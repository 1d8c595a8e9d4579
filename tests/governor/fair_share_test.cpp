// Fairness between strategies: each has its share, and nothing is left lying that somebody wants.
#include "governor/fair_share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "approve.h"
#include "clock.h"
#include "governor/governor.h"

namespace vigil::governor {
namespace {

using namespace std::chrono_literals;
using domain::RateLimitType;

constexpr std::int64_t capacity = 90;

/// One window: each strategy wants so many, in an order drawn at random; what each of them got.
template <std::size_t N>
std::array<int, N> play(FairShare& fair, const std::array<int, N>& wants, std::mt19937_64& random) {
    fair.begin_window();
    std::vector<std::size_t> wishes;
    for (std::size_t seat = 0; seat < N; ++seat)
        wishes.insert(wishes.end(), static_cast<std::size_t>(wants[seat]), seat);
    std::shuffle(wishes.begin(), wishes.end(), random);
    std::array<int, N> got{};
    std::int64_t room = capacity;
    for (const std::size_t seat : wishes) {
        fair.wants(seat);
        if (!fair.allows(seat, room, capacity)) continue;
        fair.took(seat);
        --room;
        ++got[seat];
    }
    return got;
}

TEST(FairShare, AloneMayHaveEverything) {
    FairShare fair;
    std::mt19937_64 random{1};
    for (int window = 0; window < 3; ++window)
        EXPECT_EQ((play<2>(fair, {200, 0}, random)), (std::array{90, 0}));
}

TEST(FairShare, TheLoudCannotTakeWhatTheQuietNeed) {
    FairShare fair;
    std::mt19937_64 random{1};
    static_cast<void>(play<3>(fair, {500, 7, 20}, random));
    for (int window = 0; window < 5; ++window)
        EXPECT_EQ((play<3>(fair, {500, 7, 20}, random)), (std::array{63, 7, 20}))
            << "who needs less than a share has all of it, and the rest is used up";
}

TEST(FairShare, SharesFollowTheWeights) {
    FairShare fair;
    fair.set_weight(0, 1);
    fair.set_weight(1, 2);
    std::mt19937_64 random{1};
    static_cast<void>(play<2>(fair, {500, 500}, random));
    EXPECT_EQ((play<2>(fair, {500, 500}, random)), (std::array{30, 60}));
    EXPECT_EQ(fair.lead(0), fair.lead(1)) << "both have had their share";
    fair.set_weight(1, 8);
    EXPECT_EQ((play<2>(fair, {500, 500}, random)), (std::array{10, 80}));
}

TEST(FairShare, NobodyStarvesAndNothingIsWastedWhateverTheDemand) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    for (int round = 0; round < 300; ++round) {
        FairShare fair;
        std::array<int, 8> wants{};
        for (int& each : wants) each = static_cast<int>(random() % (random() % 3 == 0 ? 300 : 20));
        static_cast<void>(play(fair, wants, random));
        const auto got = play(fair, wants, random);
        int all_wanted = 0;
        int all_got = 0;
        for (std::size_t seat = 0; seat < wants.size(); ++seat) {
            ASSERT_GE(got[seat], std::min(wants[seat], static_cast<int>(capacity / 8)))
                << "strategy " << seat;
            all_wanted += wants[seat];
            all_got += got[seat];
        }
        ASSERT_GE(all_got, std::min<int>(all_wanted, capacity) - 8) << "but for what does not divide evenly";
    }
}

TEST(FairShare, TheGovernorHoldsBackWhoWantsMoreThanIsLeftByOthers) {
    Governor governor{{}};
    governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000},
                                                       {RateLimitType::orders, 10s, 100}});
    TestClock clock;
    const auto wish = [&](std::uint16_t strategy) {
        return governor.admit(
            placement(clock.mono() + 60s, domain::Lane::order, domain::StrategyIndex{strategy}, clock.mono()),
            clock.now());
    };
    for (int i = 0; i < 60; ++i) static_cast<void>(wish(1));
    clock.elapsed = 10s;
    int loud = 0;
    std::optional<Why> why;
    for (int i = 0; i < 120; ++i) {
        const Admission admission = wish(0);
        if (std::holds_alternative<domain::Permitted>(admission)) ++loud;
        if (const auto* deferred = std::get_if<Deferred>(&admission)) why = deferred->why;
    }
    EXPECT_EQ(loud, 45) << "half of 90: the other wanted 60 in the window before";
    EXPECT_EQ(why, Why::fair_share);
    int quiet = 0;
    for (int i = 0; i < 60; ++i)
        if (std::holds_alternative<domain::Permitted>(wish(1))) ++quiet;
    EXPECT_EQ(quiet, 45) << "its half was kept for it";
}

}  // namespace
}  // namespace vigil::governor
