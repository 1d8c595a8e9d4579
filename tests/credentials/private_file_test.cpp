#include "credentials/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "credentials/vault_fixture.h"

namespace vigil::credentials {
namespace {

using base::ErrorKind;
using testing::as_bytes;

class PrivateFileTest : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "file";

    void make(mode_t mode, std::string_view bytes = "content") {
        std::filesystem::remove(path_);
        ASSERT_TRUE(create_private_file(path_, as_bytes(bytes), 0600));
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    }
    base::Result<Secret> read(FileTrust trust = FileTrust::own) const {
        return read_private_file(path_, 1000, trust);
    }
};

TEST_F(PrivateFileTest, ReadsWhatOnlyItsOwnerMayRead) {
    for (const mode_t mode : {0600U, 0400U}) {
        make(mode);
        const auto bytes = read();
        ASSERT_TRUE(bytes) << bytes.error().message;
        EXPECT_EQ(bytes->use_text([](std::string_view text) { return std::string{text}; }), "content");
    }
}

TEST_F(PrivateFileTest, RefusesEveryOtherModeAndNamesIt) {
    for (unsigned mode = 0400; mode <= 07777; mode = mode < 0777 ? mode + 1 : mode + 0111) {
        if (mode == 0600 || (mode & 0400U) == 0) continue;
        if (mode == 0400) continue;
        make(mode);
        const auto bytes = read();
        ASSERT_FALSE(bytes) << std::oct << mode;
        EXPECT_EQ(bytes.error().kind, ErrorKind::denied);
    }
    make(0644);
    EXPECT_EQ(
        read().error().message,
        path_.string() + ": has mode 0644; it must be 0600 or 0400 (chmod 0600 " + path_.string() + ")");
}

TEST_F(PrivateFileTest, ACredentialMayBeReadableByItsGroupOnly) {
    for (const mode_t mode : {0400U, 0440U, 0600U, 0640U}) {
        make(mode);
        EXPECT_TRUE(read(FileTrust::systemd_credential)) << std::oct << mode;
    }
    for (const mode_t mode : {0644U, 0660U, 0444U, 0500U, 04400U}) {
        make(mode);
        EXPECT_EQ(read(FileTrust::systemd_credential).error().kind, ErrorKind::denied) << std::oct << mode;
    }
}

TEST_F(PrivateFileTest, DoesNotFollowALink) {
    make(0600);
    const auto link = folder_ / "link";
    std::filesystem::create_symlink(path_, link);
    const auto bytes = read_private_file(link, 1000);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().kind, ErrorKind::denied);
    EXPECT_NE(bytes.error().message.find("symbolic link"), std::string::npos);
    EXPECT_FALSE(replace_private_file(link, as_bytes("x")));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(PrivateFileTest, RefusesFoldersPipesAndLargeFiles) {
    EXPECT_EQ(read_private_file(folder_.path(), 1000).error().kind, ErrorKind::invalid);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(read().error().kind, ErrorKind::invalid);  // and did not wait for a writer
    std::filesystem::remove(path_);
    make(0600, std::string(1001, 'x'));
    EXPECT_EQ(read().error().kind, ErrorKind::invalid);
    make(0600, std::string(1000, 'x'));
    EXPECT_TRUE(read());
    std::filesystem::remove(path_);
    EXPECT_EQ(read().error().kind, ErrorKind::not_found);
}

TEST_F(PrivateFileTest, RefusesAForeignOwner) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    make(0600);
    ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
    const auto bytes = read();
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().message, path_.string() + ": is owned by user 65534, not by 0 who reads it");
    EXPECT_EQ(read(FileTrust::systemd_credential).error().kind, ErrorKind::denied);
}

TEST_F(PrivateFileTest, ReplaceKeepsTheModeAndLeavesNothingBeside) {
    make(0400, "old");
    ASSERT_TRUE(replace_private_file(path_, as_bytes("new")));
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0400U);
    EXPECT_EQ(testing::file_bytes(path_), "new");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
        EXPECT_EQ(entry.path(), path_);
        ++files;
    }
    EXPECT_EQ(files, 1U);
}

TEST_F(PrivateFileTest, TheModeDoesNotDependOnTheUmask) {
    const mode_t before = ::umask(0777);
    const auto created = create_private_file(path_, as_bytes("x"), 0400);
    ::umask(before);
    ASSERT_TRUE(created);
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0400U);
}

TEST_F(PrivateFileTest, AFailureNamesTheFileAndLeavesNothing) {
    const auto nowhere = folder_ / "missing";
    const auto created = create_private_file(nowhere / "file", as_bytes("x"), 0600);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().kind, ErrorKind::not_found);
    EXPECT_NE(created.error().message.find((nowhere / "file").string()), std::string::npos);
}

TEST_F(PrivateFileTest, AChangeLockIsHeldOnce) {
    auto first = ChangeLock::take(path_);
    ASSERT_TRUE(first);
    EXPECT_EQ(ChangeLock::take(path_).error().kind, ErrorKind::unavailable);
    { const ChangeLock gone = std::move(*first); }
    EXPECT_TRUE(ChangeLock::take(path_));
}

}  // namespace
}  // namespace vigil::credentials
