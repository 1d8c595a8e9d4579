// What every WebSocket of the exchange has beside its messages (web-socket-streams.md "General WSS
// information", web-socket-api.md "General API Information"): a ping every 20 s, the end when no pong with
// that ping's payload comes within a minute, and the end after 24 hours. All three can be set shorter, so
// that a client's handling of them can be tested.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/event_loop.h"
#include "net/ws_peer.h"

namespace vigil::exchange {

struct KeepAliveOptions {
    base::nanoseconds ping_interval = std::chrono::seconds{20};
    base::nanoseconds pong_timeout = std::chrono::seconds{60};
    base::nanoseconds lifetime = std::chrono::hours{24};
};

/// One for each connection, owned by it; it stops when it is destroyed. Loop thread only.
class KeepAlive {
  public:
    KeepAlive(net::EventLoop& loop, std::shared_ptr<net::WsPeer> peer, const KeepAliveOptions& options);

    /// To be called from the peer's on_pong. A pong whose payload is not that of an unanswered ping does not
    /// count.
    void on_pong(std::string_view payload);

  private:
    void tick();

    net::EventLoop& loop_;
    std::shared_ptr<net::WsPeer> peer_;
    KeepAliveOptions options_;
    net::Timer timer_;
    base::MonotonicTime born_;
    base::MonotonicTime waiting_since_;  ///< when the oldest unanswered ping was sent
    bool waiting_{false};
    std::string payload_;
    std::string earlier_payload_;
};

}  // namespace vigil::exchange
