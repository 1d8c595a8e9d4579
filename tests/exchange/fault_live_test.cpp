// Every kind of fault as a client sees it, over TLS on loopback, and that it ends.
#include <cstdlib>

#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

class FaultLive : public LiveExchange {
  protected:
    /// One account with an HMAC key: making an RSA key takes long.
    void start_small(std::unique_ptr<ScriptedFeed> script = CoreWorld::book()) {
        ExchangeServerOptions options;
        options.accounts = {*parse_account("hmac:hmac:USDT=100000,BTC=2")};
        start(std::move(options), std::move(script));
    }
    /// @returns the fault's id, -1 when it was done at once, and a failed test when it was refused
    std::int64_t fault(const std::string& json) {
        const Json answer = admin("POST", "/faults", json);
        EXPECT_FALSE(answer.contains("error")) << json << ": " << answer.dump();
        return answer.value("id", std::int64_t{-1});
    }
    void clear() { EXPECT_EQ(admin("DELETE", "/faults"), Json::object()); }
    net::HttpResponse order(const std::string& quantity = "0.5", const std::string& price = "99.00") {
        return signed_rest("POST", "/api/v3/order",
                           {{"symbol", "BTCUSDT"},
                            {"side", "BUY"},
                            {"type", "LIMIT"},
                            {"timeInForce", "GTC"},
                            {"quantity", quantity},
                            {"price", price}});
    }
    std::size_t orders() {
        return Json::parse(signed_rest("GET", "/api/v3/allOrders", {{"symbol", "BTCUSDT"}}).body).size();
    }
    std::unique_ptr<LiveSocket> user_stream() {
        auto stream = api();
        EXPECT_EQ(stream->ask("userDataStream.subscribe.signature", signed_params(Json::object()))["status"],
                  200);
        return stream;
    }
    /// Asks again and again, each time with requests of its own.
    template <class Condition>
    bool sooner_or_later(Condition condition) {
        const auto deadline = clock.monotonic() + patience;
        while (clock.monotonic() < deadline)
            if (condition()) return true;
        return false;
    }
    static bool is_report(const Json& message) {
        return message.contains("event") && message["event"]["e"] == "executionReport";
    }
    /// A trade on the streams.
    void trade(const std::string& quantity = "0.1") { ASSERT_EQ(order(quantity, "100.05").status, 200); }
};

TEST_F(FaultLive, ErrorsOfEveryKind) {
    start_small();
    struct Case {
        const char* fault;
        int status;
        int code;  ///< 0: an HTML page
        const char* retry_after;
    };
    for (const Case& one :
         {Case{R"({"kind":"error_before","code":-1007})", 504, -1007, nullptr},
          Case{R"({"kind":"error_before","code":-1021})", 400, -1021, nullptr},
          Case{R"({"kind":"error_before","code":-1003})", 429, -1003, "10"},
          Case{R"({"kind":"error_before","status":429,"retry_after_s":7})", 429, -1003, "7"},
          Case{R"({"kind":"error_before","status":418})", 418, -1003, "120"},
          Case{R"({"kind":"error_before","status":403})", 403, 0, nullptr},
          Case{R"({"kind":"error_before","status":410})", 410, 0, nullptr},
          Case{R"({"kind":"error_before","status":502})", 502, 0, nullptr},
          Case{R"({"kind":"error_before","status":503,"code":-1008})", 503, -1008, nullptr}}) {
        SCOPED_TRACE(one.fault);
        fault(one.fault);
        const auto struck = rest("GET", "/api/v3/time");
        EXPECT_EQ(struck.status, one.status);
        if (one.code == 0) {
            EXPECT_EQ(struck.headers.find("Content-Type"), "text/html");
            EXPECT_TRUE(struck.body.starts_with("<html>"));
        } else {
            EXPECT_EQ(Json::parse(struck.body)["code"], one.code);
        }
        EXPECT_EQ(struck.headers.find("Retry-After").value_or("none"),
                  one.retry_after == nullptr ? "none" : one.retry_after);
        EXPECT_EQ(rest("GET", "/api/v3/time").status, 200) << "once";
    }
    fault(R"({"kind":"error_before","route":"order.place","status":503})");
    EXPECT_EQ(order().status, 503);
    EXPECT_EQ(orders(), 0U) << "before acceptance";
    fault(R"({"kind":"error_after","route":"order.place","status":503})");
    EXPECT_EQ(order().status, 503);
    EXPECT_EQ(orders(), 1U) << "after acceptance";
}

TEST_F(FaultLive, DropsBeforeAndAfterAcceptance) {
    start_small();
    fault(R"({"kind":"drop_before","route":"order.place"})");
    EXPECT_EQ(order().status, 0);
    EXPECT_EQ(orders(), 0U);
    fault(R"({"kind":"drop_after","route":"order.place"})");
    EXPECT_EQ(order().status, 0);
    EXPECT_EQ(orders(), 1U);
    EXPECT_EQ(order().status, 200);
}

TEST_F(FaultLive, DelaysAndTricklesAnswers) {
    start_small();
    const auto took = [this](const auto& call) {
        const auto begin = clock.monotonic();
        call();
        return clock.monotonic() - begin;
    };
    fault(R"({"kind":"delay","delay_ms":300})");
    EXPECT_GE(took([this] { EXPECT_EQ(rest("GET", "/api/v3/time").status, 200); }), milliseconds{300});
    fault(R"({"kind":"slow_bytes","chunk_bytes":100,"interval_ms":60})");
    std::string slow;
    EXPECT_GE(took([&] { slow = rest("GET", "/api/v3/time").body; }), milliseconds{120});
    EXPECT_TRUE(Json::accept(slow));

    const auto socket = api();
    fault(R"({"kind":"slow_bytes","chunk_bytes":20,"interval_ms":30})");
    EXPECT_GE(took([&] { EXPECT_EQ(socket->ask("time")["status"], 200); }), milliseconds{150});
    EXPECT_EQ(socket->ask("time")["status"], 200) << "the connection is whole afterwards";
    EXPECT_TRUE(socket->answers_ping("still"));
}

TEST_F(FaultLive, DamagesAnswers) {
    start_small();
    const auto socket = api();
    for (const char* kind : {"truncate", "invalid_json"}) {
        fault(R"({"kind":")" + std::string{kind} + R"("})");
        const auto struck = rest("GET", "/api/v3/time");
        EXPECT_EQ(struck.status, 200) << kind;
        EXPECT_FALSE(Json::accept(struck.body)) << kind;
        EXPECT_TRUE(Json::accept(rest("GET", "/api/v3/time").body)) << kind;
        fault(R"({"kind":")" + std::string{kind} + R"(","route":"time"})");
        const std::size_t seen = socket->texts.size();
        socket->send(R"({"id":1,"method":"time"})");
        ASSERT_TRUE(loop.run_until([&] { return socket->texts.size() > seen; }, patience));
        EXPECT_FALSE(Json::accept(socket->texts.back())) << kind;
        socket->texts.back() = "{}";
    }
    fault(R"({"kind":"truncate","disconnect":true})");
    EXPECT_EQ(rest("GET", "/api/v3/exchangeInfo").status, 0) << "less than its Content-Length promised";
    fault(R"({"kind":"unknown_field","route":"order.place"})");
    const Json more = Json::parse(order().body);
    EXPECT_TRUE(more.contains("unknownField"));
    fault(R"({"kind":"unknown_enum","route":"order.place"})");
    const Json word = Json::parse(order().body);
    EXPECT_EQ(word["status"], "NEW_UNHEARD_OF");
    EXPECT_EQ(Json::parse(order().body)["status"], "NEW");
}

TEST_F(FaultLive, UserEventsGoMissingComeTwiceLateAndInDisorder) {
    start_small();
    const auto stream = user_stream();
    const auto id_of = [](const Json& event) { return event["event"]["i"].get<std::int64_t>(); };
    const auto place = [this] { return Json::parse(order().body)["orderId"].get<std::int64_t>(); };
    const auto report = [&] { return id_of(stream->await(is_report)); };

    fault(R"({"kind":"missing","event":"executionReport"})");
    place();
    const auto second = place();
    EXPECT_EQ(report(), second) << "the first one's report never came";

    fault(R"({"kind":"duplicate","event":"executionReport"})");
    const auto twice = place();
    EXPECT_EQ(report(), twice);
    EXPECT_EQ(report(), twice);

    fault(R"({"kind":"reorder","event":"executionReport"})");
    const auto held = place();
    const Json first = stream->await([](const Json& message) { return message.contains("event"); });
    EXPECT_EQ(first["event"]["e"], "outboundAccountPosition") << "it follows the report when all is well";
    EXPECT_EQ(report(), held);

    fault(R"({"kind":"delay","on":"user_events","event":"executionReport","delay_ms":200})");
    const auto late = place();
    const auto punctual = place();
    EXPECT_EQ(report(), punctual);
    EXPECT_EQ(report(), late);

    fault(R"({"kind":"unknown_enum","on":"user_events","event":"executionReport"})");
    place();
    EXPECT_EQ(stream->await(is_report)["event"]["X"], "NEW_UNHEARD_OF");

    const auto id = fault(R"({"kind":"silent_user_stream"})");
    place();
    EXPECT_TRUE(stream->answers_ping("silent, not dead"));
    EXPECT_EQ(admin("DELETE", "/faults?id=" + std::to_string(id)), Json::object());
    const auto heard = place();
    EXPECT_EQ(report(), heard);
}

TEST_F(FaultLive, AStreamIsSilentAndAnswersPings) {
    start_small();
    const auto silent = socket(ready.stream + "/ws/btcusdt@trade");
    const auto loud = socket(ready.stream + "/ws/btcusdt@aggTrade");
    fault(R"({"kind":"silent_stream","event":"trade","symbol":"BTCUSDT"})");
    trade();
    EXPECT_EQ(loud->next()["e"], "aggTrade");
    EXPECT_TRUE(silent->answers_ping("here"));
    EXPECT_TRUE(silent->texts.empty());
    clear();
    trade();
    EXPECT_EQ(silent->next()["e"], "trade");
}

TEST_F(FaultLive, DepthHasAGap) {
    auto script = CoreWorld::book();
    for (int i = 1; i <= 200; ++i) script->at_ms(i * 100, levels_of({level("99.50", std::to_string(i))}, {}));
    start_small(std::move(script));
    const auto stream = socket(ready.stream + "/ws/btcusdt@depth@100ms");
    Json before = stream->next();
    Json next = stream->next();
    EXPECT_EQ(next["U"].get<std::int64_t>(), before["u"].get<std::int64_t>() + 1);
    fault(R"({"kind":"depth_gap","symbol":"BTCUSDT"})");
    int gaps = 0;
    for (int i = 0; i < 5; ++i) {
        before = next;
        next = stream->next();
        ASSERT_FALSE(next.is_null());
        if (next["U"].get<std::int64_t>() != before["u"].get<std::int64_t>() + 1) ++gaps;
    }
    EXPECT_EQ(gaps, 1);
}

TEST_F(FaultLive, HalfOpenUntilItsEnd) {
    start_small();
    const auto stream = user_stream();
    const auto now_since_start = [this] { return admin("GET", "/status?orders=0")["uptime_ms"].get<int>(); };
    const int end = now_since_start() + 1500;
    fault(R"({"kind":"mute","new_connections":true,"end_ms":)" + std::to_string(end) + "}");
    stream->send(R"({"id":7,"method":"ping"})");
    net::HttpClient fresh{loop, *net::Url::parse(ready.rest), *tls};
    std::optional<net::HttpResult> never;
    fresh.request({"GET", "/api/v3/ping", {}, {}}, milliseconds{300},
                  [&](net::HttpResult got) { never = std::move(got); });
    ASSERT_TRUE(loop.run_until([&] { return never.has_value(); }, patience));
    EXPECT_FALSE(*never) << "accepted, and never a byte";
    EXPECT_FALSE(stream->closed);
    // Each question lets the exchange run; it ends by itself.
    EXPECT_TRUE(sooner_or_later([&] { return now_since_start() > end + 50; }));
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200);
    EXPECT_EQ(stream->ask("ping")["status"], 200) << "the same connection speaks again";
}

TEST_F(FaultLive, CertificatesExpiredAndOfAnotherName) {
    start_small();
    for (const char* which : {"expired", "wrong_name"}) {
        const auto id = fault(R"({"kind":"certificate","which":")" + std::string{which} + R"("})");
        const auto refused = http(ready.rest, {"GET", "/api/v3/ping", {}, {}});
        ASSERT_FALSE(refused) << which;
        EXPECT_EQ(admin("DELETE", "/faults?id=" + std::to_string(id)), Json::object());
        EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200) << which;
    }
}

TEST_F(FaultLive, ClockIsOffStepsAndDrifts) {
    start_small();
    const auto off_ms = [this] {
        const auto shown = Json::parse(rest("GET", "/api/v3/time").body)["serverTime"].get<std::int64_t>();
        return shown - now_ms();
    };
    const auto id = fault(R"({"kind":"clock","offset_ms":-60000})");
    EXPECT_LT(off_ms(), -50'000);
    EXPECT_EQ(Json::parse(order().body)["code"], -1021) << "our timestamp is ahead of it";
    EXPECT_EQ(admin("DELETE", "/faults?id=" + std::to_string(id)), Json::object());
    EXPECT_LT(std::abs(off_ms()), 5'000);
    EXPECT_EQ(order().status, 200);
    fault(R"({"kind":"clock","drift_ppm":100000})");  // 0.1 s a second
    const auto begin = off_ms();
    EXPECT_TRUE(sooner_or_later([&] { return off_ms() > begin + 20; }));
}

TEST_F(FaultLive, SymbolsHaltChangeAndGo) {
    start_small();
    const auto stream = user_stream();
    ASSERT_EQ(order().status, 200);
    const auto info = [this] { return Json::parse(rest("GET", "/api/v3/exchangeInfo?symbol=BTCUSDT").body); };
    fault(R"({"kind":"symbol_status","symbol":"BTCUSDT","status":"HALT"})");
    EXPECT_EQ(info()["symbols"][0]["status"], "HALT");
    EXPECT_EQ(order().status, 400);
    clear();
    EXPECT_EQ(order().status, 200);

    fault(R"({"kind":"filter","symbol":"BTCUSDT","filter":{"filterType":"PRICE_FILTER",)"
          R"("minPrice":"5.00000000","maxPrice":"1000000.00000000","tickSize":"5.00000000"}})");
    EXPECT_NE(info().dump().find(R"("tickSize":"5.00000000")"), std::string::npos);
    EXPECT_EQ(Json::parse(order().body)["msg"], "Filter failure: PRICE_FILTER");
    clear();
    EXPECT_EQ(order().status, 200);

    fault(R"({"kind":"delist","symbol":"BTCUSDT"})");
    const Json expired = stream->await(
        [](const Json& message) { return is_report(message) && message["event"]["x"] == "EXPIRED"; });
    EXPECT_EQ(expired["event"]["s"], "BTCUSDT");
    EXPECT_EQ(info()["code"], -1121);
    EXPECT_EQ(Json::parse(order().body)["code"], -1121);
    const Json all = Json::parse(rest("GET", "/api/v3/exchangeInfo").body);
    EXPECT_FALSE(all["symbols"].empty());
    for (const Json& symbol : all["symbols"]) EXPECT_NE(symbol["symbol"], "BTCUSDT");
    clear();
    EXPECT_EQ(order().status, 200);
}

TEST_F(FaultLive, SomebodyElseUsesTheAccountAndTheAddress) {
    start_small();
    const auto stream = user_stream();
    fault(R"({"kind":"balance","account":"hmac","asset":"USDT","delta":"-12.5"})");
    EXPECT_EQ(stream->event("balanceUpdate")["event"]["d"], "-12.50000000");
    fault(R"({"kind":"foreign_order","account":"hmac","symbol":"BTCUSDT","side":"BUY","quantity":"0.1",)"
          R"("price":"98.00"})");
    const Json placed = stream->await(is_report);
    EXPECT_EQ(placed["event"]["X"], "NEW");
    EXPECT_EQ(orders(), 1U);
    fault(R"({"kind":"foreign_cancel","account":"hmac","symbol":"BTCUSDT"})");
    EXPECT_EQ(stream->await(is_report)["event"]["X"], "CANCELED");
    fault(R"({"kind":"foreign_order","account":"hmac","symbol":"BTCUSDT","side":"BUY","quantity":"0.1"})");
    EXPECT_EQ(stream->await([](const Json& message) {
        return is_report(message) && message["event"]["X"] == "FILLED";
    })["event"]["o"],
              "MARKET");

    const auto used = [this] {
        return std::stoll(std::string{*rest("GET", "/api/v3/ping").headers.find("X-MBX-USED-WEIGHT-1M")});
    };
    const auto own = used();
    fault(R"({"kind":"foreign_weight","weight":3000})");
    const auto together = used();
    // A minute may have ended in between.
    EXPECT_TRUE(together >= own + 3000 || together >= 3000) << own << " then " << together;
    EXPECT_EQ(
        admin("POST", "/faults", R"({"kind":"foreign_cancel","account":"hmac","symbol":"BTCUSDT"})")["error"],
        "Unknown order sent.");
}

TEST_F(FaultLive, ConnectionsAreCutRefusedAndBanned) {
    start_small();
    const auto stream = socket(ready.stream + "/ws/btcusdt@trade");
    const auto session = api();
    fault(R"({"kind":"disconnect","ws_api":false})");
    EXPECT_TRUE(stream->await_closed());
    EXPECT_FALSE(session->closed);
    fault(R"({"kind":"disconnect","streams":false,"reset":true})");
    EXPECT_TRUE(session->await_closed());

    const auto refusal = fault(R"({"kind":"refuse_connections"})");
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 0);
    EXPECT_EQ(admin("DELETE", "/faults?id=" + std::to_string(refusal)), Json::object());
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200);

    const auto ban = fault(R"({"kind":"ban","seconds":60})");
    const auto banned = rest("GET", "/api/v3/ping");
    EXPECT_EQ(banned.status, 418);
    EXPECT_TRUE(banned.headers.find("Retry-After"));
    EXPECT_EQ(admin("DELETE", "/faults?id=" + std::to_string(ban)), Json::object());
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 200);
}

// A script is ordered before the first client comes; its windows count from the start.
TEST_F(FaultLive, AScriptBeginsAndEndsByItself) {
    ExchangeServerOptions options;
    options.accounts = {*parse_account("hmac:hmac:USDT=100000,BTC=2")};
    VirtualClock virtual_clock;
    options.virtual_clock = &virtual_clock;
    for (const char* json :
         {R"({"kind":"symbol_status","symbol":"BTCUSDT","status":"BREAK","start_ms":1000,"end_ms":2000})",
          R"({"kind":"error_before","route":"time","code":-1007,"start_ms":3000,"end_ms":4000})",
          R"({"kind":"balance","account":"nobody","asset":"BTC","delta":"1","start_ms":5000})"})
        options.faults.push_back(*parse_fault(json));
    start(std::move(options));
    std::vector<std::string> notices;
    server->on_notice([&](std::string_view line) { notices.emplace_back(line); });

    const auto advance = [this] { return admin("POST", "/clock/advance", R"({"ms":1000})"); };
    const auto status = [this] {
        return Json::parse(rest("GET", "/api/v3/exchangeInfo?symbol=BTCUSDT").body)["symbols"][0]["status"];
    };
    EXPECT_EQ(status(), "TRADING");
    EXPECT_EQ(admin("GET", "/faults").size(), 3U);
    EXPECT_EQ(advance()["server_time"], 1'767'225'601'000);
    EXPECT_EQ(status(), "BREAK");
    advance();
    EXPECT_EQ(status(), "TRADING");
    advance();
    EXPECT_EQ(rest("GET", "/api/v3/time").status, 504);
    advance();
    EXPECT_EQ(Json::parse(rest("GET", "/api/v3/time").body)["serverTime"], 1'767'225'604'000);
    EXPECT_TRUE(notices.empty());
    advance();
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices.front(), "the fault balance: there is no account 'nobody'");
}

}  // namespace
}  // namespace vigil::exchange
