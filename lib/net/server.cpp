#include "net/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/server_impl.h"

namespace vigil::net {

namespace {

using base::ErrorKind;
using base::fail;

constexpr int accepts_per_event = 64;
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

Server::Impl::Impl(EventLoop& loop, std::optional<ServerTls> tls, ServerHandlers handlers,
                   ServerOptions options)
    : loop_{loop},
      tls_{std::move(tls)},
      handlers_{std::move(handlers)},
      options_{std::move(options)},
      accept_again_{loop} {}

base::Result<void> Server::Impl::start() {
    const std::string where = options_.address + " port " + std::to_string(options_.port);
    const auto address = SocketAddress::parse(options_.address, options_.port);
    if (!address) return fail(ErrorKind::invalid, "not a numeric address to listen on: " + options_.address);
    if (!tls_ && !address->is_loopback())
        return fail(ErrorKind::denied, "listening without TLS on an address that is not loopback: " + where);
    if (!handlers_.on_http) return fail(ErrorKind::invalid, "a server without on_http");

    listener_.reset(::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!listener_ || ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(listener_.get(), address->get(), address->size()) != 0 ||
        ::listen(listener_.get(), options_.backlog) != 0)
        return fail(base::system_error("cannot listen on " + where, errno));
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
        return fail(base::system_error("cannot listen on " + where, errno));
    port_ = SocketAddress{reinterpret_cast<const sockaddr*>(&bound), size}.port();
    auto watch = loop_.watch(listener_.get(), EPOLLIN, [weak = weak_from_this()](std::uint32_t) {
        if (const auto self = weak.lock()) self->accept_all();
    });
    if (!watch) return fail(watch.error());
    watch_ = *watch;
    return {};
}

void Server::Impl::shut_down() {
    accept_again_.cancel();
    loop_.unwatch(std::exchange(watch_, WatchId{}));
    listener_.reset();
    muted_.clear();
    for (const auto& [number, peer] : std::exchange(ws_, {})) peer->abandon();
    for (const auto& [number, connection] : std::exchange(http_, {})) connection->drop(false);
}

void Server::Impl::drop_all(bool reset) {
    muted_.clear();
    const auto peers = ws_;
    for (const auto& [number, peer] : peers) peer->kill(reset);
    for (const auto& [number, connection] : std::exchange(http_, {})) connection->drop(reset);
}

void Server::Impl::accept_all() {
    const auto self = shared_from_this();
    for (int i = 0; i < accepts_per_event && listener_; ++i) {
        sockaddr_storage remote{};
        socklen_t size = sizeof remote;
        base::UniqueFd socket{::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&remote), &size,
                                        SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause_accepting();
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EMFILE || errno == ENFILE) return;
            continue;  // this one client gave up
        }
        accepted(std::move(socket), SocketAddress{reinterpret_cast<const sockaddr*>(&remote), size});
    }
}

/// Out of descriptors: the listener would report the waiting client again and again.
void Server::Impl::pause_accepting() {
    const int reason = errno;
    loop_.change(watch_, 0);
    accept_again_.after(accept_pause, [this] { loop_.change(watch_, EPOLLIN); });
    errno = reason;
}

void Server::Impl::accepted(base::UniqueFd socket, const SocketAddress& remote) {
    if (accept_mode_ == AcceptMode::refuse || connections() >= options_.connections_max) return;
    if (accept_mode_ == AcceptMode::mute) {
        muted_.push_back(std::move(socket));
        return;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t number = next_connection_++;
    auto connection = std::make_shared<ServerConnection>(shared_from_this(), number, remote);
    if (connection->start(std::move(socket), tls_ ? &*tls_ : nullptr))
        http_.emplace(number, std::move(connection));
}

std::shared_ptr<WsPeerImpl> Server::Impl::upgrade(std::uint64_t connection,
                                                  const std::shared_ptr<Stream>& stream) {
    auto peer = std::make_shared<WsPeerImpl>(
        loop_, stream, WsPeerImpl::Limits{options_.ws_message_bytes_max, options_.ws_queue_bytes_max},
        [weak = weak_from_this(), connection] {
            if (const auto self = weak.lock()) self->ws_.erase(connection);
        });
    http_.erase(connection);
    ws_.emplace(connection, peer);
    return peer;
}

base::Result<std::unique_ptr<Server>> Server::listen(EventLoop& loop, std::optional<ServerTls> tls,
                                                     ServerHandlers handlers, ServerOptions options) {
    auto impl = std::make_shared<Impl>(loop, std::move(tls), std::move(handlers), std::move(options));
    if (const auto started = impl->start(); !started) return fail(started.error());
    return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

Server::Server(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
Server::~Server() {
    impl_->shut_down();
}
std::uint16_t Server::port() const {
    return impl_->port();
}
void Server::set_tls(ServerTls tls) {
    impl_->set_tls(std::move(tls));
}
void Server::set_accept_mode(AcceptMode mode) {
    impl_->set_accept_mode(mode);
}
void Server::drop_all(bool reset) {
    impl_->drop_all(reset);
}
std::size_t Server::connections() const {
    return impl_->connections();
}

}  // namespace vigil::net
