// The WebSocket API and the user data stream, over TLS on loopback.
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

constexpr std::size_t hmac = 0;
constexpr std::size_t ed25519 = 1;

class WsApiLive : public LiveExchange {};

// web-socket-api.md, "Response format", "How to show/hide rate limit information".
TEST_F(WsApiLive, AnswersInTheDocumentedFrame) {
    start();
    const auto session = api();
    ASSERT_TRUE(session->open);
    session->send(R"({"id":"abc","method":"time"})");
    const Json answer = session->next();
    EXPECT_EQ(answer["id"], "abc");
    EXPECT_EQ(answer["status"], 200);
    EXPECT_LE(std::abs(answer["result"]["serverTime"].get<std::int64_t>() - now_ms()), 2000);
    EXPECT_EQ(
        answer["rateLimits"],
        Json::parse(
            R"([{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":3}])"))
        << "two for the connection, one for the request";
    EXPECT_FALSE(session->ask("ping", {{"returnRateLimits", false}}).contains("rateLimits"));
    EXPECT_EQ(session->ask("v3/ping")["result"], Json::object());
    const auto quiet = api("?returnRateLimits=false&timeUnit=MICROSECOND");
    const Json time = quiet->ask("time");
    EXPECT_FALSE(time.contains("rateLimits"));
    EXPECT_GT(time["result"]["serverTime"].get<std::int64_t>(), 1'000'000'000'000'000);
    EXPECT_TRUE(quiet->ask("time", {{"returnRateLimits", true}}).contains("rateLimits"));
}

TEST_F(WsApiLive, RefusesWhatItDoesNotUnderstand) {
    start();
    const auto session = api();
    session->send("this is no JSON");
    const Json broken = session->next();
    EXPECT_EQ(broken["status"], 400);
    EXPECT_EQ(broken["error"], Json::parse(R"({"code":-1135,"msg":"Invalid JSON Request"})"));
    EXPECT_EQ(broken["id"], nullptr);
    EXPECT_EQ(session->ask("userDataStream.start")["error"]["code"], -1020) << "retired";
    EXPECT_EQ(session->ask("apiRestrictions")["error"]["code"], -1020) << "REST only";
    EXPECT_EQ(session->ask("depth")["error"]["code"], -1102);
    EXPECT_EQ(session->ask("depth", {{"symbol", "BTCUSDT"}, {"foo", 1}})["error"]["code"], -1104);
    EXPECT_EQ(session->ask("depth", {{"symbol", "BTCUSDT"}, {"limit", 1}})["result"]["bids"].size(), 1U);
    EXPECT_EQ(session->ask("exchangeInfo", {{"symbols", {"BTCUSDT", "ETHUSDT"}}})["result"]["symbols"].size(),
              2U);
    const auto nowhere = socket(ready.stream + "/ws-api/v2");
    EXPECT_FALSE(nowhere->open);
    const auto unit = api("?timeUnit=HOUR");
    EXPECT_FALSE(unit->open);
}

// "Session Authentication".
TEST_F(WsApiLive, LogsOnWithEd25519Only) {
    start();
    const auto session = api();
    const Json refused = session->ask("session.logon", signed_params(Json::object(), hmac));
    EXPECT_EQ(refused["error"]["code"], -4056);
    EXPECT_EQ(session->ask("userDataStream.subscribe")["status"], 401);
    EXPECT_EQ(session->ask("order.place", limit_buy("0.5", "99.00"))["error"]["code"], -1102);
    EXPECT_EQ(session->ask("session.status")["result"]["apiKey"], nullptr);

    const Json on = session->ask("session.logon", signed_params(Json::object(), ed25519));
    ASSERT_EQ(on["status"], 200) << on.dump();
    EXPECT_EQ(on["result"]["apiKey"], ready.accounts[ed25519].api_key);
    EXPECT_EQ(on["result"]["userDataStream"], false);
    Json order = limit_buy("0.5", "99.00");
    EXPECT_EQ(session->ask("order.place", order)["error"]["code"], -1102)
        << "the timestamp is still mandatory";
    order["timestamp"] = now_ms();
    const Json placed = session->ask("order.place", order);
    ASSERT_EQ(placed["status"], 200) << placed.dump();
    ASSERT_EQ(placed["rateLimits"].size(), 3U);
    EXPECT_EQ(placed["rateLimits"][0]["count"], 1);
    EXPECT_EQ(placed["rateLimits"][0]["interval"], "SECOND");
    order["timestamp"] = now_ms();
    order["quantity"] = "5000";
    const Json poor = session->ask("order.place", order);
    EXPECT_EQ(poor["error"]["code"], -2010);
    EXPECT_EQ(poor["rateLimits"].size(), 3U) << "as in the documentation's failed response";
    order["quantity"] = "0.5";
    // An explicit key overrides the session's.
    const Json other = session->ask("account.status", signed_params({{"omitZeroBalances", true}}, hmac));
    EXPECT_EQ(other["result"]["balances"][3]["free"], "100000.00000000");

    const Json off = session->ask("session.logout");
    EXPECT_EQ(off["result"]["apiKey"], nullptr);
    order["timestamp"] = now_ms();
    EXPECT_EQ(session->ask("order.place", order)["error"]["code"], -1102);
}

TEST_F(WsApiLive, ARevokedKeyEndsTheSession) {
    start();
    const auto session = api();
    ASSERT_EQ(session->ask("session.logon", signed_params(Json::object(), ed25519))["status"], 200);
    admin("POST", "/key", R"({"account":"ed25519","revoked":true})");
    session->send(
        Json{{"id", 5}, {"method", "account.status"}, {"params", {{"timestamp", now_ms()}}}}.dump());
    const Json answer = session->next();
    EXPECT_TRUE(answer["id"].is_null()) << "Regarding API key revocation";
    EXPECT_EQ(answer["status"], 401);
    EXPECT_EQ(answer["error"],
              Json::parse(R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})"));
    EXPECT_EQ(session->ask("session.status")["result"]["apiKey"], nullptr);
}

// user-data-stream.md, from a subscription to the last event.
TEST_F(WsApiLive, PushesUserEvents) {
    start();
    const auto session = api();
    const Json subscribed =
        session->ask("userDataStream.subscribe.signature", signed_params(Json::object(), hmac));
    ASSERT_EQ(subscribed["result"], Json::parse(R"({"subscriptionId":0})"));
    EXPECT_EQ(session->ask("userDataStream.subscribe.signature",
                           signed_params(Json::object(), hmac))["error"]["code"],
              -2035);
    EXPECT_EQ(session->ask("session.subscriptions")["result"], Json::parse(R"([{"subscriptionId":0}])"));

    Json order = limit_buy("0.5", "99.00");
    order["newClientOrderId"] = "mine";
    const auto trader = api();
    ASSERT_EQ(trader->ask("order.place", signed_params(order))["status"], 200);
    const Json created = session->event("executionReport");
    EXPECT_EQ(created["subscriptionId"], 0);
    EXPECT_EQ(created["event"]["x"], "NEW");
    EXPECT_EQ(created["event"]["c"], "mine");
    EXPECT_EQ(created["event"]["N"], nullptr);
    const Json position = session->event("outboundAccountPosition");
    EXPECT_EQ(position["event"]["B"][0]["a"], "USDT");
    EXPECT_EQ(position["event"]["B"][0]["l"], "49.50000000");

    ASSERT_EQ(trader->ask("order.cancel",
                          signed_params({{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}}))["status"],
              200);
    const Json cancelled = session->event("executionReport");
    EXPECT_EQ(cancelled["event"]["x"], "CANCELED");
    EXPECT_EQ(cancelled["event"]["C"], "mine");

    const Json market{{"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quantity", "1"}};
    const Json filled = trader->ask("order.place", signed_params(market));
    EXPECT_EQ(filled["result"]["status"], "FILLED");
    EXPECT_EQ(filled["rateLimits"][0]["count"], 1) << "the filled order has left the count";
    EXPECT_EQ(session->event("executionReport")["event"]["x"], "NEW");
    const Json trade = session->event("executionReport")["event"];
    EXPECT_EQ(trade["x"], "TRADE");
    EXPECT_EQ(trade["X"], "FILLED");
    EXPECT_EQ(trade["l"], "1.00000000");
    EXPECT_EQ(trade["L"], "100.01000000");
    EXPECT_EQ(trade["N"], "BTC");
    EXPECT_EQ(trade["t"], filled["result"]["fills"][0]["tradeId"]);

    admin("POST", "/balance", R"({"account":"hmac","asset":"USDT","delta":"-12.5"})");
    EXPECT_EQ(session->event("balanceUpdate")["event"]["d"], "-12.50000000");
    admin("POST", "/lock", R"({"account":"hmac","asset":"USDT","delta":"10"})");
    const Json locked = session->event("externalLockUpdate")["event"];
    EXPECT_EQ(locked["a"], "USDT");
    EXPECT_EQ(locked["d"], "10.00000000");
    EXPECT_EQ(locked["T"], locked["E"]);

    session->send(R"({"id":"bye","method":"userDataStream.unsubscribe","params":{"subscriptionId":0}})");
    EXPECT_EQ(session->next()["event"]["e"], "outboundAccountPosition");
    EXPECT_EQ(session->next()["event"]["e"], "eventStreamTerminated");
    EXPECT_EQ(session->next()["result"], Json::object());
    EXPECT_EQ(session->ask("userDataStream.unsubscribe")["error"]["code"], -2036);
}

TEST_F(WsApiLive, TheSessionsOwnSubscriptionEndsWithTheLogout) {
    start();
    const auto session = api();
    ASSERT_EQ(session->ask("session.logon", signed_params(Json::object(), ed25519))["status"], 200);
    EXPECT_EQ(session->ask("userDataStream.subscribe")["result"]["subscriptionId"], 0);
    EXPECT_EQ(session->ask("userDataStream.subscribe.signature",
                           signed_params(Json::object(), hmac))["result"]["subscriptionId"],
              1);
    EXPECT_EQ(session->ask("session.status")["result"]["userDataStream"], true);
    session->send(R"({"id":"bye","method":"session.logout"})");
    const Json ended = session->next();
    EXPECT_EQ(ended["event"]["e"], "eventStreamTerminated");
    EXPECT_EQ(ended["subscriptionId"], 0);
    EXPECT_EQ(session->next()["result"]["userDataStream"], true) << "the signed one goes on";
}

TEST_F(WsApiLive, QueriesAndCancelsAll) {
    start();
    const auto session = api();
    ASSERT_EQ(session->ask("session.logon", signed_params(Json::object(), ed25519))["status"], 200);
    const auto ask = [&](const std::string& method, Json params = Json::object()) {
        params["timestamp"] = now_ms();
        return session->ask(method, std::move(params));
    };
    for (const char* id : {"a", "b"}) {
        Json order = limit_buy("0.5", "99.00");
        order["newClientOrderId"] = id;
        ASSERT_EQ(ask("order.place", order)["status"], 200);
    }
    EXPECT_EQ(ask("order.test", limit_buy("0.5", "99.00"))["result"], Json::object());
    EXPECT_EQ(ask("order.status", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "a"}})["result"]["status"],
              "NEW");
    EXPECT_EQ(ask("order.status", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "z"}})["error"]["code"],
              -2013);
    EXPECT_EQ(ask("openOrders.status", {{"symbol", "BTCUSDT"}})["result"].size(), 2U);
    EXPECT_EQ(ask("account.rateLimits.orders")["result"][0]["count"], 2);
    EXPECT_EQ(ask("openOrders.cancelAll", {{"symbol", "BTCUSDT"}})["result"].size(), 2U);
    EXPECT_EQ(ask("openOrders.cancelAll", {{"symbol", "BTCUSDT"}})["error"]["code"], -2011);
    EXPECT_EQ(ask("allOrders", {{"symbol", "BTCUSDT"}})["result"].size(), 2U);
    EXPECT_EQ(ask("myTrades", {{"symbol", "BTCUSDT"}})["result"], Json::array());
    EXPECT_EQ(ask("account.commission", {{"symbol", "BTCUSDT"}})["status"], 200);
}

TEST_F(WsApiLive, FaultsOnTheWire) {
    start();
    const auto session = api();
    ASSERT_EQ(session->ask("session.logon", signed_params(Json::object(), ed25519))["status"], 200);
    ASSERT_EQ(session->ask("userDataStream.subscribe")["status"], 200);
    const auto place = [&](const std::string& id) {
        Json order = limit_buy("0.5", "99.00");
        order["newClientOrderId"] = id;
        order["timestamp"] = now_ms();
        session->send(Json{{"id", id}, {"method", "order.place"}, {"params", order}}.dump());
    };
    const auto answered = [](const std::string& id) {
        return [id](const Json& message) { return message.value("id", Json{}) == id; };
    };
    admin("POST", "/faults", R"({"kind":"drop_after","route":"order.place","disconnect":false})");
    admin("POST", "/faults", R"({"kind":"delay","route":"order.place","skip":1,"delay_ms":100})");
    place("silent");
    EXPECT_EQ(session->event("executionReport")["event"]["c"], "silent") << "accepted all the same";
    const auto before = loop.now();
    place("late");
    ASSERT_FALSE(session->await(answered("late")).is_null());
    EXPECT_GE(loop.now() - before, milliseconds{100});
    EXPECT_EQ(
        std::count_if(session->texts.begin(), session->texts.end(),
                      [](const std::string& text) { return text.find("\"id\":\"silent\"") != text.npos; }),
        0);
    admin("POST", "/faults", R"({"kind":"error_after","route":"order.place","code":-1007})");
    place("unknown");
    const Json unknown = session->await(answered("unknown"));
    EXPECT_EQ(unknown["status"], 504);
    EXPECT_EQ(unknown["error"]["code"], -1007);

    // A stream that stays silent but answers: behaviour 16.
    admin("POST", "/faults", R"({"kind":"silent_user_stream"})");
    const std::size_t seen = session->texts.size();
    place("mute");
    ASSERT_FALSE(session->await(answered("mute")).is_null());
    for (std::size_t i = seen; i < session->texts.size(); ++i)
        EXPECT_EQ(session->texts[i].find("executionReport"), std::string::npos);
    admin("DELETE", "/faults");

    admin("POST", "/faults", R"({"kind":"drop_after","route":"order.place"})");
    place("cut");
    EXPECT_TRUE(session->await_closed());
    const Json orders = admin("GET", "/status")["accounts"][1]["accepted_by_client_order_id"];
    EXPECT_EQ(orders, Json::parse(R"({"silent":1,"late":1,"unknown":1,"mute":1,"cut":1})"));
}

TEST_F(WsApiLive, BansOnTheWireCarryTheTime) {
    start();
    const auto session = api();
    admin("POST", "/faults", R"({"kind":"ban","seconds":300})");
    const Json banned = session->ask("ping");
    EXPECT_EQ(banned["status"], 418);
    EXPECT_EQ(banned["error"]["code"], -1003);
    const auto wait = banned["error"]["data"]["retryAfter"].get<std::int64_t>() -
                      banned["error"]["data"]["serverTime"].get<std::int64_t>();
    EXPECT_GT(wait, 290'000);
    EXPECT_LE(wait, 300'000);
    EXPECT_TRUE(session->await_closed());
}

TEST_F(WsApiLive, SaysGoodbye) {
    start();
    const auto session = api();
    const auto raw = socket(ready.stream + "/ws/btcusdt@trade");
    const auto combined = socket(ready.stream + "/stream?streams=btcusdt@trade");
    server->begin_shutdown();
    EXPECT_EQ(session->next()["event"]["e"], "serverShutdown");
    EXPECT_EQ(raw->next()["e"], "serverShutdown");
    const Json wrapped = combined->next();
    EXPECT_EQ(wrapped["stream"], "!serverShutdown");
    EXPECT_EQ(wrapped["data"]["e"], "serverShutdown");
    EXPECT_TRUE(session->await_closed());
    EXPECT_EQ(session->closed->code, 1001);
    EXPECT_TRUE(loop.run_until([this] { return server->idle(); }, patience));
}

TEST_F(WsApiLive, PingsAndEndsOldConnections) {
    ExchangeServerOptions options;
    options.api_keep_alive = {milliseconds{20}, seconds{60}, milliseconds{300}};
    start(std::move(options));
    const auto session = api();
    const auto begun = loop.now();
    ASSERT_TRUE(session->await_closed());
    EXPECT_GE(session->pings.size(), 3U);
    EXPECT_GE(loop.now() - begun, milliseconds{200});
    EXPECT_EQ(session->closed->code, 1001);
}

}  // namespace
}  // namespace vigil::exchange
