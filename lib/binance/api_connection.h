// One connection to the WebSocket API: logs on (Ed25519 keys; others sign each request), subscribes to user
// data, and carries orders. It does not reconnect: OrderSession makes a new one.
//
// Each order sent here has exactly one outcome here: its answer; Unknown when the deadline passes or the
// connection is lost after a byte of it may have left; NeverSent when none has. Nothing is repeated. On the
// trading thread; may be destroyed from inside its own callbacks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "binance/api_decoder.h"
#include "binance/rest_reads.h"
#include "binance/signing_key.h"
#include "credentials/request_form.h"
#include "domain/exchange_port.h"
#include "domain/own_request.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "net/url.h"
#include "net/ws_client.h"

namespace vigil::binance {

class ApiConnection {
  public:
    struct Handlers {
        std::function<void()> on_orders_up;                           ///< orders can be sent
        std::function<void()> on_user_data_up;                        ///< after on_orders_up
        std::function<void(std::string_view why)> on_user_data_lost;  ///< it is subscribed to again
        std::function<void()> on_shutdown;                            ///< the server asks to connect anew
        /// Gone, or never came up; the last call. Outcomes of all requests have been told. `in_flight`: those
        /// of them that had no answer.
        std::function<void(std::string why, std::size_t in_flight)> on_down;
    };
    struct Parts {
        net::EventLoop& loop;
        domain::ExchangeListener& listener;
        KeyInUse key;
        TimestampSource timestamp;
        base::milliseconds recv_window;
        base::milliseconds order_deadline;
        net::Url url;
        net::ClientTls tls;
        std::string local_address;
        domain::AskLeave leave;  ///< for logon and subscription; whoever calls open() has leave to connect
    };
    ApiConnection(Parts parts, Handlers handlers);
    ApiConnection(const ApiConnection&) = delete;
    ApiConnection& operator=(const ApiConnection&) = delete;

    void open();
    /// on_down follows, at the latest after `patience`.
    void close(base::milliseconds patience) { ws_.close(patience); }

    /// Only while can_order(). The outcome never comes from inside this call.
    void send(const domain::Intent& intent);

    [[nodiscard]] bool can_order() const { return orders_up_; }
    [[nodiscard]] bool has_user_data() const { return user_data_up_; }
    [[nodiscard]] bool logs_on() const { return parts_.key->signer->type() == credentials::KeyType::ed25519; }
    [[nodiscard]] const KeyInUse& key() const { return parts_.key; }
    [[nodiscard]] base::MonotonicTime opened() const { return opened_; }

  private:
    enum class Kind { logon, subscription, order };
    struct Pending {
        Kind kind;
        net::SendSeq seq;
        domain::OrderOutcome outcome;  ///< but for its result
        bool answered{false};
    };

    void begin();
    void subscribe();
    [[nodiscard]] bool is_held(domain::OwnRequest request, bool signs, void (ApiConnection::*again)());
    [[nodiscard]] base::Result<void> ask(Kind kind, std::string_view method, bool sign,
                                         domain::OrderOutcome outcome);
    void on_text(std::string_view text);
    void on_answer(ApiAnswer& answer);
    void on_set_up(Kind kind, ApiAnswer& answer);
    void forget_answered();
    void tell_never_sent(domain::OrderOutcome outcome, const std::string& why);
    void arm_deadline();
    void on_deadline();
    void on_closed(const net::WsClosed& closed);
    void give_up(std::string why);
    void down(std::string why, std::size_t in_flight);

    Parts parts_;
    const Handlers handlers_;
    ApiDecoder decoder_;
    credentials::RequestForm form_;
    std::string text_;
    std::string signature_;
    std::vector<Pending> pending_;  ///< with consecutive ids; the first one has first_id_
    std::int64_t first_id_{1};
    std::size_t answered_{0};  ///< so many at the front need nothing more
    base::MonotonicTime opened_{};
    bool orders_up_{false};
    bool user_data_up_{false};
    bool deadline_armed_{false};
    std::string why_closing_;
    net::WsClient ws_;
    net::Timer set_up_;    ///< retries while exchange time is not known
    net::Timer patience_;  ///< for logon and subscription
    net::Timer deadline_;  ///< of the oldest order without an answer
};

}  // namespace vigil::binance
