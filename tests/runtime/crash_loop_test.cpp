#include "runtime/crash_loop.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace vigil::runtime {
namespace {

constexpr base::seconds window{600};

class CrashLoop : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string folder = ::testing::TempDir() + "crash-loop-XXXXXX";
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        auto opened = StateFolder::open(folder_);
        ASSERT_TRUE(opened.has_value());
        state_ = std::move(*opened);
    }
    void TearDown() override {
        state_.reset();
        std::filesystem::remove_all(folder_);
    }
    int start(std::int64_t at_s) const {
        return note_start(*state_, base::WallTime{base::seconds{1'700'000'000 + at_s}}, window).value();
    }
    std::filesystem::path folder_;
    std::optional<StateFolder> state_;
};

TEST_F(CrashLoop, CountsStartsThatDidNotEndWithinTheWindow) {
    EXPECT_EQ(start(0), 0);
    EXPECT_EQ(start(10), 1);
    EXPECT_EQ(start(20), 2);
    EXPECT_EQ(start(605), 2) << "the first is too long ago";
    ASSERT_TRUE(note_end(*state_).has_value());
    EXPECT_EQ(start(606), 0);
    ASSERT_TRUE(note_end(*state_).has_value());
    ASSERT_TRUE(note_end(*state_).has_value()) << "that nothing is noted is no error";
}

TEST_F(CrashLoop, AClockThatIsSetBackHidesNothing) {
    EXPECT_EQ(start(300), 0);
    EXPECT_EQ(start(0), 1);
    EXPECT_EQ(start(-2'000), 0) << "out of all proportion";
}

TEST_F(CrashLoop, AnOperatorsLookForgetsTheEarlierOnes) {
    EXPECT_EQ(start(0), 0);
    EXPECT_EQ(start(1), 1);
    ASSERT_TRUE(forget_earlier_starts(*state_, base::WallTime{base::seconds{1'700'000'001}}).has_value());
    EXPECT_EQ(start(2), 1);
}

TEST_F(CrashLoop, WhatIsNoTimeIsAStartAndTheFileIsBounded) {
    ASSERT_TRUE(
        state_->replace("starts", "nonsense\n-9223372036854775808\n99999999999999999999\n").has_value());
    EXPECT_EQ(start(0), 2);
    for (int i = 0; i < 200; ++i) EXPECT_LE(start(1), 64);
    EXPECT_LT(state_->read("starts")->size(), 2'000U);
}

}  // namespace
}  // namespace vigil::runtime
