// What the targets of the simulated exchange share: an exchange without sockets whose limits are out of the
// way, and a WebSocket whose other end is the target.
#pragma once

#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "exchange/server_world.h"
#include "net/ws_codec.h"
#include "net/ws_peer.h"

namespace vigil::fuzz {

inline exchange::RateLimitOptions no_limits() {
    constexpr std::int64_t plenty = std::numeric_limits<std::int64_t>::max() / 4;
    exchange::RateLimitOptions limits;
    limits.weight_per_minute = limits.sapi_weight_per_minute = limits.raw_per_five_minutes = plenty;
    limits.orders_per_ten_seconds = limits.orders_per_day = limits.connections_per_five_minutes = plenty;
    return limits;
}

/// An exchange that is used for some hundred inputs, so that they meet orders of earlier ones, and then made
/// anew, so that it does not fill up.
template <class World>
class Reused {
  public:
    World& get() {
        if (world_ == nullptr || ++uses_ > uses_max) {
            world_.reset();
            world_ = std::make_unique<World>();
            uses_ = 0;
        }
        return *world_;
    }

  private:
    static constexpr int uses_max = 500;
    std::unique_ptr<World> world_;
    int uses_{0};
};

/// The error that a request was answered with is one of errors.md.
inline void check_error(std::int64_t code, std::string_view message) {
    base::check(code <= -1000 && code >= -9999, "errors have codes of errors.md");
    base::check(!message.empty(), "errors say what is wrong");
    base::check(code != -1000, "no input is an unknown error");
}

/// Keeps what it is sent; what it hears has passed the frame reader of the real server.
class FakePeer final : public net::WsPeer {
  public:
    void set_handlers(net::WsPeerHandlers handlers) override { handlers_ = std::move(handlers); }
    void send(std::string_view text) override {
        if (!open_) return;
        base::check(nlohmann::json::accept(text), "what is sent is JSON");
        sent.emplace_back(text);
    }
    void send_slowly(std::string_view text, std::size_t, base::nanoseconds) override { send(text); }
    void ping(std::string_view) override {}
    void close(std::uint16_t, std::string_view) override { open_ = false; }
    void kill(bool) override { open_ = false; }
    void mute(bool) override {}
    void send_raw(std::string_view) override {}
    void pause_reading(bool) override {}
    [[nodiscard]] bool open() const override { return open_; }
    [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
    [[nodiscard]] std::uint64_t socket_writes() const override { return 0; }

    /// One message from the client, if it may be one.
    void hear(std::string_view text) {
        if (!open_ || !handlers_.on_text) return;
        constexpr net::WsOpcode opcode = net::WsOpcode::text;
        const std::size_t size = net::ws_frame_bytes(net::WsRole::client, text.size());
        net::ReceiveBuffer buffer;
        net::ws_write_frame(buffer.prepare(size), net::WsRole::client, opcode, text, 0x01020304);
        buffer.commit(size);
        net::WsReader reader{net::WsRole::server, text.size()};
        const auto message = reader.next(buffer);
        if (message && *message && (*message)->opcode == opcode) handlers_.on_text((*message)->payload);
    }
    /// The client is gone; nothing may be called after that.
    void hang_up() {
        open_ = false;
        if (handlers_.on_closed) handlers_.on_closed(base::Error{base::ErrorKind::unavailable, "gone"});
    }

    std::vector<std::string> sent;

  private:
    net::WsPeerHandlers handlers_;
    bool open_{true};
};

}  // namespace vigil::fuzz
