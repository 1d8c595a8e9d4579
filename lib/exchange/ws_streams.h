// The market streams: `/ws/<name>` and `/stream?streams=<name>/<name>` (web-socket-streams.md), live
// SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY and GET_PROPERTY.
//
// An event is rendered only when somebody listens, and once for all listeners of the same form (raw or
// combined, milliseconds or microseconds). Owned by ExchangeServer; loop thread only. Events are pushed in by
// the server's CoreSink from inside the core; only the core's queries are called back then.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exchange/core_events.h"
#include "exchange/fault_delivery.h"
#include "exchange/server_json.h"
#include "exchange/server_state.h"
#include "exchange/ws_depth_merger.h"
#include "exchange/ws_keepalive.h"
#include "exchange/ws_stream_name.h"
#include "net/event_loop.h"
#include "net/server.h"

namespace vigil::exchange {

struct StreamOptions {
    KeepAliveOptions keep_alive;
    std::size_t streams_max = 1024;            ///< of one connection
    std::int64_t messages_per_second_max = 5;  ///< from a client; one more ends the connection
};

class WsStreams {
  public:
    WsStreams(net::EventLoop& loop, ServerState& server, StreamOptions options);
    ~WsStreams();
    WsStreams(const WsStreams&) = delete;
    WsStreams& operator=(const WsStreams&) = delete;

    /// A connection to /ws or /stream was opened.
    void accept(const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer, TimeUnit unit,
                bool combined, const std::vector<std::string>& names);

    void on_trade(const TradeEvent& event);
    void on_agg_trade(const AggTradeEvent& event);
    void on_book_ticker(const BookTickerEvent& event);
    void on_depth(const DepthEvent& event);
    void on_kline(const KlineEvent& event);
    void on_avg_price(const AvgPriceEvent& event);
    /// The ticker streams of these symbols, and of all symbols.
    void on_traded(const TradedEvent& event);
    /// Sends the second-by-second depth that is due; to be called a few times a second.
    void flush(base::ExchangeTime now);

    void announce_shutdown();
    void close_all(std::uint16_t code, std::string_view reason);
    void kill_all(bool reset);
    void mute_all(bool on);
    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }
    [[nodiscard]] std::size_t subscriptions() const;

    class Session;

  private:
    friend class Session;

    /// One stream that somebody has subscribed to.
    struct Channel {
        std::string name;
        std::optional<StreamName> parsed;  ///< nothing: never has an event
        std::vector<Session*> listeners;
    };
    /// The channels of one symbol, for a quick look from an event.
    struct SymbolChannels {
        std::vector<Channel*> channels;
        DepthMerger merger;
        bool merging{false};
        std::array<base::ExchangeTime, 3> partial_sent;  ///< when the 1000 ms books were last sent
    };
    /// One event in the forms that listeners want, each rendered when first asked for.
    struct Forms {
        std::array<std::string, 4> texts;
        void clear() {
            for (std::string& text : texts) text.clear();
        }
    };

    void join(Session& session, const std::string& name);
    void leave(Session& session, const std::string& name);
    void forget(std::uint64_t id);
    SymbolChannels* channels_of(const domain::Symbol& symbol);
    /// What strikes this event of the channel.
    [[nodiscard]] const Fault* fault_of(const Channel& channel);
    /// @param write is called at most once for each form that somebody wants
    void send(const Channel& channel, const std::function<void(JsonWriter&)>& write);
    template <class Event, class Write>
    void send_plain(StreamKind kind, const Event& event, Write write);
    void send_partial_depth(SymbolChannels& symbol, const DepthEvent& event);
    void send_merged(SymbolChannels& symbol, base::ExchangeTime now);
    void send_zone_kline(const Channel& channel, const KlineEvent& event);
    void send_tickers(const SymbolChannels& symbol, base::ExchangeTime now);
    void send_all_tickers(const Channel& channel, const TradedEvent& event);

    net::EventLoop& loop_;
    ServerState& server_;
    StreamOptions options_;
    FaultDelivery delivery_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
    std::unordered_map<std::string, std::unique_ptr<Channel>> channels_;
    std::unordered_map<domain::Symbol, SymbolChannels> by_symbol_;
    std::vector<Channel*> of_all_symbols_;
    std::uint64_t next_id_{1};
    Forms forms_;
};

}  // namespace vigil::exchange
