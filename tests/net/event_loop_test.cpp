#include "net/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace vigil::net {
namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    void put() const { EXPECT_EQ(::write(in.get(), "x", 1), 1); }
    base::UniqueFd out, in;
};

TEST(EventLoop, RunsPostedTasksOfAnotherThreadInTheirOrder) {
    EventLoop loop;
    std::vector<int> seen;
    std::thread poster{[&] {
        for (int i = 0; i < 1000; ++i) EXPECT_TRUE(loop.post([&seen, i] { seen.push_back(i); }));
        EXPECT_TRUE(loop.post([&loop] { loop.stop(); }));
    }};
    loop.run();
    poster.join();
    std::vector<int> expected(1000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(seen, expected);
}

TEST(EventLoop, RefusesAPostBeyondItsBoundAndKeepsTheTask) {
    EventLoop loop{{.post_capacity = 2}};
    auto alive = std::make_shared<int>(1);
    int runs = 0;
    EXPECT_TRUE(loop.post([&] { ++runs; }));
    EXPECT_TRUE(loop.post([&] { ++runs; }));
    Task third{[&runs, alive] { ++runs; }};
    EXPECT_FALSE(loop.post(std::move(third)));
    EXPECT_TRUE(third);
    EXPECT_EQ(alive.use_count(), 2);
    loop.run_for(0ns);
    EXPECT_EQ(runs, 2);
    EXPECT_TRUE(loop.post(std::move(third)));
    loop.run_for(0ns);
    EXPECT_EQ(runs, 3);
}

TEST(EventLoop, StopEndsTheRunAfterTheCallbackAndLosesNothing) {
    EventLoop loop;
    int runs = 0;
    EXPECT_TRUE(loop.post([&] {
        ++runs;
        loop.stop();
    }));
    EXPECT_TRUE(loop.post([&] { ++runs; }));
    loop.run();
    EXPECT_EQ(runs, 1);
    loop.run_for(0ns);
    EXPECT_EQ(runs, 2);
}

TEST(EventLoop, AStopFromBeforeTheRunCounts) {
    EventLoop loop;
    loop.stop();
    loop.run();
    SUCCEED();
}

TEST(EventLoop, TimersRunInOrderOfTimeThenOfArming) {
    EventLoop loop;
    std::vector<int> seen;
    const auto base = loop.now();
    loop.call_at(base + 2ms, [&] { seen.push_back(3); });
    loop.call_at(base + 1ms, [&] { seen.push_back(1); });
    loop.call_at(base + 1ms, [&] { seen.push_back(2); });
    EXPECT_TRUE(loop.run_until([&] { return seen.size() == 3; }, 10s));
    EXPECT_EQ(seen, (std::vector{1, 2, 3}));
    EXPECT_GE(loop.now(), base + 2ms);
}

TEST(EventLoop, ATimerThatArmsItselfDoesNotKeepTheLoopFromItsEnd) {
    EventLoop loop;
    std::function<void()> again = [&] { loop.call_after(0ns, [&] { again(); }); };
    again();
    loop.run_for(5ms);
    SUCCEED();
}

TEST(EventLoop, CancelledTimersNeverRun) {
    EventLoop loop;
    std::mt19937 random{20240808};
    std::vector<TimerId> ids;
    std::vector<bool> cancelled(2000), ran(2000);
    for (std::size_t i = 0; i < cancelled.size(); ++i)
        ids.push_back(
            loop.call_after(std::chrono::microseconds{random() % 3000}, [&ran, i] { ran[i] = true; }));
    for (std::size_t i = 0; i < cancelled.size(); ++i)
        if (random() % 4 != 0) {
            cancelled[i] = true;
            EXPECT_TRUE(loop.cancel(ids[i]));
            EXPECT_FALSE(loop.cancel(ids[i]));
        }
    loop.run_for(10ms);
    for (std::size_t i = 0; i < cancelled.size(); ++i) EXPECT_NE(ran[i], cancelled[i]) << i;
    EXPECT_FALSE(loop.cancel(ids[0]));
    EXPECT_FALSE(loop.cancel(TimerId{}));
}

TEST(EventLoop, OneTimerCancelsAnotherOfTheSameInstant) {
    EventLoop loop;
    bool second = false;
    TimerId id;
    const auto when = loop.now();
    loop.call_at(when, [&] { EXPECT_TRUE(loop.cancel(id)); });
    id = loop.call_at(when, [&] { second = true; });
    loop.run_for(1ms);
    EXPECT_FALSE(second);
}

TEST(EventLoop, ATimerObjectCancelsWhenItGoesAndReplacesWhenArmedAgain) {
    EventLoop loop;
    int first = 0, second = 0;
    {
        Timer timer{loop};
        timer.after(0ns, [&] { ++first; });
        timer.after(0ns, [&] { ++second; });
        loop.run_for(1ms);
        timer.after(0ns, [&] { ++first; });
    }
    loop.run_for(1ms);
    EXPECT_EQ(first, 0);
    EXPECT_EQ(second, 1);
}

TEST(EventLoop, WatchIsLevelTriggeredAndCanBeChanged) {
    EventLoop loop;
    const Pipe pipe;
    int calls = 0;
    const auto watch = loop.watch(pipe.out.get(), EPOLLIN, [&](std::uint32_t events) {
        EXPECT_TRUE((events & EPOLLIN) != 0);
        ++calls;
    });
    ASSERT_TRUE(watch);
    pipe.put();
    EXPECT_TRUE(loop.run_until([&] { return calls >= 3; }, 10s));
    loop.change(*watch, 0);
    const int before = calls;
    loop.run_for(2ms);
    EXPECT_EQ(calls, before);
    loop.unwatch(*watch);
}

TEST(EventLoop, AnEventOfTheSameTurnIsNotDeliveredToAWatchThatWentAway) {
    EventLoop loop;
    const Pipe one, two;
    std::array<WatchId, 2> ids;
    int calls = 0;
    const auto remove_other = [&](std::size_t other) {
        ++calls;
        loop.unwatch(ids[other]);
    };
    ids[0] = *loop.watch(one.out.get(), EPOLLIN, [&](std::uint32_t) { remove_other(1); });
    ids[1] = *loop.watch(two.out.get(), EPOLLIN, [&](std::uint32_t) { remove_other(0); });
    one.put();
    two.put();
    loop.run_for(0ns);
    EXPECT_EQ(calls, 1);
    loop.unwatch(ids[0]);
    loop.unwatch(ids[1]);
}

TEST(EventLoop, AWatchMayRemoveItselfAndItsSlotIsReusedSafely) {
    EventLoop loop;
    const Pipe one, two;
    int first = 0, second = 0;
    WatchId id, next;
    id = *loop.watch(one.out.get(), EPOLLIN, [&](std::uint32_t) {
        ++first;
        loop.unwatch(id);
        next = *loop.watch(two.out.get(), EPOLLIN, [&](std::uint32_t) {
            ++second;
            loop.unwatch(next);
        });
    });
    one.put();
    two.put();
    EXPECT_TRUE(loop.run_until([&] { return second == 1; }, 10s));
    EXPECT_EQ(first, 1);
    loop.unwatch(id);  // an old name is harmless
}

TEST(EventLoop, AfterCallbackRunsBetweenTheCallbackAndTheNextOne) {
    EventLoop loop;
    std::vector<int> seen;
    EXPECT_TRUE(loop.post([&] {
        loop.after_callback([&] {
            seen.push_back(2);
            loop.after_callback([&] { seen.push_back(3); });
        });
        seen.push_back(1);
    }));
    EXPECT_TRUE(loop.post([&] { seen.push_back(4); }));
    loop.run_for(0ns);
    EXPECT_EQ(seen, (std::vector{1, 2, 3, 4}));
}

TEST(EventLoop, LetsGoOfWhatIsQueuedWhenItIsDestroyed) {
    const auto held = std::make_shared<int>(7);
    {
        EventLoop loop;
        EXPECT_TRUE(loop.post([held] { FAIL(); }));
        loop.call_after(1h, [held] { FAIL(); });
        loop.after_callback([held] { FAIL(); });
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(EventLoop, KnowsItsThread) {
    EventLoop loop;
    EXPECT_FALSE(loop.on_loop_thread());
    bool inside = false;
    EXPECT_TRUE(loop.post([&] { inside = loop.on_loop_thread(); }));
    loop.run_for(0ns);
    EXPECT_TRUE(inside);
}

TEST(EventLoopDeathTest, UseFromAForeignThreadIsABug) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            EventLoop loop;
            std::atomic<bool> running{false};
            std::thread runner{[&] {
                loop.call_after(0ns, [&] { running = true; });
                loop.run();
            }};
            while (!running) std::this_thread::yield();
            loop.call_after(0ns, [] {});
        },
        "own thread");
}

TEST(Task, HoldsWhatCannotBeCopiedAndWhatIsLarge) {
    int sum = 0;
    auto number = std::make_unique<int>(5);
    Task small{[&sum, number = std::move(number)] { sum += *number; }};
    std::array<int, 100> many{};
    many.fill(1);
    Task large{[&sum, many] { sum += std::accumulate(many.begin(), many.end(), 0); }};
    Task moved{std::move(small)};
    small = std::move(large);
    moved();
    small();
    EXPECT_EQ(sum, 105);
    moved.reset();
    EXPECT_FALSE(moved);
}

}  // namespace
}  // namespace vigil::net
