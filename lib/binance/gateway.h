// The gateway: the exchange port of the house, made of its three ways to the exchange.
//
//   reads            REST through cpprestsdk (rest_reads.h)
//   orders, account  one WebSocket API session (order_session.h), with a warm HTTPS connection as the
//   fallback for orders market data      combined streams (market_streams.h)
//
// Everything on the trading thread. The listener and all that the parts refer to outlive the gateway.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "binance/rest_client.h"
#include "binance/signing_key.h"
#include "domain/exchange_port.h"
#include "domain/own_request.h"
#include "log/logger.h"
#include "net/event_loop.h"
#include "timesync/estimate.h"

namespace vigil::binance {

struct GatewayOptions {
    std::string rest_url;       ///< https://api.binance.com
    std::string stream_url;     ///< wss://stream.binance.com:9443
    std::string ws_api_url;     ///< wss://ws-api.binance.com:443/ws-api/v3
    std::string ca_file;        ///< PEM; empty: the system's store
    std::string local_address;  ///< empty: the system's choice
    base::milliseconds recv_window{5'000};
    bool has_sapi{true};  ///< testnet and demo have none
    base::milliseconds read_deadline{10'000};
    base::milliseconds order_deadline{5'000};  ///< without an answer for so long the outcome is Unknown
};

struct GatewayParts {
    net::EventLoop& loop;
    const base::Clock& clock;
    log::Logger& logger;
    domain::ExchangeListener& listener;
    RestClient& rest;
    KeyInUse key;
    /// What is known of the exchange's clock; nothing is signed while it is not synchronised.
    std::function<timesync::Snapshot()> snapshot;
    domain::AskLeave leave;  ///< for what the gateway sends of its own accord
    GatewayOptions options;
};

/// The port, and what the shell does with it that the house knows nothing of.
class ExchangeGateway : public domain::ExchangePort {
  public:
    /// Everything new is signed with `key` from now on; the order session takes over to a connection of its
    /// own. What the key before signed keeps its answers; its owner sees by a weak pointer when nothing holds
    /// it any more. Both keys are of one account.
    virtual void change_key(KeyInUse key) = 0;
};

/// Errors: invalid (a URL), not_found or corrupt (the CA file). Nothing is sent before open().
[[nodiscard]] base::Result<std::unique_ptr<ExchangeGateway>> make_gateway(GatewayParts parts);

}  // namespace vigil::binance
