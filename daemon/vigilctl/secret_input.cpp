#include "vigilctl/secret_input.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

namespace vigil::vigilctl {

using base::ErrorKind;
using base::fail;
using base::Result;
using credentials::Secret;

namespace {

constexpr char ctrl_c = '\x03';

/// Turns the echo off as long as it lives. The keys that would end or stop the process are off too: it would
/// leave a terminal without echo behind. Ctrl-C arrives as a character instead.
class Silence {
  public:
    explicit Silence(int fd) : fd_{fd} {
        termios quiet{};
        if (::tcgetattr(fd, &before_) != 0) return;
        quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        quiet.c_lflag |= ECHONL;
        active_ = ::tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
    }
    ~Silence() {
        if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

    [[nodiscard]] bool active() const { return active_; }

  private:
    int fd_;
    termios before_{};
    bool active_{false};
};

void show(int fd, std::string_view text) {
    // A prompt that cannot be shown does not keep anybody from typing.
    [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

/// Appends bytes to `into` until `enough` says so of what is there, or the input ends.
/// @return false at the end of input
template <class Enough>
Result<bool> read_until(int fd, Secret& into, std::size_t& size, Enough enough) {
    while (true) {
        if (size == into.size())
            return fail(ErrorKind::invalid,
                        "the input is longer than " + std::to_string(secret_input_bytes_max) + " bytes");
        // Byte by byte, so that nothing of what follows is taken away from the next reader.
        const ssize_t got =
            into.fill([&](std::span<std::uint8_t> room) { return ::read(fd, &room[size], 1); });
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(base::system_error("standard input", errno));
        if (got == 0) return false;
        ++size;
        const std::string_view last =
            into.use_text([size](std::string_view text) { return text.substr(size - 1, 1); });
        if (last[0] == ctrl_c) return fail(ErrorKind::invalid, "interrupted");
        if (last[0] == '\n' &&
            into.use_text([&](std::string_view text) { return enough(text.substr(0, size)); }))
            return true;
    }
}

/// Shows the prompt and turns the echo off, at a terminal only. Fails when the echo cannot be turned off.
Result<void> ask(std::optional<Silence>& silence, int fd, std::string_view prompt) {
    silence.emplace(fd);
    if (!silence->active()) return fail(ErrorKind::io, "the terminal's echo cannot be turned off");
    show(fd, prompt);
    return {};
}

}  // namespace

SecretInput::SecretInput(int input_fd) : fd_{input_fd}, terminal_{::isatty(input_fd) == 1} {}

Result<Secret> SecretInput::line(std::string_view prompt) {
    std::optional<Silence> silence;
    if (terminal_)
        if (auto asked = ask(silence, fd_, prompt); !asked) return fail(asked.error());
    auto secret = Secret::zeros(secret_input_bytes_max);
    if (!secret) return secret;
    std::size_t size = 0;
    const auto whole = read_until(fd_, *secret, size, [](std::string_view) { return true; });
    if (!whole) return fail(whole.error());
    if (!*whole && size == 0) return fail(ErrorKind::not_found, "standard input ended before a secret came");
    secret->truncate(size);
    const std::size_t end =
        secret->use_text([](std::string_view text) { return text.find_last_not_of("\r\n"); });
    secret->truncate(end == std::string_view::npos ? 0 : end + 1);
    return secret;
}

Result<Secret> SecretInput::block(std::string_view prompt) {
    std::optional<Silence> silence;
    if (terminal_)
        if (auto asked = ask(silence, fd_, prompt); !asked) return fail(asked.error());
    auto secret = Secret::zeros(secret_input_bytes_max);
    if (!secret) return secret;
    std::size_t size = 0;
    const auto whole = read_until(fd_, *secret, size, [this](std::string_view text) {
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

}  // namespace vigil::vigilctl
