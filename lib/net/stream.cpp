#include "net/stream.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;
using Status = Transport::Status;

constexpr std::size_t read_bytes_min = 4096;
constexpr std::size_t read_bytes_max = 65'536;
/// One connection does not keep the others waiting for longer than so many bytes.
constexpr std::size_t read_bytes_per_turn = 1U << 20U;
constexpr std::size_t tls_record_bytes_max = 16'384;
constexpr std::size_t output_keep_bytes_max = 1U << 20U;

Error closed_by_peer() {
    return {ErrorKind::unavailable, "the peer closed the connection"};
}

}  // namespace

Stream::Stream(EventLoop& loop, base::UniqueFd socket, StreamUser& user)
    : loop_{loop},
      user_{&user},
      transport_{std::in_place, std::move(socket)},
      read_bytes_{read_bytes_min},
      timer_{loop},
      last_received_{loop.turn_time()} {}

Stream::~Stream() {
    loop_.unwatch(watch_);
}

base::Result<std::shared_ptr<Stream>> Stream::client(EventLoop& loop, base::UniqueFd socket, StreamUser& user,
                                                     const ClientTls* tls, const std::string& host,
                                                     std::uint16_t port) {
    const std::shared_ptr<Stream> made{new Stream{loop, std::move(socket), user}};
    if (tls != nullptr)
        if (const auto ready = made->transport_->use_client_tls(*tls, host, port); !ready)
            return base::fail(ready.error());
    if (const auto started = made->start(EPOLLIN | EPOLLOUT); !started) return base::fail(started.error());
    return made;
}

base::Result<std::shared_ptr<Stream>> Stream::server(EventLoop& loop, base::UniqueFd socket, StreamUser& user,
                                                     const ServerTls* tls) {
    const std::shared_ptr<Stream> made{new Stream{loop, std::move(socket), user}};
    if (tls != nullptr)
        if (const auto ready = made->transport_->use_server_tls(*tls); !ready)
            return base::fail(ready.error());
    if (const auto started = made->start(EPOLLIN); !started) return base::fail(started.error());
    return made;
}

base::Result<void> Stream::start(std::uint32_t events) {
    // The watch owns the stream until release(): a stream that finishes alone needs no other owner.
    auto watch = loop_.watch(transport_->fd(), events,
                             [self = shared_from_this()](std::uint32_t seen) { self->on_events(seen); });
    if (!watch) return base::fail(watch.error());
    watch_ = *watch;
    watched_events_ = events;
    return {};
}

void Stream::on_events(std::uint32_t events) {
    const auto self = shared_from_this();
    if (state_ == State::closed) return;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) transport_->mark_readable();
    if (state_ == State::handshaking) return shake_hands();
    if (paused_ && (events & (EPOLLHUP | EPOLLERR)) != 0) return end(closed_by_peer(), false);
    if (!transport_->is_empty() || read_wants_write_) read();
    if (state_ == State::closed || !write_blocked_) return;
    write_output();
    if (state_ == State::open && !write_blocked_ && !write_failed_ && user_ != nullptr)
        user_->on_stream_drained();
}

void Stream::shake_hands() {
    const auto outcome = transport_->handshake();
    switch (outcome.status) {
        case Status::done:
            break;
        case Status::wait_read:
            write_blocked_ = false;
            return update_watch();
        case Status::wait_write:
            write_blocked_ = true;
            return update_watch();
        case Status::ended:
            return end(closed_by_peer(), false);
        case Status::failed:
            return end(outcome.error, false);
    }
    state_ = State::open;
    write_blocked_ = false;
    last_received_ = loop_.turn_time();
    if (user_ != nullptr) user_->on_stream_ready();
    if (state_ != State::open) return;
    update_watch();
    if (output_at_ < output_.size()) write_output();
    // The handshake may have taken the first records with it from the socket.
    if (state_ == State::open) read();
}

void Stream::read() {
    std::size_t budget = read_bytes_per_turn;
    while (state_ != State::closed && !paused_) {
        char* place = input_.prepare(read_bytes_);
        const std::size_t room = input_.room();
        const auto outcome = transport_->read(place, room);
        read_wants_write_ = false;
        switch (outcome.status) {
            case Status::done:
                break;
            case Status::wait_read:
                return update_watch();
            case Status::wait_write:
                read_wants_write_ = true;
                return update_watch();
            case Status::ended:
                return end(closed_by_peer(), true);
            case Status::failed:
                return end(outcome.error, false);
        }
        last_received_ = loop_.turn_time();
        input_.commit(outcome.count);
        if (outcome.count == room) read_bytes_ = std::min(read_bytes_ * 2, read_bytes_max);
        if (user_ == nullptr)
            input_.consume(input_.size());
        else
            user_->on_stream_bytes();
        if (outcome.count >= budget) return read_soon();
        budget -= outcome.count;
    }
}

void Stream::read_soon() {
    if (state_ == State::closed || std::exchange(read_scheduled_, true)) return;
    loop_.call_after(base::nanoseconds{0}, [self = shared_from_this()] {
        self->read_scheduled_ = false;
        if (self->state_ == State::open || self->state_ == State::finishing) self->read();
    });
}

void Stream::pause_reading(bool on) {
    if (paused_ == on || state_ == State::closed) return;
    paused_ = on;
    update_watch();
    if (on || state_ == State::handshaking) return;
    // What TLS has read ahead is not reported by epoll.
    transport_->mark_readable();
    read_soon();
}

char* Stream::write_place(std::size_t size) {
    const std::size_t at = output_.size();
    output_.resize(at + size);
    if (state_ == State::open && !write_blocked_ && !std::exchange(flush_scheduled_, true))
        loop_.after_callback([self = shared_from_this()] {
            self->flush_scheduled_ = false;
            self->flush();
        });
    return output_.data() + at;
}

void Stream::write(std::string_view bytes) {
    if (state_ == State::closed || bytes.empty()) return;
    bytes.copy(write_place(bytes.size()), bytes.size());
}

void Stream::flush() {
    if (state_ == State::open && !write_blocked_) write_output();
}

void Stream::write_output() {
    if (write_failed_) return;
    while (output_at_ < output_.size()) {
        const std::size_t offered = output_.size() - output_at_;
        const auto outcome = transport_->write(output_.data() + output_at_, offered);
        // A record that waits for the socket is encrypted already, and a part of it may have gone out.
        const std::size_t touched = outcome.status == Status::done ? outcome.count
                                    : transport_->has_tls()        ? std::min(offered, tls_record_bytes_max)
                                                                   : 0;
        bytes_handed_ = std::max(bytes_handed_, output_base_ + output_at_ + touched);
        switch (outcome.status) {
            case Status::done:
                output_at_ += outcome.count;
                continue;
            case Status::wait_read:
            case Status::wait_write:
                write_blocked_ = true;
                if (output_at_ > tls_record_bytes_max && output_at_ > output_.size() / 2) {
                    output_.erase(0, output_at_);
                    output_base_ += std::exchange(output_at_, 0);
                }
                return update_watch();
            case Status::ended:
                return fail_soon(closed_by_peer());
            case Status::failed:
                return fail_soon(outcome.error);
        }
    }
    output_base_ += output_.size();
    output_at_ = 0;
    output_.clear();
    if (output_.capacity() > output_keep_bytes_max) output_ = {};
    if (std::exchange(write_blocked_, false)) update_watch();
    if (state_ == State::finishing && !std::exchange(said_goodbye_, true)) transport_->say_goodbye();
}

// Not at once: the writer may be a caller who does not expect to be called back; and what the peer said
// before it dropped us is still to be read.
void Stream::fail_soon(Error error) {
    if (std::exchange(write_failed_, true)) return;
    loop_.call_after(base::nanoseconds{0}, [self = shared_from_this(), error = std::move(error)] {
        if (self->state_ == State::closed) return;
        self->paused_ = false;
        self->transport_->mark_readable();
        self->read();
        self->end(error, false);
    });
}

void Stream::update_watch() {
    if (state_ == State::closed) return;
    std::uint32_t events = 0;
    if (!paused_) events |= EPOLLIN;
    if (write_blocked_ || read_wants_write_) events |= EPOLLOUT;
    if (events == watched_events_) return;
    loop_.change(watch_, events);
    watched_events_ = events;
}

void Stream::end(const Error& error, bool orderly) {
    if (state_ == State::closed) return;
    const auto self = shared_from_this();
    StreamUser* const user = std::exchange(user_, nullptr);
    release();
    if (user != nullptr) user->on_stream_end(error, orderly);
}

void Stream::release() {
    if (state_ == State::closed) return;
    const auto self = shared_from_this();
    state_ = State::closed;
    user_ = nullptr;
    timer_.cancel();
    writes_before_close_ = transport_->writes();
    // Out of epoll before the descriptor is closed and its number given to another.
    loop_.unwatch(std::exchange(watch_, WatchId{}));
    transport_.reset();
}

void Stream::close() {
    if (state_ == State::closed) return;
    if (state_ == State::open && output_at_ == output_.size()) transport_->say_goodbye();
    release();
}

void Stream::abort(bool reset) {
    if (state_ == State::closed) return;
    if (reset) transport_->reset_on_close();
    release();
}

void Stream::finish(base::nanoseconds patience) {
    user_ = nullptr;
    if (state_ != State::open || write_failed_) return release();
    state_ = State::finishing;
    paused_ = false;
    timer_.after(patience, [self = shared_from_this()] { self->release(); });
    if (!write_blocked_) write_output();
    update_watch();
    transport_->mark_readable();
    read_soon();
}

std::uint64_t Stream::socket_writes() const {
    return transport_ ? transport_->writes() : writes_before_close_;
}
bool Stream::session_reused() const {
    return transport_ && transport_->session_reused();
}

}  // namespace vigil::net
