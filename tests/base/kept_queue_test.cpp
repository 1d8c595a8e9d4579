#include "base/kept_queue.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <string>

namespace vigil::base {
namespace {

TEST(KeptQueue, BehavesAsADequeDoes) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    KeptQueue<std::unique_ptr<int>> queue;
    std::deque<int> expected;
    int next = 0;
    for (int step = 0; step < 20'000; ++step) {
        switch (random() % 8) {
            case 0:
            case 1:
            case 2:
            case 3:
                queue.push_back(std::make_unique<int>(next));
                expected.push_back(next++);
                break;
            case 4:
                if (random() % 200 == 0) {
                    const auto all = queue.pop_all();
                    ASSERT_EQ(all.size(), expected.size());
                    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(*all[i], expected[i]);
                    expected.clear();
                }
                break;
            default:
                if (!expected.empty()) {
                    ASSERT_EQ(*queue.pop_front(), expected.front());
                    expected.pop_front();
                }
        }
        ASSERT_EQ(queue.size(), expected.size());
        ASSERT_EQ(queue.empty(), expected.empty());
    }
}

// One that never runs empty: what was taken out does not stay in its memory.
TEST(KeptQueue, DoesNotGrowWithWhatHasPassedThrough) {
    struct Counted {
        explicit Counted(int& alive) : alive_{&alive} { ++*alive_; }
        Counted(const Counted& other) : alive_{other.alive_} { ++*alive_; }
        Counted& operator=(const Counted&) = default;
        ~Counted() { --*alive_; }
        int* alive_;
    };
    int alive = 0;
    KeptQueue<Counted> queue;
    for (int i = 0; i < 10; ++i) queue.push_back(Counted{alive});
    for (int i = 0; i < 10'000; ++i) {
        queue.push_back(Counted{alive});
        static_cast<void>(queue.pop_front());
        ASSERT_LE(alive, 64);
    }
    queue.clear();
    EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace vigil::base
