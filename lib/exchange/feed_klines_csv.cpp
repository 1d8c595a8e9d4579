// Klines as CSV: prints along each kline's path, and a book made up around them.
#include <algorithm>
#include <array>

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

constexpr std::size_t looked_ahead = 200;
constexpr std::size_t steps_a_leg = 10;
constexpr std::size_t prints_a_kline = 3 * steps_a_leg + 1;

struct Row {
    MarketTime open_time;
    MarketTime close_time;
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
};

/// Volumes of cheap coins may be beyond what a feed can say; of them the most it can.
std::optional<Quantity> parse_volume(std::string_view text) {
    if (const auto volume = Quantity::parse(text)) {
        if (volume->is_negative()) return std::nullopt;
        return std::min(*volume, feed_quantity_max);
    }
    const std::string_view whole = text.substr(0, text.find('.'));
    const bool is_large = whole.size() > 11 && whole.size() < 30 &&
                          text.find_first_not_of("0123456789.") == std::string_view::npos;
    if (is_large) return feed_quantity_max;
    return std::nullopt;
}

Result<std::optional<Row>> read_row(LineReader& reader) {
    for (;;) {
        const auto line = reader.next();
        if (!line) return fail(line.error());
        if (!*line) return std::nullopt;
        if ((*line)->empty()) continue;
        const CsvFields fields{**line};
        if (reader.line() == 1 && is_header(fields)) continue;
        Row row;
        const auto open_time = parse_market_time(fields[0]);
        if (!open_time)
            return fail(reader.wrong("open_time is neither milliseconds nor microseconds since 1970"));
        row.open_time = *open_time;
        const std::array<std::pair<Price*, std::string_view>, 4> prices{
            {{&row.open, "open"}, {&row.high, "high"}, {&row.low, "low"}, {&row.close, "close"}}};
        for (std::size_t i = 0; i < prices.size(); ++i) {
            const auto price = parse_feed_price(fields[i + 1]);
            if (!price)
                return fail(reader.wrong(std::string{prices[i].second} +
                                         " is no positive decimal, or beyond every market"));
            *prices[i].first = *price;
        }
        if (row.low > std::min(row.open, row.close) || row.high < std::max(row.open, row.close))
            return fail(reader.wrong("open and close do not lie between low and high"));
        const auto volume = parse_volume(fields[5]);
        if (!volume) return fail(reader.wrong("volume is no decimal"));
        row.volume = *volume;
        row.close_time = row.open_time;
        if (fields.size() > 6) {
            const auto close_time = parse_market_time(fields[6]);
            if (!close_time || *close_time < row.open_time)
                return fail(reader.wrong("close_time is not after open_time"));
            row.close_time = *close_time;
        }
        return row;
    }
}

class KlinesFeed final : public ReplayFeed {
  public:
    KlinesFeed(std::unique_ptr<LineReader> reader, const FeedOptions& options)
        : ReplayFeed{std::move(reader), options} {}

    Result<void> prepare() {
        const auto symbol = symbol_of_file(reader(), options());
        if (!symbol) return fail(symbol.error());
        GridGuess tick;
        GridGuess step;
        FeedSymbol known{*symbol, {}, {}, {}};
        std::optional<Row> previous;
        std::int64_t largest = 0;
        for (std::size_t i = 0; i < looked_ahead; ++i) {
            const auto row = read_row(reader());
            if (!row) return fail(row.error());
            if (!*row) break;
            if (!previous) known.first_price = (*row)->open;
            for (const Price price : {(*row)->open, (*row)->high, (*row)->low, (*row)->close})
                tick.see(price.raw());
            step.see((*row)->volume.raw());
            largest = std::max(largest, (*row)->volume.raw());
            if (previous) {
                const auto width = (*row)->open_time - previous->open_time;
                if (width.count() > 0 && (width_.count() == 0 || width < width_)) width_ = width;
            }
            previous = **row;
        }
        if (!previous) return fail(ErrorKind::invalid, reader().name() + ": there is no kline in it");
        if (width_.count() == 0) width_ = std::chrono::minutes{1};
        known.tick = Price::from_raw(tick.raw());
        known.step = Quantity::from_raw(std::max<std::int64_t>(step.raw(), 1));
        symbols_.push_back(known);
        // As the recorded BTCUSDT minute: some 1,800 trades.
        const std::int64_t minutes =
            std::max<std::int64_t>(1, std::chrono::floor<std::chrono::minutes>(width_).count());
        book_.emplace(options().seed, *symbol, known.tick, known.step,
                      Quantity::from_raw(std::max<std::int64_t>(largest / (1'800 * minutes), 1)));
        return reader().rewind();
    }

    [[nodiscard]] std::string_view format() const override { return "klines"; }

  private:
    Result<std::optional<MarketTime>> read_event() override {
        if (next_ >= prints_a_kline) {
            for (;;) {
                auto row = read_row(reader());
                if (!row) return fail(row.error());
                if (!*row) return std::nullopt;
                if ((*row)->open_time < row_.open_time) return fail(reader().wrong("the time goes back"));
                row_ = **row;
                if (row_.close_time == row_.open_time)
                    row_.close_time = row_.open_time + width_ - std::chrono::milliseconds{1};
                if (row_.volume.is_positive()) break;
            }
            plan();
            next_ = 0;
        }
        const auto width = row_.close_time - row_.open_time;
        return row_.open_time +
               width * static_cast<std::int64_t>(next_) / static_cast<std::int64_t>(prints_a_kline - 1);
    }

    /// The path's prices and quantities.
    void plan() {
        const bool rose = row_.close >= row_.open;
        const std::array<Price, 4> corners{row_.open, rose ? row_.low : row_.high,
                                           rose ? row_.high : row_.low, row_.close};
        const Price tick = symbols_.front().tick;
        prices_[0] = row_.open;
        for (std::size_t leg = 0; leg < 3; ++leg) {
            const Price from = corners[leg];
            const Price to = corners[leg + 1];
            for (std::size_t i = 1; i <= steps_a_leg; ++i) {
                const std::int64_t way =
                    (to - from).raw() / static_cast<std::int64_t>(steps_a_leg) * static_cast<std::int64_t>(i);
                const Price between = (from + Price::from_raw(way)).floor_to(tick);
                prices_[leg * steps_a_leg + i] =
                    i == steps_a_leg ? to : std::clamp(between, row_.low, row_.high);
            }
        }
        const Quantity step = symbols_.front().step;
        const Quantity each =
            Quantity::from_raw(row_.volume.raw() / static_cast<std::int64_t>(prints_a_kline)).floor_to(step);
        quantities_.fill(each);
        quantities_[prints_a_kline - 1] = row_.volume - each * static_cast<std::int64_t>(prints_a_kline - 1);
        // So little volume that it is not one step for each print: the corners come first.
        if (each.is_zero()) {
            quantities_.fill(Quantity{});
            Quantity left = row_.volume;
            for (const std::size_t at : {std::size_t{0}, 1 * steps_a_leg, 2 * steps_a_leg}) {
                quantities_[at] = std::min(left, step);
                left -= quantities_[at];
            }
            quantities_[prints_a_kline - 1] = left;
        }
    }

    void apply_event(MarketInput& market) override {
        const Price price = prices_[next_];
        const bool fell = next_ > 0 && price < prices_[next_ - 1];
        const auto width = row_.close_time - row_.open_time;
        const MarketTime time = row_.open_time + width * static_cast<std::int64_t>(next_) /
                                                     static_cast<std::int64_t>(prints_a_kline - 1);
        if (!started_) book_->follow_trade(price, fell, time, market);
        started_ = true;
        if (quantities_[next_].is_positive())
            market.print(symbols_.front().symbol, price, quantities_[next_], fell);
        book_->follow_trade(price, fell, time, market);
        ++next_;
    }
    void restart() override {
        row_ = Row{};
        next_ = prints_a_kline;
        book_->restart();
        started_ = false;
    }

    Row row_;
    std::chrono::microseconds width_{0};
    std::size_t next_{prints_a_kline};
    std::array<Price, prints_a_kline> prices_{};
    std::array<Quantity, prints_a_kline> quantities_{};
    std::optional<SyntheticBook> book_;
    bool started_{false};
};

}  // namespace

Result<std::unique_ptr<Feed>> open_klines_csv(std::unique_ptr<LineReader> reader,
                                              const FeedOptions& options) {
    auto feed = std::make_unique<KlinesFeed>(std::move(reader), options);
    if (auto ready = feed->prepare(); !ready) return fail(ready.error());
    return feed;
}

}  // namespace vigil::exchange
