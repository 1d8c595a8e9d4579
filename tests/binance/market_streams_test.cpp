// The market streams against a server that does what each test says: real TLS on loopback.
#include "binance/market_streams.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "binance/leave.h"
#include "binance/recording_listener.h"
#include "credentials/certificate.h"
#include "log/recording_logger.h"
#include "net/server.h"

namespace vigil::binance {
namespace {

using namespace std::chrono_literals;
using domain::Connection;
using nlohmann::json;

constexpr std::chrono::seconds patience{20};

class MarketStreamsTest : public testing::Test {
  protected:
    struct Message {
        std::weak_ptr<net::WsPeer> peer;
        json body;
        base::MonotonicTime at;
    };

    void SetUp() override {
        const base::WallTime now = base::SystemClock{}.wall();
        const credentials::Validity valid{now - std::chrono::hours{1}, now + std::chrono::hours{1}};
        const auto ca = credentials::CertificateAuthority::make("test", valid);
        const auto certificate = ca->issue({"localhost", {"localhost"}, {"127.0.0.1"}}, valid);
        net::ServerHandlers handlers;
        handlers.on_http = [this](const net::ServerRequest&, net::Responder responder) {
            ++refused;
            responder.respond(refusal);
        };
        handlers.accept_websocket = [this](const net::ServerRequest& request) {
            return welcome && request.target == "/stream";
        };
        handlers.on_websocket = [this](const net::ServerRequest&, const std::shared_ptr<net::WsPeer>& peer) {
            peers.push_back(peer);
            net::WsPeerHandlers peer_handlers;
            peer_handlers.on_text = [this, weak = std::weak_ptr<net::WsPeer>{peer}](std::string_view text) {
                messages.push_back({weak, json::parse(text), loop.now()});
                if (answers) answer(messages.back());
            };
            peer->set_handlers(std::move(peer_handlers));
        };
        server = *net::Server::listen(
            loop, *net::ServerTls::make_from_pem(certificate->certificate_pem, certificate->private_key_pem),
            std::move(handlers));
        streams = std::make_unique<MarketStreams>(
            MarketStreams::Parts{loop,
                                 listener,
                                 logger,
                                 *net::Url::parse("wss://127.0.0.1:" + std::to_string(server->port())),
                                 *net::ClientTls::make_from_pem(ca->certificate_pem()),
                                 {},
                                 leave.asker()});
    }

    void answer(const Message& message) {
        if (const auto peer = message.peer.lock())
            peer->send(json{{"result", nullptr}, {"id", message.body["id"]}}.dump());
    }
    static domain::MarketSubscription subscription(const std::string& symbol) {
        domain::MarketSubscription one;
        one.symbol = *domain::Symbol::from(symbol);
        one.candles = {*domain::parse_candle_interval("1m")};
        return one;
    }
    void open_one() {
        streams->open({subscription("BTCUSDT")});
        ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    }
    bool wait(const std::function<bool()>& done) { return loop.run_until(done, patience); }

    net::EventLoop loop;
    test::RecordingListener listener;
    log::RecordingLogger logger;
    std::unique_ptr<net::Server> server;
    bool welcome{true};
    bool answers{true};
    int refused{0};
    net::HttpResponse refusal{503, {}, ""};
    base::SystemClock clock;
    test::Leave leave;
    std::vector<std::shared_ptr<net::WsPeer>> peers;
    std::vector<Message> messages;
    std::unique_ptr<MarketStreams> streams;
};

TEST(StreamNames, AreThoseOfTheDocumentation) {
    domain::MarketSubscription one;
    one.symbol = *domain::Symbol::from("BTCUSDT");
    one.candles = {*domain::parse_candle_interval("15m"), *domain::parse_candle_interval("1d")};
    EXPECT_EQ(stream_names(one),
              (std::vector<std::string>{"btcusdt@bookTicker", "btcusdt@depth@100ms", "btcusdt@trade",
                                        "btcusdt@kline_15m", "btcusdt@kline_1d"}));
    one.book_ticker = one.depth = one.trades = false;
    one.candles.clear();
    EXPECT_TRUE(stream_names(one).empty());
}

TEST_F(MarketStreamsTest, SubscribesAndHandsEventsOn) {
    open_one();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].body["method"], "SUBSCRIBE");
    EXPECT_EQ(
        messages[0].body["params"],
        json::parse(R"(["btcusdt@bookTicker","btcusdt@depth@100ms","btcusdt@trade","btcusdt@kline_1m"])"));
    peers[0]->send(
        R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"}})");
    peers[0]->send("garbage");
    ASSERT_TRUE(wait([&] { return listener.tickers.size() == 1 && listener.malformed.size() == 1; }));
    EXPECT_GT(listener.tickers[0].received, base::MonotonicTime{});
}

TEST(MessagePace, NoSecondSeesMoreThanFiveMessagesPongsIncluded) {
    MessagePace pace;
    std::vector<base::MonotonicTime> control;
    std::vector<base::MonotonicTime> all;
    const base::MonotonicTime begin{1000s};
    base::MonotonicTime pong_due = begin + 350ms;
    for (base::MonotonicTime now = begin; now < begin + 60s; now += 10ms) {
        // The server pings every 20 s; here ten times as often.
        if (now >= pong_due) {
            pace.sent(now);
            all.push_back(now);
            pong_due += 2s;
        }
        while (pace.next_control(now) <= now) {
            pace.sent(now);
            all.push_back(now);
            control.push_back(now);
        }
    }
    for (std::size_t i = 5; i < all.size(); ++i) ASSERT_GT(all[i] - all[i - 5], 1s);
    EXPECT_GT(control.size(), 150U) << "and the pace is used";
}

// "WebSocket connections have a limit of 5 incoming messages per second."
TEST_F(MarketStreamsTest, ManyStreamsAreSubscribedInBatchesWithinThePace) {
    std::vector<domain::MarketSubscription> many;
    for (int i = 0; i < 130; ++i) many.push_back(subscription("SYM" + std::to_string(i)));
    streams->open(many);
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    std::size_t names = 0;
    for (const Message& message : messages) names += message.body["params"].size();
    EXPECT_EQ(names, 130U * 4);
    ASSERT_EQ(messages.size(), 6U);
    for (std::size_t i = 5; i < messages.size(); ++i) EXPECT_GE(messages[i].at - messages[i - 5].at, 1s);
    EXPECT_EQ(peers.size(), 1U);
    EXPECT_EQ(listener.connections.size(), 1U) << "connected is told once, when all is subscribed";
}

TEST_F(MarketStreamsTest, IsNotConnectedBeforeTheSubscriptionIsAnswered) {
    answers = false;
    streams->open({subscription("BTCUSDT")});
    ASSERT_TRUE(wait([&] { return messages.size() == 1; }));
    loop.run_for(10ms);
    EXPECT_TRUE(listener.connections.empty());
    answer(messages[0]);
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
}

TEST_F(MarketStreamsTest, ALostConnectionIsToldAndMadeAnew) {
    open_one();
    peers[0]->kill(true);
    ASSERT_TRUE(wait([&] { return !listener.is_up(Connection::market); }));
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    EXPECT_EQ(peers.size(), 2U);
    EXPECT_EQ(messages.size(), 2U) << "everything is subscribed again";
    EXPECT_EQ(logger.counts().of(log::Event::market_stream_disconnected), 1U);
}

TEST_F(MarketStreamsTest, AnAnnouncedShutdownCostsNothing) {
    open_one();
    peers[0]->send(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})");
    ASSERT_TRUE(wait([&] { return peers.size() == 2 && !peers[0]->open(); }));
    loop.run_for(5ms);
    EXPECT_EQ(listener.connections.size(), 1U) << "never disconnected";
    peers[1]->send(
        R"({"stream":"btcusdt@trade","data":{"s":"BTCUSDT","t":9,"p":"1","q":"2","T":3,"m":true}})");
    ASSERT_TRUE(wait([&] { return listener.trades.size() == 1; }));
}

TEST_F(MarketStreamsTest, ConnectionsThatDieYoungAreMadeEverMoreRarely) {
    streams->open({subscription("BTCUSDT")});
    std::vector<base::MonotonicTime> came;
    ASSERT_TRUE(wait([&] {
        if (peers.size() > came.size()) {
            came.push_back(loop.now());
            peers.back()->kill(true);
        }
        return came.size() == 4;
    }));
    // Waits double from 500 ms, each spread down to a half.
    EXPECT_GE(came[1] - came[0], 250ms);
    EXPECT_GE(came[2] - came[1], 500ms);
    EXPECT_GE(came[3] - came[2], 1000ms);
}

TEST_F(MarketStreamsTest, ARefusalForTooManyRequestsIsToldAndObeyed) {
    welcome = false;
    refusal = {429, net::Headers{{"Retry-After", "5"}}, ""};
    streams->open({subscription("BTCUSDT")});
    ASSERT_TRUE(wait([&] { return listener.limited_news.size() == 1; }));
    leave.clock = &clock;
    leave.not_before = loop.now() + 900ms;
    EXPECT_EQ(listener.limited_news[0].retry_after, base::seconds{5});
    welcome = true;
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    EXPECT_GE(loop.now(), leave.not_before);
    EXPECT_EQ(refused, 1);
}

TEST_F(MarketStreamsTest, ConnectionsAndSubscriptionsAreAskedFor) {
    std::vector<domain::MarketSubscription> many;
    for (int i = 0; i < 60; ++i) many.push_back(subscription("SYM" + std::to_string(i)));
    leave.clock = &clock;
    leave.not_before = loop.now() + 300ms;
    streams->open(many);
    ASSERT_TRUE(wait([&] { return loop.now() > leave.not_before - 20ms; }));
    EXPECT_EQ(server->connections(), 0U) << "not a byte before there is leave";
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    EXPECT_EQ(leave.count(domain::OwnRequest::stream_connection), 1);
    EXPECT_EQ(leave.count(domain::OwnRequest::stream_message), 3) << "240 streams, a hundred at a time";
    EXPECT_EQ(messages.size(), 3U);
}

TEST_F(MarketStreamsTest, ABanHoldsTheSubscriptionsOfAnOpenConnection) {
    std::vector<domain::MarketSubscription> many;
    for (int i = 0; i < 30; ++i) many.push_back(subscription("SYM" + std::to_string(i)));
    streams->open(many);
    leave.clock = &clock;
    leave.not_before = loop.now() + 600ms;  // connecting has had its leave
    ASSERT_TRUE(wait([&] { return loop.now() > leave.not_before - 20ms; }));
    EXPECT_EQ(peers.size(), 1U);
    EXPECT_TRUE(messages.empty());
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::market); }));
    EXPECT_EQ(peers.size(), 1U);
}

TEST_F(MarketStreamsTest, ClosingEndsTheConnectionsAndTheyStayClosed) {
    open_one();
    streams->close(50ms);
    ASSERT_TRUE(wait([&] { return server->connections() == 0; }));
    loop.run_for(700ms);
    EXPECT_EQ(peers.size(), 1U);
    EXPECT_EQ(listener.connections.size(), 1U);
}

}  // namespace
}  // namespace vigil::binance
