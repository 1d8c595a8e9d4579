// The control socket for real: the server in this thread, clients in others or by hand.
#include "control/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>

#include "control/answer.h"
#include "control/client.h"
#include "control/socket_address.h"

namespace vigil::control {
namespace {

using base::ErrorKind;
using base::milliseconds;

/// The present as the test says; real clients do not look at it.
class HandClock final : public base::Clock {
  public:
    [[nodiscard]] base::MonotonicTime monotonic() const override { return now; }
    [[nodiscard]] base::WallTime wall() const override { return {}; }
    base::MonotonicTime now{base::seconds{1'000}};
};

class ControlServer : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string folder = ::testing::TempDir() + "control-XXXXXX";
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        options_.path = folder_ / "control";
    }
    void TearDown() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] base::Result<void> open() {
        auto opened = Server::open(
            options_, clock_,
            {[this](const Request& request, const Peer& peer) -> Pending {
                 EXPECT_EQ(peer.user, ::geteuid());
                 return [this, name = std::string{name_of(request)}]() -> std::optional<std::string> {
                     if (held_) return std::nullopt;
                     return answer_line("\"" + name + "\"");
                 };
             },
             [this](const Peer&, std::string_view why) { refused_.emplace_back(why); }});
        if (!opened) return base::fail(std::move(opened.error()));
        server_ = std::move(*opened);
        return {};
    }
    base::UniqueFd connected() const {
        const auto address = socket_address(options_.path);
        base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM, 0)};
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address), 0);
        const timeval limit{5, 0};
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        return fd;
    }
    static void send_all(const base::UniqueFd& fd, std::string_view text) {
        ASSERT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    /// What has come so far, without waiting.
    static std::string received(const base::UniqueFd& fd) {
        char chunk[65'536];
        const ssize_t got = ::recv(fd.get(), chunk, sizeof chunk, MSG_DONTWAIT);
        return got > 0 ? std::string(chunk, static_cast<std::size_t>(got)) : std::string{};
    }
    static bool is_closed(const base::UniqueFd& fd) {
        char byte = 0;
        return ::recv(fd.get(), &byte, 1, MSG_DONTWAIT) == 0;
    }
    void turns(int count = 4) {
        for (int i = 0; i < count; ++i) server_->serve(milliseconds{0});
    }

    std::filesystem::path folder_;
    ServerOptions options_;
    HandClock clock_;
    std::unique_ptr<Server> server_;
    std::vector<std::string> refused_;
    bool held_{false};
};

const std::string status_line = to_line({"alice", Status{}});

TEST_F(ControlServer, AnswersTheClient) {
    ASSERT_TRUE(open().has_value());
    auto answer = std::async(std::launch::async,
                             [this] { return ask(options_.path, status_line, milliseconds{10'000}); });
    while (answer.wait_for(milliseconds{0}) != std::future_status::ready) server_->serve(milliseconds{5});
    const auto line = answer.get();
    ASSERT_TRUE(line.has_value()) << line.error().message;
    EXPECT_EQ(parse_answer(*line).value(), "\"status\"");
    turns();
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ControlServer, OneLineAtATimeInTheOrderTheyCame) {
    ASSERT_TRUE(open().has_value());
    const auto fd = connected();
    send_all(fd, status_line + to_line({"a", Halt{"x"}}) + "nonsense\n" + status_line.substr(0, 10));
    turns(8);
    EXPECT_EQ(received(fd),
              answer_line("\"status\"") + answer_line("\"halt\"") +
                  answer_line(base::Error{ErrorKind::invalid, "a request is one JSON object on one line"}));
    send_all(fd, status_line.substr(10));
    turns();
    EXPECT_EQ(received(fd), answer_line("\"status\""));
    EXPECT_EQ(refused_.size(), 1U);
}

TEST_F(ControlServer, WhoSendsNoEndIsClosed) {
    ASSERT_TRUE(open().has_value());
    const auto fd = connected();
    send_all(fd, std::string(3 * request_max, 'x'));
    turns(8);
    EXPECT_NE(received(fd).find("shorter than 4096 bytes"), std::string::npos);
    EXPECT_EQ(server_->connections(), 0U);

    const auto slow = connected();
    send_all(slow, "{");
    turns();
    EXPECT_EQ(server_->connections(), 1U);
    clock_.now += options_.request_patience;
    turns();
    EXPECT_NE(received(slow).find("timeout"), std::string::npos);
    EXPECT_TRUE(is_closed(slow));
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ControlServer, WhoDoesNotTakeItsAnswerIsClosed) {
    ASSERT_TRUE(open().has_value());
    const auto fd = connected();
    // Fill the way back, by not reading.
    const int small = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    std::string many;
    for (int i = 0; i < 60; ++i) many += status_line;
    for (int round = 0; round < 200 && server_->connections() <= 1; ++round) {
        if (::send(fd.get(), many.data(), many.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && round > 20) break;
        turns(80);
    }
    ASSERT_EQ(server_->connections(), 1U);
    clock_.now += options_.answer_patience + options_.request_patience;
    turns(80);
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ControlServer, ConnectionsAreBounded) {
    held_ = true;
    options_.connections_max = 2;
    ASSERT_TRUE(open().has_value());
    const auto first = connected();
    const auto second = connected();
    const auto third = connected();
    send_all(first, status_line);
    turns();
    EXPECT_EQ(server_->connections(), 2U);
    EXPECT_NE(received(third).find("too many are connected"), std::string::npos);
    EXPECT_TRUE(is_closed(third));
    EXPECT_EQ(received(first), "") << "its answer is pending";
    held_ = false;
    turns();
    EXPECT_EQ(received(first), answer_line("\"status\""));
}

TEST_F(ControlServer, WhoLeavesWhileItsAnswerIsPendingIsForgotten) {
    held_ = true;
    ASSERT_TRUE(open().has_value());
    {
        const auto fd = connected();
        send_all(fd, status_line);
        turns();
        EXPECT_EQ(server_->connections(), 1U);
    }
    turns();
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ControlServer, WakesForAnotherDescriptor) {
    ASSERT_TRUE(open().has_value());
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const base::UniqueFd out{ends[0]};
    const base::UniqueFd in{ends[1]};
    ASSERT_EQ(::write(in.get(), "x", 1), 1);
    const auto before = base::SystemClock{}.monotonic();
    server_->serve(base::seconds{60}, out.get());
    EXPECT_LT(base::SystemClock{}.monotonic() - before, base::seconds{30});
}

TEST_F(ControlServer, TheFileHasTheModeOfWhoMaySpeak) {
    struct stat status {};
    ASSERT_TRUE(open().has_value());
    ASSERT_EQ(::lstat(options_.path.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    server_.reset();
    EXPECT_NE(::lstat(options_.path.c_str(), &status), 0) << "it is taken away";
    options_.group = ::getegid();
    ASSERT_TRUE(open().has_value());
    ASSERT_EQ(::lstat(options_.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
    EXPECT_EQ(status.st_gid, ::getegid());
}

TEST_F(ControlServer, WhatAnEarlierProcessLeftIsReplacedAndNothingElse) {
    {
        // Bound and gone, as after SIGKILL.
        const auto address = socket_address(options_.path);
        const base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM, 0)};
        ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address), 0);
    }
    const auto nobody = ask(options_.path, status_line, milliseconds{1'000});
    ASSERT_FALSE(nobody.has_value());
    EXPECT_EQ(nobody.error().kind, ErrorKind::unavailable);
    ASSERT_TRUE(open().has_value());

    const auto second = Server::open(options_, clock_, {});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().kind, ErrorKind::exhausted) << second.error().message;
    EXPECT_EQ(::access(options_.path.c_str(), F_OK), 0);
    server_.reset();

    std::ofstream{options_.path} << "a diary\n";
    const auto file = Server::open(options_, clock_, {});
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(std::filesystem::is_regular_file(options_.path));

    options_.path = folder_ / std::string(200, 'x');
    EXPECT_FALSE(open().has_value());
    const auto gone = ask(folder_ / "nowhere", status_line, milliseconds{1'000});
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
}

/// Speaks as another user, which only root can arrange; says so where it cannot.
TEST_F(ControlServer, OtherUsersAreTurnedAway) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    constexpr uid_t stranger = 54'321;
    constexpr gid_t group = 54'322;
    options_.group = group;
    ASSERT_TRUE(open().has_value());
    ::chmod(folder_.c_str(), 0711);
    const auto speak_as = [this](gid_t primary) {
        // In a process of its own: credentials are those at connect(2).
        const pid_t child = ::fork();
        if (child == 0) {
            if (::setgid(primary) != 0 || ::setuid(stranger) != 0) ::_exit(3);
            const auto answer = ask(options_.path, status_line, milliseconds{5'000});
            if (!answer) ::_exit(answer.error().kind == ErrorKind::denied ? 1 : 2);
            ::_exit(parse_answer(*answer).has_value() ? 0 : 4);
        }
        return child;
    };
    const auto ends_with = [this](pid_t child) {
        for (int status = 0;;) {
            if (::waitpid(child, &status, WNOHANG) == child) return WEXITSTATUS(status);
            server_->serve(milliseconds{5});
        }
    };
    EXPECT_EQ(ends_with(speak_as(stranger)), 1) << "the file's mode alone turns it away";
    ::chmod(options_.path.c_str(), 0666);
    EXPECT_EQ(ends_with(speak_as(stranger)), 4) << "and so does the kernel's word on who it is";
    ASSERT_EQ(refused_.size(), 1U);
    EXPECT_EQ(refused_.front(), "this user may not command the service");
}

}  // namespace
}  // namespace vigil::control
