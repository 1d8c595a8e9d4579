// WebSocket client and server against each other, over real TLS on loopback.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/net_fixture.h"

namespace vigil::net::test {
namespace {

class WsSession : public NetTest {
  protected:
    void SetUp() override { serve_tls(); }
};

TEST_F(WsSession, EchoesTextsOfEverySize) {
    const auto client = open_client();
    std::vector<std::string> sent;
    for (const std::size_t size : {0U, 1U, 125U, 126U, 16'383U, 16'385U, 65'535U, 65'536U, 900'000U})
        sent.push_back(std::string(size, static_cast<char>('a' + size % 26)));
    SendSeq seq = 0;
    for (const auto& text : sent) {
        const auto queued = client->send(text);
        ASSERT_TRUE(queued) << queued.error().message;
        EXPECT_EQ(*queued, ++seq);
    }
    ASSERT_TRUE(wait([&] { return texts.size() == sent.size(); }));
    EXPECT_EQ(texts, sent);
    EXPECT_EQ(peer_texts, sent);
    EXPECT_EQ(client->last_handed(), seq);
}

TEST_F(WsSession, TenSendsOfOneCallbackAreOneWrite) {
    const auto client = open_client();
    const auto before = client->socket_writes();
    bool sent = false;
    ASSERT_TRUE(loop.post([&] {
        for (int i = 0; i < 10; ++i) EXPECT_TRUE(client->send(std::string(600, 'o')));
        EXPECT_EQ(client->socket_writes(), before) << "nothing is written while the callback runs";
        EXPECT_EQ(client->last_handed(), 0U);
        sent = true;
    }));
    ASSERT_TRUE(wait([&] { return sent; }));
    EXPECT_EQ(client->socket_writes(), before + 1);
    EXPECT_EQ(client->last_handed(), 10U);
    ASSERT_TRUE(wait([&] { return texts.size() == 10; }));
    EXPECT_EQ(client->socket_writes(), before + 1);
}

TEST_F(WsSession, TenAnswersOfOneCallbackAreOneWrite) {
    const auto client = open_client();
    echo = false;
    const auto before = peers[0]->socket_writes();
    for (int i = 0; i < 10; ++i) peers[0]->send("answer");
    ASSERT_TRUE(wait([&] { return texts.size() == 10; }));
    EXPECT_EQ(peers[0]->socket_writes(), before + 1);
}

TEST_F(WsSession, FlushWritesWithinTheCallback) {
    const auto client = open_client();
    const auto before = client->socket_writes();
    ASSERT_TRUE(client->send("now"));
    client->flush();
    EXPECT_EQ(client->socket_writes(), before + 1);
    EXPECT_EQ(client->last_handed(), 1U);
    client->flush();
    EXPECT_EQ(client->socket_writes(), before + 1);
    ASSERT_TRUE(wait([&] { return texts.size() == 1; }));
}

TEST_F(WsSession, PingsAreAnsweredOnBothSides) {
    const auto client = open_client();
    peers[0]->ping("from the server");
    client->ping("from the client");
    ASSERT_TRUE(wait([&] { return peer_pongs.size() == 1 && pongs.size() == 1; }));
    EXPECT_EQ(pings, (std::vector<std::string>{"from the server"}));
    EXPECT_EQ(peer_pongs, (std::vector<std::string>{"from the server"}));
    EXPECT_EQ(peer_pings, (std::vector<std::string>{"from the client"}));
    EXPECT_EQ(pongs, (std::vector<std::string>{"from the client"}));
}

TEST_F(WsSession, ACloseOfOursIsAnsweredAndClean) {
    const auto client = open_client();
    ASSERT_TRUE(client->send("last words"));
    client->close(5s, 1001);
    EXPECT_FALSE(client->send("too late"));
    ASSERT_TRUE(wait([&] { return ends.size() == 1 && peer_ends.size() == 1; }));
    EXPECT_TRUE(ends[0].clean);
    EXPECT_TRUE(ends[0].was_open);
    EXPECT_EQ(ends[0].last_handed, 1U);
    EXPECT_EQ(peer_texts, (std::vector<std::string>{"last words"}));
    EXPECT_NE(peer_ends[0].message.find("1001"), std::string::npos) << peer_ends[0].message;
    EXPECT_EQ(client->state(), WsClient::State::idle);
}

TEST_F(WsSession, ACloseOfThePeerIsToldWithItsCodeAndReason) {
    const auto client = open_client();
    peers[0]->close(1012, "restart");
    ASSERT_TRUE(wait([&] { return ends.size() == 1 && peer_ends.size() == 1; }));
    EXPECT_TRUE(ends[0].clean);
    EXPECT_EQ(ends[0].code, 1012);
    EXPECT_EQ(ends[0].reason, "restart");
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::unavailable);
    EXPECT_FALSE(peers[0]->open());
}

TEST_F(WsSession, CloseNeverWaitsLongerForAMutePeerThanItWasTold) {
    const auto client = open_client();
    peers[0]->mute(true);
    const auto begun = loop.now();
    client->close(30ms);
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_FALSE(ends[0].clean);
    EXPECT_GE(loop.now() - begun, 30ms);
    EXPECT_LT(loop.now() - begun, 5s);
}

TEST_F(WsSession, ASilentPeerIsNoticedByTheWatchdog) {
    WsClientOptions options;
    options.idle_timeout = 40ms;
    const auto client = open_client(options);
    peers[0]->mute(true);
    const auto begun = loop.now();
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::timeout);
    EXPECT_LT(loop.now() - begun, 5s);
}

TEST_F(WsSession, ATalkingPeerKeepsTheWatchdogQuiet) {
    WsClientOptions options;
    options.idle_timeout = 250ms;
    const auto client = open_client(options);
    Timer timer{loop};
    std::function<void()> talk = [&] {
        peers[0]->ping("");
        timer.after(10ms, [&] { talk(); });
    };
    talk();
    loop.run_for(600ms);
    EXPECT_TRUE(ends.empty());
    EXPECT_EQ(client->state(), WsClient::State::open);
}

TEST_F(WsSession, AServerThatAcceptsAndSaysNothingTimesOut) {
    server->set_accept_mode(AcceptMode::mute);
    WsClientOptions options;
    options.connect_timeout = 40ms;
    const auto client = make_client(options);
    ASSERT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::timeout);
    EXPECT_FALSE(ends[0].was_open);
    EXPECT_EQ(opened, 0);
}

TEST_F(WsSession, AServerThatNeverAnswersTheUpgradeTimesOut) {
    WsClientOptions options;
    options.connect_timeout = 60ms;
    const auto client = make_client(options);
    ASSERT_TRUE(client->connect(url("wss", "/elsewhere"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::timeout);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_TRUE(requests[0].request.wants_websocket);
}

TEST_F(WsSession, ARefusedUpgradeTellsStatusHeadersAndBody) {
    on_http = [](const ServerRequest&, Responder responder) {
        responder.respond({429, Headers{{"Retry-After", "12"}}, R"({"code":-1003})"});
    };
    const auto client = make_client();
    ASSERT_TRUE(client->connect(url("wss", "/refused"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::rejected);
    ASSERT_TRUE(ends[0].refusal);
    EXPECT_EQ(ends[0].refusal->status, 429);
    EXPECT_EQ(ends[0].refusal->headers.find("retry-after"), "12");
    EXPECT_EQ(ends[0].refusal->body, R"({"code":-1003})");
}

TEST_F(WsSession, AWrongAnswerToTheUpgradeIsCorrupt) {
    for (const char* answer : {"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                               "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                               "SSH-2.0-OpenSSH_9.2\r\n\r\n"}) {
        on_http = [answer](const ServerRequest&, Responder responder) { responder.respond_raw(answer); };
        const auto client = make_client();
        ends.clear();
        ASSERT_TRUE(client->connect(url("wss", "/wrong"), Pki::shared().client()));
        ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
        EXPECT_EQ(ends[0].error.kind, base::ErrorKind::corrupt) << answer;
        EXPECT_EQ(opened, 0);
    }
}

TEST_F(WsSession, ADroppedConnectionIsToldAndAnotherCanBeMadeInsideTheCallback) {
    std::unique_ptr<WsClient> client;
    WsHandlers handlers;
    handlers.on_open = [&] { ++opened; };
    handlers.on_text = [&](std::string_view text) { texts.emplace_back(text); };
    handlers.on_closed = [&](const WsClosed& end) {
        ends.push_back(end);
        EXPECT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
    };
    client = std::make_unique<WsClient>(loop, std::move(handlers));
    ASSERT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
    EXPECT_FALSE(client->connect(url("wss", "/ws"), Pki::shared().client())) << "in use";
    ASSERT_TRUE(wait([&] { return opened == 1 && peers.size() == 1; }));
    EXPECT_EQ(*client->send("one"), 1U);
    ASSERT_TRUE(wait([&] { return texts.size() == 1; }));
    peers[0]->kill(true);
    ASSERT_TRUE(wait([&] { return opened == 2 && peers.size() == 2; }));
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_FALSE(ends[0].clean);
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::unavailable);
    EXPECT_EQ(ends[0].last_handed, 1U);
    EXPECT_EQ(*client->send("two"), 2U) << "numbers grow over connections";
    ASSERT_TRUE(wait([&] { return texts.size() == 2; }));
    EXPECT_EQ(peer_ends.size(), 1U);
}

TEST_F(WsSession, WhatWasNeverHandedToTheSocketIsToldApart) {
    const auto client = open_client();
    peers[0]->pause_reading(true);
    // Fill the kernel's buffers on both sides until messages stay behind.
    const std::string big(256U << 10U, 'x');
    SendSeq last = 0;
    ASSERT_TRUE(wait([&] {
        const auto sent = client->send(big);
        if (sent) last = *sent;
        return !sent;
    }));
    client->flush();
    const SendSeq handed = client->last_handed();
    EXPECT_GT(handed, 0U);
    EXPECT_LT(handed, last);
    peers[0]->kill(true);
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].last_handed, handed);
    // What the server got is never more than what we call handed.
    EXPECT_LE(peer_texts.size(), handed);
    // A later connection goes on after the lost numbers, and does not call them handed.
    ASSERT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return opened == 2; }));
    EXPECT_EQ(client->last_handed(), handed);
    EXPECT_EQ(*client->send("after"), last + 1);
    ASSERT_TRUE(wait([&] { return !peer_texts.empty() && peer_texts.back() == "after"; }));
    EXPECT_EQ(client->last_handed(), last + 1);
}

TEST_F(WsSession, TheQueueRefusesByCountAndByBytesAndSendsNothingOfTheRefused) {
    WsClientOptions options;
    options.queue_messages_max = 3;
    options.queue_bytes_max = 1000;
    const auto client = open_client(options);
    bool done = false;
    ASSERT_TRUE(loop.post([&] {
        EXPECT_TRUE(client->send("1"));
        EXPECT_TRUE(client->send("2"));
        EXPECT_EQ(client->send(std::string(1001, 'x')).error().kind, base::ErrorKind::exhausted);
        EXPECT_EQ(*client->send("3"), 3U) << "a refused message takes no number";
        EXPECT_EQ(client->send("4").error().kind, base::ErrorKind::exhausted);
        done = true;
    }));
    ASSERT_TRUE(wait([&] { return done; }));
    EXPECT_EQ(*client->send("5"), 4U) << "there is room again once the queue was written";
    ASSERT_TRUE(wait([&] { return texts.size() == 4; }));
    EXPECT_EQ(peer_texts, (std::vector<std::string>{"1", "2", "3", "5"}));
}

TEST_F(WsSession, SendingWhenNotOpenIsRefused) {
    const auto client = make_client();
    EXPECT_EQ(client->send("x").error().kind, base::ErrorKind::unavailable);
    ASSERT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
    EXPECT_EQ(client->send("x").error().kind, base::ErrorKind::unavailable);
    client->close(1s);
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_FALSE(ends[0].was_open);
    EXPECT_EQ(ends[0].last_handed, 0U);
    client->close(1s);
    loop.run_for(1ms);
    EXPECT_EQ(ends.size(), 1U);
}

TEST_F(WsSession, AMessageBeyondTheBoundEndsTheConnection) {
    WsClientOptions options;
    options.message_bytes_max = 1000;
    const auto client = open_client(options);
    peers[0]->send(std::string(1000, 'a'));
    ASSERT_TRUE(wait([&] { return texts.size() == 1; }));
    peers[0]->send(std::string(1001, 'a'));
    ASSERT_TRUE(wait([&] { return ends.size() == 1 && peer_ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::exhausted);
    EXPECT_NE(peer_ends[0].message.find("1009"), std::string::npos) << peer_ends[0].message;
}

TEST_F(WsSession, HostileFramesFromTheServerAreATypedError) {
    for (const std::string& bytes : {std::string{"\x81\x85\0\0\0\0hello", 11}, std::string{"\xff\xff\xff"},
                                     std::string{"\x81\x02\xc3\x28"}, std::string{"\x82\x01x"},
                                     std::string{"HTTP/1.1 200 OK\r\n\r\n"}}) {
        opened = 0;
        peers.clear();
        ends.clear();
        const auto client = open_client();
        peers[0]->send_raw(bytes);
        ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
        EXPECT_EQ(ends[0].error.kind, base::ErrorKind::corrupt) << ends[0].error.message;
        EXPECT_TRUE(texts.empty());
    }
}

TEST_F(WsSession, AClientThatReadsTooSlowlyIsDisconnected) {
    ServerOptions options;
    options.ws_queue_bytes_max = 1U << 20U;
    serve_tls(options);
    echo = false;
    const auto client = open_client();
    // The client is starved by not running the loop: everything is queued in one callback.
    bool done = false;
    ASSERT_TRUE(loop.post([&] {
        for (int i = 0; i < 20; ++i) peers[0]->send(std::string(64U << 10U, 's'));
        EXPECT_TRUE(peer_ends.empty()) << "no callback from inside a call";
        EXPECT_FALSE(peers[0]->open());
        done = true;
    }));
    ASSERT_TRUE(wait([&] { return done && peer_ends.size() == 1 && ends.size() == 1; }));
    EXPECT_EQ(peer_ends[0].kind, base::ErrorKind::exhausted);
}

TEST_F(WsSession, DestroyingTheClientInsideEachOfItsCallbacksIsSafe) {
    for (int which = 0; which < 5; ++which) {
        std::unique_ptr<WsClient> client;
        bool destroyed = false;
        const auto destroy = [&](int here) {
            if (here != which) return;
            EXPECT_FALSE(destroyed);
            client.reset();
            destroyed = true;
        };
        peers.clear();
        WsHandlers handlers;
        handlers.on_open = [&] {
            destroy(0);
            if (!client) return;
            EXPECT_TRUE(client->send("hello"));
        };
        handlers.on_text = [&](std::string_view text) {
            destroy(1);
            EXPECT_EQ(text, "hello") << "the view outlives the client for this call";
            if (!client) return;
            peers[0]->ping("ping");
            client->ping("pong");
        };
        handlers.on_ping = [&](std::string_view) { destroy(2); };
        handlers.on_pong = [&](std::string_view) {
            destroy(3);
            if (client) peers[0]->kill();
        };
        handlers.on_closed = [&](const WsClosed& end) {
            destroy(4);
            EXPECT_NE(end.error.message, "");
        };
        client = std::make_unique<WsClient>(loop, std::move(handlers));
        ASSERT_TRUE(client->connect(url("wss", "/ws"), Pki::shared().client()));
        ASSERT_TRUE(wait([&] { return destroyed; })) << which;
        ASSERT_TRUE(wait([&] { return server->connections() == 0; })) << which;
    }
}

TEST_F(WsSession, DestroyingTheServerInsideItsCallbackIsSafe) {
    const auto client = open_client();
    const auto peer = peers[0];
    WsPeerHandlers handlers;
    handlers.on_text = [&](std::string_view) { server.reset(); };
    handlers.on_closed = [](const base::Error&) { FAIL() << "the server is gone"; };
    peer->set_handlers(std::move(handlers));
    ASSERT_TRUE(client->send("die"));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_FALSE(peer->open());
    peer->send("nobody hears");
    peer->ping();
    peer->close(1000, "");
    peer->kill();
    loop.run_for(1ms);
}

TEST_F(WsSession, NobodyListeningIsUnavailable) {
    const Url gone = url("wss", "/ws");
    server.reset();
    const auto client = make_client();
    ASSERT_TRUE(client->connect(gone, Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].error.kind, base::ErrorKind::unavailable);
}

TEST_F(WsSession, ANameIsResolvedAndOneThatDoesNotExistIsUnavailable) {
    const auto client = make_client();
    ASSERT_TRUE(client->connect(url("wss", "/ws", "localhost"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return opened == 1; })) << (ends.empty() ? "" : ends[0].error.message);
    WsClientOptions options;
    options.connect_timeout = 5s;
    const auto lost = make_client(options);
    ASSERT_TRUE(lost->connect(url("wss", "/ws", "no-such-host.invalid"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_TRUE(ends[0].error.kind == base::ErrorKind::unavailable ||
                ends[0].error.kind == base::ErrorKind::timeout);
}

TEST_F(WsSession, BindsToTheLocalAddress) {
    WsClientOptions options;
    options.local_address = "127.0.0.7";
    std::string seen;
    on_http = [&](const ServerRequest& request, Responder responder) {
        seen = request.remote_address;
        responder.respond({404, {}, ""});
    };
    const auto client = make_client(options);
    ASSERT_TRUE(client->connect(url("wss", "/nowhere"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return ends.size() == 1; }));
    EXPECT_EQ(seen, "127.0.0.7");
    options.local_address = "not an address";
    const auto wrong = make_client(options);
    EXPECT_EQ(wrong->connect(url("wss", "/ws"), Pki::shared().client()).error().kind,
              base::ErrorKind::invalid);
}

TEST_F(WsSession, PlainWebSocketsAreForLoopbackOnly) {
    const auto client = make_client();
    const auto plain = Url::parse("ws://stream.binance.com/ws");
    EXPECT_EQ(client->connect(*plain, Pki::shared().client()).error().kind, base::ErrorKind::denied);
    const auto http = Url::parse("https://127.0.0.1/ws");
    EXPECT_EQ(client->connect(*http, Pki::shared().client()).error().kind, base::ErrorKind::invalid);
    serve(std::nullopt);
    ASSERT_TRUE(client->connect(url("ws", "/ws"), Pki::shared().client()));
    ASSERT_TRUE(wait([&] { return opened == 1; }));
    ASSERT_TRUE(client->send("in the clear"));
    ASSERT_TRUE(wait([&] { return texts.size() == 1; }));
}

TEST_F(WsSession, AFloodOfPingsDoesNotPileUpPongs) {
    const auto client = open_client();
    // The server does not read, so the client's pongs soon stay behind.
    peers[0]->pause_reading(true);
    const std::string payload(125, 'p');
    std::size_t sent = 0;
    ASSERT_TRUE(wait([&] {
        for (int i = 0; i < 1000; ++i, ++sent) peers[0]->ping(payload);
        return sent >= 100'000;
    }));
    ASSERT_TRUE(wait([&] { return pings.size() == sent; }));
    peers[0]->pause_reading(false);
    ASSERT_TRUE(client->send("still here"));
    ASSERT_TRUE(wait([&] { return peer_texts.size() == 1; }));
    EXPECT_LE(peer_pongs.size(), sent);
}

}  // namespace
}  // namespace vigil::net::test
