// The streams of WsStreams that are worked out when they are sent: tickers, and klines of a time zone whose
// days are not those of UTC.
#include "exchange/core.h"
#include "exchange/kline_calendar.h"
#include "exchange/ticker_render.h"
#include "exchange/ws_render.h"
#include "exchange/ws_streams.h"

namespace vigil::exchange {

namespace {

constexpr domain::CandleInterval minute_interval{60'000};
constexpr std::chrono::hours day{24};

// "The open time O always starts on a minute."
base::ExchangeTime window_open(std::chrono::hours window, base::ExchangeTime now) {
    return kline_open(minute_interval, now - window);
}

}  // namespace

/// The zone's kline changes when the UTC one of its width does. It ends at the end of some minute, which the
/// closing of that minute tells.
void WsStreams::send_zone_kline(const Channel& channel, const KlineEvent& event) {
    const StreamName& name = *channel.parsed;
    KlinesQuery query;
    query.interval = name.interval;
    query.zone = name.zone;
    query.limit = 1;
    const bool minute_ended = event.kline.interval == minute_interval && event.kline.closed;
    const base::ExchangeTime end = event.kline.close_time + base::milliseconds{1};
    if (minute_ended && kline_open(name.interval, end, name.zone) == end) {
        query.start = kline_step(name.interval, end, -1, name.zone);
    } else if (event.kline.interval != name.interval || event.kline.closed) {
        return;
    }
    const auto klines = server_.core->klines(name.symbol, query);
    if (!klines || klines->empty()) return;
    const KlineEvent own{event.symbol, klines->front(), event.time};
    send(channel, [&own](JsonWriter& writer) { write_kline_event(own, writer); });
}

void WsStreams::on_traded(const TradedEvent& event) {
    for (const domain::Symbol& name : event.symbols) {
        if (const SymbolChannels* symbol = channels_of(name)) send_tickers(*symbol, event.time);
    }
    for (const Channel* channel : of_all_symbols_) send_all_tickers(*channel, event);
}

void WsStreams::send_tickers(const SymbolChannels& symbol, base::ExchangeTime now) {
    const ExchangeCore& core = *server_.core;
    for (const Channel* channel : symbol.channels) {
        const StreamName& name = *channel->parsed;
        if (name.kind == StreamKind::mini_ticker || name.kind == StreamKind::ticker) {
            const auto statistics = core.statistics(name.symbol, now - day);
            const auto best = core.book_ticker(name.symbol);
            if (!statistics || !best) continue;
            send(*channel, [&](JsonWriter& writer) {
                if (name.kind == StreamKind::ticker) {
                    write_ticker_event(name.symbol, *statistics, *best, writer);
                } else {
                    write_mini_ticker_event(name.symbol, *statistics, writer);
                }
            });
        } else if (name.kind == StreamKind::window_ticker) {
            const auto statistics = core.statistics(name.symbol, window_open(name.window, now));
            if (!statistics) continue;
            send(*channel, [&](JsonWriter& writer) {
                write_window_ticker_event(name.symbol, *statistics, window_name(name.window), writer);
            });
        }
    }
}

void WsStreams::send_all_tickers(const Channel& channel, const TradedEvent& event) {
    const StreamName& name = *channel.parsed;
    const bool mini = name.kind == StreamKind::all_mini_tickers;
    const base::ExchangeTime open_time = mini ? event.time - day : window_open(name.window, event.time);
    send(channel, [&](JsonWriter& writer) {
        writer.begin_array();
        for (const domain::Symbol& symbol : event.symbols) {
            const auto statistics = server_.core->statistics(symbol, open_time);
            if (!statistics) continue;
            if (mini) {
                write_mini_ticker_event(symbol, *statistics, writer);
            } else {
                write_window_ticker_event(symbol, *statistics, window_name(name.window), writer);
            }
        }
        writer.end_array();
    });
}

}  // namespace vigil::exchange
