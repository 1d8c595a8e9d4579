// Market data requests through the request layer: trades, klines of time zones, tickers, rules.
#include <gtest/gtest.h>

#include "exchange/server_world.h"

namespace vigil::exchange {
namespace {

using Json = nlohmann::json;

std::string text_of(const Reply& reply) {
    return reply.error ? std::to_string(reply.code()) + " " + reply.message() : "ok";
}

class ServerMarket : public testing::Test {
  protected:
    Reply get(std::string_view path, std::string_view query = {}) {
        return world.open("GET", "/api/v3/" + std::string{path}, query);
    }
    void buy(std::string_view quantity) {
        const Reply reply = world.sign(
            "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=" + std::string{quantity});
        ASSERT_EQ(text_of(reply), "ok");
    }
    void pass(base::nanoseconds time) {
        world.clock.advance(time);
        world.state.core->advance(world.state.clock.core_now());
    }
    ServerWorld world;
};

// "Old trade lookup": fromId, or the most recent.
TEST_F(ServerMarket, HistoricalTrades) {
    for (int i = 0; i < 5; ++i) buy("0.1");
    const Json all = get("historicalTrades", "symbol=BTCUSDT").body;
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all, get("trades", "symbol=BTCUSDT").body);
    const Json page = get("historicalTrades", "symbol=BTCUSDT&fromId=2&limit=2").body;
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[0], all[1]);
    EXPECT_EQ(page[1], all[2]);
    EXPECT_EQ(get("historicalTrades", "symbol=BTCUSDT&limit=2").body[0], all[3]);
    EXPECT_EQ(get("historicalTrades", "symbol=BTCUSDT&fromId=6").body, Json::array());
    EXPECT_EQ(text_of(get("historicalTrades", "symbol=NOSUCH")), "-1121 Invalid symbol.");
    EXPECT_EQ(text_of(get("historicalTrades", "symbol=BTCUSDT&limit=0")).substr(0, 5), "-1130");
    EXPECT_EQ(text_of(get("historicalBlockTrades", "symbol=BTCUSDT")),
              "-1102 Mandatory parameter 'fromId' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(get("historicalBlockTrades", "symbol=BTCUSDT&fromId=1").body, Json::array());
}

// "Compressed/Aggregate trades list".
TEST_F(ServerMarket, AggregateTrades) {
    buy("1.5");  // two levels: two aggregates
    pass(std::chrono::milliseconds{100});
    buy("0.1");
    pass(std::chrono::milliseconds{100});
    buy("0.1");
    const Json all = get("aggTrades", "symbol=BTCUSDT").body;
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0]["a"], 1);
    EXPECT_EQ(all[0]["p"], "100.01000000");
    EXPECT_EQ(all[0]["q"], "1.00000000");
    EXPECT_EQ(all[1]["p"], "100.02000000");
    EXPECT_EQ(all[3]["T"], world.now_ms());
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&fromId=2&limit=2").body, Json::array({all[1], all[2]}));
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&limit=1").body, Json::array({all[3]}));
    const std::string second = all[2]["T"].dump();
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&startTime=" + second).body, Json::array({all[2], all[3]}));
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&startTime=" + second + "&limit=1").body,
              Json::array({all[2]}));
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&endTime=" + second + "&limit=2").body,
              Json::array({all[1], all[2]}))
        << "the most recent until then";
    EXPECT_EQ(get("aggTrades", "symbol=BTCUSDT&startTime=" + second + "&endTime=" + second).body,
              Json::array({all[2]}));
    EXPECT_EQ(text_of(get("aggTrades", "symbol=BTCUSDT&fromId=1&startTime=" + second)),
              "-1128 Combination of optional parameters invalid.");
}

TEST_F(ServerMarket, KlinesOfATimeZone) {
    const auto open_of = [this](const std::string& query) {
        const Reply reply = get("klines", "symbol=BTCUSDT&limit=1&" + query);
        return reply.error ? Json(text_of(reply)) : reply.body.at(0).at(0);
    };
    constexpr std::int64_t hour = 3'600'000;
    EXPECT_EQ(open_of("interval=1d"), CoreWorld::start_ms);
    EXPECT_EQ(open_of("interval=1d&timeZone=0"), CoreWorld::start_ms);
    EXPECT_EQ(open_of("interval=1d&timeZone=8"), CoreWorld::start_ms - 8 * hour);
    EXPECT_EQ(open_of("interval=1d&timeZone=-1:00"), CoreWorld::start_ms - 23 * hour);
    EXPECT_EQ(open_of("interval=1h&timeZone=05:45"), CoreWorld::start_ms - hour / 4 * 3);
    EXPECT_EQ(open_of("interval=1M"), CoreWorld::start_ms - 8 * 24 * hour);
    EXPECT_EQ(open_of("interval=1d&timeZone=14:01"),
              "-1130 Data sent for parameter 'timeZone' is not valid.");
    EXPECT_EQ(get("uiKlines", "symbol=BTCUSDT&interval=1d&timeZone=8").body,
              get("klines", "symbol=BTCUSDT&interval=1d&timeZone=8").body);
    world.unit = TimeUnit::microsecond;
    const Json micro = get("klines", "symbol=BTCUSDT&interval=1m&limit=1").body[0];
    EXPECT_EQ(micro[6].get<std::int64_t>() - micro[0].get<std::int64_t>(), 59'999'999);
}

TEST_F(ServerMarket, DayTicker) {
    buy("1.5");
    const Json full = get("ticker/24hr", "symbol=BTCUSDT").body;
    EXPECT_EQ(full["lastPrice"], "100.02000000");
    EXPECT_EQ(full["lastQty"], "0.50000000");
    EXPECT_EQ(full["askPrice"], "100.02000000");
    EXPECT_EQ(full["closeTime"], world.now_ms());
    EXPECT_EQ(full["openTime"], world.now_ms() - 86'400'000);
    EXPECT_EQ(full["firstId"], 1);
    EXPECT_EQ(full["lastId"], 2);
    const Json mini = get("ticker/24hr", "symbol=BTCUSDT&type=MINI").body;
    EXPECT_EQ(mini.size(), 12U);
    EXPECT_EQ(mini["volume"], full["volume"]);
    EXPECT_EQ(get("ticker/24hr", "symbols=[\"BTCUSDT\"]").body, Json::array({full}));
    EXPECT_EQ(get("ticker/24hr").body.size(), world.state.core->symbols().size());
    EXPECT_EQ(text_of(get("ticker/24hr", "symbol=BTCUSDT&type=HALF")), "-1139 Invalid ticker type.");
    EXPECT_EQ(text_of(get("ticker/24hr", "symbol=BTCUSDT&symbols=[\"BTCUSDT\"]")).substr(0, 5), "-1128");
    EXPECT_EQ(text_of(get("ticker/24hr", "symbol=BTCUSDT&symbolStatus=HALT")).substr(0, 5), "-1220");
    EXPECT_EQ(get("ticker/24hr", "symbolStatus=HALT").body, Json::array());
    // A symbol without a market has a ticker of zeros.
    const Json quiet = get("ticker/24hr", "symbol=BNBUSDT").body;
    EXPECT_EQ(quiet["lastPrice"], "0.00000000");
    EXPECT_EQ(quiet["priceChangePercent"], "0.000");
    EXPECT_EQ(quiet["firstId"], -1);
}

// "openTime for /api/v3/ticker always starts on a minute, while the closeTime is the current time of the
// request."
TEST_F(ServerMarket, RollingWindowTicker) {
    buy("0.5");
    pass(std::chrono::seconds{90});
    buy("0.25");
    const Json minute = get("ticker", "symbol=BTCUSDT&windowSize=1m").body;
    EXPECT_EQ(minute["closeTime"], world.now_ms());
    EXPECT_EQ(minute["openTime"], CoreWorld::start_ms) << "30 s wider than a minute";
    EXPECT_EQ(minute["volume"], "0.75000000");
    EXPECT_EQ(minute["count"], 2);
    EXPECT_EQ(minute["weightedAvgPrice"], "100.01000000");
    pass(std::chrono::seconds{60});
    EXPECT_EQ(get("ticker", "symbol=BTCUSDT&windowSize=1m").body["volume"], "0.25000000");
    EXPECT_EQ(get("ticker", "symbol=BTCUSDT").body["openTime"],
              (world.now_ms() - 86'400'000) / 60'000 * 60'000);
    EXPECT_EQ(get("ticker", "symbols=[\"BTCUSDT\"]&windowSize=7d&type=MINI").body[0].size(), 12U);
    EXPECT_EQ(text_of(get("ticker")),
              "-1102 Param 'symbol' or 'symbols' must be sent, but both were empty/null!");
    for (const std::string word : {"0m", "60m", "24h", "8d", "1d2h", "m", "1w", "01h", "-1m"})
        EXPECT_EQ(text_of(get("ticker", "symbol=BTCUSDT&windowSize=" + word)),
                  "-1130 Data sent for parameter 'windowSize' is not valid.")
            << word;
    EXPECT_EQ(text_of(get("ticker", "symbol=BNBUSDT")),
              "-2016 No trading window could be found for the symbol. Try ticker/24hrs instead.");
}

TEST_F(ServerMarket, TradingDayTicker) {
    buy("0.5");
    const Json day = get("ticker/tradingDay", "symbol=BTCUSDT").body;
    EXPECT_EQ(day["openTime"], CoreWorld::start_ms);
    EXPECT_EQ(day["closeTime"], CoreWorld::start_ms + 86'399'999);
    EXPECT_EQ(day["volume"], "0.50000000");
    const Json east = get("ticker/tradingDay", "symbol=BTCUSDT&timeZone=+08:00").body;
    EXPECT_TRUE(east.is_null()) << "a plus sign is a blank until it is encoded";
    EXPECT_EQ(get("ticker/tradingDay", "symbol=BTCUSDT&timeZone=%2B08:00").body["openTime"],
              CoreWorld::start_ms - 8 * 3'600'000);
    EXPECT_EQ(text_of(get("ticker/tradingDay", "symbol=BTCUSDT&timeZone=UTC")).substr(0, 5), "-1130");
    EXPECT_EQ(text_of(get("ticker/tradingDay")).substr(0, 5), "-1102");
    std::string many = "[\"A0\"";
    for (int i = 1; i <= 100; ++i) many += ",\"A" + std::to_string(i) + "\"";
    EXPECT_EQ(text_of(get("ticker/tradingDay", "symbols=" + many + "]")),
              "-1101 Too many parameters; expected '100' and received '101'.");
    world.unit = TimeUnit::microsecond;
    EXPECT_EQ(get("ticker/tradingDay", "symbol=BTCUSDT").body["closeTime"],
              (CoreWorld::start_ms + 86'400'000) * 1000 - 1);
}

// "Query Execution Rules", "Query Reference Price": no symbol has any.
TEST_F(ServerMarket, RulesAndReferencePrices) {
    EXPECT_EQ(get("executionRules", "symbol=BTCUSDT").body,
              Json::parse(R"({"symbolRules":[{"symbol":"BTCUSDT","rules":[]}]})"));
    EXPECT_EQ(get("executionRules").body["symbolRules"].size(), world.state.core->symbols().size());
    EXPECT_EQ(get("executionRules", "symbolStatus=BREAK").body["symbolRules"], Json::array());
    EXPECT_EQ(text_of(get("executionRules", "symbol=BTCUSDT&symbolStatus=TRADING")).substr(0, 5), "-1128");
    EXPECT_EQ(text_of(get("referencePrice", "symbol=BTCUSDT")),
              "-2043 This symbol doesn't have a reference price.");
    EXPECT_EQ(text_of(get("referencePrice/calculation", "symbol=BTCUSDT")),
              "-2043 This symbol doesn't have a reference price.");
    EXPECT_EQ(text_of(get("referencePrice", "symbol=NOSUCH")), "-1121 Invalid symbol.");
}

}  // namespace
}  // namespace vigil::exchange
