// Feeds from small files written here: every format, every way a file can be wrong.
#include <gtest/gtest.h>

#include <cmath>

#include "exchange/feed_fixture.h"
#include "exchange/random.h"

namespace vigil::exchange {
namespace {

using Lines = std::vector<std::string>;

class FeedFiles : public ::testing::Test {
  protected:
    std::unique_ptr<Feed> opened(const std::filesystem::path& file, FeedOptions options = {}) {
        auto feed = open_feed(file, options);
        EXPECT_TRUE(feed.has_value()) << (feed ? "" : feed.error().message);
        return feed ? std::move(*feed) : nullptr;
    }
    std::string refused(const std::filesystem::path& file) {
        auto feed = open_feed(file, {});
        if (!feed) return feed.error().message;
        DeafMarket market;
        play(**feed, market);
        return (*feed)->error() == nullptr ? "accepted" : (*feed)->error()->message;
    }
    OwnFolder folder_;
};

constexpr const char* trades_ms =
    "10,100.50,0.2,20.1,1723161255342,true,true\n"
    "11,100.51,0.3,30.153,1723161255617,false,true\n";

TEST_F(FeedFiles, TradesWithAndWithoutHeaderInMillisecondsAndMicroseconds) {
    const Lines expected{"print 100.5 0.2 sell", "print 100.51 0.3 buy"};
    const std::string header = "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match\n";
    const std::string us =
        "10,100.50,0.2,20.1,1723161255342000,True,True\r\n"
        "11,100.51,0.3,30.153,1723161255617000,False,True\r\n";
    for (const std::string& text : {std::string{trades_ms}, header + trades_ms, us, header + us}) {
        const auto feed = opened(folder_.write("BTCUSDT-trades.csv", text));
        ASSERT_NE(feed, nullptr);
        EXPECT_EQ(feed->format(), "trades");
        ASSERT_EQ(feed->symbols().size(), 1U);
        EXPECT_EQ(feed->symbols()[0].symbol, sym("BTCUSDT"));
        EXPECT_EQ(feed->symbols()[0].first_price, px("100.5"));
        EXPECT_EQ(feed->symbols()[0].tick, px("0.01"));
        EXPECT_EQ(feed->symbols()[0].step, qty("0.1"));
        ToldMarket market;
        EXPECT_EQ(play(*feed, market), (std::vector<std::int64_t>{1'723'161'255'342, 1'723'161'255'617}));
        EXPECT_EQ(market.printed(), expected);
        EXPECT_EQ(feed->error(), nullptr);
    }
}

TEST_F(FeedFiles, AggTradesAlsoCompressed) {
    const std::string text = "5,0.00141342,23,15373518,15373519,1570752011620,true,true\n";
    for (const auto& file :
         {folder_.write("XRPETH-agg.csv", text), folder_.write_gzip("XRPETH-agg.csv.gz", text)}) {
        const auto feed = opened(file);
        ASSERT_NE(feed, nullptr);
        EXPECT_EQ(feed->format(), "aggTrades");
        ToldMarket market;
        play(*feed, market);
        EXPECT_EQ(market.printed(), Lines{"print 0.00141342 23 sell"});
    }
}

TEST_F(FeedFiles, TheSymbolComesFromTheOptionOrTheName) {
    FeedOptions options;
    options.symbol = sym("LTCBTC");
    const auto feed = opened(folder_.write("whatever.csv", trades_ms), options);
    ASSERT_NE(feed, nullptr);
    EXPECT_EQ(feed->symbols()[0].symbol, sym("LTCBTC"));
    EXPECT_EQ(refused(folder_.path() / "whatever.csv"),
              "whatever.csv: the file's name does not begin with its symbol (BTCUSDT-...): name it");
}

TEST_F(FeedFiles, KlinesBecomePrintsThatRebuildThem) {
    const std::string text =
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore\n"
        "1704067200000,100.00,103.00,99.00,102.00,62,1704067259999,0,0,0,0,0\n"
        "1704067260000,102.00,102.50,97.00,98.00,0.00003,1704067319999,0,0,0,0,0\n"
        "1704067320000,98.00,98.00,98.00,98.00,0,1704067379999,0,0,0,0,0\n"
        "1704067380000,98.00,99.00,98.00,99.00,31,1704067439999,0,0,0,0,0\n";
    CoreWorld world;
    auto feed = opened(folder_.write("BTCUSDT-1m.csv", text));
    ASSERT_NE(feed, nullptr);
    EXPECT_EQ(feed->format(), "klines");
    world.core->attach(std::move(feed), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(250'000));
    KlinesQuery query{*domain::parse_candle_interval("1m"), CoreWorld::at(0), {}, 4};
    const auto klines = world.core->klines(sym("BTCUSDT"), query).value();
    ASSERT_EQ(klines.size(), 4U);
    EXPECT_EQ(klines[0].high, px("103"));
    EXPECT_EQ(klines[0].low, px("99"));
    EXPECT_EQ(klines[0].close, px("102"));
    EXPECT_EQ(klines[0].volume, qty("62"));
    EXPECT_EQ(klines[1].open, px("102"));
    EXPECT_EQ(klines[1].volume, qty("0.00003"));
    EXPECT_EQ(klines[2].trade_count, 0);
    EXPECT_EQ(klines[3].open, px("98"));
    EXPECT_EQ(klines[3].high, px("99"));
    EXPECT_EQ(klines[3].volume, qty("31"));
    // A rising kline goes down first.
    std::vector<domain::Price> extremes;
    for (const TradeEvent& trade : world.sink.trades)
        if (trade.price == px("99") || trade.price == px("103")) extremes.push_back(trade.price);
    ASSERT_GE(extremes.size(), 2U);
    EXPECT_EQ(extremes.front(), px("99"));
}

TEST_F(FeedFiles, ALoopGoesOnInTimeAndAnEndEnds) {
    FeedOptions options;
    options.at_end = AtEnd::loop;
    const auto file = folder_.write("BTCUSDT-trades.csv", trades_ms);
    const auto feed = opened(file, options);
    ASSERT_NE(feed, nullptr);
    ToldMarket market;
    const auto times = play(*feed, market, 6);
    ASSERT_EQ(times.size(), 6U);
    for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i], times[i - 1]);
    EXPECT_EQ(times[2] - times[1], 1'000);
    EXPECT_EQ(times[3] - times[2], 275);
    EXPECT_EQ(market.printed()[4], "print 100.5 0.2 sell");
}

TEST_F(FeedFiles, WrongFilesAreRefusedWithTheirLine) {
    EXPECT_EQ(refused(folder_.write("BTCUSDT-a.csv", "hello\nworld\n")),
              "BTCUSDT-a.csv:2: neither a capture nor trades, aggTrades or klines of the exchange");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-b.csv",
                                    std::string{trades_ms} + "12,abc,1,1,1723161255700,true,true\n")),
              "BTCUSDT-b.csv:3: the price is no positive decimal, or beyond every market");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-c.csv",
                                    std::string{trades_ms} + "12,1e5,1,1,1723161255700,true,true\n")),
              "BTCUSDT-c.csv:3: the price is no positive decimal, or beyond every market");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-d.csv",
                                    std::string{trades_ms} + "12,5,-1,1,1723161255700,true,true\n")),
              "BTCUSDT-d.csv:3: the quantity is no positive decimal, or beyond every market");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-e.csv", std::string{trades_ms} + "12,5,1,1,17,true,true\n")),
              "BTCUSDT-e.csv:3: the time is neither milliseconds nor microseconds since 1970");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-f.csv",
                                    std::string{trades_ms} + "12,5,1,1,1723161255342,true,true\n")),
              "BTCUSDT-f.csv:3: the time goes back");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-g.csv", std::string{trades_ms} + "12,5,1\n")),
              "BTCUSDT-g.csv:3: a trade has more fields");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-h.csv",
                                    std::string{trades_ms} + "12,5,1,1,1723161255700,perhaps,x\n")),
              "BTCUSDT-h.csv:3: is_buyer_maker is neither true nor false");
    EXPECT_EQ(refused(folder_.write("BTCUSDT-l.csv", "12,1,50000000000,1,1723161255700,true,x\n")),
              "BTCUSDT-l.csv:1: the quantity is no positive decimal, or beyond every market");
    EXPECT_NE(refused(folder_.write("BTCUSDT-i.csv", "")).find("there is no market event in it"),
              std::string::npos);
    EXPECT_NE(
        refused(folder_.write("BTCUSDT-j.csv", "id,price,qty\n")).find("there is no market event in it"),
        std::string::npos);
    EXPECT_EQ(
        refused(folder_.write("BTCUSDT-k.csv", "1704067200000,100,103,101,102,62,1704067259999,0,0,0,0,0\n")),
        "BTCUSDT-k.csv:1: open and close do not lie between low and high");
    const auto none = open_feed(folder_.path() / "none.csv", {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, base::ErrorKind::not_found);
    EXPECT_FALSE(open_feed(folder_.path(), {}));
}

TEST_F(FeedFiles, DamagedCompressionIsFoundAndLongLinesAreNotSwallowed) {
    std::string text;
    Random random{1};
    for (int i = 0; i < 2'000; ++i)
        text += std::to_string(random.next()) + ",100,0.2,20.1,1723161255342,true,true\n";
    const auto file = folder_.write_gzip("BTCUSDT-trades.csv.gz", text);
    const auto size = std::filesystem::file_size(file);
    std::filesystem::resize_file(file, size / 2);
    EXPECT_NE(refused(file).find("the compressed data end early"), std::string::npos) << refused(file);
    const auto damaged = folder_.write_gzip("BTCUSDT-damaged.csv.gz", text);
    {
        std::fstream bytes{damaged, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekp(static_cast<std::streamoff>(size / 2));
        bytes.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    }
    EXPECT_NE(refused(damaged), "accepted");
    const auto endless = folder_.write_gzip("BTCUSDT-long.csv.gz", std::string(9U * 1024 * 1024, '1'));
    EXPECT_EQ(refused(endless), "BTCUSDT-long.csv.gz:1: the line is longer than 8 MiB");
}

constexpr const char* capture =
    R"({"recv": 1000.0, "connect": "wss://stream.example.com"})"
    "\n"
    R"({"recv":1000.1,"msg":{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":5,"b":[["99","7"]],"a":[]}}})"
    "\n"
    R"({"recv":1000.2,"rest":"GET /api/v3/depth?symbol=BTCUSDT&limit=1000","msg":{"lastUpdateId":7,"bids":[["100","1"],["99","2"]],"asks":[["101","1"]]}})"
    "\n"
    R"({"recv":1000.3,"msg":{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":2,"s":"BTCUSDT","U":6,"u":9,"b":[["99","3"]],"a":[["101","0"],["102","4"]]}}})"
    "\n"
    R"({"recv":1000.4,"msg":{"stream":"btcusdt@bookTicker","data":{"u":12,"s":"BTCUSDT","b":"100.5","B":"2","a":"102","A":"4"}}})"
    "\n"
    R"({"recv":1000.5,"msg":{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":3,"s":"BTCUSDT","U":10,"u":11,"b":[["101","5"],["98","1"]],"a":[["103","1"]]}}})"
    "\n"
    R"({"recv":1000.6,"msg":{"stream":"btcusdt@trade","data":{"e":"trade","E":4,"s":"BTCUSDT","t":1,"p":"100.5","q":"0.5","T":4,"m":true,"M":true}}})"
    "\n"
    R"({"recv":1000.6,"msg":{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":4,"s":"BTCUSDT","a":1,"p":"100.5","q":"0.5","f":1,"l":1,"T":4,"m":true,"M":true}}})"
    "\n"
    R"({"recv":1000.7,"msg":{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":4,"s":"BTCUSDT","k":{}}}})"
    "\n";

TEST_F(FeedFiles, ACaptureBeginsWithItsSnapshotAndHeedsUpdateIds) {
    const auto feed = opened(folder_.write("any.jsonl", capture));
    ASSERT_NE(feed, nullptr);
    EXPECT_EQ(feed->format(), "capture");
    ToldMarket market;
    EXPECT_EQ(play(*feed, market), (std::vector<std::int64_t>{1'000'300, 1'000'400, 1'000'500, 1'000'600}));
    EXPECT_EQ(market.told, (Lines{
                               "book 100/1 99/2 | 101/1",
                               "levels 99/3 | 101/0 102/4",
                               "top 100.5/2 | 102/4",
                               // Older than the bookTicker, which it may not contradict.
                               "levels 98/1 100.5/2 | 103/1 102/4",
                               "print 100.5 0.5 sell",
                           }));
}

TEST_F(FeedFiles, WrongCapturesAreRefusedWithTheirLine) {
    const auto with = [this](const std::string& line) {
        return refused(folder_.write("c.jsonl", std::string{capture} + line + "\n"));
    };
    EXPECT_EQ(with("{\"recv\":1000.8,"), "c.jsonl:10: the line is no JSON object");
    EXPECT_EQ(with("[1]"), "c.jsonl:10: the line is no JSON object");
    EXPECT_EQ(with(R"({"msg":{}})"), "c.jsonl:10: there is neither recv_ns nor recv");
    EXPECT_EQ(with(R"({"recv":-5,"msg":{}})"), "c.jsonl:10: recv is no time");
    EXPECT_EQ(with(R"({"recv":1001,"msg":{"e":"depthUpdate","s":"BTCUSDT","U":5,"u":4,"b":[],"a":[]}})"),
              "c.jsonl:10: U is above u");
    EXPECT_EQ(
        with(R"({"recv":1001,"msg":{"e":"depthUpdate","s":"BTCUSDT","U":20,"u":24,"b":[["1"]],"a":[]}})"),
        "c.jsonl:10: b holds something that is no level");
    EXPECT_EQ(
        with(R"({"recv":1001,"msg":{"e":"depthUpdate","s":"BTCUSDT","U":20,"u":24,"b":[["1","x"]],"a":[]}})"),
        "c.jsonl:10: a quantity is no decimal, or beyond every market");
    EXPECT_EQ(with(R"({"recv":1001,"msg":{"u":20,"s":"BTCUSDT","b":"9","B":"1","a":"8","A":"1"}})"),
              "c.jsonl:10: the best bid is not below the best ask");
    EXPECT_EQ(with(R"({"recv":1001,"msg":{"e":"trade","s":"BTCUSDT","p":"0","q":"1","m":true}})"),
              "c.jsonl:10: a trade of zero");
    // Streams unheard of are nobody's error.
    EXPECT_EQ(with(R"({"recv":1001,"msg":{"e":"referencePrice","s":"BTCUSDT"}})"), "accepted");
}

TEST(FeedGenerated, SameSeedSameMarketAndTimeNeverGoesBack) {
    const auto run = [](std::uint64_t seed) {
        GeneratedOptions options;
        options.seed = seed;
        options.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
        options.symbols.push_back({sym("BNBBTC"), px("0.008346"), px("0.000001"), qty("0.001"), px("61700")});
        const auto feed = generate_feed(options);
        ToldMarket market;
        MarketTime last{};
        for (int i = 0; i < 5'000; ++i) {
            EXPECT_GE(*feed->next_time(), last);
            last = *feed->next_time();
            feed->apply_next(market);
        }
        for (const auto& print : market.prints) {
            const bool is_btc = print.symbol == sym("BTCUSDT");
            EXPECT_TRUE(print.price.is_positive() &&
                        print.price.is_multiple_of(px(is_btc ? "0.01" : "0.000001")));
            EXPECT_TRUE(print.quantity.is_positive() &&
                        print.quantity.is_multiple_of(qty(is_btc ? "0.00001" : "0.001")));
        }
        return market.told;
    };
    EXPECT_EQ(run(5), run(5));
    EXPECT_NE(run(5), run(6));
}

TEST(FeedGenerated, ResemblesTheRecordedMarket) {
    GeneratedOptions options;
    options.seed = 3;
    options.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
    CoreWorld world;
    world.core->attach(generate_feed(options), domain::Rate::of(1), CoreWorld::at(0));
    constexpr int seconds = 1'800;
    std::vector<std::int64_t> mids;
    int spread_of_a_tick = 0;
    domain::Quantity volume;
    std::size_t trades = 0;
    for (int second = 0; second < seconds; ++second) {
        world.core->advance(CoreWorld::at(1'000 * second));
        const auto ticker = world.core->book_ticker(sym("BTCUSDT")).value();
        mids.push_back(ticker.bid.price.raw());
        spread_of_a_tick += ticker.ask.price - ticker.bid.price == px("0.01") ? 1 : 0;
        trades += world.sink.trades.size();
        for (const TradeEvent& trade : world.sink.trades) volume += trade.quantity;
        world.sink.trades.clear();
        world.sink.tickers.clear();
        world.sink.depths.clear();
        world.sink.klines.clear();
    }
    double sum = 0;
    int still = 0;
    for (std::size_t i = 1; i < mids.size(); ++i) {
        const double change =
            1e4 * static_cast<double>(mids[i] - mids[i - 1]) / static_cast<double>(mids[i - 1]);
        sum += change * change;
        still += mids[i] == mids[i - 1] ? 1 : 0;
    }
    const double deviation_bp = std::sqrt(sum / (seconds - 1));
    EXPECT_NEAR(deviation_bp, 1.25, 0.4);                          // recorded: 1.25
    EXPECT_NEAR(static_cast<double>(still) / seconds, 0.5, 0.15);  // recorded: 0.50
    EXPECT_GT(spread_of_a_tick, seconds * 7 / 10);                 // recorded: 80 % and more
    EXPECT_NEAR(static_cast<double>(trades) / seconds, 30.6, 6);   // recorded: 30.6
    const double mean = static_cast<double>(volume.raw()) / 1e8 / static_cast<double>(trades);
    EXPECT_NEAR(mean, 0.0220, 0.006);  // recorded: 0.0220
}

}  // namespace
}  // namespace vigil::exchange
