// The smaller parts of the WebSocket side: names of streams, merged depth, keep-alive.
#include <gtest/gtest.h>

#include "exchange/core_fixture.h"
#include "exchange/kline_calendar.h"
#include "exchange/ws_depth_merger.h"
#include "exchange/ws_keepalive.h"
#include "exchange/ws_stream_name.h"
#include "net/event_loop.h"

namespace vigil::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(WsStreamName, ReadsEveryOfferedKind) {
    EXPECT_EQ(parse_stream_name("btcusdt@trade")->symbol, sym("BTCUSDT"));
    EXPECT_EQ(parse_stream_name("btcusdt@trade")->kind, StreamKind::trade);
    EXPECT_EQ(parse_stream_name("btcusdt@aggTrade")->kind, StreamKind::agg_trade);
    EXPECT_EQ(parse_stream_name("btcusdt@bookTicker")->kind, StreamKind::book_ticker);
    EXPECT_EQ(parse_stream_name("btcusdt@depth")->kind, StreamKind::depth);
    EXPECT_EQ(parse_stream_name("btcusdt@depth@100ms")->kind, StreamKind::depth_100ms);
    EXPECT_EQ(parse_stream_name("btcusdt@avgPrice")->kind, StreamKind::avg_price);
    EXPECT_EQ(parse_stream_name("btcusdt@depth20@100ms")->kind, StreamKind::partial_depth_100ms);
    EXPECT_EQ(parse_stream_name("btcusdt@depth5")->levels, 5);
    EXPECT_EQ(parse_stream_name("btcusdt@kline_15m")->interval.width_ms, 900'000);
    EXPECT_EQ(parse_stream_name("btcusdt@kline_1M")->interval, month_interval);
    EXPECT_EQ(parse_stream_name("btcusdt@kline_1d@+08:00")->zone, std::chrono::hours{8});
    EXPECT_EQ(parse_stream_name("btcusdt@kline_1d")->zone, std::chrono::hours{0});
    EXPECT_EQ(parse_stream_name("btcusdt@miniTicker")->kind, StreamKind::mini_ticker);
    EXPECT_EQ(parse_stream_name("btcusdt@ticker")->kind, StreamKind::ticker);
    EXPECT_EQ(parse_stream_name("btcusdt@ticker_4h")->window, std::chrono::hours{4});
    EXPECT_EQ(parse_stream_name("!miniTicker@arr")->kind, StreamKind::all_mini_tickers);
    EXPECT_EQ(parse_stream_name("!ticker_1d@arr")->kind, StreamKind::all_window_tickers);
    EXPECT_EQ(parse_stream_name("!ticker_1d@arr")->window, std::chrono::hours{24});
}

TEST(WsStreamName, KnowsNothingElse) {
    for (const char* name : {"",
                             "@",
                             "@trade",
                             "btcusdt",
                             "BTCUSDT@trade",
                             "btcusdt@",
                             "btcusdt@Trade",
                             "btcusdt@kline_7m",
                             "btcusdt@kline_",
                             "btcusdt@depth7",
                             "btcusdt@depth5@50ms",
                             "btcusdt@depth@10ms",
                             "!ticker@arr",
                             "!bookTicker",
                             "!ticker_2h@arr",
                             "btcusdt@ticker_2h",
                             "btcusdt@kline_1d@+09:00",
                             "btcusdt@kline_1d@",
                             "!@arr",
                             "@arr",
                             "!arr"}) {
        EXPECT_FALSE(parse_stream_name(name)) << name;
    }
    EXPECT_FALSE(parse_stream_name(std::string(60, 'a').append("@trade")));
}

TEST(WsDepthMerger, KeepsTheLastWordOfEachPriceInOneRange) {
    DepthMerger merger;
    const auto add = [&merger](std::int64_t first, std::int64_t last, std::vector<domain::BookLevel> bids,
                               std::vector<domain::BookLevel> asks, int ms) {
        merger.add({sym("BTCUSDT"), first, last, bids, asks, CoreWorld::at(ms)});
    };
    add(10, 12, {level("99", "1"), level("98", "2")}, {level("101", "1")}, 100);
    EXPECT_FALSE(merger.take_due(CoreWorld::at(100)));
    add(13, 13, {level("99.5", "3")}, {}, 200);
    add(14, 20, {level("99", "0")}, {level("100.5", "4"), level("101", "5")}, 1000);
    const auto merged = merger.take_due(CoreWorld::at(1000));
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->first_id, 10);
    EXPECT_EQ(merged->last_id, 20);
    EXPECT_EQ(merged->time, CoreWorld::at(1000));
    EXPECT_EQ((std::vector<domain::BookLevel>{merged->bids.begin(), merged->bids.end()}),
              (std::vector<domain::BookLevel>{level("99.5", "3"), level("99", "0"), level("98", "2")}));
    EXPECT_EQ((std::vector<domain::BookLevel>{merged->asks.begin(), merged->asks.end()}),
              (std::vector<domain::BookLevel>{level("100.5", "4"), level("101", "5")}));
    EXPECT_FALSE(merger.take_due(CoreWorld::at(9000))) << "nothing was added since";
    add(21, 21, {}, {}, 1100);
    merger.clear();
    EXPECT_FALSE(merger.take_due(CoreWorld::at(9000)));
}

class SilentPeer final : public net::WsPeer {
  public:
    void set_handlers(net::WsPeerHandlers) override {}
    void send(std::string_view) override {}
    void send_slowly(std::string_view, std::size_t, base::nanoseconds) override {}
    void ping(std::string_view payload) override { pings.emplace_back(payload); }
    void close(std::uint16_t code, std::string_view) override { closed = code; }
    void kill(bool) override {}
    void mute(bool) override {}
    void send_raw(std::string_view) override {}
    void pause_reading(bool) override {}
    [[nodiscard]] bool open() const override { return closed == 0; }
    [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
    [[nodiscard]] std::uint64_t socket_writes() const override { return 0; }

    std::vector<std::string> pings;
    std::uint16_t closed{0};
};

// "If the WebSocket server does not receive a pong frame back from the connection within a minute the
// connection will be disconnected", at a thousandth of the time.
TEST(WsKeepAlive, EndsAConnectionThatDoesNotAnswer) {
    net::EventLoop loop;
    const auto peer = std::make_shared<SilentPeer>();
    KeepAlive keep_alive{loop, peer, {milliseconds{20}, milliseconds{60}, std::chrono::hours{24}}};
    ASSERT_TRUE(loop.run_until([&] { return peer->closed != 0; }, seconds{10}));
    EXPECT_EQ(peer->closed, 1008);
    EXPECT_GE(peer->pings.size(), 1U);
}

TEST(WsKeepAlive, UnsolicitedPongsDoNotCount) {
    net::EventLoop loop;
    const auto peer = std::make_shared<SilentPeer>();
    KeepAlive keep_alive{loop, peer, {milliseconds{20}, milliseconds{60}, std::chrono::hours{24}}};
    std::size_t answered = 0;
    ASSERT_TRUE(loop.run_until(
        [&] {
            if (answered < peer->pings.size()) {
                ++answered;
                keep_alive.on_pong("unsolicited");
                keep_alive.on_pong("");
            }
            return peer->closed != 0;
        },
        seconds{10}));
    EXPECT_EQ(peer->closed, 1008);
}

TEST(WsKeepAlive, AnAnsweredConnectionLivesUntilItsAge) {
    net::EventLoop loop;
    const auto peer = std::make_shared<SilentPeer>();
    KeepAlive keep_alive{loop, peer, {milliseconds{5}, seconds{30}, milliseconds{100}}};
    std::size_t answered = 0;
    ASSERT_TRUE(loop.run_until(
        [&] {
            while (answered < peer->pings.size()) keep_alive.on_pong(peer->pings[answered++]);
            return peer->closed != 0;
        },
        seconds{10}));
    EXPECT_EQ(peer->closed, 1001);
    EXPECT_GE(peer->pings.size(), 2U);
}

}  // namespace
}  // namespace vigil::exchange
