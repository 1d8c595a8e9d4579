// The estimate of exchange time: bounds that hold, steps that are noticed, samples that are asked for when
// due.
#include "timesync/clock_estimator.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "timesync/link.h"

namespace vigil::timesync {
namespace {

using namespace std::chrono_literals;
using base::MonotonicTime;

constexpr std::int64_t start_us = 1'723'161'253'000'000;

/// Feeds good samples until the estimator asks for no more quick ones.
void synchronise(ClockEstimator& estimator, TrueClock& clock, base::nanoseconds one_way = 5ms) {
    for (int i = 0; i < 5; ++i) {
        clock.advance_to(std::max(clock.now(), estimator.next_sample_due(clock.now())));
        static_cast<void>(estimator.add(measure(clock, one_way, one_way, 1ms)));
    }
}

TEST(ClockEstimator, KnowsNothingBeforeTheFirstSample) {
    ClockEstimator estimator{{}};
    EXPECT_FALSE(estimator.at(MonotonicTime{1s}).has_value());
    EXPECT_EQ(estimator.state(MonotonicTime{1s}), State::unsynchronised);
    EXPECT_EQ(estimator.next_sample_due(MonotonicTime{7s}), MonotonicTime{7s});
    EXPECT_FALSE(estimator.wall_offset().has_value());
    EXPECT_FALSE(Snapshot{}.at(MonotonicTime{}).has_value());
}

TEST(ClockEstimator, IsSynchronisedOnceSamplesAgree) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    EXPECT_EQ(estimator.add(measure(clock, 5ms, 5ms, 1ms)).after, State::uncertain);
    EXPECT_EQ(estimator.add(measure(clock, 5ms, 5ms, 1ms)).after, State::uncertain);
    const Update third = estimator.add(measure(clock, 5ms, 5ms, 1ms));
    EXPECT_EQ(third.before, State::uncertain);
    EXPECT_EQ(third.after, State::synchronised);
    EXPECT_EQ(third.round_trip, 10ms);
    const auto estimate = estimator.at(clock.now());
    ASSERT_TRUE(estimate.has_value());
    EXPECT_TRUE(holds(*estimate, clock.exact_ns()));
    EXPECT_LE(estimate->uncertainty, 7ms) << "half the round trip, the resolution and the spread";
}

TEST(ClockEstimator, TheLeastRoundTripWins) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    static_cast<void>(estimator.add(measure(clock, 1ms, 1ms, 1us)));
    const auto good = estimator.at(clock.now())->uncertainty;
    static_cast<void>(estimator.add(measure(clock, 300ms, 2ms, 1us)));
    EXPECT_LE(estimator.at(clock.now())->uncertainty, good + 100us) << "a slow sample must do no harm";
    EXPECT_TRUE(holds(*estimator.at(clock.now()), clock.exact_ns()));
}

TEST(ClockEstimator, UncertaintyGrowsWithAgeUntilItIsUseless) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{.max_uncertainty = 20ms}};
    synchronise(estimator, clock);
    const MonotonicTime then = clock.now();
    EXPECT_EQ(estimator.state(then), State::synchronised);
    const auto fresh = estimator.at(then)->uncertainty;
    EXPECT_GE(estimator.at(then + 60s)->uncertainty, fresh + 11ms) << "200 ppm of 60 s";
    EXPECT_EQ(estimator.state(then + 100s), State::uncertain);
    EXPECT_EQ(estimator.state(then + 301s), State::unsynchronised);
    EXPECT_FALSE(estimator.at(then + 301s).has_value());
}

TEST(ClockEstimator, AStepIsNoticedAtTheNextSample) {
    for (const auto by : {3s, -3s, 100s}) {
        TrueClock clock{start_us, 0};
        ClockEstimator estimator{{}};
        synchronise(estimator, clock);
        clock.advance_to(clock.now() + 30s);
        clock.step(by);
        const Update update = estimator.add(measure(clock, 5ms, 5ms, 1ms));
        ASSERT_TRUE(update.step.has_value());
        EXPECT_LE(std::chrono::abs(*update.step - by), 20ms);
        EXPECT_EQ(update.after, State::uncertain) << "nothing is signed on one sample's word";
        EXPECT_TRUE(holds(*estimator.at(clock.now()), clock.exact_ns()));
        EXPECT_LE(estimator.next_sample_due(clock.now()), clock.now() + 100ms);
        static_cast<void>(estimator.add(measure(clock, 5ms, 5ms, 1ms)));
        EXPECT_EQ(estimator.add(measure(clock, 5ms, 5ms, 1ms)).after, State::synchronised);
    }
}

/// Time goes on, nobody measures, and what counted the time meanwhile was off.
TEST(ClockEstimator, ASuspendedMachineIsNoticedWithinOneSample) {
    for (const auto slept : {20s, 90s, 600s, 86'400s}) {
        for (const auto error : {0ms, 1'500ms, -1'500ms}) {
            SCOPED_TRACE(std::to_string(slept.count()) + " s, off by " + std::to_string(error.count()) +
                         " ms");
            TrueClock clock{start_us, 0};
            ClockEstimator estimator{{}};
            synchronise(estimator, clock);
            clock.advance_to(clock.now() + slept);
            clock.step(error);
            // So long that the estimate is worth nothing: nothing is signed before a sample.
            if (slept >= 600s) {
                EXPECT_EQ(estimator.state(clock.now()), State::unsynchronised);
                EXPECT_FALSE(estimator.at(clock.now()).has_value());
            }
            if (slept > 30s) {
                EXPECT_LE(estimator.next_sample_due(clock.now()), clock.now()) << "at once";
            }
            const Update update = estimator.add(measure(clock, 5ms, 5ms, 1ms));
            const auto estimate = estimator.at(clock.now());
            ASSERT_TRUE(estimate.has_value());
            EXPECT_TRUE(holds(*estimate, clock.exact_ns()));
            EXPECT_LT(estimate->uncertainty, 100ms);
            if (slept < 300s) {
                EXPECT_EQ(update.step.has_value(), error != 0ms);
            }
            if (update.step) {
                EXPECT_LE(std::chrono::abs(*update.step - error), 60ms);
            }
        }
    }
}

TEST(ClockEstimator, ASingleWrongServerIsNotBelievedForLong) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    synchronise(estimator, clock);
    clock.step(10s);
    EXPECT_TRUE(estimator.add(measure(clock, 5ms, 5ms, 1ms)).step.has_value());
    clock.step(-10s);
    EXPECT_TRUE(estimator.add(measure(clock, 5ms, 5ms, 1ms)).step.has_value());
    EXPECT_EQ(estimator.state(clock.now()), State::uncertain);
    EXPECT_TRUE(holds(*estimator.at(clock.now()), clock.exact_ns()));
}

TEST(ClockEstimator, AHiddenStepIsForgottenWithItsSamples) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    synchronise(estimator, clock, 40ms);
    clock.step(45ms);  // within the bounds of +/- 40 ms: no sample can tell
    for (int i = 0; i < 6; ++i) {
        clock.advance_to(clock.now() + 30s);
        static_cast<void>(estimator.add(measure(clock, 40ms, 40ms, 1ms)));
    }
    EXPECT_TRUE(holds(*estimator.at(clock.now()), clock.exact_ns()));
}

TEST(ClockEstimator, DoubtHoldsUntilNewSamplesAgree) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    synchronise(estimator, clock);
    estimator.doubt(clock.now());
    EXPECT_EQ(estimator.state(clock.now()), State::uncertain);
    EXPECT_LE(estimator.next_sample_due(clock.now()), clock.now() + 100ms);
    for (int i = 0; i < 3; ++i) static_cast<void>(estimator.add(measure(clock, 5ms, 5ms, 1ms)));
    EXPECT_EQ(estimator.state(clock.now()), State::synchronised);
}

TEST(ClockEstimator, RefusesWhatCannotBe) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    const auto refused = [&](auto change) {
        clock.advance_to(clock.now() + 1s);
        Sample sample = measure(clock, 5ms, 5ms, 1ms);
        change(sample);
        const Update update = estimator.add(sample);
        return !update.used && update.refused != nullptr;
    };
    EXPECT_TRUE(refused([](Sample& s) { s.received = s.sent - 1ns; }));
    EXPECT_TRUE(refused([](Sample& s) { s.sent = s.received - 6s; }));
    EXPECT_TRUE(refused([](Sample& s) { s.server_time = {}; }));
    EXPECT_TRUE(refused([](Sample& s) { s.server_time = base::ExchangeTime::max(); }));
    EXPECT_TRUE(refused([](Sample& s) { s.server_time = base::ExchangeTime::min(); }));
    EXPECT_TRUE(refused([](Sample& s) { s.resolution = 0us; }));
    EXPECT_EQ(estimator.state(clock.now()), State::unsynchronised);
    synchronise(estimator, clock);
    EXPECT_TRUE(refused([](Sample& s) { s.received = s.received - 2s, s.sent = s.sent - 2s; }));
    EXPECT_EQ(estimator.samples_used(), 5);
}

TEST(ClockEstimator, AsksQuicklyAtFirstThenAtMostTwiceAMinute) {
    TrueClock clock{start_us, 20'000};
    ClockEstimator estimator{{}};
    int in_first_second = 0;
    int in_minutes_two_to_ten = 0;
    while (clock.now() < MonotonicTime{10min}) {
        clock.advance_to(std::max(clock.now(), estimator.next_sample_due(clock.now())));
        in_first_second += clock.now() < MonotonicTime{1s} ? 1 : 0;
        in_minutes_two_to_ten +=
            clock.now() >= MonotonicTime{1min} && clock.now() < MonotonicTime{10min} ? 1 : 0;
        static_cast<void>(estimator.add(measure(clock, 5ms, 5ms, 1ms)));
    }
    EXPECT_EQ(in_first_second, 5);
    EXPECT_LE(in_minutes_two_to_ten, 18);
    EXPECT_GE(in_minutes_two_to_ten, 16);
    EXPECT_NEAR(static_cast<double>(estimator.snapshot().drift_ppb()), 20'000.0, 10'000.0);
}

TEST(ClockEstimator, FailuresAndDoubtsAreNotAnsweredWithAStorm) {
    ClockEstimator estimator{{}};
    MonotonicTime now{1s};
    int attempts = 0;
    while (now < MonotonicTime{5min}) {
        now = std::max(now, estimator.next_sample_due(now));
        estimator.on_failure(now);
        ++attempts;
    }
    EXPECT_LE(attempts, 25);
    EXPECT_GE(attempts, 10);

    TrueClock clock{start_us, 0};
    ClockEstimator doubted{{}};
    synchronise(doubted, clock);
    int samples = 0;
    const MonotonicTime end = clock.now() + 10s;
    while (clock.now() < end) {
        doubted.doubt(clock.now());
        if (doubted.next_sample_due(clock.now()) <= clock.now()) {
            static_cast<void>(doubted.add(measure(clock, 5ms, 5ms, 1ms)));
            ++samples;
        }
        clock.advance_to(clock.now() + 10ms);
    }
    EXPECT_LE(samples, 30);
}

TEST(ClockEstimator, WallClockStepsAreToldAndChangeNothing) {
    TrueClock clock{start_us, 0};
    ClockEstimator estimator{{}};
    synchronise(estimator, clock);
    const auto offset = estimator.wall_offset();
    ASSERT_TRUE(offset.has_value());
    clock.advance_to(clock.now() + 30s);
    const Update update = estimator.add(measure(clock, 5ms, 5ms, 1ms, -3600s));
    ASSERT_TRUE(update.wall_step.has_value());
    EXPECT_LE(std::chrono::abs(*update.wall_step + 3600s), 1ms);
    EXPECT_FALSE(update.step.has_value());
    EXPECT_EQ(update.after, State::synchronised);
    EXPECT_LE(std::chrono::abs(*estimator.wall_offset() - *offset - 3600s), 20ms);
    const auto wall = base::WallTime{base::microseconds{start_us}};
    EXPECT_TRUE(estimator.observe_wall(clock.now() + 1s, wall).has_value());
    EXPECT_FALSE(estimator.observe_wall(clock.now() + 2s, wall + 1s + 300us).has_value())
        << "slewing is no step";
}

/// The promise itself: whatever the link does, the truth lies within the bounds.
TEST(ClockEstimatorProperty, TruthLiesWithinTheBounds) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto below = [&](std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{0, most}(random);
    };
    for (int round = 0; round < 300; ++round) {
        TrueClock clock{start_us, below(400'000) - 200'000};
        ClockEstimator estimator{{}};
        const base::microseconds resolution{below(1) == 0 ? 1 : 1000};
        const std::int64_t usual_ns = below(150'000'000);
        int steps_made = 0;
        int steps_seen = 0;
        for (int i = 0; i < 120; ++i) {
            clock.advance_to(std::max(clock.now(), estimator.next_sample_due(clock.now())) +
                             base::nanoseconds{below(1'000'000'000)});
            if (below(9) == 0) clock.set_drift_ppb(below(400'000) - 200'000);
            bool stepped = false;
            if (below(39) == 0 && estimator.samples_used() > 0) {  // far beyond any bound: it must be noticed
                clock.step(base::microseconds{(below(1) == 0 ? 1 : -1) * (20'000'000 + below(100'000'000))});
                stepped = true;
            }
            if (below(4) == 0) {
                estimator.on_failure(clock.now());
                if (!stepped) continue;
            }
            const base::nanoseconds there{below(usual_ns) + (below(9) == 0 ? below(2'000'000'000) : 0)};
            const base::nanoseconds back{below(usual_ns) + (below(9) == 0 ? below(2'000'000'000) : 0)};
            const Update update = estimator.add(measure(clock, there, back, resolution));
            ASSERT_TRUE(update.used) << update.refused;
            ASSERT_EQ(update.step.has_value(), stepped);
            steps_made += stepped ? 1 : 0;
            steps_seen += update.step ? 1 : 0;
            for (const auto later : {0ms, 700ms, 20'000ms}) {
                TrueClock future = clock;
                future.advance_to(clock.now() + later);
                const auto estimate = estimator.at(future.now());
                ASSERT_TRUE(estimate.has_value());
                ASSERT_TRUE(holds(*estimate, future.exact_ns())) << "round " << round << ", sample " << i;
            }
            ASSERT_LE(std::abs(estimator.snapshot().drift_ppb()), 200'000);
        }
        ASSERT_EQ(steps_made, steps_seen);
    }
}

}  // namespace
}  // namespace vigil::timesync
