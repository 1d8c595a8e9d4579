#include "runtime/heartbeats.h"

#include <gtest/gtest.h>

namespace vigil::runtime {
namespace {

using namespace std::chrono_literals;

constexpr base::MonotonicTime start{100s};

TEST(Heartbeats, NobodyIsLateAtFirst) {
    Heartbeats beats;
    static_cast<void>(beats.add("trading", 500ms, start));
    EXPECT_TRUE(beats.late(start + 500ms).empty());
}

TEST(Heartbeats, TheSilentOneIsNamed) {
    Heartbeats beats;
    Heartbeat& trading = beats.add("trading", 500ms, start);
    static_cast<void>(beats.add("journal", 500ms, start));
    trading.beat(start + 400ms);
    const auto late = beats.late(start + 600ms);
    ASSERT_EQ(late.size(), 1U);
    EXPECT_EQ(late.front().name, "journal");
    EXPECT_EQ(late.front().silence, 600ms);
}

TEST(Heartbeats, ABeatBringsItBack) {
    Heartbeats beats;
    Heartbeat& trading = beats.add("trading", 500ms, start);
    ASSERT_EQ(beats.late(start + 1s).size(), 1U);
    trading.beat(start + 1s);
    EXPECT_TRUE(beats.late(start + 1s).empty());
}

}  // namespace
}  // namespace vigil::runtime
