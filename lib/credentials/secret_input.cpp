#include "credentials/secret_input.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include "base/unique_fd.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

constexpr char ctrl_c = '\x03';

/// Holds back the signals that would end the program, and tells when one has come. They are not taken: they
/// are delivered when this goes, or stay pending for whoever blocked them before.
class HeldSignals {
  public:
    HeldSignals() {
        sigset_t ending;
        sigemptyset(&ending);
        for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, each);
        pthread_sigmask(SIG_BLOCK, &ending, &before_);
        came_.reset(::signalfd(-1, &ending, SFD_CLOEXEC));
    }
    ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    /// Readable once a signal has come; it is not to be read.
    [[nodiscard]] int fd() const { return came_.get(); }

  private:
    sigset_t before_{};
    base::UniqueFd came_;
};

/// A terminal that is asked for a secret: without echo as long as this lives. The keys that would end or stop
/// the process are off too: it would leave a terminal without echo behind. Ctrl-C arrives as a character.
class AskedTerminal {
  public:
    explicit AskedTerminal(int fd) : fd_{fd} {
        termios quiet{};
        if (signals_.fd() < 0 || ::tcgetattr(fd, &before_) != 0) return;
        quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        quiet.c_lflag |= ECHONL;
        quiet.c_cc[VEOL] = static_cast<cc_t>(ctrl_c);  // at once, not with the end of the line only
        active_ = ::tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
    }
    ~AskedTerminal() {
        if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    AskedTerminal(const AskedTerminal&) = delete;
    AskedTerminal& operator=(const AskedTerminal&) = delete;

    [[nodiscard]] bool active() const { return active_; }

    enum class News { input, signal, nothing };
    /// What comes first before `until`.
    [[nodiscard]] News wait(base::MonotonicTime until) const {
        std::array<pollfd, 2> watched{{{fd_, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
        while (true) {
            const auto left = std::chrono::ceil<base::milliseconds>(until - base::SystemClock{}.monotonic());
            const int ready = ::poll(watched.data(), watched.size(),
                                     static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000)));
            if (ready < 0 && errno == EINTR) continue;
            if (watched[1].revents != 0) return News::signal;
            // An end of the input, or an error, is told by reading.
            return ready == 0 ? News::nothing : News::input;
        }
    }

  private:
    int fd_;
    HeldSignals signals_;  // go after the echo is back
    termios before_{};
    bool active_{false};
};

/// Refuses in the background, where the question would stop the program without a word.
Result<void> check_foreground(int fd) {
    const pid_t foreground = ::tcgetpgrp(fd);  // -1: not the terminal that controls this program
    if (foreground > 0 && foreground != ::getpgrp())
        return fail(ErrorKind::unsupported, "this program runs in the background of its terminal");
    return {};
}

void show(int fd, std::string_view text) {
    if (::write(fd, text.data(), text.size()) >= 0) return;
    // Standard input that can only be read. A prompt that cannot be shown does not keep anybody from typing.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

SecretInput::SecretInput(int input_fd, base::milliseconds patience)
    : fd_{input_fd}, patience_{patience}, terminal_{::isatty(input_fd) == 1} {}

/// Appends bytes to `into` until `enough` says so of what is there, or the input ends.
/// @return false at the end of input
template <class Enough>
Result<bool> SecretInput::read_until(std::string_view prompt, Secret& into, std::size_t& size,
                                     Enough enough) {
    interrupted_ = false;
    std::optional<AskedTerminal> terminal;
    if (terminal_) {
        if (auto good = check_foreground(fd_); !good) return fail(good.error());
        terminal.emplace(fd_);
        if (!terminal->active()) return fail(ErrorKind::io, "the terminal's echo cannot be turned off");
        show(fd_, prompt);
    }
    const base::MonotonicTime until = base::SystemClock{}.monotonic() + patience_;
    while (true) {
        if (size == into.size())
            return fail(ErrorKind::invalid,
                        "the input is longer than " + std::to_string(secret_input_bytes_max) + " bytes");
        const auto news = terminal ? terminal->wait(until) : AskedTerminal::News::input;
        if (news == AskedTerminal::News::nothing)
            return fail(ErrorKind::timeout, "the terminal gave no answer within " +
                                                std::to_string(patience_.count() / 1000) + " s");
        interrupted_ = news == AskedTerminal::News::signal;
        if (interrupted_) return fail(ErrorKind::invalid, "interrupted");
        // Byte by byte, so that nothing of what follows is taken away from the next reader.
        const ssize_t got =
            into.fill([&](std::span<std::uint8_t> room) { return ::read(fd_, &room[size], 1); });
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(base::system_error("standard input", errno));
        if (got == 0) return false;
        ++size;
        const std::string_view last =
            into.use_text([size](std::string_view text) { return text.substr(size - 1, 1); });
        interrupted_ = last[0] == ctrl_c;
        if (interrupted_) return fail(ErrorKind::invalid, "interrupted");
        if (last[0] == '\n' &&
            into.use_text([&](std::string_view text) { return enough(text.substr(0, size)); }))
            return true;
    }
}

Result<Secret> SecretInput::line(std::string_view prompt) {
    auto secret = Secret::zeros(secret_input_bytes_max);
    if (!secret) return secret;
    std::size_t size = 0;
    const auto whole = read_until(prompt, *secret, size, [](std::string_view) { return true; });
    if (!whole) return fail(whole.error());
    if (!*whole && size == 0) return fail(ErrorKind::not_found, "standard input ended before a secret came");
    secret->truncate(size);
    const std::size_t end =
        secret->use_text([](std::string_view text) { return text.find_last_not_of("\r\n"); });
    secret->truncate(end == std::string_view::npos ? 0 : end + 1);
    return secret;
}

Result<Secret> SecretInput::block(std::string_view prompt) {
    auto secret = Secret::zeros(secret_input_bytes_max);
    if (!secret) return secret;
    std::size_t size = 0;
    const auto whole = read_until(prompt, *secret, size, [this](std::string_view text) {
        const std::size_t before = text.find_last_of('\n', text.size() - 2);
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        return terminal_ && text.substr(begin).starts_with("-----END");
    });
    if (!whole) return fail(whole.error());
    secret->truncate(size);
    const std::size_t end =
        secret->use_text([](std::string_view text) { return text.find_last_not_of(" \t\r\n"); });
    secret->truncate(end == std::string_view::npos ? 0 : end + 1);
    if (secret->empty()) return fail(ErrorKind::not_found, "standard input ended before a secret came");
    return secret;
}

}  // namespace vigil::credentials
