// The public port: which request goes to REST, to a market stream or to the WebSocket API, and who is let in.
// All three share one TLS port. Owned by ExchangeServer; loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "exchange/rest_frontend.h"
#include "exchange/server_state.h"
#include "exchange/ws_api.h"
#include "exchange/ws_streams.h"
#include "net/event_loop.h"
#include "net/server.h"

namespace vigil::exchange {

class PublicPort {
  public:
    PublicPort(ServerState& state, RestFrontend& rest, WsApi& api, WsStreams& streams)
        : state_{state}, rest_{rest}, api_{api}, streams_{streams} {}

    [[nodiscard]] base::Result<void> listen(net::EventLoop& loop, net::ServerTls tls,
                                            const std::string& address, std::uint16_t port);
    [[nodiscard]] net::Server* server() { return server_.get(); }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  private:
    enum class Service : std::uint8_t { rest, streams, combined_streams, api };

    [[nodiscard]] static Service service_of(std::string_view path);
    /// Why an upgrade to a WebSocket is refused, if it is.
    [[nodiscard]] std::optional<RequestError> refusal(const net::ServerRequest& request);
    void open(const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer);

    ServerState& state_;
    RestFrontend& rest_;
    WsApi& api_;
    WsStreams& streams_;
    std::optional<RequestError> refused_;  ///< why the last upgrade was refused, until it is answered
    std::unique_ptr<net::Server> server_;
};

}  // namespace vigil::exchange
