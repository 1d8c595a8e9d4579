// The whole gateway against the simulated exchange: both over TLS on loopback, in one loop.
#include "binance/gateway.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "binance/journaled.h"
#include "binance/recording_listener.h"
#include "exchange/server_live.h"
#include "log/recording_logger.h"
#include "timesync/clock_estimator.h"

namespace vigil::binance {
namespace {

using namespace std::chrono_literals;
using domain::Connection;
using exchange::LiveExchange;
using exchange::patience;
using test::journaled;

class GatewayLive : public LiveExchange {
  protected:
    ~GatewayLive() override {
        gateway.reset();
        if (rest) rest->stop();
        std::error_code ignored;
        if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
    }

    void synchronise() {
        timesync::ClockEstimator estimator{{}};
        for (int i = 0; i < 5; ++i) {
            const auto before = clock.monotonic();
            const auto exchange_time = server->now();
            estimator.add({before, clock.monotonic(), exchange_time, base::microseconds{1000}, clock.wall()});
        }
        snapshot = estimator.snapshot();
    }

    static KeyInUse key_of(const exchange::ReadyAccount& account) {
        return std::make_shared<const SigningKey>(SigningKey{
            account.api_key, *credentials::Signer::make(account.key->type, account.key->private_key)});
    }

    void make(std::size_t account) {
        start();
        synchronise();
        std::string name = "/tmp/vigil-gateway-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        const std::string ca_file = (folder / "ca.pem").string();
        std::ofstream{ca_file} << ready.ca_pem;
        auto client =
            RestClient::make({.base_url = ready.rest, .ca_file = ca_file, .local_address = {}}, clock);
        ASSERT_TRUE(client) << client.error().message;
        rest = std::move(*client);
        auto made = make_gateway({.loop = loop,
                                  .clock = clock,
                                  .logger = logger,
                                  .listener = listener,
                                  .rest = *rest,
                                  .key = key_of(ready.accounts[account]),
                                  .snapshot = [this] { return snapshot; },
                                  .leave = [](domain::OwnRequest) { return std::nullopt; },
                                  .options = {.rest_url = ready.rest,
                                              .stream_url = ready.stream,
                                              .ws_api_url = ready.ws_api,
                                              .ca_file = ca_file,
                                              .local_address = {}}});
        ASSERT_TRUE(made) << made.error().message;
        gateway = std::move(*made);
        domain::MarketSubscription subscription;
        subscription.symbol = symbol;
        subscription.candles = {*domain::parse_candle_interval("1m")};
        gateway->open({subscription});
        ASSERT_TRUE(loop.run_until(
            [&] {
                return listener.is_up(Connection::market) && listener.is_up(Connection::orders) &&
                       listener.is_up(Connection::user_data);
            },
            patience));
    }
    bool wait(const std::function<bool()>& done) { return loop.run_until(done, patience); }

    /// Asks a read and waits for its answer.
    template <class T, class Ask>
    base::Result<T> read(Ask ask) {
        std::optional<base::Result<T>> result;
        ask([&](base::Result<T> got) { result = std::move(got); });
        EXPECT_FALSE(result) << "not from inside the call";
        wait([&] { return result.has_value(); });
        return result ? *std::move(result) : base::fail(base::ErrorKind::timeout, "no callback");
    }

    const domain::Symbol symbol = *domain::Symbol::from("BTCUSDT");
    std::filesystem::path folder;
    timesync::Snapshot snapshot;
    test::RecordingListener listener;
    log::RecordingLogger logger;
    std::unique_ptr<RestClient> rest;
    std::unique_ptr<domain::ExchangePort> gateway;
};

class GatewayLiveWithKey : public GatewayLive, public testing::WithParamInterface<std::size_t> {};

TEST_P(GatewayLiveWithKey, PlacesFillsCancelsAndReads) {
    make(GetParam());
    // The book of the test stands around 100: this one rests, the next one trades.
    gateway->send(journaled(test::limit_buy("rests", "90", "0.5")));
    gateway->send(journaled(test::limit_buy("trades", "110", "0.1")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 2 && listener.executions.size() >= 3; }));
    const auto* resting = listener.result<domain::OutcomeAccepted>(0);
    ASSERT_NE(resting, nullptr) << listener.result<domain::OutcomeRejected>(0)->message;
    EXPECT_EQ(resting->order.status, domain::OrderStatus::new_order);
    const auto* filled = listener.result<domain::OutcomeAccepted>(1);
    ASSERT_NE(filled, nullptr);
    EXPECT_EQ(filled->order.status, domain::OrderStatus::filled);
    ASSERT_FALSE(filled->fills.empty());
    const domain::OrderId filled_id =
        filled->order.order_id;  // further outcomes move what `filled` points to
    const auto trade = std::find_if(listener.executions.begin(), listener.executions.end(),
                                    [](const auto& report) { return report.fill.has_value(); });
    ASSERT_NE(trade, listener.executions.end());
    EXPECT_EQ(trade->fill->trade_id, filled->fills[0].trade_id);
    EXPECT_EQ(trade->fill->price, filled->fills[0].price);
    EXPECT_EQ(trade->fill->quantity, filled->fills[0].quantity);
    EXPECT_EQ(trade->fill->quote_quantity, filled->fills[0].quote_quantity);
    EXPECT_EQ(trade->fill->commission, filled->fills[0].commission);
    EXPECT_EQ(trade->fill->commission_asset, filled->fills[0].commission_asset);
    EXPECT_FALSE(listener.limits.empty());

    const auto open =
        read<std::vector<domain::OrderView>>([&](auto done) { gateway->open_orders(symbol, done); });
    ASSERT_TRUE(open) << open.error().message;
    ASSERT_EQ(open->size(), 1U);
    EXPECT_EQ(open->front().client_order_id.view(), "rests");
    const auto fills = read<std::vector<domain::Fill>>(
        [&](auto done) { gateway->trades(symbol, filled->order.order_id, std::nullopt, done); });
    ASSERT_TRUE(fills) << fills.error().message;
    EXPECT_EQ(fills->size(), filled->fills.size());

    gateway->send(journaled(test::cancel("rests")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 3; }));
    const auto* cancelled = listener.result<domain::OutcomeAccepted>(2);
    ASSERT_NE(cancelled, nullptr);
    EXPECT_EQ(cancelled->order.client_order_id.view(), "rests");
    EXPECT_EQ(cancelled->order.status, domain::OrderStatus::canceled);
    ASSERT_TRUE(
        wait([&] { return listener.executions.back().execution == domain::ExecutionType::canceled; }));
    EXPECT_EQ(listener.executions.back().client_order_id.view(), "rests");
    gateway->send(journaled(test::cancel("rests")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 4; }));
    ASSERT_NE(listener.result<domain::OutcomeRejected>(3), nullptr);
    EXPECT_EQ(listener.result<domain::OutcomeRejected>(3)->code, -2011);

    const auto found = read<domain::OrderView>(
        [&](auto done) { gateway->order(symbol, *domain::client_order_id("trades"), done); });
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->order_id, filled_id);
    const auto missing = read<domain::OrderView>(
        [&](auto done) { gateway->order(symbol, *domain::client_order_id("never-was"), done); });
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, base::ErrorKind::not_found);
    const auto account = read<domain::AccountSnapshot>([&](auto done) { gateway->account(done); });
    ASSERT_TRUE(account) << account.error().message;
    const auto permissions = read<domain::KeyPermissions>([&](auto done) { gateway->key_permissions(done); });
    ASSERT_TRUE(permissions) << permissions.error().message;
    const auto info = read<domain::ExchangeInfo>([&](auto done) { gateway->exchange_info({symbol}, done); });
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->symbols.size(), 1U);
    const auto depth = read<domain::DepthSnapshot>([&](auto done) { gateway->depth(symbol, 100, done); });
    ASSERT_TRUE(depth) << depth.error().message;
    EXPECT_FALSE(depth->bids.empty());
    EXPECT_TRUE(listener.malformed.empty()) << listener.malformed[0];
    EXPECT_FALSE(listener.positions.empty());
}

INSTANTIATE_TEST_SUITE_P(Keys, GatewayLiveWithKey, testing::Values(0U, 1U, 2U), [](const auto& tested) {
    return std::string{tested.param == 0 ? "Hmac" : tested.param == 1 ? "Ed25519" : "Rsa"};
});

TEST_F(GatewayLive, ClosesInTimeAndIsSilentAfterwards) {
    make(0);
    gateway->send(journaled(test::limit_buy("own-1")));
    bool closed = false;
    std::size_t told_before_close = 0;
    gateway->close(2s, [&] {
        closed = true;
        told_before_close = listener.events() + listener.connections.size() + listener.outcomes.size();
    });
    ASSERT_TRUE(wait([&] { return closed; }));
    EXPECT_EQ(listener.outcomes.size(), 1U);
    loop.run_for(50ms);
    EXPECT_EQ(listener.events() + listener.connections.size() + listener.outcomes.size(), told_before_close);
}

TEST_F(GatewayLive, ComesBackWhenTheExchangeDoes) {
    make(0);
    server.reset();
    ASSERT_TRUE(
        wait([&] { return !listener.is_up(Connection::market) && !listener.is_up(Connection::orders); }));
    gateway->send(journaled(test::limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeNeverSent>(0), nullptr)
        << "nobody listens: not a byte can have left";
}

TEST(GatewayUrls, AreCheckedBeforeAnythingIsSent) {
    net::EventLoop loop;
    base::SystemClock clock;
    log::RecordingLogger logger;
    test::RecordingListener listener;
    auto rest =
        RestClient::make({.base_url = "https://127.0.0.1:1", .ca_file = {}, .local_address = {}}, clock);
    ASSERT_TRUE(rest);
    const auto key = credentials::generate_key(credentials::KeyType::hmac_sha256);
    const auto key_in_use = std::make_shared<const SigningKey>(
        SigningKey{"k", *credentials::Signer::make(credentials::KeyType::hmac_sha256, key->private_key)});
    const auto attempt = [&](GatewayOptions options) {
        const auto made = make_gateway({.loop = loop,
                                        .clock = clock,
                                        .logger = logger,
                                        .listener = listener,
                                        .rest = **rest,
                                        .key = key_in_use,
                                        .snapshot = [] { return timesync::Snapshot{}; },
                                        .leave = [](domain::OwnRequest) { return std::nullopt; },
                                        .options = std::move(options)});
        return made ? std::nullopt : std::optional{made.error()};
    };
    const GatewayOptions good{.rest_url = "https://a.example",
                              .stream_url = "wss://b.example:9443",
                              .ws_api_url = "wss://c.example/ws-api/v3",
                              .ca_file = {},
                              .local_address = {}};
    EXPECT_FALSE(attempt(good));
    GatewayOptions bad = good;
    bad.rest_url = "wss://a.example";
    EXPECT_EQ(attempt(bad)->kind, base::ErrorKind::invalid);
    bad = good;
    bad.stream_url = "https://b.example";
    EXPECT_EQ(attempt(bad)->kind, base::ErrorKind::invalid);
    bad = good;
    bad.ws_api_url = "not a url";
    EXPECT_EQ(attempt(bad)->kind, base::ErrorKind::invalid);
    bad = good;
    bad.ca_file = "/no/such/file";
    EXPECT_EQ(attempt(bad)->kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace vigil::binance
