#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace vigil::base {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueue, RefusesWhenFullAndLeavesTheValueUntouched) {
    BoundedQueue<std::unique_ptr<int>> queue{2};
    EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
    EXPECT_TRUE(queue.try_push(std::make_unique<int>(2)));
    auto third = std::make_unique<int>(3);
    EXPECT_FALSE(queue.try_push(std::move(third)));
    ASSERT_NE(third, nullptr);
    EXPECT_EQ(*third, 3);
    EXPECT_EQ(queue.size(), 2U);

    EXPECT_EQ(**queue.pop(0ns), 1);
    EXPECT_TRUE(queue.try_push(std::move(third)));
    EXPECT_EQ(third, nullptr);
    EXPECT_EQ(**queue.pop(0ns), 2);
    EXPECT_EQ(**queue.pop(0ns), 3);
}

TEST(BoundedQueue, PopGivesUpWhenThePatienceEnds) {
    BoundedQueue<int> queue{1};
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(queue.pop(5ms), std::nullopt);
    EXPECT_TRUE(queue.pop_all(5ms).empty());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 10ms);
}

TEST(BoundedQueue, PopAllTakesWhatIsThereInOrder) {
    BoundedQueue<int> queue{8};
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.try_push(int{i}));
    EXPECT_EQ(queue.pop_all(0ns), (std::vector{0, 1, 2, 3, 4}));
    EXPECT_EQ(queue.size(), 0U);
}

TEST(BoundedQueue, ClosedQueueTakesNothingMoreAndGivesWhatItHas) {
    BoundedQueue<int> queue{4};
    ASSERT_TRUE(queue.try_push(7));
    queue.close();
    EXPECT_TRUE(queue.closed());
    EXPECT_FALSE(queue.try_push(8));
    EXPECT_EQ(queue.pop(1h), 7);
    EXPECT_EQ(queue.pop(1h), std::nullopt);  // at once: nothing can come any more
    EXPECT_TRUE(queue.pop_all(1h).empty());
}

TEST(BoundedQueue, ClosingWakesAWaitingReader) {
    BoundedQueue<int> queue{1};
    std::thread reader{[&queue] { EXPECT_EQ(queue.pop(1h), std::nullopt); }};
    queue.close();
    reader.join();
}

TEST(BoundedQueue, NothingIsLostOrDoubledBetweenThreads) {
    constexpr int writers = 3;
    constexpr int each = 2000;
    BoundedQueue<int> queue{16};
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w)
        threads.emplace_back([&queue, w] {
            for (int i = 0; i < each; ++i)
                while (!queue.try_push(w * each + i)) std::this_thread::yield();
        });
    std::vector<int> got;
    while (got.size() < writers * each) {
        if (got.size() % 2 == 0) {
            if (const auto one = queue.pop(1s)) got.push_back(*one);
        } else {
            for (const int one : queue.pop_all(1s)) got.push_back(one);
        }
        EXPECT_LE(queue.size(), queue.capacity());
    }
    for (std::thread& thread : threads) thread.join();
    std::sort(got.begin(), got.end());
    std::vector<int> expected(writers * each);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(got, expected);
}

TEST(BoundedQueueDeathTest, ACapacityOfZeroIsABug) {
    EXPECT_DEATH(BoundedQueue<int>{0}, "a queue holds at least one element");
}

}  // namespace
}  // namespace vigil::base
