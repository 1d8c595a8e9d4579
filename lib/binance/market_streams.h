// Market data of all symbols in use, over as many connections as the exchange's limit of 1024 streams asks
// for. Lost connections are made anew with growing waits; a connection that the server wants to end, or that
// nears its 24 hours, is replaced by a second one before it goes, so that nothing is missed.
//
// On the trading thread. Tells the listener `connected` when every stream is subscribed, and `disconnected`
// when any is lost.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "binance/backoff.h"
#include "binance/stream_connection.h"
#include "domain/exchange_port.h"
#include "domain/own_request.h"
#include "log/logger.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "net/url.h"

namespace vigil::binance {

/// The stream names of a subscription (web-socket-streams.md): symbol in lower case.
[[nodiscard]] std::vector<std::string> stream_names(const domain::MarketSubscription& subscription);

class MarketStreams {
  public:
    struct Parts {
        net::EventLoop& loop;
        domain::ExchangeListener& listener;
        log::Logger& logger;
        net::Url url;  ///< wss://stream.binance.com:9443
        net::ClientTls tls;
        std::string local_address;
        domain::AskLeave leave;
        base::milliseconds renew_after{base::seconds{23 * 3600}};
    };
    explicit MarketStreams(Parts parts);
    ~MarketStreams();
    MarketStreams(const MarketStreams&) = delete;
    MarketStreams& operator=(const MarketStreams&) = delete;

    void open(const std::vector<domain::MarketSubscription>& subscriptions);
    /// Closes all; the listener is told nothing more.
    void close(base::milliseconds patience);

  private:
    struct Lane;  // one share of the streams, with its connection
    void connect(Lane& lane);
    void renew(Lane& lane, std::string_view why);
    void on_up(Lane& lane, StreamConnection* which);
    void on_down(Lane& lane, StreamConnection* which, const std::string& why);
    void tell_state(std::string_view why);

    Parts parts_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    bool told_connected_{false};
    bool closing_{false};
};

}  // namespace vigil::binance
