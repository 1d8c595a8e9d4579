// Market streams: recorded frames of the exchange, the documentation's samples, and damaged ones.
#include "binance/stream_decoder.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "binance/padded.h"
#include "binance/recording_listener.h"
#include "market/recorded.h"

namespace vigil::binance {
namespace {

using market::testing::for_each_line;
using market::testing::recorded;
using nlohmann::json;
using test::Padded;

class StreamDecoderTest : public testing::Test {
  protected:
    StreamMessage decode(std::string_view text) {
        const Padded padded{text};
        return decoder.decode(padded.view(), base::MonotonicTime{base::seconds{7}});
    }
    test::RecordingListener listener;
    StreamDecoder decoder{listener};
};

/// Every frame of a capture, compared with what nlohmann reads of it.
void check_capture(const std::string& file, std::map<std::string, std::size_t> expected) {
    const auto path = recorded(file);
    if (!path) GTEST_SKIP() << "no recorded data";
    test::RecordingListener listener;
    StreamDecoder decoder{listener};
    std::map<std::string, std::size_t> counted;
    ASSERT_TRUE(for_each_line(*path, [&](std::string_view line) {
        const json record = json::parse(line);
        if (!record.contains("msg") || record.contains("rest")) return;
        const json& message = record["msg"];
        const std::string stream = message["stream"];
        const std::string kind = stream.substr(stream.find('@') + 1);
        ++counted[kind];
        const Padded padded{message.dump()};
        const StreamMessage got = decoder.decode(padded.view(), {});
        const json& data = message["data"];
        if (kind == "aggTrade") {
            ASSERT_EQ(got, StreamMessage::ignored);
            return;
        }
        ASSERT_EQ(got, StreamMessage::event) << line;
        if (kind == "bookTicker") {
            const auto& event = listener.tickers.back();
            ASSERT_EQ(event.symbol.view(), data["s"].get<std::string>());
            ASSERT_EQ(event.update_id, data["u"].get<std::int64_t>());
            ASSERT_EQ(event.bid.price.str8(), data["b"].get<std::string>());
            ASSERT_EQ(event.bid.quantity.str8(), data["B"].get<std::string>());
            ASSERT_EQ(event.ask.price.str8(), data["a"].get<std::string>());
            ASSERT_EQ(event.ask.quantity.str8(), data["A"].get<std::string>());
        } else if (kind == "trade") {
            const auto& event = listener.trades.back();
            ASSERT_EQ(event.trade_id.value, data["t"].get<std::int64_t>());
            ASSERT_EQ(event.price.str8(), data["p"].get<std::string>());
            ASSERT_EQ(event.quantity.str8(), data["q"].get<std::string>());
            ASSERT_EQ(event.buyer_is_maker, data["m"].get<bool>());
            ASSERT_EQ(base::to_ms(event.time), data["T"].get<std::int64_t>());
        } else if (kind == "depth@100ms") {
            const auto& event = listener.depths.back();
            ASSERT_EQ(event.diff.first_id, data["U"].get<std::int64_t>());
            ASSERT_EQ(event.diff.last_id, data["u"].get<std::int64_t>());
            ASSERT_EQ(event.bids.size(), data["b"].size());
            ASSERT_EQ(event.asks.size(), data["a"].size());
            for (std::size_t i = 0; i < event.bids.size(); ++i) {
                ASSERT_EQ(event.bids[i].price.str8(), data["b"][i][0].get<std::string>());
                ASSERT_EQ(event.bids[i].quantity.str8(), data["b"][i][1].get<std::string>());
            }
            for (std::size_t i = 0; i < event.asks.size(); ++i)
                ASSERT_EQ(event.asks[i].price.str8(), data["a"][i][0].get<std::string>());
        } else {
            const auto& event = listener.candles.back();
            const json& kline = data["k"];
            ASSERT_EQ(event.symbol.view(), kline["s"].get<std::string>());
            ASSERT_EQ(base::to_ms(event.open_time), kline["t"].get<std::int64_t>());
            ASSERT_EQ(event.open, domain::Price::literal(kline["o"].get<std::string>()));
            ASSERT_EQ(event.high, domain::Price::literal(kline["h"].get<std::string>()));
            ASSERT_EQ(event.low, domain::Price::literal(kline["l"].get<std::string>()));
            ASSERT_EQ(event.close, domain::Price::literal(kline["c"].get<std::string>()));
            ASSERT_EQ(event.volume, domain::Quantity::literal(kline["v"].get<std::string>()));
            ASSERT_EQ(event.quote_volume, domain::Amount::literal(kline["q"].get<std::string>()));
            ASSERT_EQ(event.trade_count, kline["n"].get<std::int64_t>());
            ASSERT_EQ(event.closed, kline["x"].get<bool>());
            ASSERT_EQ(domain::to_string(event.interval), kline["i"].get<std::string>());
        }
    }));
    EXPECT_TRUE(listener.malformed.empty());
    for (const auto& [kind, count] : expected) EXPECT_EQ(counted[kind], count) << kind;
}

TEST(StreamDecoderCapture, OneSymbolOf2024) {
    check_capture("ws/BTCUSDT-spot-20240808T2354-first120s.jsonl", {});
}

TEST(StreamDecoderCapture, FourSymbolsWithCandlesOf2021) {
    check_capture("ws/BINANCE-spot-20211012-4symbols.jsonl", {});
}

TEST_F(StreamDecoderTest, RawEventsAreUnderstoodToo) {
    EXPECT_EQ(
        decode(
            R"({"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66"})"),
        StreamMessage::event);
    EXPECT_EQ(listener.tickers.at(0).ask.quantity.str(), "40.66");
    EXPECT_EQ(listener.tickers.at(0).received, base::MonotonicTime{base::seconds{7}});
}

TEST_F(StreamDecoderTest, AnswersRefusalsAndShutdown) {
    EXPECT_EQ(decode(R"({"result":null,"id":1})"), StreamMessage::answer);
    EXPECT_EQ(decode(R"({"code":2,"msg":"Invalid request: unknown variant"})"), StreamMessage::ignored)
        << "without an id nobody knows what was refused";
    EXPECT_EQ(decode(R"({"error":{"code":2,"msg":"Invalid request"},"id":1})"), StreamMessage::refusal);
    EXPECT_EQ(decode(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})"),
              StreamMessage::shutdown);
    EXPECT_EQ(decode(R"({"e":"serverShutdown","E":1770123456789})"), StreamMessage::shutdown);
    EXPECT_EQ(decode(R"({"stream":"btcusdt@newThing","data":{"x":1}})"), StreamMessage::ignored);
}

TEST_F(StreamDecoderTest, MembersInAnotherOrderAndNewOnesDoNoHarm) {
    EXPECT_EQ(
        decode(
            R"({"data":{"A":"4","new":[{"a":1}],"a":"3","B":"2","b":"1","s":"X","u":9},"stream":"x@bookTicker"})"),
        StreamMessage::event);
    EXPECT_EQ(listener.tickers.at(0).bid.price.str(), "1");
    EXPECT_EQ(listener.tickers.at(0).ask.quantity.str(), "4");
}

TEST_F(StreamDecoderTest, DamagedMessagesAreNeverEvents) {
    for (
        const char* text :
        {"", "{", "null", "<html>", R"({"stream":"x@trade"})", R"({"stream":"x@trade","data":5})",
         R"({"stream":"x@trade","data":{}})",
         R"({"stream":"x@bookTicker","data":{"u":1,"s":"X","b":"1e5","B":"1","a":"1","A":"1"}})",
         R"({"stream":"x@bookTicker","data":{"u":1,"s":"X","b":1.5,"B":"1","a":"1","A":"1"}})",
         R"({"stream":"x@bookTicker","data":{"u":1.5,"s":"X","b":"1","B":"1","a":"1","A":"1"}})",
         R"({"stream":"x@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"X","U":1,"u":2,"b":[["1"]],"a":[]}})",
         R"({"stream":"x@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"X","U":1,"u":2,"b":[["1","2"]]}})"})
        EXPECT_EQ(decode(text), StreamMessage::malformed) << text;
    EXPECT_EQ(listener.events(), 0U);

    const std::string whole =
        R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255000,"s":"BTCUSDT","U":157,"u":160,)"
        R"("b":[["0.00240000","10.00000000"],["0.0023","1"]],"a":[["0.0026","100"]]}})";
    ASSERT_EQ(decode(whole), StreamMessage::event);
    constexpr unsigned seed = 100;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 20'000; ++round) {
        std::string text = whole;
        for (auto flips = 1 + random() % 3; flips > 0; --flips)
            text[random() % text.size()] = static_cast<char>(random());
        if (random() % 8 == 0) text.resize(random() % text.size());
        listener.depths.clear();
        if (decode(text) == StreamMessage::malformed) {
            EXPECT_TRUE(listener.depths.empty());
        }
    }
}

}  // namespace
}  // namespace vigil::binance
