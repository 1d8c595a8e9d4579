#include "binance/market_streams.h"

#include <algorithm>
#include <utility>

namespace vigil::binance {

namespace {

using log::Event;
using log::field;

constexpr std::size_t streams_a_connection = 1000;  // the exchange allows 1024
constexpr base::milliseconds first_wait{500};
constexpr base::milliseconds longest_wait{30'000};
constexpr base::milliseconds old_one_patience{2'000};
/// A connection that lived so long has proved itself. One that is dropped sooner, however often it comes up,
/// is not made anew in a rush: the exchange allows 300 attempts in 5 minutes.
constexpr base::seconds proof{60};

std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

}  // namespace

std::vector<std::string> stream_names(const domain::MarketSubscription& subscription) {
    const std::string symbol = lower_case(subscription.symbol.view());
    std::vector<std::string> names;
    if (subscription.book_ticker) names.push_back(symbol + "@bookTicker");
    if (subscription.depth) names.push_back(symbol + "@depth@100ms");
    if (subscription.trades) names.push_back(symbol + "@trade");
    for (const domain::CandleInterval interval : subscription.candles)
        names.push_back(symbol + "@kline_" + std::string{domain::to_string(interval)});
    return names;
}

struct MarketStreams::Lane {
    explicit Lane(net::EventLoop& loop) : again{loop}, renewal{loop} {}
    std::vector<std::string> streams;
    std::unique_ptr<StreamConnection> current;
    std::unique_ptr<StreamConnection> next;  ///< taking over from `current`
    std::unique_ptr<StreamConnection> old;   ///< closing
    Backoff backoff{first_wait, longest_wait};
    net::Timer again;
    net::Timer renewal;
};

MarketStreams::MarketStreams(Parts parts) : parts_{std::move(parts)} {
    parts_.url.target = "/stream";
}
MarketStreams::~MarketStreams() = default;

void MarketStreams::open(const std::vector<domain::MarketSubscription>& subscriptions) {
    std::vector<std::string> all;
    for (const domain::MarketSubscription& each : subscriptions)
        for (std::string& name : stream_names(each)) all.push_back(std::move(name));
    for (std::size_t begin = 0; begin < all.size(); begin += streams_a_connection) {
        const std::size_t end = std::min(begin + streams_a_connection, all.size());
        auto lane = std::make_unique<Lane>(parts_.loop);
        lane->streams.assign(all.begin() + static_cast<std::ptrdiff_t>(begin),
                             all.begin() + static_cast<std::ptrdiff_t>(end));
        lanes_.push_back(std::move(lane));
        connect(*lanes_.back());
    }
    if (lanes_.empty()) tell_state("no streams are wanted");
}

void MarketStreams::close(base::milliseconds patience) {
    closing_ = true;
    for (const auto& lane : lanes_) {
        lane->again.cancel();
        lane->renewal.cancel();
        for (StreamConnection* each : {lane->current.get(), lane->next.get(), lane->old.get()})
            if (each != nullptr) each->close(patience);
    }
}

void MarketStreams::connect(Lane& lane) {
    if (const auto until = parts_.leave(domain::OwnRequest::stream_connection)) {
        if (!lane.current) return lane.again.at(*until, [this, &lane] { connect(lane); });
        return lane.renewal.at(*until, [this, &lane] {
            if (!closing_ && !lane.next && lane.current) connect(lane);
        });
    }
    auto connection = std::unique_ptr<StreamConnection>{};
    // The handlers know their connection by address: it is the only thing that tells the old one from the
    // new.
    const auto self = std::make_shared<StreamConnection*>(nullptr);
    connection = std::make_unique<StreamConnection>(
        StreamConnection::Parts{parts_.loop, parts_.listener, parts_.url, parts_.tls, parts_.local_address,
                                parts_.leave, lane.streams},
        StreamConnection::Handlers{
            .on_up = [this, &lane, self] { on_up(lane, *self); },
            .on_down = [this, &lane, self](const std::string& why) { on_down(lane, *self, why); },
            .on_shutdown =
                [this, &lane, self] {
                    if (lane.current.get() == *self) renew(lane, "the server announced its shutdown");
                }});
    *self = connection.get();
    (lane.current ? lane.next : lane.current) = std::move(connection);
    (*self)->open();
}

void MarketStreams::renew(Lane& lane, std::string_view why) {
    if (closing_ || lane.next || !lane.current) return;
    parts_.logger.emit(Event::market_stream_renewed,
                       {field("endpoint", parts_.url.str()), field("reason", why)});
    connect(lane);
}

void MarketStreams::on_up(Lane& lane, StreamConnection* which) {
    if (closing_) return;
    parts_.logger.emit(Event::market_stream_connected,
                       {field("endpoint", parts_.url.str()), field("streams", which->stream_count()),
                        field("took_ms", parts_.loop.now() - which->opened())});
    if (which == lane.next.get()) {
        lane.old = std::move(lane.current);
        lane.current = std::move(lane.next);
        lane.old->close(old_one_patience);
    }
    lane.renewal.after(parts_.renew_after, [this, &lane] { renew(lane, "it nears the limit of 24 hours"); });
    tell_state("");
}

void MarketStreams::on_down(Lane& lane, StreamConnection* which, const std::string& why) {
    if (which == lane.old.get()) {
        lane.old.reset();
        return;
    }
    const bool is_next = which == lane.next.get();
    const base::nanoseconds lived = parts_.loop.now() - which->opened();
    (is_next ? lane.next : lane.current).reset();
    if (closing_) return;
    parts_.logger.emit(Event::market_stream_disconnected,
                       {field("endpoint", parts_.url.str()), field("reason", why), field("lived_s", lived)});
    // A replacement that was on its way becomes the connection itself.
    if (!is_next && lane.next) lane.current = std::move(lane.next);
    tell_state(why);
    if (lived >= proof) lane.backoff.reset();
    if (!lane.current) {
        lane.renewal.cancel();
        lane.again.after(lane.backoff.next(), [this, &lane] { connect(lane); });
    } else if (is_next) {
        lane.renewal.after(lane.backoff.next(), [this, &lane] { renew(lane, "the first attempt failed"); });
    }
}

void MarketStreams::tell_state(std::string_view why) {
    const bool connected = std::all_of(lanes_.begin(), lanes_.end(), [](const std::unique_ptr<Lane>& lane) {
        return lane->current && lane->current->is_up();
    });
    if (std::exchange(told_connected_, connected) == connected) return;
    parts_.listener.on_connection(
        domain::Connection::market,
        connected ? domain::ConnectionState::connected : domain::ConnectionState::disconnected, why);
}

}  // namespace vigil::binance
