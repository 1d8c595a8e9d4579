// Messages on their way to the WebSockets, as faults want them: not at all, twice, late, in the wrong order,
// damaged, byte by byte. Each kind of WebSocket server owns one. Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "exchange/admin_faults.h"
#include "net/event_loop.h"
#include "net/ws_peer.h"

namespace vigil::exchange {

class FaultDelivery {
  public:
    explicit FaultDelivery(net::EventLoop& loop) : loop_{loop} {}
    ~FaultDelivery();
    FaultDelivery(const FaultDelivery&) = delete;
    FaultDelivery& operator=(const FaultDelivery&) = delete;

    /// Sends `text`, an answer or an event, the way `fault` says (null: as it should be), and behind it what
    /// was held back for that peer.
    void send(const std::shared_ptr<net::WsPeer>& peer, std::string_view text, const Fault* fault);

  private:
    struct Held {
        std::shared_ptr<net::WsPeer> peer;
        std::string text;
        net::TimerId release;
    };

    void deliver(net::WsPeer& peer, std::string_view text, const Fault& fault);
    void hold(const std::shared_ptr<net::WsPeer>& peer, std::string_view text, base::nanoseconds longest);
    void release(const net::WsPeer* peer);

    net::EventLoop& loop_;
    std::unordered_map<const net::WsPeer*, Held> held_;  ///< at most one for each peer
};

}  // namespace vigil::exchange
