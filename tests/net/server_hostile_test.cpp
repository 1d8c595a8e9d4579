// What the server makes of clients that do not keep to the protocol. In the clear, so that every byte is the
// test's.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "net/net_fixture.h"
#include "net/ws_codec.h"

namespace vigil::net::test {
namespace {

class ServerHostile : public NetTest {
  protected:
    bool wait_closed(RawClient& client) {
        return wait([&] { return client.closed(); });
    }
    /// The server still serves a proper client.
    void expect_alive() {
        on_http = [](const ServerRequest&, Responder responder) { responder.respond({200, {}, "alive"}); };
        HttpClient client{loop, url("http", "/"), Pki::shared().client()};
        const auto result = fetch(client, {"GET", "/alive", {}, ""});
        ASSERT_TRUE(result) << result.error().error.message;
        EXPECT_EQ(result->body, "alive");
        on_http = nullptr;
    }
    RawClient open_raw_websocket() {
        RawClient client{server->port()};
        EXPECT_TRUE(
            client.send("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        EXPECT_TRUE(wait([&] { return client.received().find("\r\n\r\n") != std::string::npos; }));
        EXPECT_NE(client.received().find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
        return client;
    }
};

TEST_F(ServerHostile, PipelinedRequestsAreAnsweredInTheirOrder) {
    ServerOptions options;
    options.pipeline_max = 4;
    serve(std::nullopt, options);
    RawClient client{server->port()};
    std::string bytes;
    for (int i = 0; i < 10; ++i) bytes += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_TRUE(client.send(bytes));
    ASSERT_TRUE(wait([&] { return requests.size() == 4; }));
    loop.run_for(5ms);
    ASSERT_EQ(requests.size(), 4U) << "no more than pipeline_max are taken at a time";
    // Answered backwards as they come; they must leave forwards.
    std::size_t answered = 0;
    ASSERT_TRUE(wait([&] {
        std::vector<Seen> taken;
        taken.swap(requests);
        while (!taken.empty()) {
            taken.back().responder.respond({200, {}, "<" + taken.back().request.target + ">"});
            taken.pop_back();
            ++answered;
        }
        return client.received().find("</9>") != std::string::npos;
    }));
    EXPECT_EQ(answered, 10U);
    std::size_t at = 0;
    for (int i = 0; i < 10; ++i) {
        const auto found = client.received().find("</" + std::to_string(i) + ">");
        ASSERT_NE(found, std::string::npos);
        EXPECT_GT(found, at);
        at = found;
    }
}

TEST_F(ServerHostile, ADropOfOnePipelinedRequestEndsThemAll) {
    serve(std::nullopt);
    RawClient client{server->port()};
    ASSERT_TRUE(client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"));
    ASSERT_TRUE(wait([&] { return requests.size() == 2; }));
    requests[1].responder.drop();
    ASSERT_TRUE(wait_closed(client));
    EXPECT_EQ(client.received(), "");
    requests[0].responder.respond({200, {}, "x"});
    expect_alive();
}

TEST_F(ServerHostile, BadRequestsGetTheirStatusAndTheEnd) {
    serve(std::nullopt);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"NOT HTTP\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nBad Header\r\n\r\n", "400"},
        {std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11} + "\r\n\r\n", "400"},
        {"GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\n\r\n", "431"},
        {"GET / HTTP/1.1\r\nA: " + std::string(40'000, 'a') + "\r\n\r\n", "431"},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
    };
    for (const auto& [bytes, status] : cases) {
        RawClient client{server->port()};
        client.send(bytes);
        ASSERT_TRUE(wait_closed(client)) << bytes.substr(0, 40);
        EXPECT_EQ(client.received().substr(0, 12), "HTTP/1.1 " + status) << bytes.substr(0, 40);
    }
    EXPECT_TRUE(requests.empty());
    expect_alive();
}

TEST_F(ServerHostile, ASlowRequestIsCutOff) {
    ServerOptions options;
    options.request_timeout = 30ms;
    options.keep_alive_timeout = 60s;
    serve(std::nullopt, options);
    RawClient slow{server->port()};
    ASSERT_TRUE(slow.send("GET / HT"));
    const auto begun = loop.now();
    Timer timer{loop};
    // A byte now and then does not buy more time.
    std::function<void()> drip = [&] {
        slow.send("T");
        timer.after(5ms, [&] { drip(); });
    };
    timer.after(5ms, [&] { drip(); });
    ASSERT_TRUE(wait_closed(slow));
    EXPECT_LT(loop.now() - begun, 10s);
    timer.cancel();
    expect_alive();
}

TEST_F(ServerHostile, AnIdleConnectionIsClosed) {
    ServerOptions options;
    options.keep_alive_timeout = 20ms;
    serve(std::nullopt, options);
    RawClient idle{server->port()};
    ASSERT_TRUE(wait_closed(idle));
}

TEST_F(ServerHostile, ASlowTlsHandshakeIsCutOff) {
    ServerOptions options;
    options.request_timeout = 20ms;
    serve_tls(options);
    RawClient silent{server->port()};
    ASSERT_TRUE(wait_closed(silent));
    RawClient garbage{server->port()};
    garbage.send("GET / HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(wait_closed(garbage));
}

TEST_F(ServerHostile, MoreConnectionsThanAllowedAreClosedAtOnce) {
    ServerOptions options;
    options.connections_max = 2;
    serve(std::nullopt, options);
    RawClient one{server->port()};
    RawClient two{server->port()};
    ASSERT_TRUE(wait([&] { return server->connections() == 2; }));
    RawClient three{server->port()};
    ASSERT_TRUE(wait_closed(three));
    EXPECT_FALSE(one.closed());
    one.disconnect();
    ASSERT_TRUE(wait([&] { return server->connections() == 1; }));
    expect_alive();
}

TEST_F(ServerHostile, AcceptModesRefuseOrStaySilent) {
    serve(std::nullopt);
    server->set_accept_mode(AcceptMode::refuse);
    RawClient refused{server->port()};
    ASSERT_TRUE(wait_closed(refused));
    server->set_accept_mode(AcceptMode::mute);
    RawClient muted{server->port()};
    muted.send("GET / HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(wait([&] { return server->connections() == 1; }));
    loop.run_for(5ms);
    EXPECT_FALSE(muted.closed());
    EXPECT_EQ(muted.received(), "");
    server->drop_all();
    ASSERT_TRUE(wait_closed(muted));
    server->set_accept_mode(AcceptMode::normal);
    expect_alive();
}

TEST_F(ServerHostile, BadFramesCloseTheWebSocketWithTheirCode) {
    serve(std::nullopt);
    for (const std::string& bytes :
         {std::string{"\x81\x05hello"}, std::string{"\xff\xff\xff\xff"}, std::string{"\x82\x81\0\0\0\0x", 7},
          std::string{"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"}}) {
        RawClient client = open_raw_websocket();
        ASSERT_TRUE(client.send(bytes));
        ASSERT_TRUE(wait_closed(client));
        EXPECT_NE(client.received().find('\x88'), std::string::npos) << "a close frame";
    }
    ASSERT_TRUE(wait([&] { return peer_ends.size() == 4; }));
    for (const auto& end : peer_ends) EXPECT_EQ(end.kind, base::ErrorKind::corrupt);
    EXPECT_TRUE(peer_texts.empty());
    expect_alive();
}

TEST_F(ServerHostile, FramesThatCameWithTheUpgradeAreNotLost) {
    serve(std::nullopt);
    RawClient client{server->port()};
    std::string bytes =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    bytes += std::string{"\x81\x82\0\0\0\0hi", 8};
    ASSERT_TRUE(client.send(bytes));
    ASSERT_TRUE(wait([&] { return peer_texts.size() == 1; }));
    EXPECT_EQ(peer_texts[0], "hi");
    ASSERT_TRUE(wait([&] { return client.received().find("\x81\x02hi") != std::string::npos; }));
}

TEST_F(ServerHostile, AnUpgradeBehindAnUnansweredRequestIsRefused) {
    serve(std::nullopt);
    RawClient client{server->port()};
    ASSERT_TRUE(
        client.send("GET /1 HTTP/1.1\r\n\r\nGET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    ASSERT_TRUE(wait([&] { return requests.size() == 1; }));
    requests[0].responder.respond({200, {}, "first"});
    ASSERT_TRUE(wait_closed(client));
    EXPECT_LT(client.received().find("first"), client.received().find("HTTP/1.1 400"));
    EXPECT_TRUE(peers.empty());
}

TEST_F(ServerHostile, NoBytesWhateverDoHarm) {
    serve(std::nullopt);
    on_http = [](const ServerRequest&, Responder responder) { responder.respond({200, {}, "x"}); };
    constexpr unsigned seed = 4711;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const std::string proper =
        "POST /ws?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nUpgrade: websocket\r\n\r\nbodyGET / "
        "HTTP/1.1\r\n\r\n";
    for (int round = 0; round < 150; ++round) {
        RawClient client{server->port()};
        std::string bytes;
        if (round % 3 == 0) {
            for (auto i = random() % 500; i > 0; --i) bytes.push_back(static_cast<char>(random()));
        } else {
            bytes = proper;
            for (auto flips = 1 + random() % 6; flips > 0; --flips)
                bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        client.send(bytes);
        client.finish_sending();
        ASSERT_TRUE(wait_closed(client)) << "round " << round;
    }
    expect_alive();
    for (int round = 0; round < 100; ++round) {
        RawClient client = open_raw_websocket();
        std::string bytes;
        for (int i = 0; i < 3; ++i) {
            std::string payload(random() % 300, 'p');
            std::string frame(ws_frame_bytes(WsRole::client, payload.size()), '\0');
            ws_write_frame(frame.data(), WsRole::client, WsOpcode::text, payload,
                           static_cast<std::uint32_t>(random()));
            bytes += frame;
        }
        for (auto flips = 1 + random() % 6; flips > 0; --flips)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        client.send(bytes);
        client.finish_sending();
        ASSERT_TRUE(wait_closed(client)) << "round " << round;
    }
    ASSERT_TRUE(wait([&] { return server->connections() == 0; }));
    EXPECT_EQ(peer_ends.size(), 100U);
    expect_alive();
}

TEST_F(ServerHostile, ListeningIsRefusedWhereItMustBe) {
    const auto attempt = [&](std::optional<ServerTls> tls, std::string address, std::uint16_t port) {
        ServerHandlers handlers;
        handlers.on_http = [](const ServerRequest&, const Responder&) {};
        ServerOptions options;
        options.address = std::move(address);
        options.port = port;
        const auto made = Server::listen(loop, std::move(tls), std::move(handlers), options);
        return made ? std::nullopt : std::optional{made.error()};
    };
    EXPECT_EQ(attempt(std::nullopt, "0.0.0.0", 0)->kind, base::ErrorKind::denied);
    EXPECT_EQ(attempt(std::nullopt, "localhost", 0)->kind, base::ErrorKind::invalid);
    EXPECT_FALSE(attempt(std::nullopt, "::1", 0));
    serve(std::nullopt);
    EXPECT_TRUE(attempt(std::nullopt, "127.0.0.1", server->port())) << "the port is taken";
}

}  // namespace
}  // namespace vigil::net::test
