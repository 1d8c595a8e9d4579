// The WebSocket API, `/ws-api/v3` (web-socket-api.md): requests as JSON text frames, answers and user data
// events on the same connection. It shares all methods with REST through the Dispatcher.
//
// Owned by ExchangeServer. Loop thread only. User events are pushed in by the server's CoreSink, from inside
// the core; nothing here calls the core back then.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exchange/core_types.h"
#include "exchange/fault_delivery.h"
#include "exchange/server_dispatch.h"
#include "exchange/server_json.h"
#include "exchange/ws_keepalive.h"
#include "net/event_loop.h"
#include "net/server.h"

namespace vigil::exchange {

class WsApiReader;

class WsApi {
  public:
    WsApi(net::EventLoop& loop, ServerState& server, Dispatcher& dispatcher, KeepAliveOptions keep_alive);
    ~WsApi();
    WsApi(const WsApi&) = delete;
    WsApi& operator=(const WsApi&) = delete;

    /// A connection to /ws-api/v3 was opened; `times` and `return_rate_limits` come from its URL.
    void accept(const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer, TimeUnit unit,
                bool return_rate_limits);

    /// Sends one user data event to all who have subscribed to `account`. `write` writes the event object; it
    /// is called at most once for each time unit.
    void publish(AccountId account, const std::function<void(JsonWriter&)>& write);
    /// `serverShutdown` to everybody.
    void announce_shutdown();
    void close_all(std::uint16_t code, std::string_view reason);
    void kill_all(bool reset);
    void mute_all(bool on);
    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }
    [[nodiscard]] std::size_t subscriptions() const;

    class Session;

  private:
    friend class Session;
    void forget(std::uint64_t id);

    net::EventLoop& loop_;
    ServerState& server_;
    Dispatcher& dispatcher_;
    KeepAliveOptions keep_alive_;
    FaultDelivery delivery_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
    std::unordered_map<AccountId, std::vector<Session*>> subscribers_;
    std::uint64_t next_id_{1};
    // Buffers that every session uses in turn, kept so that a steady stream of requests allocates nothing.
    std::unique_ptr<WsApiReader> reader_;
    ParameterList parameters_;
    std::string payload_;
    std::string frame_;
    std::array<std::string, 2> event_texts_;  ///< by time unit
    std::string event_frame_;
};

}  // namespace vigil::exchange
