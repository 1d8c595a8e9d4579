// Orders over a kept-warm HTTPS connection, for while no session of the WebSocket API is up (rest-api.md,
// "New order", "Cancel order"). Nothing is repeated: a failure is NeverSent when no byte can have left, and
// else Unknown.
//
// On the trading thread.
#pragma once

#include <string>

#include "base/time.h"
#include "binance/rest_reads.h"
#include "binance/signing_key.h"
#include "credentials/request_form.h"
#include "domain/exchange_port.h"
#include "domain/own_request.h"
#include "net/event_loop.h"
#include "net/http_client.h"

namespace vigil::binance {

class OrderFallback {
  public:
    struct Parts {
        net::EventLoop& loop;
        domain::ExchangeListener& listener;
        KeyInUse key;
        TimestampSource timestamp;
        base::milliseconds recv_window;
        base::milliseconds order_deadline;
        net::Url url;  ///< of REST
        net::ClientTls tls;
        std::string local_address;
        domain::AskLeave leave;  ///< for the spare connection; each order has its own
    };
    explicit OrderFallback(Parts parts);

    /// For orders that are sent from now on.
    void change_key(KeyInUse key) { parts_.key = std::move(key); }
    /// Connects, and connects again whenever the connection is found gone and nothing forbids it.
    void keep_warm();
    /// One outcome follows, never from inside this call.
    void send(const domain::Intent& intent);
    /// Outcomes of what is under way follow at once.
    void close();

  private:
    void told(domain::OrderOutcome outcome, std::string_view source, net::HttpResult result);

    Parts parts_;
    credentials::RequestForm form_;
    net::HttpClient http_;
    net::Timer warm_;
};

}  // namespace vigil::binance
