#include "exchange/ws_keepalive.h"

#include <algorithm>
#include <utility>

namespace vigil::exchange {

namespace {
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t going_away = 1001;
}  // namespace

KeepAlive::KeepAlive(net::EventLoop& loop, std::shared_ptr<net::WsPeer> peer, const KeepAliveOptions& options)
    : loop_{loop}, peer_{std::move(peer)}, options_{options}, timer_{loop}, born_{loop.now()} {
    timer_.after(std::min(options_.ping_interval, options_.lifetime), [this] { tick(); });
}

void KeepAlive::on_pong(std::string_view payload) {
    if (waiting_ && (payload == payload_ || payload == earlier_payload_)) waiting_ = false;
}

void KeepAlive::tick() {
    const base::MonotonicTime now = loop_.now();
    const base::nanoseconds age = now - born_;
    if (age >= options_.lifetime) {
        peer_->close(going_away, "the connection has reached its age limit");
        return;
    }
    if (waiting_ && now - waiting_since_ >= options_.pong_timeout) {
        peer_->close(policy_violation, "no pong");
        return;
    }
    earlier_payload_ = std::move(payload_);
    payload_ =
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
    if (!waiting_) {
        waiting_ = true;
        waiting_since_ = now;
    }
    peer_->ping(payload_);
    timer_.after(std::min(options_.ping_interval, options_.lifetime - age), [this] { tick(); });
}

}  // namespace vigil::exchange
