// Captures of the exchange's own streams. The book is there from the first moment: the beginning of the file
// is looked through for REST snapshots, which are played first, and what they already contain is left out.
// Between two depth diffs the bookTicker tells of the best prices; a diff that is older than the last
// bookTicker does not undo it.
#include <algorithm>
#include <map>
#include <set>

#include "exchange/capture_message.h"
#include "exchange/feed_files.h"
#include "exchange/replay_feed.h"

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;
using domain::BookLevel;
using domain::Symbol;

namespace {

constexpr std::size_t looked_ahead = 5'000;  ///< lines that tell snapshots, streams and grids

/// What is known of one symbol of the capture.
struct SymbolTrack {
    std::optional<CaptureMessage> snapshot;  ///< the first one of the file
    bool has_trades{false};                  ///< and so its aggTrades are left out
    std::int64_t book_id{0};                 ///< update id the book stands at
    std::int64_t ticker_id{0};
    BookLevel ticker_bid;
    BookLevel ticker_ask;
    FeedSymbol known;
    GridGuess tick;
    GridGuess step;
};

class CaptureFeed final : public ReplayFeed {
  public:
    CaptureFeed(std::unique_ptr<LineReader> reader, const FeedOptions& options)
        : ReplayFeed{std::move(reader), options} {}

    [[nodiscard]] std::string_view format() const override { return "capture"; }

    Result<void> prepare() {
        for (std::size_t i = 0; i < looked_ahead; ++i) {
            const auto more = read_message();
            if (!more) return fail(more.error());
            if (!*more) break;
            if (message_.kind == CaptureKind::other) continue;
            look_at(message_);
        }
        for (auto& [symbol, track] : tracks_) {
            track.known.symbol = symbol;
            track.known.tick = domain::Price::from_raw(track.tick.raw());
            track.known.step = domain::Quantity::from_raw(track.step.raw());
            symbols_.push_back(track.known);
        }
        if (symbols_.empty())
            return fail(ErrorKind::invalid, reader().name() + ": there is no market event in it");
        restart();
        return reader().rewind();
    }

  private:
    void look_at(const CaptureMessage& message) {
        SymbolTrack& track = tracks_[message.symbol];
        const auto see = [&track](domain::Price price, domain::Quantity quantity) {
            if (track.known.first_price.is_zero()) track.known.first_price = price;
            track.tick.see(price.raw());
            if (quantity.is_positive()) track.step.see(quantity.raw());
        };
        for (const BookLevel& level : message.bids) see(level.price, level.quantity);
        for (const BookLevel& level : message.asks) see(level.price, level.quantity);
        if (message.kind == CaptureKind::snapshot && !track.snapshot) track.snapshot = message;
        if (message.kind == CaptureKind::trade) track.has_trades = true;
        if (message.kind == CaptureKind::trade || message.kind == CaptureKind::agg_trade) {
            see(message.price, message.quantity);
            // The first trade says best where the market was.
            if (!first_trade_seen_.contains(message.symbol)) track.known.first_price = message.price;
            first_trade_seen_.insert(message.symbol);
        }
    }

    /// The next line into message_; false at the end.
    Result<bool> read_message() {
        for (;;) {
            const auto line = reader().next();
            if (!line) return fail(line.error());
            if (!*line) return false;
            if ((*line)->empty()) continue;
            const auto decoded = decoder_.decode(**line, message_);
            if (!decoded) return fail(reader().wrong(decoded.error().message));
            return true;
        }
    }

    Result<std::optional<MarketTime>> read_event() override {
        for (;;) {
            const auto more = read_message();
            if (!more) return fail(more.error());
            if (!*more) return std::nullopt;
            if (is_news()) return message_.received;
        }
    }

    /// Whether message_ changes anything; brings the track of its symbol up to it.
    bool is_news() {
        if (message_.kind == CaptureKind::other) return false;
        const auto found = tracks_.find(message_.symbol);
        if (found == tracks_.end()) return false;  // first seen later than anyone looked
        SymbolTrack& track = found->second;
        switch (message_.kind) {
            case CaptureKind::snapshot:
            case CaptureKind::depth:
                if (message_.last_id <= track.book_id) return false;
                track.book_id = message_.last_id;
                if (track.ticker_id > message_.last_id) keep_ticker(track);
                return true;
            case CaptureKind::ticker:
                if (message_.last_id < track.book_id || message_.last_id < track.ticker_id) return false;
                track.ticker_id = message_.last_id;
                track.ticker_bid = message_.bids.front();
                track.ticker_ask = message_.asks.front();
                return true;
            case CaptureKind::trade:
                return true;
            case CaptureKind::agg_trade:
                return !track.has_trades;
            case CaptureKind::other:
                return false;
        }
        return false;
    }

    /// Takes out of message_ what the newer bookTicker contradicts, and puts its best levels in.
    void keep_ticker(const SymbolTrack& track) {
        const auto keep = [](std::vector<BookLevel>& levels, const BookLevel& best, bool is_bid) {
            std::erase_if(levels, [&](const BookLevel& level) {
                return is_bid ? level.price >= best.price : level.price <= best.price;
            });
            levels.push_back(best);
        };
        keep(message_.bids, track.ticker_bid, true);
        keep(message_.asks, track.ticker_ask, false);
    }

    void apply_event(MarketInput& market) override {
        if (!snapshots_played_) {
            for (const auto& [symbol, track] : tracks_)
                if (track.snapshot) market.replace_book(symbol, track.snapshot->bids, track.snapshot->asks);
            snapshots_played_ = true;
        }
        switch (message_.kind) {
            case CaptureKind::snapshot:
                market.replace_book(message_.symbol, message_.bids, message_.asks);
                break;
            case CaptureKind::depth:
                market.update_levels(message_.symbol, message_.bids, message_.asks);
                break;
            case CaptureKind::ticker:
                market.update_top(message_.symbol, message_.bids.front(), message_.asks.front());
                break;
            case CaptureKind::trade:
            case CaptureKind::agg_trade:
                market.print(message_.symbol, message_.price, message_.quantity, message_.buyer_is_maker);
                break;
            case CaptureKind::other:
                break;
        }
    }

    void restart() override {
        snapshots_played_ = false;
        for (auto& [symbol, track] : tracks_) {
            track.book_id = track.snapshot ? track.snapshot->last_id : 0;
            track.ticker_id = 0;
        }
    }

    CaptureDecoder decoder_;
    CaptureMessage message_;
    std::map<Symbol, SymbolTrack> tracks_;
    std::set<Symbol> first_trade_seen_;
    bool snapshots_played_{false};
};

}  // namespace

Result<std::unique_ptr<Feed>> open_capture(std::unique_ptr<LineReader> reader, const FeedOptions& options) {
    auto feed = std::make_unique<CaptureFeed>(std::move(reader), options);
    if (auto ready = feed->prepare(); !ready) return fail(ready.error());
    return feed;
}

}  // namespace vigil::exchange
