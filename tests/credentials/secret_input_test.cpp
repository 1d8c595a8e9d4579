#include "credentials/secret_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/unique_fd.h"

namespace vigil::credentials {
namespace {

using base::ErrorKind;
using base::milliseconds;
using base::UniqueFd;

/// A terminal that controls no process: `user` is the side of keyboard and screen.
class SecretInputTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(user_);
        ASSERT_EQ(::grantpt(user_.get()), 0);
        ASSERT_EQ(::unlockpt(user_.get()), 0);
        program_.reset(::open(::ptsname(user_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
        ASSERT_TRUE(program_);
        ASSERT_EQ(::tcgetattr(program_.get(), &before_), 0);
    }
    void type(std::string_view text) const {
        ASSERT_EQ(::write(user_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    /// As it was before, echo and all.
    void expect_restored() const {
        termios now{};
        ASSERT_EQ(::tcgetattr(program_.get(), &now), 0);
        EXPECT_EQ(now.c_lflag, before_.c_lflag);
        EXPECT_TRUE((now.c_lflag & ECHO) != 0);
    }

    UniqueFd user_{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    UniqueFd program_;
    termios before_{};
};

TEST_F(SecretInputTest, NobodyAnswers) {
    SecretInput input{program_.get(), milliseconds{20}};
    ASSERT_TRUE(input.is_terminal());
    const auto line = input.line("Secret: ");
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().kind, ErrorKind::timeout);
    EXPECT_FALSE(input.is_interrupted());
    expect_restored();
    EXPECT_EQ(input.block("Secret: ").error().kind, ErrorKind::timeout);
    expect_restored();
}

TEST_F(SecretInputTest, ABlockedSignalEndsTheQuestionAndStaysPending) {
    sigset_t term;
    sigset_t old;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &term, &old), 0);
    ASSERT_EQ(std::raise(SIGTERM), 0);
    SecretInput input{program_.get()};
    const auto line = input.line("Secret: ");
    ASSERT_FALSE(line);
    EXPECT_TRUE(input.is_interrupted());
    expect_restored();
    const timespec now{};
    EXPECT_EQ(sigtimedwait(&term, nullptr, &now), SIGTERM) << "it is there for whoever waits for it";
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &old, nullptr), 0);
}

TEST(SecretInput, APipeIsReadLineByLineWithoutAPrompt) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const std::string text = "first\r\nsecond";
    ASSERT_EQ(::write(to.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    to.reset();
    SecretInput input{from.get(), milliseconds{0}};
    const auto is = [](const base::Result<Secret>& secret, std::string_view wanted) {
        return secret && secret->use_text([wanted](std::string_view found) { return found == wanted; });
    };
    EXPECT_TRUE(is(input.line("not shown"), "first"));
    EXPECT_TRUE(is(input.line("not shown"), "second"));
    EXPECT_EQ(input.line("not shown").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace vigil::credentials
