#include "net/connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "net/event_loop.h"
#include "net/resolver.h"
#include "net/socket_address.h"

namespace vigil::net {

namespace {

base::Error connect_error(const SocketAddress& address, int reason) {
    const base::Error system = base::system_error(
        "cannot connect to " + address.address() + " port " + std::to_string(address.port()), reason);
    const bool ours =
        reason == EMFILE || reason == ENFILE || reason == ENOMEM || reason == EACCES || reason == EPERM;
    return {ours ? system.kind : base::ErrorKind::unavailable, system.message};
}

}  // namespace

class Connector::Impl : public std::enable_shared_from_this<Connector::Impl> {
  public:
    Impl(EventLoop& loop, std::string host, const std::string& local_address, base::MonotonicTime deadline,
         Callback done)
        : loop_{loop}, host_{std::move(host)}, deadline_{deadline}, done_{std::move(done)}, timer_{loop} {
        if (!local_address.empty()) local_ = SocketAddress::parse(local_address, 0);
    }

    void start(std::uint16_t port) {
        timer_.at(deadline_, [self = shared_from_this()] { self->out_of_time(); });
        loop_.resolver().resolve(host_, port, [weak = weak_from_this()](auto found) {
            if (const auto self = weak.lock()) self->resolved(std::move(found));
        });
    }

    void give_up() {
        done_ = nullptr;
        let_go();
    }

  private:
    void let_go() {
        timer_.cancel();
        loop_.unwatch(std::exchange(watch_, WatchId{}));
        socket_.reset();
    }

    void finish(base::Result<base::UniqueFd> result) {
        const auto self = shared_from_this();
        let_go();
        if (const auto done = std::exchange(done_, nullptr)) done(std::move(result));
    }

    void resolved(base::Result<std::vector<SocketAddress>> found) {
        if (!done_) return;
        if (!found) return finish(base::fail(found.error()));
        addresses_ = std::move(*found);
        if (local_)
            std::erase_if(addresses_, [&](const auto& one) { return one.family() != local_->family(); });
        if (addresses_.empty())
            return finish(base::fail(base::ErrorKind::unavailable,
                                     host_ + " has no address of the family of the local address"));
        try_next();
    }

    void out_of_time() {
        if (next_ < addresses_.size() && loop_.now() < deadline_) return try_next();
        finish(base::fail(base::ErrorKind::timeout, "no connection to " + host_ + " in time"));
    }

    void try_next() {
        const auto self = shared_from_this();
        while (next_ < addresses_.size()) {
            const SocketAddress& address = addresses_[next_++];
            loop_.unwatch(std::exchange(watch_, WatchId{}));
            socket_.reset();
            if (const int reason = begin(address); reason != 0) {
                last_error_ = connect_error(address, reason);
                continue;
            }
            const auto left = deadline_ - loop_.now();
            const auto share = left / static_cast<std::int64_t>(addresses_.size() - next_ + 1);
            timer_.after(std::max(share, base::nanoseconds{0}), [self] { self->out_of_time(); });
            return;
        }
        finish(base::fail(last_error_.value_or(base::Error{base::ErrorKind::unavailable, "cannot connect"})));
    }

    /// 0, or what went wrong at once.
    int begin(const SocketAddress& address) {
        socket_.reset(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket_) return errno;
        const int on = 1;
        if (::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return errno;
        if (local_) {
            // The port is chosen at connect, when the whole pair is known; else a busy host runs out of
            // ports.
            ::setsockopt(socket_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
            if (::bind(socket_.get(), local_->get(), local_->size()) != 0) return errno;
        }
        if (::connect(socket_.get(), address.get(), address.size()) != 0 && errno != EINPROGRESS)
            return errno;
        auto watch = loop_.watch(socket_.get(), EPOLLOUT, [weak = weak_from_this()](std::uint32_t) {
            if (const auto self = weak.lock()) self->connected();
        });
        if (!watch) return EMFILE;
        watch_ = *watch;
        return 0;
    }

    void connected() {
        int reason = 0;
        socklen_t size = sizeof reason;
        if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &reason, &size) != 0) reason = errno;
        if (reason != 0) {
            last_error_ = connect_error(addresses_[next_ - 1], reason);
            return try_next();
        }
        loop_.unwatch(std::exchange(watch_, WatchId{}));
        finish(std::move(socket_));
    }

    EventLoop& loop_;
    const std::string host_;
    const base::MonotonicTime deadline_;
    Callback done_;
    std::optional<SocketAddress> local_;
    std::vector<SocketAddress> addresses_;
    std::size_t next_{0};
    std::optional<base::Error> last_error_;
    base::UniqueFd socket_;
    WatchId watch_;
    Timer timer_;
};

Connector::Connector(EventLoop& loop, const std::string& host, std::uint16_t port,
                     const std::string& local_address, base::MonotonicTime deadline, Callback done)
    : impl_{std::make_shared<Impl>(loop, host, local_address, deadline, std::move(done))} {
    impl_->start(port);
}

Connector::~Connector() {
    impl_->give_up();
}

}  // namespace vigil::net
