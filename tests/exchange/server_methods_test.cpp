// Every method through the request layer, without sockets.
#include <gtest/gtest.h>

#include <set>

#include "exchange/server_world.h"

namespace vigil::exchange {
namespace {

using Json = nlohmann::json;

constexpr std::string_view buy_100 =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99.00";

std::string text_of(const Reply& reply) {
    return reply.error ? std::to_string(reply.code()) + " " + reply.message() : "ok";
}

class ServerMethods : public testing::Test {
  protected:
    Reply order(std::string_view query) { return world.sign("POST", "/api/v3/order", query); }
    std::int64_t used() { return world.state.limits.used_weight(world.address, world.state.clock.shown()); }

    ServerWorld world;
};

TEST_F(ServerMethods, EveryMethodHasItsPlaceAndAnUnambiguousRoute) {
    std::set<std::string_view> names;
    std::set<std::string> routes;
    for (const MethodSpec& method : all_methods()) {
        EXPECT_TRUE(names.insert(method.name).second) << method.name;
        EXPECT_NE(method.handler, nullptr) << method.name;
        EXPECT_LE(method.parameters.size(), Arguments::count_max) << method.name;
        EXPECT_GT(method.weight, 0) << method.name;
        if (!method.path.empty()) {
            EXPECT_TRUE(routes.insert(std::string{method.verb} + " " + std::string{method.path}).second);
            EXPECT_EQ(find_rest_method(method.verb, method.path), &method);
        }
        EXPECT_EQ(find_websocket_method(method.name), method.on_websocket ? &method : nullptr);
    }
    EXPECT_NE(find_websocket_method("v3/order.place"), nullptr) << "names may carry an explicit version";
    EXPECT_EQ(find_websocket_method("v4/order.place"), nullptr);
}

TEST_F(ServerMethods, General) {
    EXPECT_EQ(world.open("GET", "/api/v3/ping").body, Json::object());
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms);
    world.unit = TimeUnit::microsecond;
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms * 1000);
    EXPECT_EQ(text_of(world.open("GET", "/api/v3/time", "a=1")),
              "-1101 Too many parameters; expected '0' and received '1'.");
}

TEST_F(ServerMethods, ExchangeInfoSelectsSymbols) {
    const auto names = [this](std::string_view query) {
        std::vector<std::string> list;
        const Reply reply = world.open("GET", "/api/v3/exchangeInfo", query);
        if (reply.error) return std::vector<std::string>{text_of(reply)};
        for (const Json& symbol : reply.body["symbols"]) list.push_back(symbol["symbol"]);
        return list;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("symbol=BTCUSDT"), Names{"BTCUSDT"});
    EXPECT_EQ(names("symbols=%5B%22BNBUSDT%22,%22BTCUSDT%22%5D"), (Names{"BNBUSDT", "BTCUSDT"}));
    EXPECT_GE(names("").size(), 2U);
    EXPECT_EQ(names("permissions=SPOT"), names(""));
    EXPECT_EQ(names("permissions=[\"LEVERAGED\",\"TRD_GRP_004\"]").size(), 0U);
    EXPECT_EQ(names("symbolStatus=HALT").size(), 0U);
    EXPECT_EQ(names("symbol=NOSUCH"), Names{"-1121 Invalid symbol."});
    EXPECT_EQ(names("symbols=[\"BTCUSDT\",\"BTCUSDT\"]"),
              Names{"-1151 Symbol is present multiple times in the list."});
    EXPECT_EQ(names("symbols=BTCUSDT")[0].substr(0, 5), "-1100");
    EXPECT_EQ(names("symbols=[\"btcusdt\"]")[0].substr(0, 5), "-1100");
    EXPECT_EQ(names("symbol=BTCUSDT&symbolStatus=TRADING"),
              Names{"-1128 Combination of optional parameters invalid."});
    EXPECT_EQ(names("symbolStatus=AWAKE"), Names{"-1122 Invalid symbolStatus."});
    const Json limits = world.open("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT").body["rateLimits"];
    ASSERT_EQ(limits.size(), 4U);
    EXPECT_EQ(limits[0],
              Json::parse(
                  R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000})"));
    EXPECT_EQ(limits[3],
              Json::parse(
                  R"({"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000})"));
}

TEST_F(ServerMethods, MarketData) {
    const Json depth = world.open("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=2").body;
    EXPECT_EQ(depth["bids"], Json::parse(R"([["99.99000000","1.00000000"],["99.98000000","2.00000000"]])"));
    EXPECT_EQ(depth["asks"], Json::parse(R"([["100.01000000","1.00000000"],["100.02000000","2.00000000"]])"));
    const Json best = world.open("GET", "/api/v3/ticker/bookTicker", "symbol=BTCUSDT").body;
    EXPECT_EQ(best["bidPrice"], "99.99000000");
    EXPECT_EQ(best["askQty"], "1.00000000");
    EXPECT_TRUE(world.open("GET", "/api/v3/ticker/bookTicker").body.is_array());
    EXPECT_EQ(world.open("GET", "/api/v3/ticker/price", "symbols=[\"BTCUSDT\"]").body.size(), 1U);
    EXPECT_EQ(text_of(world.open("GET", "/api/v3/depth", "symbol=BTCUSDT&symbolStatus=HALT")),
              "-1220 The symbol's status does not match the requested symbolStatus.");
    EXPECT_EQ(text_of(world.open("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=0")),
              "-1130 Data sent for parameter 'limit' is not valid.");
    EXPECT_EQ(text_of(world.open("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=7m")),
              "-1120 Invalid interval.");
    EXPECT_EQ(text_of(world.open("GET", "/api/v3/klines", "symbol=BTCUSDT")),
              "-1102 Mandatory parameter 'interval' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(world.open("GET", "/api/v3/avgPrice", "symbol=BTCUSDT").body["mins"], 5);
    EXPECT_TRUE(world.open("GET", "/api/v3/trades", "symbol=BTCUSDT").body.is_array());
}

// rest-api.md, "New order", the three kinds of answer and their defaults.
TEST_F(ServerMethods, PlacesAnOrderAndAnswersAsAsked) {
    const Reply full = order(buy_100);
    ASSERT_EQ(text_of(full), "ok");
    EXPECT_EQ(full.body["status"], "NEW");
    EXPECT_EQ(full.body["price"], "99.00000000");
    EXPECT_EQ(full.body["origQty"], "0.50000000");
    EXPECT_EQ(full.body["fills"], Json::array());
    EXPECT_EQ(full.body["transactTime"], world.now_ms());
    EXPECT_TRUE(full.answer.shows_order_count);
    const Reply ack = order(std::string{buy_100} + "&newOrderRespType=ACK&newClientOrderId=mine");
    EXPECT_EQ(ack.body.size(), 5U);
    EXPECT_EQ(ack.body["clientOrderId"], "mine");
    const Reply result = order(std::string{buy_100} + "&newOrderRespType=RESULT");
    EXPECT_FALSE(result.body.contains("fills"));
    EXPECT_TRUE(result.body.contains("workingTime"));
    const Reply maker = order("symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.5&price=99.00");
    EXPECT_EQ(maker.body.size(), 5U) << "types other than LIMIT and MARKET default to ACK";
    const Reply market = order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.5");
    ASSERT_EQ(text_of(market), "ok");
    EXPECT_EQ(market.body["status"], "FILLED");
    ASSERT_EQ(market.body["fills"].size(), 2U);
    EXPECT_EQ(market.body["fills"][0]["price"], "100.01000000");
    EXPECT_EQ(market.body["fills"][0]["commissionAsset"], "BTC");
}

TEST_F(ServerMethods, RefusesBadOrdersWithTheDocumentedCodes) {
    const auto with = [](std::string_view rest) { return "symbol=BTCUSDT&side=BUY&" + std::string{rest}; };
    EXPECT_EQ(text_of(order("side=BUY&type=LIMIT")),
              "-1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(text_of(order("symbol=NOSUCH&side=BUY&type=MARKET&quantity=1")), "-1121 Invalid symbol.");
    EXPECT_EQ(text_of(order("symbol=BTCUSDT&side=HOLD&type=MARKET&quantity=1")), "-1117 Invalid side.");
    EXPECT_EQ(text_of(order(with("type=MAGIC&quantity=1"))), "-1116 Invalid orderType.");
    EXPECT_EQ(text_of(order(with("type=LIMIT&timeInForce=GTD&quantity=1&price=99"))),
              "-1115 Invalid timeInForce.");
    EXPECT_EQ(text_of(order(with("type=LIMIT&quantity=1&price=99"))),
              "-1102 Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(text_of(order(with("type=LIMIT&timeInForce=GTC&price=99"))),
              "-1102 Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(text_of(order(with("type=MARKET"))),
              "-1102 Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1&price=99"))),
              "-1106 Parameter 'price' sent when not required.");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1&strategyType=5"))),
              "-1134 strategyType was less than 1000000.");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1&newOrderRespType=ALL"))),
              "-1130 Data sent for parameter 'newOrderRespType' is not valid.");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1&selfTradePreventionMode=MAYBE"))),
              "-1130 Data sent for parameter 'selfTradePreventionMode' is not valid.");
    EXPECT_EQ(text_of(order(with("type=LIMIT&timeInForce=GTC&quantity=1&price=99&pegPriceType=PRIMARY_PEG"))),
              "-2010 Pegged orders are not supported for this symbol.");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1&computeCommissionRates=true"))).substr(0, 5),
              "-1104");
    EXPECT_EQ(text_of(order(with("type=MARKET&quantity=1e-5"))).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(order(with("type=LIMIT&timeInForce=GTC&quantity=1&price=99.001"))),
              "-1013 Filter failure: PRICE_FILTER");
    EXPECT_EQ(text_of(order(with("type=LIMIT&timeInForce=GTC&quantity=1000&price=99"))),
              "-2010 Account has insufficient balance for requested action.");
    EXPECT_EQ(world.state.counters.orders_accepted, 0U);
    EXPECT_EQ(world.sign("GET", "/api/v3/allOrders", "symbol=BTCUSDT").body, Json::array());
}

// CHANGELOG.md, 2026-03-27: successful order calls cost nothing, failed ones the documented weight.
TEST_F(ServerMethods, SuccessfulOrderCallsAreFree) {
    ASSERT_EQ(text_of(order(std::string{buy_100} + "&newClientOrderId=one")), "ok");
    EXPECT_EQ(used(), 0);
    ASSERT_EQ(text_of(world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=one")), "ok");
    EXPECT_EQ(used(), 0);
    EXPECT_NE(text_of(world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=one")), "ok");
    EXPECT_EQ(used(), 1);
    ASSERT_NE(text_of(order("symbol=BTCUSDT")), "ok");
    EXPECT_EQ(used(), 2);
    ASSERT_EQ(text_of(world.sign("POST", "/api/v3/order/test", buy_100)), "ok");
    EXPECT_EQ(used(), 3);
}

TEST_F(ServerMethods, WeightsAreTheDocumentedOnes) {
    const auto cost = [this](std::string_view verb, std::string_view path, std::string_view query,
                             bool sign) {
        const std::int64_t before = used();
        const Reply reply = sign ? world.sign(verb, path, query) : world.open(verb, path, query);
        EXPECT_EQ(text_of(reply), "ok") << path << " " << query;
        return used() - before;
    };
    EXPECT_EQ(cost("GET", "/api/v3/time", "", false), 1);
    EXPECT_EQ(cost("GET", "/api/v3/exchangeInfo", "", false), 20);
    EXPECT_EQ(cost("GET", "/api/v3/depth", "symbol=BTCUSDT", false), 5);
    EXPECT_EQ(cost("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=101", false), 25);
    EXPECT_EQ(cost("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=1000", false), 50);
    EXPECT_EQ(cost("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5001", false), 250);
    EXPECT_EQ(cost("GET", "/api/v3/trades", "symbol=BTCUSDT", false), 25);
    EXPECT_EQ(cost("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=1m", false), 2);
    EXPECT_EQ(cost("GET", "/api/v3/ticker/price", "symbol=BTCUSDT", false), 2);
    EXPECT_EQ(cost("GET", "/api/v3/ticker/price", "", false), 4);
    EXPECT_EQ(cost("GET", "/api/v3/account", "", true), 20);
    EXPECT_EQ(cost("GET", "/api/v3/openOrders", "symbol=BTCUSDT", true), 6);
    EXPECT_EQ(cost("GET", "/api/v3/openOrders", "", true), 80);
    EXPECT_EQ(cost("GET", "/api/v3/allOrders", "symbol=BTCUSDT", true), 20);
    EXPECT_EQ(cost("GET", "/api/v3/myTrades", "symbol=BTCUSDT", true), 20);
    EXPECT_EQ(cost("GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=1", true), 5);
    EXPECT_EQ(cost("GET", "/api/v3/rateLimit/order", "", true), 40);
    EXPECT_EQ(cost("GET", "/api/v3/account/commission", "symbol=BTCUSDT", true), 20);
    EXPECT_EQ(cost("POST", "/api/v3/order/test", std::string{buy_100} + "&computeCommissionRates=true", true),
              20);
}

TEST_F(ServerMethods, QueriesAnOrderByEitherName) {
    const Json placed = order(std::string{buy_100} + "&newClientOrderId=mine").body;
    const std::string id = std::to_string(placed["orderId"].get<std::int64_t>());
    const auto query = [this](std::string_view rest) {
        return world.sign("GET", "/api/v3/order", "symbol=BTCUSDT&" + std::string{rest});
    };
    EXPECT_EQ(query("orderId=" + id).body["clientOrderId"], "mine");
    EXPECT_EQ(query("origClientOrderId=mine").body["orderId"], placed["orderId"]);
    EXPECT_EQ(query("orderId=" + id + "&origClientOrderId=mine").body["status"], "NEW");
    EXPECT_EQ(text_of(query("orderId=" + id + "&origClientOrderId=other")).substr(0, 2), "-2");
    EXPECT_EQ(text_of(query("origClientOrderId=other")), "-2013 Order does not exist.");
    EXPECT_EQ(text_of(world.sign("GET", "/api/v3/order", "symbol=BTCUSDT")),
              "-1102 Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    EXPECT_EQ(world.sign("GET", "/api/v3/openOrders").body.size(), 1U);
    EXPECT_EQ(world.sign("GET", "/api/v3/allOrders", "symbol=BTCUSDT&limit=1").body.size(), 1U);
}

TEST_F(ServerMethods, Cancels) {
    ASSERT_EQ(text_of(order(std::string{buy_100} + "&newClientOrderId=mine")), "ok");
    EXPECT_EQ(text_of(world.sign("DELETE", "/api/v3/order",
                                 "symbol=BTCUSDT&origClientOrderId=mine&cancelRestrictions=ONLY_OLD")),
              "-1145 Invalid cancelRestrictions");
    EXPECT_EQ(
        text_of(world.sign("DELETE", "/api/v3/order",
                           "symbol=BTCUSDT&origClientOrderId=mine&cancelRestrictions=ONLY_PARTIALLY_FILLED")),
        "-2011 Order was not canceled due to cancel restrictions.");
    const Json cancelled =
        world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine&newClientOrderId=cxl")
            .body;
    EXPECT_EQ(cancelled["origClientOrderId"], "mine");
    EXPECT_EQ(cancelled["clientOrderId"], "cxl");
    EXPECT_EQ(cancelled["status"], "CANCELED");
    EXPECT_EQ(text_of(world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine")),
              "-2011 Unknown order sent.");
    ASSERT_EQ(text_of(order(buy_100)), "ok");
    ASSERT_EQ(text_of(order(buy_100)), "ok");
    EXPECT_EQ(world.sign("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").body.size(), 2U);
    EXPECT_EQ(world.state.counters.cancels_accepted, 3U);
}

TEST_F(ServerMethods, AccountAndTrades) {
    ASSERT_EQ(text_of(order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1")), "ok");
    const Json account = world.sign("GET", "/api/v3/account", "omitZeroBalances=true").body;
    EXPECT_EQ(account["makerCommission"], 10);
    EXPECT_EQ(account["commissionRates"]["taker"], "0.00100000");
    std::map<std::string, std::string> balances;
    for (const Json& balance : account["balances"]) balances[balance["asset"]] = balance["free"];
    EXPECT_EQ(balances,
              (std::map<std::string, std::string>{{"BTC", "10.99900000"}, {"USDT", "9899.99000000"}}));
    EXPECT_GT(world.sign("GET", "/api/v3/account").body["balances"].size(), 2U);
    const Json trades = world.sign("GET", "/api/v3/myTrades", "symbol=BTCUSDT").body;
    ASSERT_EQ(trades.size(), 1U);
    EXPECT_EQ(trades[0]["quoteQty"], "100.01000000");
    EXPECT_EQ(trades[0]["isBuyer"], true);
    EXPECT_EQ(text_of(world.sign("GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=1&startTime=5")),
              "-1128 Combination of optional parameters invalid.");
    EXPECT_EQ(text_of(world.sign("GET", "/api/v3/myTrades", "symbol=BTCUSDT&startTime=1&endTime=86400002")),
              "-1127 More than 24 hours between startTime and endTime.");
    EXPECT_EQ(
        world.sign("GET", "/api/v3/account/commission", "symbol=BTCUSDT").body["standardCommission"]["maker"],
        "0.00100000");
}

TEST_F(ServerMethods, CountsUnfilledOrders) {
    RateLimitOptions limits;
    limits.orders_per_ten_seconds = 2;
    ServerWorld small{limits};
    ASSERT_EQ(text_of(small.sign("POST", "/api/v3/order", buy_100)), "ok");
    ASSERT_EQ(text_of(small.sign("POST", "/api/v3/order", buy_100)), "ok");
    const Reply third = small.sign("POST", "/api/v3/order", buy_100);
    EXPECT_EQ(text_of(third), "-1015 Too many new orders; current limit is 2 orders per 10 SECOND.");
    EXPECT_EQ(third.status(), 429);
    const Json counts = small.sign("GET", "/api/v3/rateLimit/order").body;
    EXPECT_EQ(counts[0],
              Json::parse(
                  R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":2,"count":2})"));
    EXPECT_EQ(counts[1]["count"], 2);
    small.clock.advance(std::chrono::seconds{10});
    EXPECT_EQ(text_of(small.sign("POST", "/api/v3/order", buy_100)), "ok");
    EXPECT_NE(text_of(small.sign("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET")), "ok");
    EXPECT_EQ(small.sign("GET", "/api/v3/rateLimit/order").body[0]["count"], 1)
        << "refused orders do not count";
}

TEST_F(ServerMethods, KeyRestrictions) {
    const Json key = world.sign("GET", "/sapi/v1/account/apiRestrictions").body;
    EXPECT_EQ(used(), 0) << "/sapi has a count of its own";
    EXPECT_EQ(key["enableReading"], true);
    EXPECT_EQ(key["enableSpotAndMarginTrading"], true);
    EXPECT_EQ(key["enableWithdrawals"], false);
}

TEST_F(ServerMethods, AFaultyClockShowsInEveryTimeAndShiftsTheWindow) {
    world.state.clock.set_fault(std::chrono::seconds{3}, 0);
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms + 3000);
    EXPECT_EQ(order(buy_100).body["transactTime"], CoreWorld::start_ms + 3000);
    const std::string stale = world.signed_query("", -5001);
    EXPECT_EQ(text_of(world.send("GET", "/api/v3/account", stale, {}, ServerWorld::alice_key)),
              "-1021 Timestamp for this request is outside of the recvWindow.");
    world.state.clock.set_fault(std::chrono::seconds{-3}, 0);
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms - 3000);
}

TEST_F(ServerMethods, APausedMarketStandsStillWhileTheClockRuns) {
    world.state.clock.pause();
    const base::ExchangeTime core = world.state.clock.core_now();
    world.clock.advance(std::chrono::seconds{7});
    EXPECT_EQ(world.state.clock.core_now(), core);
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms + 7000);
    EXPECT_EQ(order(buy_100).body["transactTime"], CoreWorld::start_ms + 7000);
    world.state.clock.resume();
    world.clock.advance(std::chrono::seconds{1});
    EXPECT_EQ(world.state.clock.core_now(), core + base::seconds{1});
    EXPECT_EQ(world.open("GET", "/api/v3/time").body["serverTime"], CoreWorld::start_ms + 8000);
}

}  // namespace
}  // namespace vigil::exchange
