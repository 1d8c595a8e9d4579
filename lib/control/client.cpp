#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"
#include "control/answer.h"
#include "control/socket_address.h"

namespace vigil::control {

namespace {

using base::ErrorKind;

/// Waits until something can be read or written.
base::Result<void> await(int fd, short events, base::MonotonicTime until, const base::Clock& clock) {
    for (;;) {
        const auto left = std::chrono::ceil<base::milliseconds>(until - clock.monotonic());
        if (left.count() <= 0) return base::fail(ErrorKind::timeout, "the service has not answered in time");
        pollfd one{fd, events, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return base::fail(base::system_error("poll", errno));
    }
}

base::Result<base::UniqueFd> connect_to(const std::filesystem::path& socket) {
    const auto address = socket_address(socket);
    if (!address) return base::fail(address.error());
    base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd) return base::fail(base::system_error("socket", errno));
    // A Unix socket connects at once, or says why not.
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0) return fd;
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR || errno == ENOTSOCK)
        return base::fail(ErrorKind::unavailable,
                          "no service listens there: vigild does not run, or its "
                          "control socket is elsewhere");
    if (errno == EAGAIN) return base::fail(ErrorKind::timeout, "the service does not take connections now");
    return base::fail(base::system_error("cannot connect", errno));
}

base::Result<std::string> exchange(int fd, std::string_view line, base::MonotonicTime until,
                                   const base::Clock& clock) {
    while (!line.empty()) {
        if (auto ready = await(fd, POLLOUT, until, clock); !ready)
            return base::fail(std::move(ready.error()));
        const ssize_t sent = ::send(fd, line.data(), line.size(), MSG_NOSIGNAL);
        if (sent > 0) line.remove_prefix(static_cast<std::size_t>(sent));
        // Refused before it was read: the answer may say why.
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) break;
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return base::fail(base::system_error("send", errno));
    }
    std::string answer;
    char chunk[16'384];
    for (;;) {
        if (auto ready = await(fd, POLLIN, until, clock); !ready) return base::fail(std::move(ready.error()));
        const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0)
            return base::fail(ErrorKind::corrupt, "the service closed the connection without an answer");
        answer.append(chunk, static_cast<std::size_t>(got));
        if (const std::size_t end = answer.find('\n'); end != std::string::npos) {
            answer.resize(end);
            return answer;
        }
        if (answer.size() > answer_max)
            return base::fail(ErrorKind::corrupt, "the service's answer has no end");
    }
}

}  // namespace

base::Result<std::string> ask(const std::filesystem::path& socket, std::string_view line,
                              base::milliseconds patience) {
    const base::SystemClock clock;
    const base::MonotonicTime until = clock.monotonic() + patience;
    const std::string context = "control socket " + socket.string();
    const auto fd = connect_to(socket);
    if (!fd) return base::fail(fd.error().within(context));
    auto answer = exchange(fd->get(), line, until, clock);
    if (!answer) return base::fail(answer.error().within(context));
    return answer;
}

}  // namespace vigil::control
