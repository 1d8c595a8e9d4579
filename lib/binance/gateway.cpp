#include "binance/gateway.h"

#include <utility>
#include <vector>

#include "binance/market_streams.h"
#include "binance/order_fallback.h"
#include "binance/order_session.h"
#include "binance/rest_reads.h"
#include "binance/timestamp_source.h"
#include "binance/watched_listener.h"
#include "net/tls.h"
#include "net/url.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

class Gateway final : public ExchangeGateway {
  public:
    struct Ends {
        net::Url rest;
        net::Url stream;
        net::Url ws_api;
        net::ClientTls tls;
    };

    Gateway(GatewayParts parts, const Ends& ends)
        : listener_{parts.listener},
          reads_{{.loop = parts.loop,
                  .client = parts.rest,
                  .key = parts.key,
                  .timestamp = timestamp_source(parts.clock, parts.snapshot, parts.options.recv_window),
                  .recv_window = parts.options.recv_window,
                  .deadline = parts.options.read_deadline,
                  .has_sapi = parts.options.has_sapi,
                  .listener = listener_}},
          fallback_{{.loop = parts.loop,
                     .listener = listener_,
                     .key = parts.key,
                     .timestamp = timestamp_source(parts.clock, parts.snapshot, parts.options.recv_window),
                     .recv_window = parts.options.recv_window,
                     .order_deadline = parts.options.order_deadline,
                     .url = ends.rest,
                     .tls = ends.tls,
                     .local_address = parts.options.local_address,
                     .leave = parts.leave}},
          session_{{.connection = {.loop = parts.loop,
                                   .listener = listener_,
                                   .key = parts.key,
                                   .timestamp = timestamp_source(parts.clock, parts.snapshot,
                                                                 parts.options.recv_window),
                                   .recv_window = parts.options.recv_window,
                                   .order_deadline = parts.options.order_deadline,
                                   .url = ends.ws_api,
                                   .tls = ends.tls,
                                   .local_address = parts.options.local_address,
                                   .leave = parts.leave},
                    .logger = parts.logger,
                    .fallback = fallback_}},
          streams_{{.loop = parts.loop,
                    .listener = listener_,
                    .logger = parts.logger,
                    .url = ends.stream,
                    .tls = ends.tls,
                    .local_address = parts.options.local_address,
                    .leave = parts.leave}},
          close_deadline_{parts.loop} {}

    void open(std::vector<domain::MarketSubscription> subscriptions) override {
        session_.open();
        streams_.open(subscriptions);
        fallback_.keep_warm();
    }

    void close(base::milliseconds deadline, std::function<void()> closed) override {
        closed_ = std::move(closed);
        // The session closes first within its own patience, so that outcomes are told before the deadline.
        close_deadline_.after(deadline, [this] { finish_closing(); });
        streams_.close(deadline / 2);
        session_.close(deadline / 2, [this] {
            fallback_.close();
            // One turn later: the outcomes of the fallback come first.
            close_deadline_.after(base::milliseconds{0}, [this] { finish_closing(); });
        });
    }

    void change_key(KeyInUse key) override {
        reads_.change_key(key);
        fallback_.change_key(key);
        session_.change_key(std::move(key));
    }

    void send(domain::Journaled journaled) override { session_.send(journaled); }

    void exchange_info(const std::vector<domain::Symbol>& symbols,
                       domain::Callback<domain::ExchangeInfo> done) override {
        reads_.exchange_info(symbols, std::move(done));
    }
    void account(domain::Callback<domain::AccountSnapshot> done) override { reads_.account(std::move(done)); }
    void key_permissions(domain::Callback<domain::KeyPermissions> done) override {
        reads_.key_permissions(std::move(done));
    }
    void open_orders(std::optional<domain::Symbol> symbol,
                     domain::Callback<std::vector<domain::OrderView>> done) override {
        reads_.open_orders(std::move(symbol), std::move(done));
    }
    void order(const domain::Symbol& symbol, const domain::ClientOrderId& id,
               domain::Callback<domain::OrderView> done) override {
        reads_.order(symbol, id, std::move(done));
    }
    void order(const domain::Symbol& symbol, domain::OrderId number,
               domain::Callback<domain::OrderView> done) override {
        reads_.order(symbol, number, std::move(done));
    }
    void trades(const domain::Symbol& symbol, std::optional<domain::OrderId> order_id,
                std::optional<domain::TradeId> from,
                domain::Callback<std::vector<domain::Fill>> done) override {
        reads_.trades(symbol, order_id, from, std::move(done));
    }
    void depth(const domain::Symbol& symbol, int limit,
               domain::Callback<domain::DepthSnapshot> done) override {
        reads_.depth(symbol, limit, std::move(done));
    }
    void candles(const domain::Symbol& symbol, domain::CandleInterval interval, int limit,
                 domain::Callback<std::vector<domain::Candle>> done) override {
        reads_.candles(symbol, interval, limit, std::move(done));
    }

  private:
    void finish_closing() {
        close_deadline_.cancel();
        listener_.silence();
        if (const auto closed = std::exchange(closed_, nullptr)) closed();
    }

    WatchedListener listener_;
    RestReads reads_;
    OrderFallback fallback_;
    OrderSession session_;
    MarketStreams streams_;
    net::Timer close_deadline_;
    std::function<void()> closed_;
};

base::Result<net::Url> url_of(std::string_view what, const std::string& text, bool websocket) {
    auto url = net::Url::parse(text);
    if (!url) return base::fail(url.error().within(what));
    const bool is_websocket = url->scheme == net::Scheme::wss || url->scheme == net::Scheme::ws;
    if (is_websocket != websocket)
        return base::fail(ErrorKind::invalid,
                          std::string{what} + ": a URL of another scheme is wanted here: " + url->str());
    return url;
}

}  // namespace

base::Result<std::unique_ptr<ExchangeGateway>> make_gateway(GatewayParts parts) {
    auto rest = url_of("REST", parts.options.rest_url, false);
    if (!rest) return base::fail(rest.error());
    auto stream = url_of("market streams", parts.options.stream_url, true);
    if (!stream) return base::fail(stream.error());
    auto ws_api = url_of("WebSocket API", parts.options.ws_api_url, true);
    if (!ws_api) return base::fail(ws_api.error());
    auto tls = net::ClientTls::make(parts.options.ca_file);
    if (!tls) return base::fail(tls.error());
    return std::make_unique<Gateway>(std::move(parts), Gateway::Ends{*rest, *stream, *ws_api, *tls});
}

}  // namespace vigil::binance
