// REST and the admin port, over TLS on loopback.
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

const Parameters buy{{"symbol", "BTCUSDT"},  {"side", "BUY"},     {"type", "LIMIT"},
                     {"timeInForce", "GTC"}, {"quantity", "0.5"}, {"price", "99.00"}};

TEST_F(LiveExchange, AnswersRestOverTls) {
    start();
    const auto time = rest("GET", "/api/v3/time");
    EXPECT_EQ(time.status, 200);
    EXPECT_EQ(time.headers.find("Content-Type"), "application/json;charset=UTF-8");
    EXPECT_EQ(time.headers.find("X-MBX-USED-WEIGHT-1M"), "1");
    const auto shown = Json::parse(time.body)["serverTime"].get<std::int64_t>();
    EXPECT_LE(std::abs(shown - now_ms()), 2000);
    const auto micro = rest("GET", "/api/v3/time", {{"X-MBX-TIME-UNIT", "MICROSECOND"}});
    EXPECT_GT(Json::parse(micro.body)["serverTime"].get<std::int64_t>(), shown * 1000);
    const auto wrong = rest("GET", "/api/v3/time", {{"x-mbx-time-unit", "SECOND"}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(Json::parse(wrong.body)["code"], -1194);
}

TEST_F(LiveExchange, IsTrustedOnlyByItsOwnAuthority) {
    start();
    tls = *net::ClientTls::make();
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 0) << "the system's store does not know it";
}

// Retired and unknown paths are the web server's pages, not the API's errors.
TEST_F(LiveExchange, RetiredAndUnknownPathsArePages) {
    start();
    for (const char* method : {"POST", "PUT", "DELETE"}) {
        const auto retired = rest(method, "/api/v3/userDataStream");
        EXPECT_EQ(retired.status, 410);
        EXPECT_EQ(retired.body.size(), 136U);
        EXPECT_NE(retired.body.find("410 Gone"), std::string::npos);
    }
    EXPECT_EQ(rest("GET", "/api/v3/nothing").status, 404);
    EXPECT_EQ(rest("PATCH", "/api/v3/order").status, 404);
    EXPECT_EQ(rest("GET", "/api/v3/nothing").headers.find("Content-Type"), "text/html");
}

// What the firewall stops is a page without the API's headers, and counts as nothing.
TEST_F(LiveExchange, SqlIsStoppedByTheFirewall) {
    start();
    Parameters order = buy;
    order.emplace_back("newClientOrderId", "drop-table-1");
    const auto refused = signed_rest("POST", "/api/v3/order", order);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.headers.find("Content-Type"), "text/html");
    EXPECT_NE(refused.body.find("403 Forbidden"), std::string::npos);
    EXPECT_FALSE(refused.headers.find("X-MBX-USED-WEIGHT"));
    EXPECT_EQ(admin("GET", "/status")["counters"]["orders_accepted"], 0);
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200);
}

// An error names the parameter, whatever bytes that are.
TEST_F(LiveExchange, ErrorsAreJsonWhateverTheRequestSays) {
    start();
    const auto wrong = rest("POST", "/api/v3/order", {}, "symb\xb3l=BTC%T");
    EXPECT_EQ(wrong.status, 400);
    ASSERT_TRUE(Json::accept(wrong.body)) << wrong.body;
    EXPECT_EQ(Json::parse(wrong.body)["code"], -1100);
    EXPECT_NE(Json::parse(wrong.body)["msg"].get<std::string>().find("symb\xef\xbf\xbdl"), std::string::npos);
}

TEST_F(LiveExchange, TakesOrdersSignedWithEachKindOfKey) {
    start();
    for (std::size_t account = 0; account < 3; ++account) {
        Parameters order = buy;
        order.emplace_back("newClientOrderId", "mine");
        const auto placed = signed_rest("POST", "/api/v3/order", order, account);
        ASSERT_EQ(placed.status, 200) << placed.body;
        EXPECT_EQ(placed.headers.find("X-MBX-ORDER-COUNT-10S"), "1");
        EXPECT_EQ(placed.headers.find("X-MBX-ORDER-COUNT-1D"), "1");
        EXPECT_EQ(placed.headers.find("X-MBX-USED-WEIGHT-1M"), std::to_string(account * 4));
        const auto found = signed_rest("GET", "/api/v3/order",
                                       {{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}}, account);
        EXPECT_EQ(Json::parse(found.body)["status"], "NEW");
    }
}

TEST_F(LiveExchange, TakesParametersFromTheBody) {
    start();
    const auto placed = rest(
        "POST", "/api/v3/order",
        {{"X-MBX-APIKEY", ready.accounts[0].api_key}, {"Content-Type", "application/x-www-form-urlencoded"}},
        signed_query(buy));
    EXPECT_EQ(placed.status, 200) << placed.body;
    const auto json =
        rest("POST", "/api/v3/order",
             {{"X-MBX-APIKEY", ready.accounts[0].api_key}, {"Content-Type", "application/json"}},
             signed_query(buy));
    EXPECT_EQ(Json::parse(json.body)["code"], -1102) << "only forms are read";
}

TEST_F(LiveExchange, RefusesBadKeysAndSignatures) {
    start();
    const auto code = [this](const std::string& query, const std::string& key) {
        const auto response = rest("GET", "/api/v3/account?" + query, {{"X-MBX-APIKEY", key}});
        return std::to_string(response.status) + " " + Json::parse(response.body)["code"].dump();
    };
    const std::string key = ready.accounts[0].api_key;
    EXPECT_EQ(code(signed_query({}), key), "200 null");
    EXPECT_EQ(code(signed_query({}), "short"), "401 -2014");
    EXPECT_EQ(code(signed_query({}), std::string(64, 'x')), "401 -2015");
    EXPECT_EQ(code(signed_query({}), ready.accounts[1].api_key), "400 -1022");
    EXPECT_EQ(code(signed_query({}) + "&omitZeroBalances=true", key), "400 -1022");
    EXPECT_EQ(code("timestamp=1&signature=00", key), "400 -1021");
}

TEST_F(LiveExchange, SlowsDownAndBans) {
    ExchangeServerOptions options;
    options.limits.weight_per_minute = 50;
    options.limits.refusals_before_ban = 2;
    start(std::move(options));
    // Two windows could share this test's few milliseconds; then there is one more free request, or two.
    int status = 200;
    net::HttpResponse last;
    std::vector<int> seen;
    for (int i = 0; i < 40 && status != 418; ++i) {
        last = rest("GET", "/api/v3/exchangeInfo?symbol=BTCUSDT");
        status = last.status;
        seen.push_back(status);
    }
    EXPECT_EQ(seen[0], 200);
    EXPECT_EQ(seen[1], 200);
    EXPECT_NE(std::find(seen.begin(), seen.end(), 429), seen.end());
    ASSERT_EQ(status, 418) << last.body;
    ASSERT_TRUE(last.headers.find("Retry-After"));
    const int wait = std::stoi(std::string{*last.headers.find("Retry-After")});
    EXPECT_GE(wait, 119);
    EXPECT_LE(wait, 120);
    EXPECT_EQ(Json::parse(last.body)["code"], -1003);
    const auto refused = api();
    EXPECT_FALSE(refused->open) << "a banned address gets no WebSocket";
    EXPECT_EQ(admin("DELETE", "/faults"), Json::object());
    EXPECT_NE(rest("GET", "/api/v3/ping").status, 418);
}

TEST_F(LiveExchange, AdminReportsWhatHappened) {
    start();
    Parameters order = buy;
    order.emplace_back("newClientOrderId", "mine");
    ASSERT_EQ(signed_rest("POST", "/api/v3/order", order).status, 200);
    ASSERT_EQ(signed_rest("POST", "/api/v3/order", {{"symbol", "BTCUSDT"}}).status, 400);
    const Json status = admin("GET", "/status");
    EXPECT_EQ(status["requests"]["order.place"],
              Json::parse(R"({"rest":2,"websocket":0,"failed":1,"dropped":0})"));
    EXPECT_EQ(status["counters"]["orders_accepted"], 1);
    EXPECT_EQ(status["errors"]["-1102"], 1);
    const Json& account = status["accounts"][0];
    EXPECT_EQ(account["label"], "hmac");
    EXPECT_EQ(account["balances"]["USDT"],
              Json::parse(R"({"free":"99950.50000000","locked":"49.50000000"})"));
    EXPECT_EQ(account["accepted_by_client_order_id"], Json::parse(R"({"mine":1})"));
    EXPECT_EQ(account["open_orders"], 1);
    EXPECT_EQ(account["orders"][0]["clientOrderId"], "mine");
    EXPECT_EQ(admin("GET", "/status?orders=0")["accounts"][0]["orders"], Json::array());
    EXPECT_TRUE(admin("GET", "/nothing").contains("error"));
    EXPECT_TRUE(admin("POST", "/faults", "{").contains("error"));
    const auto web_page = http(ready.admin, {"POST", "/shutdown", {{"Origin", "https://example.org"}}, {}});
    EXPECT_EQ(web_page->status, 403);
}

// Behaviour 8: accepted, then the answer dropped.
TEST_F(LiveExchange, DropsAnAnswerAfterAcceptance) {
    start();
    ASSERT_TRUE(admin("POST", "/faults", R"({"kind":"drop_after","route":"order.place"})").contains("id"));
    Parameters order = buy;
    order.emplace_back("newClientOrderId", "lost");
    EXPECT_EQ(signed_rest("POST", "/api/v3/order", order).status, 0) << "the connection was cut";
    const auto found =
        signed_rest("GET", "/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "lost"}});
    EXPECT_EQ(found.status, 200);
    EXPECT_EQ(admin("GET", "/faults")[0]["struck"], 1);
    EXPECT_EQ(admin("GET", "/status")["requests"]["order.place"]["dropped"], 1);
}

TEST_F(LiveExchange, AdminSetsTheClockTheMarketAndTheKeys) {
    start();
    admin("POST", "/faults", R"({"kind":"clock","offset_ms":3000})");
    const auto time = Json::parse(rest("GET", "/api/v3/time").body)["serverTime"].get<std::int64_t>();
    EXPECT_GE(time, now_ms() + 2000);
    EXPECT_EQ(admin("DELETE", "/faults"), Json::object());
    EXPECT_EQ(signed_rest("GET", "/api/v3/account", {}).status, 200);

    EXPECT_EQ(admin("POST", "/symbol", R"({"symbol":"BTCUSDT","status":"HALT"})"), Json::object());
    EXPECT_EQ(Json::parse(signed_rest("POST", "/api/v3/order", buy).body)["msg"], "Market is closed.");
    admin("POST", "/symbol", R"({"symbol":"BTCUSDT","status":"TRADING"})");

    EXPECT_TRUE(admin("POST", "/key", R"({"account":"hmac","api_key":"of nobody","revoked":true})")
                    .contains("error"));
    EXPECT_TRUE(admin("POST", "/key", R"({"account":"hmac","api_key":7})").contains("error"));
    EXPECT_EQ(admin("POST", "/key", R"({"account":"hmac","enableWithdrawals":true,"ipRestrict":false})"),
              Json::object());
    const Json key = Json::parse(signed_rest("GET", "/sapi/v1/account/apiRestrictions", {}).body);
    EXPECT_EQ(key["enableWithdrawals"], true);
    EXPECT_EQ(key["ipRestrict"], false);
    EXPECT_EQ(admin("POST", "/key",
                    R"({"account":"hmac","createTime":null,"tradingAuthorityExpirationTime":1700000000000})"),
              Json::object());
    const Json times = Json::parse(signed_rest("GET", "/sapi/v1/account/apiRestrictions", {}).body);
    EXPECT_FALSE(times.contains("createTime"));
    EXPECT_EQ(times["tradingAuthorityExpirationTime"], 1'700'000'000'000);
    for (const char* wrong : {"-1", "1.5", "\"1\"", "253402300800000", "18446744073709551615"})
        EXPECT_TRUE(admin("POST", "/key",
                          R"({"account":"hmac","tradingAuthorityExpirationTime":)" + std::string{wrong} + "}")
                        .contains("error"))
            << wrong;
    admin("POST", "/key", R"({"account":"hmac","enableSpotAndMarginTrading":false})");
    EXPECT_EQ(Json::parse(signed_rest("POST", "/api/v3/order", buy).body)["code"], -2015);
    EXPECT_TRUE(admin("POST", "/key", R"({"account":"hmac","enableMagic":true})").contains("error"));
    EXPECT_TRUE(admin("POST", "/key", R"({"account":"nobody"})").contains("error"));
    for (const char* addresses : {"[]", "7", "[7]", R"(["localhost"])", R"(["127.0.0.2",""])"})
        EXPECT_TRUE(
            admin("POST", "/key",
                  R"({"account":"hmac","ipRestrict":true,"addresses":)" + std::string{addresses} + "}")
                .contains("error"))
            << addresses;
    EXPECT_EQ(signed_rest("GET", "/api/v3/account", {}).status, 200) << "nothing of it was applied";
    EXPECT_EQ(admin("POST", "/key", R"({"account":"hmac","ipRestrict":true,"addresses":["127.0.0.2"]})"),
              Json::object());
    EXPECT_EQ(Json::parse(signed_rest("GET", "/api/v3/account", {}).body)["code"], -2015);
    admin("POST", "/key", R"({"account":"hmac","addresses":["127.0.0.1","::1"]})");
    EXPECT_EQ(signed_rest("GET", "/api/v3/account", {}).status, 200);

    EXPECT_EQ(admin("POST", "/pause"), Json::object());
    EXPECT_EQ(admin("GET", "/status")["market"]["paused"], true);
    EXPECT_EQ(admin("POST", "/resume"), Json::object());
    EXPECT_EQ(admin("GET", "/status")["market"]["paused"], false);

    bool asked = false;
    server->on_shutdown([&asked] { asked = true; });
    EXPECT_EQ(admin("POST", "/shutdown"), Json::object());
    EXPECT_TRUE(loop.run_until([&asked] { return asked; }, patience));
}

TEST_F(LiveExchange, ConnectionsCanBeRefusedAndReset) {
    start();
    admin("POST", "/faults", R"({"kind":"refuse_connections"})");
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 0);
    admin("DELETE", "/faults");
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200);
    const auto stream = socket(ready.stream + "/ws");
    const auto session = api();
    ASSERT_TRUE(stream->open && session->open);
    admin("POST", "/faults", R"({"kind":"disconnect","reset":true})");
    EXPECT_TRUE(stream->await_closed());
    EXPECT_TRUE(session->await_closed());
    EXPECT_FALSE(session->closed->clean);
}

}  // namespace
}  // namespace vigil::exchange
