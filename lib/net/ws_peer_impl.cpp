#include "net/ws_peer_impl.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::seconds close_patience{5};
constexpr std::chrono::seconds goodbye_patience{1};

}  // namespace

WsPeerImpl::WsPeerImpl(EventLoop& loop, const std::shared_ptr<Stream>& stream, Limits limits,
                       std::function<void()> ended)
    : loop_{loop},
      link_{WsRole::server, stream},
      reader_{WsRole::server, limits.message_bytes_max},
      queue_bytes_max_{limits.queue_bytes_max},
      on_ended_{std::move(ended)},
      close_timer_{loop},
      slow_timer_{loop} {
    stream->set_user(*this);
}

bool WsPeerImpl::may_put(std::size_t bytes) {
    if (ended_ || muted_ || link_.close_sent() || close_waits_) return false;
    if (queued_bytes() + bytes <= queue_bytes_max_) return true;
    link_.stream().abort(false);
    end_soon({ErrorKind::exhausted, "the client reads too slowly"});
    return false;
}

void WsPeerImpl::send(std::string_view text) {
    if (may_put(text.size())) put(WsOpcode::text, text);
}

void WsPeerImpl::send_slowly(std::string_view text, std::size_t chunk_bytes, base::nanoseconds interval) {
    base::check(chunk_bytes > 0, "a piece has bytes");
    if (!may_put(text.size())) return;
    const bool begins = slow_.empty();
    const std::size_t end = slow_.size();
    slow_.resize(end + ws_frame_bytes(WsRole::server, text.size()));
    ws_write_frame(slow_.data() + end, WsRole::server, WsOpcode::text, text, 0);
    if (!begins) return;
    slow_chunk_bytes_ = chunk_bytes;
    slow_interval_ = interval;
    trickle();
}

void WsPeerImpl::trickle() {
    if (!muted_) {
        const std::string_view piece = std::string_view{slow_}.substr(slow_done_, slow_chunk_bytes_);
        link_.stream().write(piece);
        link_.stream().flush();
        slow_done_ += piece.size();
        if (slow_done_ == slow_.size()) {
            slow_.clear();
            slow_done_ = 0;
            return;
        }
    }
    slow_timer_.after(slow_interval_, [self = shared_from_this()] {
        if (!self->ended_) self->trickle();
    });
}

void WsPeerImpl::put(WsOpcode opcode, std::string_view payload) {
    if (slow_.empty()) return link_.put(opcode, payload);
    const std::size_t end = slow_.size();
    slow_.resize(end + ws_frame_bytes(WsRole::server, payload.size()));
    ws_write_frame(slow_.data() + end, WsRole::server, opcode, payload, 0);
}

void WsPeerImpl::put_close(std::uint16_t code, std::string_view reason) {
    if (slow_.empty()) return link_.put_close(code, reason);
    if (!std::exchange(close_waits_, true)) put(WsOpcode::close, ws_close_payload(code, reason));
}

void WsPeerImpl::ping(std::string_view payload) {
    if (may_put(payload.size())) put(WsOpcode::ping, payload.substr(0, ws_control_bytes_max));
}

void WsPeerImpl::send_raw(std::string_view bytes) {
    if (may_put(bytes.size())) link_.stream().write(bytes);
}

void WsPeerImpl::close(std::uint16_t code, std::string_view reason) {
    if (ended_ || link_.close_sent() || close_waits_) return;
    if (!muted_) put_close(code, reason);
    close_timer_.after(close_patience, [self = shared_from_this()] {
        self->end({ErrorKind::timeout, "the client did not answer our close"}, true);
    });
}

void WsPeerImpl::kill(bool reset) {
    if (ended_) return;
    link_.stream().abort(reset);
    end_soon({ErrorKind::unavailable, "dropped by us"});
}

void WsPeerImpl::pause_reading(bool on) {
    if (!ended_) link_.stream().pause_reading(on);
}

void WsPeerImpl::abandon() {
    ended_ = true;
    told_ = true;
    close_timer_.cancel();
    slow_timer_.cancel();
    link_.stream().abort(false);
}

void WsPeerImpl::on_stream_bytes() {
    const auto self = shared_from_this();
    while (!ended_) {
        const auto incoming = reader_.next(link_.stream().input());
        if (!incoming) {
            if (!muted_) put_close(incoming.error().close_code, incoming.error().what);
            return end({ErrorKind::corrupt, "the client sent " + incoming.error().what}, true);
        }
        if (!*incoming) return;
        const WsIncoming& got = **incoming;
        switch (got.opcode) {
            case WsOpcode::text:
                if (handlers_.on_text) handlers_.on_text(got.payload);
                break;
            case WsOpcode::ping:
                if (!muted_ && !link_.close_sent() && !close_waits_) {
                    // Behind a message that trickles out they queue, up to the same bound.
                    if (slow_.empty())
                        link_.pong(got.payload);
                    else if (slow_.size() < queue_bytes_max_)
                        put(WsOpcode::pong, got.payload);
                }
                if (handlers_.on_ping) handlers_.on_ping(got.payload);
                break;
            case WsOpcode::pong:
                if (handlers_.on_pong) handlers_.on_pong(got.payload);
                break;
            case WsOpcode::close: {
                if (muted_) break;  // silence is the answer
                const std::string who =
                    link_.close_sent() || close_waits_ ? "closed by us" : "closed by the client";
                if (!muted_) put_close(got.close_code == 0 ? ws_close::normal : got.close_code, {});
                return end({ErrorKind::unavailable, who + ", code " + std::to_string(got.close_code)}, true);
            }
            case WsOpcode::continuation:
            case WsOpcode::binary:
                base::unreachable("the reader gives whole texts and control frames");
        }
    }
}

void WsPeerImpl::on_stream_end(const Error& error, bool) {
    end(error, false);
}

void WsPeerImpl::end_soon(Error error) {
    ended_ = true;
    close_timer_.cancel();
    slow_timer_.cancel();
    loop_.call_after(base::nanoseconds{0},
                     [self = shared_from_this(), error = std::move(error)] { self->end(error, false); });
}

void WsPeerImpl::end(const Error& error, bool polite) {
    if (std::exchange(told_, true)) return;
    const auto self = shared_from_this();
    ended_ = true;
    close_timer_.cancel();
    slow_timer_.cancel();
    if (polite && !muted_) {
        link_.stream().write(std::string_view{slow_}.substr(slow_done_));
        link_.stream().finish(goodbye_patience);
    } else {
        link_.stream().abort(false);
    }
    if (on_ended_) on_ended_();
    if (handlers_.on_closed) handlers_.on_closed(error);
}

}  // namespace vigil::net
