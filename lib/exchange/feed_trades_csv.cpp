// Trades and aggTrades as CSV: prints, and a book made up around them.
#include <algorithm>

#include "exchange/feed_files.h"
#include "exchange/replay_feed.h"
#include "exchange/synthetic_book.h"

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;
using domain::Price;
using domain::Quantity;

namespace {

constexpr std::size_t looked_ahead = 1'000;  ///< rows that tell the grid and the mean quantity

struct Row {
    MarketTime time;
    Price price;
    Quantity quantity;
    bool buyer_is_maker{false};
};

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return std::nullopt;
}

/// The next row, without the header and empty lines; nothing at the end.
Result<std::optional<Row>> read_row(LineReader& reader, CsvKind kind) {
    const std::size_t time_at = kind == CsvKind::agg_trades ? 5 : 4;
    for (;;) {
        const auto line = reader.next();
        if (!line) return fail(line.error());
        if (!*line) return std::nullopt;
        if ((*line)->empty()) continue;
        const CsvFields fields{**line};
        if (reader.line() == 1 && is_header(fields)) continue;
        if (fields.size() < time_at + 2) return fail(reader.wrong("a trade has more fields"));
        const auto price = parse_feed_price(fields[1]);
        if (!price) return fail(reader.wrong("the price is no positive decimal, or beyond every market"));
        const auto quantity = parse_feed_quantity(fields[2]);
        if (!quantity)
            return fail(reader.wrong("the quantity is no positive decimal, or beyond every market"));
        const auto time = parse_market_time(fields[time_at]);
        if (!time) return fail(reader.wrong("the time is neither milliseconds nor microseconds since 1970"));
        const auto maker = parse_boolean(fields[time_at + 1]);
        if (!maker) return fail(reader.wrong("is_buyer_maker is neither true nor false"));
        return Row{*time, *price, *quantity, *maker};
    }
}

class TradesFeed final : public ReplayFeed {
  public:
    TradesFeed(std::unique_ptr<LineReader> reader, const FeedOptions& options, CsvKind kind)
        : ReplayFeed{std::move(reader), options}, kind_{kind} {}

    /// Reads the beginning for what the book must know, and goes back.
    Result<void> prepare() {
        const auto symbol = symbol_of_file(reader(), options());
        if (!symbol) return fail(symbol.error());
        GridGuess tick;
        GridGuess step;
        std::int64_t sum = 0;
        std::int64_t count = 0;
        FeedSymbol known{*symbol, {}, {}, {}};
        for (std::size_t i = 0; i < looked_ahead; ++i) {
            const auto row = read_row(reader(), kind_);
            if (!row) return fail(row.error());
            if (!*row) break;
            if (count == 0) known.first_price = (*row)->price;
            tick.see((*row)->price.raw());
            step.see((*row)->quantity.raw());
            if (!__builtin_add_overflow(sum, (*row)->quantity.raw(), &sum)) ++count;
        }
        if (count == 0) return fail(ErrorKind::invalid, reader().name() + ": there is no trade in it");
        known.tick = Price::from_raw(tick.raw());
        known.step = Quantity::from_raw(step.raw());
        symbols_.push_back(known);
        book_.emplace(options().seed, *symbol, known.tick, known.step, Quantity::from_raw(sum / count));
        return reader().rewind();
    }

    [[nodiscard]] std::string_view format() const override {
        return kind_ == CsvKind::trades ? "trades" : "aggTrades";
    }

  private:
    Result<std::optional<MarketTime>> read_event() override {
        auto row = read_row(reader(), kind_);
        if (!row) return fail(row.error());
        if (!*row) return std::nullopt;
        if ((*row)->time < row_.time) return fail(reader().wrong("the time goes back"));
        row_ = **row;
        return row_.time;
    }
    void apply_event(MarketInput& market) override {
        // The first trade finds a book to trade on.
        if (!started_) book_->follow_trade(row_.price, row_.buyer_is_maker, row_.time, market);
        started_ = true;
        market.print(symbols_.front().symbol, row_.price, row_.quantity, row_.buyer_is_maker);
        book_->follow_trade(row_.price, row_.buyer_is_maker, row_.time, market);
    }
    void restart() override {
        row_ = Row{};
        book_->restart();
        started_ = false;
    }

    CsvKind kind_;
    Row row_;
    std::optional<SyntheticBook> book_;
    bool started_{false};
};

}  // namespace

Result<std::unique_ptr<Feed>> open_trades_csv(std::unique_ptr<LineReader> reader, const FeedOptions& options,
                                              CsvKind kind) {
    auto feed = std::make_unique<TradesFeed>(std::move(reader), options, kind);
    if (auto ready = feed->prepare(); !ready) return fail(ready.error());
    return feed;
}

}  // namespace vigil::exchange
