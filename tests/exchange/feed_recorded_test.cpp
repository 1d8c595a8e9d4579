// The recorded files, each in its format. Skipped where they are absent.
#include <gtest/gtest.h>

#include <simdjson.h>

#include "exchange/feed_fixture.h"
#include "exchange/line_reader.h"
#include "exchange/market_setup.h"

namespace vigil::exchange {
namespace {

/// Opens a recorded file and plays it to its end, at once.
struct Played {
    CoreWorld world;
    std::string format;
    std::vector<FeedSymbol> symbols;
};
std::unique_ptr<Played> play_recorded(const std::filesystem::path& file, std::int64_t seconds) {
    auto played = std::make_unique<Played>();
    auto feed = open_feed(file, {});
    EXPECT_TRUE(feed.has_value()) << (feed ? "" : feed.error().message);
    if (!feed) return nullptr;
    played->format = (*feed)->format();
    played->symbols.assign((*feed)->symbols().begin(), (*feed)->symbols().end());
    for (const FeedSymbol& known : played->symbols)
        if (played->world.core->symbol(known.symbol) == nullptr)
            played->world.core->add_symbol(
                make_symbol_spec(known.symbol, known.tick, known.step, known.first_price).value());
    played->world.core->attach(std::move(*feed), domain::Rate::of(1), CoreWorld::at(0));
    played->world.core->advance(CoreWorld::at(1'000 * seconds));
    EXPECT_EQ(played->world.sink.feed_ends.size(), 1U);
    if (!played->world.sink.feed_ends.empty()) {
        EXPECT_EQ(played->world.sink.feed_ends[0], file.filename().string());  // no error behind it
    }
    return played;
}

TEST(FeedRecorded, TheCapturesBestPricesAreShownOneByOne) {
    const auto file = recorded("ws/BTCUSDT-spot-20240808T2354-first120s.jsonl");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    const auto played = play_recorded(file, 130);
    ASSERT_NE(played, nullptr);
    EXPECT_EQ(played->format, "capture");

    // What the recording's bookTickers and trades say, read independently.
    std::vector<std::string> expected_tickers;
    std::size_t expected_trades = 0;
    std::string last;
    auto reader = LineReader::open(file);
    ASSERT_TRUE(reader);
    simdjson::dom::parser parser;
    std::int64_t snapshot_id = 50'093'239'218;
    for (;;) {
        const auto line = (*reader)->next();
        ASSERT_TRUE(line);
        if (!*line) break;
        simdjson::dom::element root;
        ASSERT_EQ(parser.parse((*line)->data(), (*line)->size()).get(root), simdjson::SUCCESS);
        std::string_view stream;
        if (root["msg"]["stream"].get(stream) != simdjson::SUCCESS) continue;
        const auto data = root["msg"]["data"];
        if (stream == "btcusdt@trade") ++expected_trades;
        if (stream != "btcusdt@bookTicker" || data["u"].get_int64() < snapshot_id) continue;
        std::string text;
        for (const char* name : {"b", "B", "a", "A"})
            text += std::string{data[name].get_string().value()} + " ";
        if (text != last) expected_tickers.push_back(text);
        last = text;
    }
    std::vector<std::string> shown;
    for (const BookTickerEvent& ticker : played->world.sink.tickers)
        shown.push_back(ticker.bid.price.str8() + " " + ticker.bid.quantity.str8() + " " +
                        ticker.ask.price.str8() + " " + ticker.ask.quantity.str8() + " ");
    EXPECT_EQ(played->world.sink.trades.size(), expected_trades);
    ASSERT_GT(expected_tickers.size(), 5'000U);
    // The first is the snapshot's.
    const bool first_is_snapshot = !shown.empty() && shown.front() != expected_tickers.front();
    if (first_is_snapshot) shown.erase(shown.begin());
    EXPECT_EQ(shown, expected_tickers);
}

TEST(FeedRecorded, TheWholeCompressedCaptureIsPlayed) {
    const auto file = recorded("ws/BTCUSDT-spot-20240808T2354.jsonl.gz");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    const auto played = play_recorded(file, 660);
    ASSERT_NE(played, nullptr);
    EXPECT_EQ(played->world.sink.trades.size(), 19'904U);
    domain::Price low = px("1000000");
    domain::Price high;
    for (const TradeEvent& trade : played->world.sink.trades) {
        low = std::min(low, trade.price);
        high = std::max(high, trade.price);
    }
    EXPECT_EQ(low, px("61556.04"));
    EXPECT_EQ(high, px("61860.80"));
}

TEST(FeedRecorded, FourSymbolsOfOneCapture) {
    const auto file = recorded("ws/BINANCE-spot-20211012-4symbols.jsonl");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    const auto played = play_recorded(file, 40);
    ASSERT_NE(played, nullptr);
    ASSERT_EQ(played->symbols.size(), 4U);
    for (const FeedSymbol& known : played->symbols) {
        const auto depth = played->world.core->depth(known.symbol, 5'000).value();
        EXPECT_GT(depth.bids.size(), 100U) << known.symbol.view();
        EXPECT_LT(depth.bids.front().price, depth.asks.front().price);
    }
}

TEST(FeedRecorded, TradesAndAggTrades) {
    struct Case {
        const char* file;
        const char* format;
        std::int64_t seconds;
        std::size_t rows;
    };
    for (const Case& one : {Case{"trades/BTCUSDT-trades-2024-08-08T2354.csv", "trades", 700, 19'904},
                            Case{"trades/XRPETH-aggTrades-2019-10-11.csv", "aggTrades", 86'400, 5'929}}) {
        const auto file = recorded(one.file);
        if (file.empty()) GTEST_SKIP() << "no recorded data";
        const auto played = play_recorded(file, one.seconds);
        ASSERT_NE(played, nullptr);
        EXPECT_EQ(played->format, one.format);
        EXPECT_EQ(played->world.sink.trades.size(), one.rows);
        for (const BookTickerEvent& ticker : played->world.sink.tickers) {
            ASSERT_LT(ticker.bid.price, ticker.ask.price);
        }
    }
}

TEST(FeedRecorded, KlinesAreRebuiltExactly) {
    const auto file = recorded("klines/BTCUSDT-1h-2022-02_2023-12.csv");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    // Long files are the same to the feed as short ones; the first 48 hours suffice here.
    OwnFolder folder;
    std::ifstream in{file};
    std::string text;
    std::string line;
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i <= 48 && std::getline(in, line); ++i) {
        text += line + "\n";
        if (i == 0) continue;
        std::vector<std::string> fields;
        std::stringstream stream{line};
        for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
        rows.push_back(fields);
    }
    const auto cut = folder.write("BTCUSDT-1h.csv", text);
    const auto played = play_recorded(cut, 49 * 3'600);
    ASSERT_NE(played, nullptr);
    KlinesQuery query{*domain::parse_candle_interval("1h"), CoreWorld::at(0), {}, 48};
    const auto klines = played->world.core->klines(sym("BTCUSDT"), query).value();
    ASSERT_EQ(klines.size(), 48U);
    for (std::size_t i = 0; i < klines.size(); ++i) {
        EXPECT_EQ(klines[i].open, px(rows[i][1])) << i;
        EXPECT_EQ(klines[i].high, px(rows[i][2])) << i;
        EXPECT_EQ(klines[i].low, px(rows[i][3])) << i;
        EXPECT_EQ(klines[i].close, px(rows[i][4])) << i;
        EXPECT_EQ(klines[i].volume, qty(rows[i][5])) << i;
    }
}

TEST(FeedRecorded, EveryRecordedFileOpens) {
    for (const char* name :
         {"klines/BNBUSDT-1h-2023.csv", "klines/BTCUSDT-15m-2025H1.csv",
          "klines/BTCUSDT-1d-2017-08_2023-12.csv", "klines/BTCUSDT-1h-2022-02_2023-12.csv",
          "klines/BTCUSDT-1m-2024-01.csv", "klines/ETHUSDT-1h-2022-02_2023-12.csv",
          "klines/ETHUSDT-5m-2024-12.csv", "trades/BTCUSDT-prints-2022-01-15T00_06.inferred-aggTrades.csv",
          "ws/BTCUSDT-spot-20240808T2354.jsonl.gz"}) {
        const auto file = recorded(name);
        if (file.empty()) GTEST_SKIP() << "no recorded data";
        auto feed = open_feed(file, {});
        ASSERT_TRUE(feed.has_value()) << feed.error().message;
        DeafMarket market;
        EXPECT_EQ(play(**feed, market, 500).size(), 500U) << name;
        EXPECT_EQ((*feed)->error(), nullptr) << name;
    }
}

TEST(FeedRecorded, AMarketIsInstalledFromFilesAndRulesOfTheirTime) {
    const auto info = recorded("rest/exchangeInfo-20250807-25symbols.json");
    const auto capture = recorded("ws/BTCUSDT-spot-20240808T2354-first120s.jsonl");
    const auto prints = recorded("trades/XRPETH-aggTrades-2019-10-11.csv");
    if (info.empty() || capture.empty() || prints.empty()) GTEST_SKIP() << "no recorded data";
    RecordingSink sink;
    CoreOptions options;
    options.start = CoreWorld::at(0);
    ExchangeCore core{options, sink};
    MarketOptions market;
    market.exchange_info = info;
    market.replay = {capture, prints};
    market.generate = {sym("ETHUSDT")};
    const auto names = install_market(core, market, CoreWorld::at(0));
    ASSERT_TRUE(names.has_value()) << names.error().message;
    EXPECT_EQ(names->size(), 3U);
    core.advance(CoreWorld::at(5'000));
    EXPECT_EQ(core.symbols().size(), 26U);
    for (const char* name : {"BTCUSDT", "ETHUSDT", "XRPETH"})
        EXPECT_TRUE(core.book_ticker(sym(name))->bid.quantity.is_positive()) << name;
    EXPECT_EQ(core.symbol(sym("NEOBTC"))->rules.quote, ast("BTC"));

    market.replay.push_back(capture);
    RecordingSink other_sink;
    ExchangeCore other{options, other_sink};
    const auto twice = install_market(other, market, CoreWorld::at(0));
    ASSERT_FALSE(twice);
    EXPECT_NE(twice.error().message.find("BTCUSDT is already played by another file"), std::string::npos);
}

}  // namespace
}  // namespace vigil::exchange
