// One connection to the market data streams: connects, subscribes in batches, each with the governor's leave
// and within the rule of five messages a second, and says when all of it is up. It does not reconnect:
// MarketStreams makes a new one.
//
// On the trading thread; may be destroyed from inside its own callbacks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "binance/message_pace.h"
#include "binance/stream_decoder.h"
#include "domain/own_request.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "net/url.h"
#include "net/ws_client.h"

namespace vigil::binance {

class StreamConnection {
  public:
    struct Handlers {
        std::function<void()> on_up;                   ///< every stream is subscribed
        std::function<void(std::string why)> on_down;  ///< gone, or never came up; the last call
        std::function<void()> on_shutdown;             ///< the server asks to connect anew
    };
    struct Parts {
        net::EventLoop& loop;
        domain::ExchangeListener& listener;
        net::Url url;  ///< .../stream
        net::ClientTls tls;
        std::string local_address;
        domain::AskLeave leave;            ///< for each SUBSCRIBE; whoever calls open() has leave to connect
        std::vector<std::string> streams;  ///< "btcusdt@depth@100ms", at most 1024
    };
    StreamConnection(Parts parts, Handlers handlers);

    void open();
    void close(base::milliseconds patience) { ws_.close(patience); }
    [[nodiscard]] bool is_up() const { return up_; }
    [[nodiscard]] base::MonotonicTime opened() const { return opened_; }
    [[nodiscard]] std::size_t stream_count() const { return parts_.streams.size(); }

  private:
    void subscribe_next();
    void on_text(std::string_view text);
    void on_closed(const net::WsClosed& closed);
    void down(std::string why);

    Parts parts_;
    Handlers handlers_;
    StreamDecoder decoder_;
    net::WsClient ws_;
    MessagePace pace_;
    net::Timer next_message_;
    net::Timer deadline_;
    std::size_t subscribed_{0};  // streams asked for
    std::size_t answers_due_{0};
    std::int64_t next_id_{1};
    base::MonotonicTime opened_{};
    bool up_{false};
};

}  // namespace vigil::binance
