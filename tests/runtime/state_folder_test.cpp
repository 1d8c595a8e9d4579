#include "runtime/state_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vigil::runtime {
namespace {

class StateFolderTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "vigil-state-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    std::filesystem::path root_;
};

TEST_F(StateFolderTest, IsMadeClosedToOthers) {
    const auto folder = StateFolder::open(root_ / "state");
    ASSERT_TRUE(folder) << folder.error().message;
    struct stat status {};
    ASSERT_EQ(::stat((root_ / "state").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(StateFolderTest, HasOneOwnerAtATime) {
    auto first = StateFolder::open(root_ / "state");
    ASSERT_TRUE(first);
    const auto second = StateFolder::open(root_ / "state");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, base::ErrorKind::exhausted);
    first = base::fail(base::ErrorKind::io, "gone");
    EXPECT_TRUE(StateFolder::open(root_ / "state"));
}

TEST_F(StateFolderTest, OpenToOthersIsRefused) {
    std::filesystem::create_directory(root_ / "state");
    std::filesystem::permissions(root_ / "state", std::filesystem::perms{0755});
    const auto folder = StateFolder::open(root_ / "state");
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().kind, base::ErrorKind::denied);
}

TEST_F(StateFolderTest, ALinkIsRefused) {
    std::filesystem::create_directory(root_ / "real");
    std::filesystem::permissions(root_ / "real", std::filesystem::perms{0700});
    std::filesystem::create_directory_symlink(root_ / "real", root_ / "state");
    EXPECT_FALSE(StateFolder::open(root_ / "state"));
}

TEST_F(StateFolderTest, ReplacesWholeAndReadsBack) {
    const auto folder = StateFolder::open(root_ / "state");
    ASSERT_TRUE(folder);
    ASSERT_TRUE(folder->replace("ban.json", "one"));
    ASSERT_TRUE(folder->replace("ban.json", "two"));
    EXPECT_EQ(folder->read("ban.json").value(), "two");
    EXPECT_FALSE(std::filesystem::exists(root_ / "state" / "ban.json.new"));
    struct stat status {};
    ASSERT_EQ(::stat((root_ / "state" / "ban.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StateFolderTest, WhatIsMissingIsNotFound) {
    const auto folder = StateFolder::open(root_ / "state");
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->read("nothing").error().kind, base::ErrorKind::not_found);
}

TEST_F(StateFolderTest, ATooLargeFileIsRefused) {
    const auto folder = StateFolder::open(root_ / "state");
    ASSERT_TRUE(folder);
    std::ofstream{folder->file("big")} << std::string((1U << 20U) + 1, 'x');
    EXPECT_EQ(folder->read("big").error().kind, base::ErrorKind::corrupt);
}

}  // namespace
}  // namespace vigil::runtime
