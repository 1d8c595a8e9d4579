// What the public sees: depth diffs that add up to the snapshot, klines and averages from the trades, history
// from before the start.
#include <gtest/gtest.h>

#include <map>

#include "exchange/core_fixture.h"
#include "market/order_book.h"

namespace vigil::exchange {
namespace {

using domain::Side;

/// A generated BTCUSDT, seeded.
std::unique_ptr<Feed> generated(std::uint64_t seed) {
    GeneratedOptions options;
    options.seed = seed;
    options.start = MarketTime{std::chrono::seconds{1'000}};
    options.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
    return generate_feed(options);
}

domain::CandleInterval interval(std::string_view word) {
    return *domain::parse_candle_interval(word);
}

TEST(CoreMarket, BooksBuiltFromTheStreamEqualTheSnapshotAtEveryBatch) {
    CoreWorld world;
    world.core->attach(generated(7), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(1'050));
    const DepthView first = world.core->depth(sym("BTCUSDT"), 5'000).value();
    market::OrderBook book;
    ASSERT_EQ(book.apply(domain::DepthSnapshot{sym("BTCUSDT"), first.last_update_id, first.bids, first.asks,
                                               base::MonotonicTime{}}),
              market::SnapshotResult::applied);
    std::size_t seen = world.sink.depths.size();
    std::int64_t last_id = world.sink.depths.back().last_id;
    int compared = 0;
    for (std::int64_t ms = 1'100; ms <= 60'000; ms += 100) {
        // Own orders are part of the book, too.
        const domain::BookLevel bid = world.core->book_ticker(sym("BTCUSDT"))->bid;
        if (ms % 700 == 0)
            (void)world.core->place(world.alice, limit_order(Side::buy, "0.01", bid.price.str()),
                                    CoreWorld::at(ms - 50));
        if (ms % 4'900 == 0)
            (void)world.core->cancel_all(world.alice, sym("BTCUSDT"), CoreWorld::at(ms - 40));
        world.core->advance(CoreWorld::at(ms));
        for (; seen < world.sink.depths.size(); ++seen) {
            const RecordingSink::Depth& diff = world.sink.depths[seen];
            ASSERT_EQ(diff.first_id, last_id + 1);
            last_id = diff.last_id;
            const auto result = book.apply(domain::DepthDiff{
                sym("BTCUSDT"), diff.first_id, diff.last_id, diff.bids, diff.asks, diff.time, {}});
            ASSERT_EQ(result, market::DiffResult::applied) << "at update " << diff.last_id;
        }
        const DepthView now = world.core->depth(sym("BTCUSDT"), 5'000).value();
        ASSERT_EQ(now.last_update_id, last_id);
        const auto bids = book.levels(Side::buy);
        const auto asks = book.levels(Side::sell);
        ASSERT_EQ(std::vector<domain::BookLevel>(bids.rbegin(), bids.rend()), now.bids) << "at " << ms;
        ASSERT_EQ(std::vector<domain::BookLevel>(asks.rbegin(), asks.rend()), now.asks) << "at " << ms;
        ++compared;
    }
    EXPECT_EQ(compared, 590);
}

TEST(CoreMarket, EveryTickerIsTheTopOfTheBookAndNeverCrossed) {
    CoreWorld world;
    world.core->attach(generated(8), domain::Rate::of(1), CoreWorld::at(0));
    for (std::int64_t ms = 0; ms <= 30'000; ms += 50) {
        const auto ticker = world.core->book_ticker(sym("BTCUSDT")).value();
        if (ms > 0 && ms % 350 == 0)
            (void)world.core->place(world.bob, limit_order(Side::sell, "0.05", ticker.ask.price.str()),
                                    CoreWorld::at(ms));
        world.core->advance(CoreWorld::at(ms));
    }
    ASSERT_GT(world.sink.tickers.size(), 200U);
    std::int64_t last_id = 0;
    for (const BookTickerEvent& ticker : world.sink.tickers) {
        EXPECT_LT(ticker.bid.price, ticker.ask.price);
        EXPECT_TRUE(ticker.bid.quantity.is_positive());
        EXPECT_GE(ticker.update_id, last_id);
        last_id = ticker.update_id;
    }
}

TEST(CoreMarket, KlinesAreTheTradesOfTheirInterval) {
    CoreWorld world;
    world.core->attach(generated(9), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(190'000));
    for (const std::string_view word : {"1s", "1m", "3m"}) {
        const auto klines =
            world.core->klines(sym("BTCUSDT"), {interval(word), CoreWorld::at(0), std::nullopt, 1'000})
                .value();
        ASSERT_FALSE(klines.empty());
        int compared = 0;
        for (const Kline& kline : klines) {
            Kline made;
            for (const TradeEvent& trade : world.sink.trades) {
                if (trade.time < kline.open_time ||
                    trade.time > kline.close_time + std::chrono::microseconds{999})
                    continue;
                if (made.trade_count++ == 0) {
                    made.open = made.high = made.low = trade.price;
                    made.first_trade_id = trade.trade_id.value;
                }
                made.high = std::max(made.high, trade.price);
                made.low = std::min(made.low, trade.price);
                made.close = trade.price;
                made.volume += trade.quantity;
                made.quote_volume += trade.quote_quantity;
                if (!trade.buyer_is_maker) made.taker_buy_volume += trade.quantity;
                made.last_trade_id = trade.trade_id.value;
            }
            if (made.trade_count == 0 || kline.synthetic) continue;
            EXPECT_EQ(kline.open, made.open);
            EXPECT_EQ(kline.high, made.high);
            EXPECT_EQ(kline.low, made.low);
            EXPECT_EQ(kline.close, made.close);
            EXPECT_EQ(kline.volume, made.volume);
            EXPECT_EQ(kline.quote_volume, made.quote_volume);
            EXPECT_EQ(kline.taker_buy_volume, made.taker_buy_volume);
            EXPECT_EQ(kline.trade_count, made.trade_count);
            EXPECT_EQ(kline.first_trade_id, made.first_trade_id);
            EXPECT_EQ(kline.last_trade_id, made.last_trade_id);
            ++compared;
        }
        EXPECT_GT(compared, 0) << word;
    }
}

TEST(CoreMarket, ClosedKlinesAreToldOnceInOrder) {
    CoreWorld world;
    world.core->attach(generated(10), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(300'000));
    base::ExchangeTime expected = CoreWorld::at(0);
    int closed = 0;
    for (const KlineEvent& event : world.sink.klines) {
        if (event.kline.interval != interval("1m")) continue;
        EXPECT_EQ(event.kline.open_time, expected);
        if (!event.kline.closed) continue;
        EXPECT_GT(event.time, event.kline.close_time);
        expected += std::chrono::minutes{1};
        ++closed;
    }
    EXPECT_EQ(closed, 5);
}

TEST(CoreMarket, AMarketWithoutTradesHasFlatKlines) {
    CoreWorld world;
    auto script = CoreWorld::book();
    script->at_ms(500, print_of("100.01", "1", false));
    script->at_ms(200'000, print_of("100.05", "1", false));
    world.play(std::move(script));
    world.core->advance(CoreWorld::at(190'000));
    const auto klines =
        world.core->klines(sym("BTCUSDT"), {interval("1m"), CoreWorld::at(60'000), std::nullopt, 10}).value();
    ASSERT_EQ(klines.size(), 3U);
    EXPECT_EQ(klines[0].open, px("100.01"));
    EXPECT_EQ(klines[0].close, px("100.01"));
    EXPECT_EQ(klines[0].trade_count, 0);
    EXPECT_TRUE(klines[1].closed);
    EXPECT_FALSE(klines[2].closed);
}

TEST(CoreMarket, HistoryBeforeTheStartLeadsToTheFirstPrice) {
    CoreWorld world;
    world.play(CoreWorld::book());
    for (const std::string_view word : {"1s", "1m", "15m", "1h", "4h", "1d", "1w"}) {
        const auto klines =
            world.core->klines(sym("BTCUSDT"), {interval(word), std::nullopt, std::nullopt, 500}).value();
        ASSERT_EQ(klines.size(), 500U) << word;
        for (std::size_t i = 0; i < klines.size(); ++i) {
            const Kline& kline = klines[i];
            EXPECT_EQ(kline.synthetic, kline.open_time < CoreWorld::at(0));
            EXPECT_LE(kline.low, std::min(kline.open, kline.close));
            EXPECT_GE(kline.high, std::max(kline.open, kline.close));
            EXPECT_TRUE(kline.open.is_multiple_of(px("0.01")));
            EXPECT_TRUE(kline.low.is_positive());
            if (i == 0) continue;
            EXPECT_EQ(kline.open_time - klines[i - 1].open_time,
                      std::chrono::milliseconds{kline.interval.width_ms});
            EXPECT_EQ(kline.open, klines[i - 1].close) << word << " " << i;
        }
        EXPECT_EQ(klines.back().close, px("100")) << word;
        EXPECT_FALSE(klines.back().closed);
    }
    // Closes agree between intervals: they are cut from one path.
    const auto hours =
        world.core->klines(sym("BTCUSDT"), {interval("1h"), CoreWorld::at(-36'000'000), std::nullopt, 5})
            .value();
    const auto minutes =
        world.core->klines(sym("BTCUSDT"), {interval("1m"), CoreWorld::at(-36'000'000), std::nullopt, 300})
            .value();
    for (std::size_t i = 0; i < hours.size(); ++i) EXPECT_EQ(hours[i].close, minutes[60 * i + 59].close);
}

TEST(CoreMarket, KlinesQueryHonoursStartEndAndLimit) {
    CoreWorld world;
    world.core->attach(generated(11), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(300'500));
    const auto query = [&](std::optional<std::int64_t> start, std::optional<std::int64_t> end,
                           std::size_t limit) {
        KlinesQuery request{interval("1m"), {}, {}, limit};
        if (start) request.start = CoreWorld::at(*start);
        if (end) request.end = CoreWorld::at(*end);
        std::vector<std::int64_t> minutes;
        const auto klines = world.core->klines(sym("BTCUSDT"), request).value();
        for (const Kline& kline : klines)
            minutes.push_back((base::to_ms(kline.open_time) - CoreWorld::start_ms) / 60'000);
        return minutes;
    };
    using Minutes = std::vector<std::int64_t>;
    EXPECT_EQ(query({}, {}, 3), (Minutes{3, 4, 5}));
    EXPECT_EQ(query(0, {}, 2), (Minutes{0, 1}));
    EXPECT_EQ(query(1, 180'000, 500), (Minutes{1, 2, 3}));
    EXPECT_EQ(query({}, 119'999, 2), (Minutes{0, 1}));
    EXPECT_EQ(query(400'000, {}, 5), Minutes{});
    EXPECT_EQ(world.core->klines(sym("BTCUSDT"), {domain::CandleInterval{7}, {}, {}, 5}).error(),
              (ApiError{-1120, "Invalid interval."}));
}

TEST(CoreMarket, AveragePriceWeighsByVolumeOverFiveMinutes) {
    CoreWorld world;
    auto script = CoreWorld::book();
    script->at_ms(100, print_of("100", "1", false));
    script->at_ms(200, print_of("103", "2", false));
    world.play(std::move(script));
    EXPECT_EQ(world.core->average_price(sym("BTCUSDT"))->price, px("100"));  // the feed's first price
    world.core->advance(CoreWorld::at(200));
    EXPECT_EQ(world.core->average_price(sym("BTCUSDT"))->price, px("102"));
    EXPECT_EQ(world.core->average_price(sym("BTCUSDT"))->last_trade_time, CoreWorld::at(200));
    world.core->advance(CoreWorld::at(400'000));
    EXPECT_EQ(world.core->average_price(sym("BTCUSDT"))->price, px("103"));
    ASSERT_FALSE(world.sink.averages.empty());
    EXPECT_EQ(world.sink.averages.front().average, px("102"));
}

TEST(CoreMarket, TradesOfOneTakerAtOnePriceAreOneAggregate) {
    CoreWorld world;
    world.play(CoreWorld::book());
    for (const std::string_view quantity : {"0.1", "0.2", "0.3"})
        ASSERT_TRUE(
            world.core->place(world.bob, limit_order(Side::sell, quantity, "100.00"), CoreWorld::at(1)));
    ASSERT_TRUE(world.core->place(world.alice, market_order(Side::buy, "1"), CoreWorld::at(2)));
    ASSERT_EQ(world.sink.trades.size(), 4U);
    ASSERT_EQ(world.sink.agg_trades.size(), 2U);
    EXPECT_EQ(world.sink.agg_trades[0].quantity, qty("0.6"));
    EXPECT_EQ(world.sink.agg_trades[0].first_trade_id.value, 1);
    EXPECT_EQ(world.sink.agg_trades[0].last_trade_id.value, 3);
    EXPECT_EQ(world.sink.agg_trades[1].quantity, qty("0.4"));
    EXPECT_EQ(world.core->recent_trades(sym("BTCUSDT"), 2)->front().trade_id.value, 3);
}

TEST(CoreMarket, SpeedDividesTheTimeBetweenEvents) {
    CoreWorld world;
    auto script = std::make_unique<ScriptedFeed>(sym("BTCUSDT"), px("100"));
    script->at_ms(5'000, print_of("100", "1", false)).at_ms(15'000, print_of("101", "1", false));
    world.core->attach(std::move(script), domain::Rate::of(10), CoreWorld::at(40));
    EXPECT_EQ(world.core->next_due(), CoreWorld::at(40));
    world.core->advance(CoreWorld::at(2'000));
    ASSERT_EQ(world.sink.trades.size(), 2U);
    EXPECT_EQ(world.sink.trades[0].time, CoreWorld::at(40));
    EXPECT_EQ(world.sink.trades[1].time, CoreWorld::at(1'040));
    EXPECT_FALSE(world.core->feeds_running());
    ASSERT_EQ(world.sink.feed_ends.size(), 1U);
}

TEST(CoreMarket, ACrossedFeedLosesItsOlderSide) {
    CoreWorld world;
    auto script = CoreWorld::book();
    script->at_ms(100, levels_of({level("100.01", "1")}, {}));
    world.play(std::move(script));
    world.core->advance(CoreWorld::at(100));
    EXPECT_EQ(world.core->book_ticker(sym("BTCUSDT"))->bid, level("100.01", "1"));
    EXPECT_EQ(world.core->book_ticker(sym("BTCUSDT"))->ask, level("100.02", "2"));
}

}  // namespace
}  // namespace vigil::exchange
