// The market streams, over TLS on loopback.
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

class WsStreamsLive : public LiveExchange {
  protected:
    /// A taker order of the first account: a trade, and a changed book.
    void trade(const std::string& quantity = "0.5") {
        const auto done =
            signed_rest("POST", "/api/v3/order",
                        {{"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quantity", quantity}});
        ASSERT_EQ(done.status, 200) << done.body;
    }
    static Json control(const std::string& method, Json params, int id) {
        return {{"method", method}, {"params", std::move(params)}, {"id", id}};
    }
};

TEST_F(WsStreamsLive, SendsRawAndCombinedEvents) {
    start();
    const auto raw = socket(ready.stream + "/ws/btcusdt@trade");
    const auto combined =
        socket(ready.stream + "/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@bookTicker");
    const auto micro = socket(ready.stream + "/ws/btcusdt@trade?timeUnit=MICROSECOND");
    ASSERT_TRUE(raw->open && combined->open && micro->open);
    trade();
    const Json event = raw->next();
    EXPECT_EQ(event["e"], "trade");
    EXPECT_EQ(event["s"], "BTCUSDT");
    EXPECT_EQ(event["p"], "100.01000000");
    EXPECT_EQ(event["q"], "0.50000000");
    EXPECT_EQ(event["m"], false);
    const auto from = [](const std::string& name) {
        return [name](const Json& message) { return message["stream"] == name; };
    };
    EXPECT_EQ(combined->await(from("btcusdt@trade"))["data"], event);
    EXPECT_EQ(combined->await(from("btcusdt@aggTrade"))["data"]["f"], event["t"]);
    const Json slow = micro->next();
    EXPECT_EQ(slow["T"].get<std::int64_t>() / 1000, event["T"].get<std::int64_t>());
    trade("0.1");
    EXPECT_EQ(combined->await(from("btcusdt@bookTicker"))["data"]["A"].get<std::string>().size(), 10U);
}

// "Live Subscribing/Unsubscribing to streams".
TEST_F(WsStreamsLive, SubscribesLive) {
    start();
    const auto stream = socket(ready.stream + "/ws");
    stream->send(control("SUBSCRIBE", {"btcusdt@trade", "btcusdt@nonsense", "nosuch@trade"}, 1).dump());
    EXPECT_EQ(stream->next(), Json::parse(R"({"result":null,"id":1})"));
    stream->send(R"({"method":"LIST_SUBSCRIPTIONS","id":"list-1"})");
    EXPECT_EQ(stream->next(),
              Json::parse(R"({"result":["btcusdt@trade","btcusdt@nonsense","nosuch@trade"],"id":"list-1"})"));
    trade();
    EXPECT_EQ(stream->next()["e"], "trade");
    stream->send(control("SET_PROPERTY", {"combined", true}, 3).dump());
    EXPECT_EQ(stream->next()["result"], nullptr);
    trade("0.1");
    EXPECT_EQ(stream->next()["stream"], "btcusdt@trade");
    stream->send(control("UNSUBSCRIBE", {"btcusdt@trade"}, 4).dump());
    EXPECT_EQ(stream->next()["id"], 4);
    trade("0.1");
    stream->send(control("GET_PROPERTY", {"combined"}, 5).dump());
    EXPECT_EQ(stream->next(), Json::parse(R"({"result":true,"id":5})"))
        << "no event after the unsubscription";
}

// "Error Messages".
TEST_F(WsStreamsLive, RefusesWithTheDocumentedTexts) {
    ExchangeServerOptions options;
    options.streams.messages_per_second_max = 100;
    start(std::move(options));
    const auto stream = socket(ready.stream + "/ws");
    const auto answer = [&stream](const std::string& text) {
        stream->send(text);
        return stream->next();
    };
    EXPECT_EQ(answer(control("SET_PROPERTY", {"colour", true}, 1).dump()),
              Json::parse(R"({"code":0,"msg":"Unknown property","id":1})"));
    EXPECT_EQ(answer(control("SET_PROPERTY", {"combined", 1}, 1).dump())["msg"],
              "Invalid value type: expected Boolean");
    EXPECT_EQ(answer(control("GET_PROPERTY", Json::array({5}), 1).dump())["msg"],
              "Invalid request: property name must be a string");
    EXPECT_EQ(answer(R"({"method":"LIST_SUBSCRIPTIONS"})")["msg"],
              "Invalid request: request ID must be an unsigned integer");
    EXPECT_EQ(answer(R"({"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":{"a":1}})")["code"], 2);
    EXPECT_EQ(answer(R"({"method":"LISTEN","id":1})")["msg"],
              "Invalid request: unknown variant `LISTEN`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
              "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 26");
    EXPECT_EQ(answer(R"({"id":1})")["msg"], "Invalid request: missing field `method` at line 1 column 8");
    EXPECT_EQ(answer(R"({"method":"SUBSCRIBE","params":["a@trade"],"id":1,"more":2})")["msg"],
              "Invalid request: too many parameters");
    EXPECT_EQ(answer("{nonsense")["code"], 3);
    EXPECT_EQ(answer(R"({"method":"LIST_SUBSCRIPTIONS","id":1e999})")["code"], 3);
    EXPECT_EQ(answer("[1,2]")["code"], 2);
    EXPECT_TRUE(stream->open);
}

// A URL's bytes may be anything; JSON is UTF-8.
TEST_F(WsStreamsLive, ListsNamesThatAreNotUtf8) {
    start();
    const auto stream = socket(ready.stream + "/stream?streams=%C4@trade");
    ASSERT_TRUE(stream->open);
    stream->send(R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
    EXPECT_EQ(stream->next()["result"], Json::array({"\xef\xbf\xbd@trade"}));
}

// "WebSocket connections have a limit of 5 incoming messages per second."
TEST_F(WsStreamsLive, EndsConnectionsThatTalkTooMuch) {
    start();
    const auto stream = socket(ready.stream + "/ws");
    for (int i = 0; i < 11; ++i) stream->send(R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
    ASSERT_TRUE(stream->await_closed());
    EXPECT_EQ(stream->closed->code, 1008);
}

TEST_F(WsStreamsLive, EndsConnectionsWithTooManyStreams) {
    ExchangeServerOptions options;
    options.streams.streams_max = 3;
    start(std::move(options));
    const auto stream = socket(ready.stream + "/stream?streams=a@trade/b@trade/c@trade");
    ASSERT_TRUE(stream->open);
    stream->send(control("SUBSCRIBE", {"a@trade", "c@trade"}, 1).dump());
    EXPECT_EQ(stream->next()["result"], nullptr) << "what it has already does not count twice";
    stream->send(control("SUBSCRIBE", {"d@trade"}, 2).dump());
    EXPECT_TRUE(stream->await_closed());
}

// "How to manage a local order book correctly": the snapshot and the differences fit together.
TEST_F(WsStreamsLive, DepthDifferencesContinueTheSnapshot) {
    start();
    const auto fast = socket(ready.stream + "/ws/btcusdt@depth@100ms");
    const auto slow = socket(ready.stream + "/ws/btcusdt@depth");
    const auto best = socket(ready.stream + "/ws/btcusdt@depth5@100ms");
    std::map<std::string, std::string, std::greater<>> bids;
    std::map<std::string, std::string> asks;
    std::int64_t last = 0;
    const auto apply = [&](const Json& diff) {
        for (const Json& level : diff["b"]) bids[level[0]] = level[1];
        for (const Json& level : diff["a"]) asks[level[0]] = level[1];
    };
    trade("0.1");
    const Json snapshot = Json::parse(rest("GET", "/api/v3/depth?symbol=BTCUSDT").body);
    last = snapshot["lastUpdateId"];
    apply({{"b", snapshot["bids"]}, {"a", snapshot["asks"]}});
    for (int i = 0; i < 5; ++i) {
        trade("0.1");
        const Json diff = fast->await([&](const Json& one) { return one["u"].get<std::int64_t>() > last; });
        ASSERT_FALSE(diff.is_null());
        ASSERT_LE(diff["U"].get<std::int64_t>(), last + 1);
        last = diff["u"];
        apply(diff);
    }
    const Json merged = slow->await([&](const Json& one) { return one["u"].get<std::int64_t>() >= last; });
    ASSERT_FALSE(merged.is_null());
    EXPECT_EQ(merged["a"][0], Json::parse(R"(["100.01000000","0.40000000"])"));
    std::erase_if(bids, [](const auto& level) { return level.second == "0.00000000"; });
    std::erase_if(asks, [](const auto& level) { return level.second == "0.00000000"; });
    const Json now = Json::parse(rest("GET", "/api/v3/depth?symbol=BTCUSDT").body);
    ASSERT_EQ(now["lastUpdateId"], last);
    EXPECT_EQ(now["bids"].size(), bids.size());
    for (const Json& level : now["asks"]) EXPECT_EQ(asks[level[0]], level[1]);
    const Json top = best->await([&](const Json& one) { return one["lastUpdateId"] == last; });
    EXPECT_EQ(top["asks"][0], Json::parse(R"(["100.01000000","0.40000000"])"));
}

TEST_F(WsStreamsLive, SendsKlines) {
    start();
    const auto stream = socket(ready.stream + "/ws/btcusdt@kline_1s/btcusdt@kline_1m");
    trade();
    const Json event = stream->await([](const Json& one) { return one["k"]["i"] == "1s"; });
    ASSERT_FALSE(event.is_null());
    EXPECT_EQ(event["e"], "kline");
    EXPECT_EQ(event["k"]["T"].get<std::int64_t>() - event["k"]["t"].get<std::int64_t>(), 999);
    EXPECT_EQ(event["k"]["c"], "100.01000000");
}

// "Individual Symbol Mini Ticker Stream" and the tickers after it, each second after a trade.
TEST_F(WsStreamsLive, SendsTickers) {
    start();
    const std::vector<std::string> names{"btcusdt@miniTicker", "btcusdt@ticker",         "btcusdt@ticker_1h",
                                         "btcusdt@ticker_4h",  "btcusdt@ticker_1d",      "!miniTicker@arr",
                                         "!ticker_1h@arr",     "btcusdt@kline_1d@+08:00"};
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : "/") + name;
    const auto stream = socket(ready.stream + "/stream?streams=" + joined);
    trade();
    std::map<std::string, Json> data;
    stream->await([&](const Json& message) {
        data.emplace(message["stream"], message["data"]);
        return data.size() == names.size();
    });
    for (const std::string& name : names) ASSERT_TRUE(data.contains(name)) << name;
    EXPECT_EQ(data["btcusdt@miniTicker"]["e"], "24hrMiniTicker");
    EXPECT_EQ(data["btcusdt@miniTicker"]["c"], "100.01000000");
    EXPECT_EQ(data["!miniTicker@arr"], Json::array({data["btcusdt@miniTicker"]}));
    const Json& day = data["btcusdt@ticker"];
    EXPECT_EQ(day["e"], "24hrTicker");
    EXPECT_EQ(day["Q"], "0.50000000");
    EXPECT_EQ(day["b"], "99.99000000");
    EXPECT_EQ(day["C"].get<std::int64_t>() - day["O"].get<std::int64_t>(), 86'400'000);
    const Json& hour = data["btcusdt@ticker_1h"];
    EXPECT_EQ(hour["e"], "1hTicker");
    EXPECT_EQ(hour["O"].get<std::int64_t>() % 60'000, 0);
    EXPECT_EQ(data["!ticker_1h@arr"], Json::array({hour}));
    EXPECT_EQ(data["btcusdt@ticker_4h"]["e"], "4hTicker");
    EXPECT_EQ(data["btcusdt@ticker_1d"]["e"], "1dTicker");
    const Json& kline = data["btcusdt@kline_1d@+08:00"]["k"];
    EXPECT_EQ(kline["i"], "1d");
    EXPECT_EQ((kline["t"].get<std::int64_t>() + 8 * 3'600'000) % 86'400'000, 0);
    EXPECT_EQ(kline["c"], "100.01000000");
}

TEST_F(WsStreamsLive, MutedConnectionsStayOpenAndSayNothing) {
    ExchangeServerOptions options;
    options.streams.keep_alive = {milliseconds{20}, seconds{60}, std::chrono::hours{1}};
    start(std::move(options));
    const auto stream = socket(ready.stream + "/ws/btcusdt@trade");
    ASSERT_TRUE(loop.run_until([&] { return !stream->pings.empty(); }, patience));
    admin("POST", "/faults", R"({"kind":"mute"})");
    const std::size_t pings = stream->pings.size();
    trade();
    loop.run_for(milliseconds{100});
    EXPECT_EQ(stream->pings.size(), pings);
    EXPECT_TRUE(stream->texts.empty());
    EXPECT_FALSE(stream->closed);
    admin("DELETE", "/faults");
    trade("0.1");
    EXPECT_EQ(stream->next()["q"], "0.10000000");
}

}  // namespace
}  // namespace vigil::exchange
