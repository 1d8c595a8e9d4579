#include "control/server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "control/answer.h"
#include "control/socket_address.h"

namespace vigil::control {

namespace {

using base::ErrorKind;

constexpr base::milliseconds pending_look{20};
constexpr base::milliseconds accept_pause{1'000};
constexpr int backlog = 16;
constexpr std::size_t groups_max = 1'024;

base::Error os_error(std::string_view what) {
    return base::system_error(what, errno);
}

/// What is in the way of a new socket: nothing, or a socket that nobody listens on and that is taken away.
base::Result<void> clear(const std::filesystem::path& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return base::fail(os_error("stat"));
    }
    if (!S_ISSOCK(status.st_mode))
        return base::fail(ErrorKind::invalid, "there is a file that is no socket; it is left alone");
    const base::UniqueFd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!probe) return base::fail(os_error("socket"));
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
        errno == EAGAIN)
        return base::fail(ErrorKind::exhausted, "another process listens on it");
    if (errno != ECONNREFUSED && errno != ENOENT) return base::fail(os_error("connect"));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return base::fail(os_error("cannot remove the old one"));
    return {};
}

base::Result<base::UniqueFd> listen_at(const ServerOptions& options) {
    const auto address = socket_address(options.path);
    if (!address) return base::fail(address.error());
    if (auto cleared = clear(options.path, *address); !cleared) return base::fail(std::move(cleared.error()));
    base::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd) return base::fail(os_error("socket"));
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return base::fail(os_error("bind"));
    // Nobody can connect before it listens, so its mode and group are right for everybody.
    const auto closed = [&](base::Error error) {
        ::unlink(options.path.c_str());
        return base::fail(std::move(error));
    };
    struct stat status {};
    if (::lstat(options.path.c_str(), &status) != 0) return closed(os_error("stat"));
    // Not asked for where it is so already: a hardened service may not change owners.
    if (options.group && status.st_gid != *options.group &&
        ::chown(options.path.c_str(), static_cast<uid_t>(-1), *options.group) != 0)
        return closed(os_error("cannot give it to the group"));
    if (::chmod(options.path.c_str(), options.group ? 0660 : 0600) != 0) return closed(os_error("chmod"));
    if (::listen(fd.get(), backlog) != 0) return closed(os_error("listen"));
    return fd;
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::open(ServerOptions options, const base::Clock& clock,
                                                   Callbacks callbacks) {
    auto listener = listen_at(options);
    if (!listener) return base::fail(listener.error().within("control socket " + options.path.string()));
    return std::unique_ptr<Server>{
        new Server{std::move(options), clock, std::move(callbacks), std::move(*listener)}};
}

Server::Server(ServerOptions options, const base::Clock& clock, Callbacks callbacks, base::UniqueFd listener)
    : options_{std::move(options)},
      clock_{clock},
      callbacks_{std::move(callbacks)},
      listener_{std::move(listener)} {}

Server::~Server() {
    ::unlink(options_.path.c_str());
}

void Server::serve(base::milliseconds patience, int also) {
    std::vector<pollfd> fds;
    const base::MonotonicTime now = clock_.monotonic();
    // A negative descriptor is passed over.
    fds.push_back({now < accept_again_ ? -1 : listener_.get(), POLLIN, 0});
    fds.push_back({also, POLLIN, 0});
    for (const auto& one : connections_) {
        const bool has_line = one->in.find('\n') != std::string::npos;
        short events = 0;
        if (!one->out.empty())
            events = POLLOUT;
        else if (!one->pending && !has_line)
            events = POLLIN;
        fds.push_back({one->fd.get(), events, 0});
        if (one->pending) patience = std::min(patience, pending_look);
        if (!one->pending && one->out.empty() && has_line) patience = base::milliseconds{0};
        patience = std::min(patience, std::chrono::ceil<base::milliseconds>(one->deadline - now));
    }
    patience = std::max(patience, base::milliseconds{0});
    if (::poll(fds.data(), fds.size(), static_cast<int>(patience.count())) < 0)
        for (pollfd& each : fds) each.revents = 0;  // EINTR: the next turn is soon enough
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& one = *connections_[i];
        const short events = fds[i + 2].revents;
        if ((events & (POLLERR | POLLNVAL)) != 0 || ((events & POLLHUP) != 0 && (events & POLLIN) == 0))
            one.is_gone = true;
        else if ((events & POLLIN) != 0)
            read(one);
        if (!one.is_gone) advance(one);
    }
    std::erase_if(connections_, [](const auto& one) { return one->is_gone; });
    if ((fds[0].revents & POLLIN) != 0) take_connections();
}

void Server::take_connections() {
    for (int taken = 0; taken < backlog; ++taken) {
        base::UniqueFd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (!fd) {
            // Without descriptors it would be asked for ever and at once.
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                accept_again_ = clock_.monotonic() + accept_pause;
            return;
        }
        auto one = std::make_unique<Connection>();
        const bool is_allowed_here = is_allowed(fd.get(), one->peer);
        one->fd = std::move(fd);
        one->deadline = clock_.monotonic() + options_.request_patience;
        if (!is_allowed_here) {
            refuse(*one, ErrorKind::denied, "this user may not command the service");
        } else if (connections_.size() >= options_.connections_max) {
            refuse(*one, ErrorKind::exhausted, "too many are connected; try again");
        } else {
            connections_.push_back(std::move(one));
            continue;
        }
        // One try to say why; it does not stay.
        write(*one);
    }
}

bool Server::is_allowed(int fd, Peer& peer) const {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    peer = {who.uid, who.pid};
    if (who.uid == 0 || who.uid == ::geteuid()) return true;
    if (!options_.group) return false;
    if (who.gid == *options_.group) return true;
    std::vector<gid_t> groups(groups_max);
    size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return false;
    groups.resize(size / sizeof(gid_t));
    return std::find(groups.begin(), groups.end(), *options_.group) != groups.end();
}

void Server::read(Connection& one) {
    char chunk[request_max];
    const ssize_t got = ::recv(one.fd.get(), chunk, sizeof chunk, 0);
    if (got < 0) {
        one.is_gone = errno != EAGAIN && errno != EINTR;
        return;
    }
    if (got == 0) {
        // What has no line end is no request.
        one.is_gone = true;
        return;
    }
    one.in.append(chunk, static_cast<std::size_t>(got));
}

void Server::take_line(Connection& one) {
    const std::size_t end = one.in.find('\n');
    if (end >= request_max && one.in.size() >= request_max)
        return refuse(one, ErrorKind::invalid,
                      "a request is shorter than " + std::to_string(request_max) + " bytes");
    if (end == std::string::npos) return;
    const std::string line = one.in.substr(0, end);
    one.in.erase(0, end + 1);
    const auto request = parse_request(line);
    if (!request) {
        callbacks_.refused(one.peer, request.error().message);
        return answer(one, answer_line(request.error()));
    }
    one.pending = callbacks_.request(*request, one.peer);
    one.deadline = base::MonotonicTime::max();
}

void Server::write(Connection& one) {
    while (!one.out.empty()) {
        const ssize_t sent = ::send(one.fd.get(), one.out.data(), one.out.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            one.is_gone = errno != EAGAIN && errno != EINTR;
            return;
        }
        one.out.erase(0, static_cast<std::size_t>(sent));
    }
    if (one.is_last) one.is_gone = true;
    one.deadline = clock_.monotonic() + options_.request_patience;
}

void Server::refuse(Connection& one, ErrorKind kind, const std::string& why) {
    callbacks_.refused(one.peer, why);
    one.is_last = true;
    answer(one, answer_line(base::Error{kind, why}));
}

void Server::answer(Connection& one, std::string line) {
    one.pending = nullptr;
    one.out = std::move(line);
    one.deadline = clock_.monotonic() + options_.answer_patience;
}

void Server::advance(Connection& one) {
    // One line at a time, and one answer: what is behind waits in the socket.
    if (one.out.empty() && !one.pending) take_line(one);
    if (one.pending)
        if (auto line = one.pending()) answer(one, std::move(*line));
    if (!one.out.empty()) {
        write(one);
        one.is_gone = one.is_gone || (!one.out.empty() && clock_.monotonic() >= one.deadline);
        return;
    }
    if (!one.pending && clock_.monotonic() >= one.deadline)
        refuse(one, ErrorKind::timeout, "no whole request came in time");
}

}  // namespace vigil::control
