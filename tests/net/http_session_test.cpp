// HTTP client and server against each other, over real TLS on loopback.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/net_fixture.h"

namespace vigil::net::test {
namespace {

class HttpSession : public NetTest {
  protected:
    void SetUp() override { serve_tls(); }

    std::unique_ptr<HttpClient> make_http(HttpClientOptions options = {}) {
        return std::make_unique<HttpClient>(loop, url("https", "/"), Pki::shared().client(),
                                            std::move(options));
    }
    void answer_everything() {
        on_http = [this](ServerRequest request, Responder responder) {
            seen.push_back(request);
            responder.respond({200, Headers{{"X-Seen", request.target}}, "answer to " + request.body});
        };
    }
    std::vector<ServerRequest> seen;
};

TEST_F(HttpSession, OneConnectionServesManyRequests) {
    answer_everything();
    const auto client = make_http();
    for (int i = 0; i < 5; ++i) {
        const auto result = fetch(
            *client, {"POST", "/api/v3/order?n=" + std::to_string(i), Headers{{"X-MBX-APIKEY", "k"}}, "b"});
        ASSERT_TRUE(result) << result.error().error.message;
        EXPECT_EQ(result->status, 200);
        EXPECT_EQ(result->headers.find("x-seen"), "/api/v3/order?n=" + std::to_string(i));
        EXPECT_EQ(result->body, "answer to b");
    }
    ASSERT_EQ(seen.size(), 5U);
    EXPECT_EQ(seen[4].connection, seen[0].connection);
    EXPECT_EQ(seen[0].remote_address, "127.0.0.1");
    EXPECT_NE(seen[0].remote_port, 0);
    EXPECT_EQ(seen[0].headers.find("x-mbx-apikey"), "k");
    EXPECT_EQ(seen[0].headers.find("host"), "127.0.0.1:" + std::to_string(server->port()));
}

TEST_F(HttpSession, AWarmConnectionCostsOneWriteForARequest) {
    answer_everything();
    const auto client = make_http();
    EXPECT_FALSE(client->connected());
    client->warm();
    ASSERT_TRUE(wait([&] { return client->connected(); }));
    client->warm();
    const auto before = client->socket_writes();
    ASSERT_TRUE(fetch(*client, {"GET", "/x", {}, ""}));
    EXPECT_EQ(client->socket_writes(), before + 1);
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(HttpSession, ARefusedConnectionMeansThatNothingLeft) {
    const auto client = make_http();
    server.reset();
    const auto result = fetch(*client, {"POST", "/order", {}, ""});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error.kind, base::ErrorKind::unavailable);
    EXPECT_FALSE(result.error().may_have_left);
}

TEST_F(HttpSession, ADropAfterTheRequestMeansThatItMayHaveLeftAndItIsNotRepeated) {
    for (const bool reset : {false, true}) {
        int count = 0;
        on_http = [&](const ServerRequest&, Responder responder) {
            ++count;
            responder.drop(reset);
        };
        const auto client = make_http();
        const auto result = fetch(*client, {"POST", "/order", {}, ""});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().error.kind, base::ErrorKind::unavailable) << result.error().error.message;
        EXPECT_TRUE(result.error().may_have_left);
        loop.run_for(20ms);
        EXPECT_EQ(count, 1);
    }
}

TEST_F(HttpSession, AnIdleConnectionThatTheServerDropsIsReplacedWithoutAWord) {
    answer_everything();
    const auto client = make_http();
    ASSERT_TRUE(fetch(*client, {"GET", "/1", {}, ""}));
    server->drop_all();
    ASSERT_TRUE(wait([&] { return !client->connected(); }));
    const auto result = fetch(*client, {"GET", "/2", {}, ""});
    ASSERT_TRUE(result);
    EXPECT_NE(seen[0].connection, seen[1].connection);
}

TEST_F(HttpSession, ADropThatIsNoticedOnlyWithTheRequestLeavesItUnknown) {
    answer_everything();
    const auto client = make_http();
    ASSERT_TRUE(fetch(*client, {"GET", "/1", {}, ""}));
    // Dropped and written to in the same callback: the client cannot know yet.
    std::optional<HttpResult> result;
    ASSERT_TRUE(loop.post([&] {
        server->drop_all(true);
        client->request({"POST", "/order", {}, ""}, patience,
                        [&](HttpResult got) { result = std::move(got); });
    }));
    ASSERT_TRUE(wait([&] { return result.has_value(); }));
    ASSERT_FALSE(*result);
    EXPECT_TRUE(result->error().may_have_left);
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(HttpSession, ADeadlineEndsTheRequestAndTheConnection) {
    const auto client = make_http();
    const auto result = fetch(*client, {"POST", "/slow", {}, ""}, 200ms);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error.kind, base::ErrorKind::timeout);
    EXPECT_TRUE(result.error().may_have_left);
    ASSERT_EQ(requests.size(), 1U);
    ASSERT_TRUE(wait([&] { return !requests[0].responder.connected(); }));
    requests[0].responder.respond({200, {}, "too late"});
    answer_everything();
    const auto next = fetch(*client, {"GET", "/next", {}, ""});
    ASSERT_TRUE(next);
    EXPECT_EQ(next->body, "answer to ") << "the late answer is not taken for this one";
}

TEST_F(HttpSession, AMuteServerCostsTheDeadlineAndNothingLeft) {
    server->set_accept_mode(AcceptMode::mute);
    const auto client = make_http();
    const auto result = fetch(*client, {"POST", "/order", {}, ""}, 30ms);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error.kind, base::ErrorKind::timeout);
    EXPECT_FALSE(result.error().may_have_left);
}

TEST_F(HttpSession, RequestsWaitTheirTurnAndTheQueueIsBounded) {
    HttpClientOptions options;
    options.queue_max = 3;
    const auto client = make_http(options);
    std::vector<std::string> outcomes;
    const auto ask = [&](const std::string& target, base::nanoseconds deadline) {
        client->request({"GET", target, {}, ""}, deadline, [&outcomes, target](const HttpResult& got) {
            outcomes.push_back(target + (got ? " ok"
                                             : " " + std::string{to_string(got.error().error.kind)} +
                                                   (got.error().may_have_left ? " left" : " stayed")));
        });
    };
    ask("/1", patience);
    ask("/2", 250ms);
    ask("/3", patience);
    ask("/4", patience);
    ASSERT_TRUE(wait([&] { return requests.size() == 1 && outcomes.size() == 2; }));
    EXPECT_EQ(outcomes, (std::vector<std::string>{"/4 exhausted stayed", "/2 timeout stayed"}));
    requests[0].responder.respond({200, {}, ""});
    ASSERT_TRUE(wait([&] { return requests.size() == 2; }));
    EXPECT_EQ(requests[1].request.target, "/3");
    requests[1].responder.drop();
    ASSERT_TRUE(wait([&] { return outcomes.size() == 4; }));
    EXPECT_EQ(outcomes[2], "/1 ok");
    EXPECT_EQ(outcomes[3], "/3 unavailable left");
}

TEST_F(HttpSession, CloseFailsWhatWaits) {
    const auto client = make_http();
    std::vector<bool> left;
    for (int i = 0; i < 2; ++i)
        client->request({"GET", "/", {}, ""}, patience, [&](const HttpResult& got) {
            ASSERT_FALSE(got);
            left.push_back(got.error().may_have_left);
        });
    ASSERT_TRUE(wait([&] { return requests.size() == 1; }));
    client->close();
    EXPECT_TRUE(left.empty());
    ASSERT_TRUE(wait([&] { return left.size() == 2; }));
    EXPECT_EQ(left, (std::vector{true, false}));
}

TEST_F(HttpSession, SlowDelayedAndCutAnswers) {
    Delivery slow;
    slow.delay = 5ms;
    slow.chunk_bytes = 7;
    slow.chunk_interval = 1ms;
    Delivery cut;
    cut.cut_after = 120;
    on_http = [&](const ServerRequest& request, Responder responder) {
        responder.respond({200, {}, std::string(200, 'x')}, request.target == "/cut" ? cut : slow);
    };
    const auto client = make_http();
    const auto begun = loop.now();
    const auto whole = fetch(*client, {"GET", "/slow", {}, ""});
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->body, std::string(200, 'x'));
    EXPECT_GE(loop.now() - begun, 30ms);
    const auto damaged = fetch(*client, {"GET", "/cut", {}, ""});
    ASSERT_FALSE(damaged);
    EXPECT_TRUE(damaged.error().may_have_left);
    EXPECT_NE(damaged.error().error.message.find("cut off"), std::string::npos)
        << damaged.error().error.message;
}

TEST_F(HttpSession, GarbageIsATypedError) {
    HttpClientOptions options;
    options.body_bytes_max = 1000;
    for (const auto& [bytes, kind] : std::vector<std::pair<std::string, base::ErrorKind>>{
             {"\x15\x03\x01 not http at all\r\n\r\n", base::ErrorKind::corrupt},
             {"HTTP/1.1 abc OK\r\n\r\n", base::ErrorKind::corrupt},
             {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", base::ErrorKind::corrupt},
             {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", base::ErrorKind::exhausted},
             {"HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x'), base::ErrorKind::exhausted},
             {"HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x'), base::ErrorKind::exhausted}}) {
        on_http = [&bytes = bytes](const ServerRequest&, Responder responder) {
            responder.respond_raw(bytes);
        };
        const auto client = make_http(options);
        const auto result = fetch(*client, {"GET", "/", {}, ""});
        ASSERT_FALSE(result) << bytes.substr(0, 60);
        EXPECT_EQ(result.error().error.kind, kind)
            << bytes.substr(0, 60) << ": " << result.error().error.message;
        EXPECT_TRUE(result.error().may_have_left);
        EXPECT_FALSE(client->connected());
    }
}

TEST_F(HttpSession, AnAnswerThatNobodyAskedForEndsTheConnection) {
    on_http = [](const ServerRequest&, Responder responder) {
        responder.respond_raw(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
    };
    const auto client = make_http();
    const auto first = fetch(*client, {"GET", "/1", {}, ""});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->body, "a");
    EXPECT_FALSE(client->connected());
    answer_everything();
    EXPECT_EQ(fetch(*client, {"GET", "/2", {}, ""})->body, "answer to ");
}

TEST_F(HttpSession, ABodyThatEndsWithTheConnectionIsWholeOnlyAfterAGoodbye) {
    Delivery goodbye;
    goodbye.close = true;
    Delivery cut;
    cut.cut_after = 10'000;
    on_http = [&](const ServerRequest& request, Responder responder) {
        responder.respond_raw("HTTP/1.1 200 OK\r\n\r\nbody", request.target == "/whole" ? goodbye : cut);
    };
    const auto client = make_http();
    const auto whole = fetch(*client, {"GET", "/whole", {}, ""});
    ASSERT_TRUE(whole) << whole.error().error.message;
    EXPECT_EQ(whole->body, "body");
    const auto damaged = fetch(*client, {"GET", "/cut", {}, ""});
    EXPECT_FALSE(damaged) << "without TLS's goodbye nobody knows whether that was all";
}

TEST_F(HttpSession, HeadAndCloseAreObeyed) {
    answer_everything();
    const auto client = make_http();
    const auto head = fetch(*client, {"HEAD", "/", {}, ""});
    ASSERT_TRUE(head);
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(head->headers.find("content-length"), "10");
    ASSERT_TRUE(fetch(*client, {"GET", "/", {}, ""}));
    on_http = [](const ServerRequest&, Responder responder) {
        Delivery delivery;
        delivery.close = true;
        responder.respond({200, {}, "bye"}, delivery);
    };
    EXPECT_EQ(fetch(*client, {"GET", "/", {}, ""})->body, "bye");
    EXPECT_FALSE(client->connected());
}

TEST_F(HttpSession, WhatCannotBeSentIsRefusedBeforeAnythingLeaves) {
    const auto client = make_http();
    for (const HttpRequest& request :
         {HttpRequest{"GET", "/a b", {}, ""}, HttpRequest{"GET", "/", Headers{{"A", "b\r\nC: d"}}, ""}}) {
        const auto result = fetch(*client, request);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().error.kind, base::ErrorKind::invalid);
        EXPECT_FALSE(result.error().may_have_left);
    }
    HttpClient plain{loop, *Url::parse("http://api.binance.com/"), Pki::shared().client()};
    EXPECT_EQ(fetch(plain, {}).error().error.kind, base::ErrorKind::denied);
    plain.warm();
    EXPECT_FALSE(plain.connected());
}

TEST_F(HttpSession, DestroyingTheClientInsideItsCallbackIsSafe) {
    for (const char* target : {"/answered", "/dropped"}) {
        on_http = [](const ServerRequest& request, Responder responder) {
            if (request.target == "/answered") return responder.respond({200, {}, "x"});
            responder.drop();
        };
        auto client = make_http();
        bool called = false;
        client->request({"GET", target, {}, ""}, patience, [&](const HttpResult&) {
            client.reset();
            called = true;
        });
        bool second = false;
        client->request({"GET", "/answered", {}, ""}, patience, [&](const HttpResult&) { second = true; });
        ASSERT_TRUE(wait([&] { return called && server->connections() == 0; }));
        EXPECT_FALSE(second);
    }
}

TEST_F(HttpSession, AResponderThatIsForgottenDropsTheConnection) {
    on_http = [](const ServerRequest&, const Responder&) {};
    const auto client = make_http();
    const auto result = fetch(*client, {"GET", "/", {}, ""});
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().may_have_left);
}

TEST_F(HttpSession, AServerDestroyedInsideItsHandlerIsSafe) {
    std::optional<Responder> kept;
    on_http = [&](const ServerRequest&, Responder responder) {
        kept = std::move(responder);
        server.reset();
    };
    const auto client = make_http();
    EXPECT_FALSE(fetch(*client, {"GET", "/", {}, ""}));
    EXPECT_FALSE(kept->connected());
    kept->respond({200, {}, ""});
}

}  // namespace
}  // namespace vigil::net::test
