#include "credentials/unlock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "credentials/vault_fixture.h"

namespace vigil::credentials {
namespace {

using base::ErrorKind;
using testing::as_bytes;

class UnlockTest : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "key";

    void write(std::string_view bytes) {
        std::filesystem::remove(path_);
        ASSERT_TRUE(create_private_file(path_, as_bytes(bytes), 0600));
    }
};

TEST_F(UnlockTest, AMachineKeyIsMadeOnceAndReadBack) {
    const auto made = create_machine_key(path_);
    ASSERT_TRUE(made) << made.error().message;
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0400U);
    const auto read = read_machine_key(path_);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->bytes.same_as(made->bytes));
    EXPECT_FALSE(create_machine_key(path_));
    EXPECT_TRUE(read_machine_key(path_)->bytes.same_as(made->bytes));
}

TEST_F(UnlockTest, AMachineKeyHasThirtyTwoBytes) {
    for (const std::size_t size : {0U, 31U, 33U, 4096U}) {
        write(std::string(size, 'k'));
        const auto key = read_machine_key(path_);
        ASSERT_FALSE(key) << size;
        EXPECT_EQ(key.error().kind, ErrorKind::invalid);
    }
    write(std::string(32, 'k'));
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    EXPECT_EQ(read_machine_key(path_).error().kind, ErrorKind::denied);
}

TEST_F(UnlockTest, APassphraseIsOneLine) {
    const auto text_of = [this](std::string_view bytes) {
        write(bytes);
        const auto passphrase = read_passphrase(path_);
        return passphrase ? passphrase->text.use_text([](std::string_view text) { return std::string{text}; })
                          : "refused: " + passphrase.error().message;
    };
    EXPECT_EQ(text_of("twelve words or so\n"), "twelve words or so");
    EXPECT_EQ(text_of("twelve words or so"), "twelve words or so");
    EXPECT_EQ(text_of(" spaces count \r\n"), " spaces count ");
    EXPECT_NE(text_of("one\ntwo\n").find("more than one line"), std::string::npos);
    EXPECT_NE(text_of("\n\n").find("holds no passphrase"), std::string::npos);
    EXPECT_NE(text_of("").find("holds no passphrase"), std::string::npos);
}

TEST(CredentialPath, IsBelowTheFolderThatSystemdNames) {
    EXPECT_EQ(credential_path("/run/credentials/x.service", "key").value(), "/run/credentials/x.service/key");
    EXPECT_EQ(credential_path(nullptr, "key").error().kind, ErrorKind::not_found);
    EXPECT_FALSE(credential_path("", "key"));
}

}  // namespace
}  // namespace vigil::credentials
