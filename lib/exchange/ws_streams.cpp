#include "exchange/ws_streams.h"

#include <algorithm>
#include <utility>

#include "exchange/core.h"
#include "exchange/kline_calendar.h"
#include "exchange/server_render.h"
#include "exchange/ws_render.h"
#include "exchange/ws_stream_session.h"

namespace vigil::exchange {

namespace {

constexpr base::milliseconds partial_depth_interval{1000};

std::size_t partial_index(std::int64_t levels) {
    return levels == 5 ? 0 : levels == 10 ? 1 : 2;
}

}  // namespace

WsStreams::WsStreams(net::EventLoop& loop, ServerState& server, StreamOptions options)
    : loop_{loop}, server_{server}, options_{options}, delivery_{loop} {}

WsStreams::~WsStreams() {
    sessions_.clear();  // before the channels that they leave
}

void WsStreams::accept(const net::ServerRequest&, std::shared_ptr<net::WsPeer> peer, TimeUnit unit,
                       bool combined, const std::vector<std::string>& names) {
    const std::uint64_t id = next_id_++;
    auto session = std::make_unique<Session>(*this, id, std::move(peer), unit, combined);
    Session& kept = *session;
    sessions_.emplace(id, std::move(session));
    for (const std::string& name : names) kept.subscribe(name);
}

void WsStreams::join(Session& session, const std::string& name) {
    std::unique_ptr<Channel>& channel = channels_[name];
    if (!channel) {
        channel = std::make_unique<Channel>(Channel{name, parse_stream_name(name), {}});
        if (channel->parsed && channel->parsed->is_of_all_symbols()) {
            of_all_symbols_.push_back(channel.get());
        } else if (channel->parsed) {
            SymbolChannels& symbol = by_symbol_[channel->parsed->symbol];
            symbol.channels.push_back(channel.get());
            if (channel->parsed->kind == StreamKind::depth) symbol.merging = true;
        }
    }
    channel->listeners.push_back(&session);
}

void WsStreams::leave(Session& session, const std::string& name) {
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    Channel& channel = *found->second;
    std::erase(channel.listeners, &session);
    if (!channel.listeners.empty()) return;
    if (channel.parsed && channel.parsed->is_of_all_symbols()) {
        std::erase(of_all_symbols_, &channel);
    } else if (channel.parsed) {
        SymbolChannels& symbol = by_symbol_[channel.parsed->symbol];
        std::erase(symbol.channels, &channel);
        symbol.merging = std::any_of(symbol.channels.begin(), symbol.channels.end(), [](const Channel* one) {
            return one->parsed->kind == StreamKind::depth;
        });
        if (!symbol.merging) symbol.merger.clear();
    }
    channels_.erase(found);
}

void WsStreams::forget(std::uint64_t id) {
    sessions_.erase(id);
}

WsStreams::SymbolChannels* WsStreams::channels_of(const domain::Symbol& symbol) {
    const auto found = by_symbol_.find(symbol);
    return found == by_symbol_.end() || found->second.channels.empty() ? nullptr : &found->second;
}

const Fault* WsStreams::fault_of(const Channel& channel) {
    if (!server_.faults.watches(FaultScope::market_events)) return nullptr;
    const std::string_view symbol = channel.parsed ? channel.parsed->symbol.view() : std::string_view{};
    return server_.faults.strike_event(FaultScope::market_events, channel.name, symbol);
}

void WsStreams::send(const Channel& channel, const std::function<void(JsonWriter&)>& write) {
    forms_.clear();
    const base::microseconds shift = server_.clock.shift();
    const Fault* fault = fault_of(channel);
    for (Session* session : channel.listeners) {
        const std::size_t form =
            static_cast<std::size_t>(session->unit()) * 2 + (session->combined() ? 1U : 0U);
        std::string& text = forms_.texts[form];
        if (text.empty()) {
            if (session->combined()) {
                text += R"({"stream":")";
                append_escaped(text, channel.name);
                text += R"(","data":)";
            }
            JsonWriter writer{text, TimeFormat{session->unit(), shift}};
            write(writer);
            if (session->combined()) text += '}';
        }
        delivery_.send(session->shared_peer(), text, fault);
        if (fault == nullptr || fault->kind != FaultKind::missing) ++server_.counters.market_messages;
    }
}

template <class Event, class Write>
void WsStreams::send_plain(StreamKind kind, const Event& event, Write write) {
    const SymbolChannels* symbol = channels_of(event.symbol);
    if (symbol == nullptr) return;
    for (const Channel* channel : symbol->channels) {
        if (channel->parsed->kind == kind) send(*channel, [&](JsonWriter& writer) { write(event, writer); });
    }
}

void WsStreams::on_trade(const TradeEvent& event) {
    send_plain(StreamKind::trade, event, write_trade_event);
}
void WsStreams::on_agg_trade(const AggTradeEvent& event) {
    send_plain(StreamKind::agg_trade, event, write_agg_trade_event);
}
void WsStreams::on_book_ticker(const BookTickerEvent& event) {
    send_plain(StreamKind::book_ticker, event, write_book_ticker_event);
}
void WsStreams::on_avg_price(const AvgPriceEvent& event) {
    send_plain(StreamKind::avg_price, event, write_avg_price_event);
}

void WsStreams::on_kline(const KlineEvent& event) {
    const SymbolChannels* symbol = channels_of(event.symbol);
    if (symbol == nullptr) return;
    for (const Channel* channel : symbol->channels) {
        const StreamName& name = *channel->parsed;
        if (name.kind != StreamKind::kline) continue;
        if (!same_klines_as_utc(name.interval, name.zone)) {
            send_zone_kline(*channel, event);
        } else if (name.interval == event.kline.interval) {
            send(*channel, [&](JsonWriter& writer) { write_kline_event(event, writer); });
        }
    }
}

void WsStreams::on_depth(const DepthEvent& event) {
    SymbolChannels* symbol = channels_of(event.symbol);
    if (symbol == nullptr) return;
    for (const Channel* channel : symbol->channels) {
        if (channel->parsed->kind == StreamKind::depth_100ms)
            send(*channel, [&](JsonWriter& writer) { write_depth_event(event, writer); });
    }
    if (symbol->merging) {
        symbol->merger.add(event);
        send_merged(*symbol, event.time);
    }
    send_partial_depth(*symbol, event);
}

void WsStreams::send_merged(SymbolChannels& symbol, base::ExchangeTime now) {
    const auto merged = symbol.merger.take_due(now);
    if (!merged) return;
    for (const Channel* channel : symbol.channels) {
        if (channel->parsed->kind == StreamKind::depth)
            send(*channel, [&](JsonWriter& writer) { write_depth_event(*merged, writer); });
    }
}

void WsStreams::send_partial_depth(SymbolChannels& symbol, const DepthEvent& event) {
    for (const Channel* channel : symbol.channels) {
        const StreamName& name = *channel->parsed;
        if (name.kind != StreamKind::partial_depth && name.kind != StreamKind::partial_depth_100ms) continue;
        if (name.kind == StreamKind::partial_depth) {
            base::ExchangeTime& sent = symbol.partial_sent[partial_index(name.levels)];
            if (event.time - sent < partial_depth_interval) continue;
            sent = event.time;
        }
        const auto book = server_.core->depth(name.symbol, static_cast<std::size_t>(name.levels));
        if (!book) continue;
        send(*channel, [&](JsonWriter& writer) {
            writer.begin_object();
            writer.key("lastUpdateId").integer(book->last_update_id);
            writer.key("bids");
            write_levels(book->bids, writer);
            writer.key("asks");
            write_levels(book->asks, writer);
            writer.end_object();
        });
    }
}

void WsStreams::flush(base::ExchangeTime now) {
    for (auto& [name, symbol] : by_symbol_) {
        if (symbol.merging) send_merged(symbol, now);
    }
}

void WsStreams::announce_shutdown() {
    for (auto& [id, session] : sessions_) {
        std::string text;
        if (session->combined()) text += R"({"stream":"!serverShutdown","data":)";
        JsonWriter writer{text, TimeFormat{session->unit(), server_.clock.shift()}};
        write_server_shutdown(server_.clock.core_now(), writer);
        if (session->combined()) text += '}';
        session->peer().send(text);
    }
}

void WsStreams::close_all(std::uint16_t code, std::string_view reason) {
    for (auto& [id, session] : sessions_) session->peer().close(code, reason);
}

void WsStreams::kill_all(bool reset) {
    for (auto& [id, session] : sessions_) session->peer().kill(reset);
}

void WsStreams::mute_all(bool on) {
    for (auto& [id, session] : sessions_) session->peer().mute(on);
}

std::size_t WsStreams::subscriptions() const {
    std::size_t count = 0;
    for (const auto& [id, session] : sessions_) count += session->subscriptions();
    return count;
}

}  // namespace vigil::exchange
