// The order session: keeps a logged-on connection to the WebSocket API (api_connection.h) up, with user data
// on it, and sends each order once: over that connection, or over the fallback while there is none.
//
// A lost connection is made anew with growing waits, and not before the exchange's own word when it has told
// us to stay away; one that the exchange wants to end, or that nears its 24 hours, is replaced by a second
// one before it goes. On the trading thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "binance/api_connection.h"
#include "binance/backoff.h"
#include "binance/order_fallback.h"
#include "domain/exchange_port.h"
#include "domain/stages.h"
#include "log/logger.h"
#include "net/event_loop.h"

namespace vigil::binance {

class OrderSession {
  public:
    struct Parts {
        ApiConnection::Parts connection;
        log::Logger& logger;
        OrderFallback& fallback;
        base::milliseconds renew_after{base::seconds{23 * 3600}};
    };
    explicit OrderSession(Parts parts);
    ~OrderSession();
    OrderSession(const OrderSession&) = delete;
    OrderSession& operator=(const OrderSession&) = delete;

    void open();
    /// Takes over to a connection with this key; the one before keeps the answers that it owes.
    void change_key(KeyInUse key);
    /// One outcome follows, never from inside this call.
    void send(const domain::Journaled& journaled);
    /// `closed` is called once, at the latest after `patience`, when every request has had its outcome.
    void close(base::milliseconds patience, std::function<void()> closed);

  private:
    void connect();
    void renew(std::string_view why);
    void take_over();
    /// Whether a connection still goes by a key that was changed since.
    [[nodiscard]] bool has_old_key(const ApiConnection& which) const {
        return which.key() != parts_.connection.key;
    }
    void on_orders_up(ApiConnection* which);
    void on_user_data_up(ApiConnection* which);
    void on_user_data_lost(ApiConnection* which, std::string_view why);
    void on_down(ApiConnection* which, const std::string& why, std::size_t in_flight);
    void tell_state(std::string_view why);
    void finish_closing();
    [[nodiscard]] std::string endpoint() const { return parts_.connection.url.str(); }

    Parts parts_;
    std::unique_ptr<ApiConnection> current_;
    std::unique_ptr<ApiConnection> next_;  ///< taking over from current_
    std::unique_ptr<ApiConnection> old_;   ///< waiting for its last answers
    Backoff backoff_;
    net::Timer again_;
    net::Timer renewal_;
    net::Timer old_one_;
    bool told_orders_{false};
    bool told_user_data_{false};
    bool fallback_told_{false};
    bool closing_{false};
    std::function<void()> closed_;
};

}  // namespace vigil::binance
