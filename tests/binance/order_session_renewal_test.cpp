// The session's connection is replaced: announced, under another key, after a revocation.
#include <gtest/gtest.h>

#include <string>

#include "binance/journaled.h"
#include "binance/order_session_fixture.h"

namespace vigil::binance {
namespace {

using namespace std::chrono_literals;
using domain::Connection;
using test::journaled;
using test::limit_buy;

class OrderSessionRenewal : public test::OrderSessionFixture {};

TEST_F(OrderSessionRenewal, AnAnnouncedShutdownIsFollowedByANewConnectionBeforeTheOldOneGoes) {
    make_session(credentials::KeyType::hmac_sha256, 100ms);
    open();
    session->send(journaled(limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    peers[0]->send(R"({"event":{"e":"serverShutdown","E":1770123456789}})");
    ASSERT_TRUE(wait([&] { return peers.size() == 2 && setup.size() == 2; }));
    accept(orders[0]);  // the old connection still delivers
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeAccepted>(0), nullptr);
    ASSERT_TRUE(wait([&] { return logger.counts().of(log::Event::exchange_user_data_subscribed) == 2; }));
    session->send(journaled(limit_buy("own-2")));
    ASSERT_TRUE(wait([&] { return orders.size() == 2; }));
    EXPECT_EQ(orders[1].peer.lock(), peers[1]);
    ASSERT_TRUE(wait([&] { return !peers[0]->open(); })) << "the old one is closed";
    for (const auto& news : listener.connections) EXPECT_EQ(news.state, domain::ConnectionState::connected);
}

TEST_F(OrderSessionRenewal, AnotherKeyTakesOverAndTheOneBeforeIsLetGoOfWithItsLastAnswer) {
    make_session(credentials::KeyType::hmac_sha256, 300ms);
    open();
    session->send(journaled(limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    const std::weak_ptr<const SigningKey> before = in_use;
    in_use = key_of(*credentials::generate_key(credentials::KeyType::ed25519), "another-api-key");
    fallback->change_key(in_use);
    session->change_key(in_use);
    // Until the new connection is ready the one before carries on, under its own key.
    session->send(journaled(limit_buy("own-2")));
    ASSERT_TRUE(wait([&] { return orders.size() == 2; }));
    EXPECT_EQ(orders[1].peer.lock(), peers[0]);
    EXPECT_EQ(orders[1].body["params"]["apiKey"], "the-api-key");
    ASSERT_TRUE(wait([&] { return logger.counts().of(log::Event::exchange_user_data_subscribed) == 2; }));
    EXPECT_EQ(setup[1].body["method"], "session.logon");
    EXPECT_EQ(setup[1].body["params"]["apiKey"], "another-api-key");
    session->send(journaled(limit_buy("own-3")));
    ASSERT_TRUE(wait([&] { return orders.size() == 3; }));
    EXPECT_EQ(orders[2].peer.lock(), peers[1]);
    EXPECT_FALSE(before.expired()) << "answers are still to come";
    accept(orders[1]);
    accept(orders[0]);
    accept(orders[2]);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 3; }));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NE(listener.result<domain::OutcomeAccepted>(i), nullptr) << i;
    ASSERT_TRUE(wait([&] { return before.expired(); }));
    for (const auto& news : listener.connections) EXPECT_EQ(news.state, domain::ConnectionState::connected);
}

TEST_F(OrderSessionRenewal, AKeyThatIsChangedWhileAConnectionIsBeingMadeIsTheNewOnes) {
    make_session(credentials::KeyType::hmac_sha256, 100ms);
    open();
    answers_setup = false;
    peers[0]->send(R"({"event":{"e":"serverShutdown","E":1770123456789}})");
    ASSERT_TRUE(wait([&] { return setup.size() == 2; }));  // under the key before, and without an answer
    const std::weak_ptr<const SigningKey> before = in_use;
    in_use = key_of(*credentials::generate_key(credentials::KeyType::hmac_sha256), "another-api-key");
    fallback->change_key(in_use);
    answers_setup = true;
    session->change_key(in_use);
    ASSERT_TRUE(wait([&] { return before.expired(); }));
    session->send(journaled(limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    EXPECT_EQ(orders[0].body["params"]["apiKey"], "another-api-key");
    EXPECT_TRUE(listener.is_up(Connection::orders));
}

TEST_F(OrderSessionRenewal, AnEndedSubscriptionIsMadeAgain) {
    make_session();
    open();
    peers[0]->send(R"({"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}})");
    ASSERT_TRUE(wait([&] { return setup.size() == 2; }));
    EXPECT_FALSE(listener.is_up(Connection::user_data));
    EXPECT_TRUE(listener.is_up(Connection::orders));
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::user_data); }));
    EXPECT_EQ(peers.size(), 1U);
}

TEST_F(OrderSessionRenewal, ARevokedSessionIsLeft) {
    make_session();
    open();
    peers[0]->send(
        R"({"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}})");
    ASSERT_TRUE(wait([&] { return !listener.is_up(Connection::orders); }));
    EXPECT_NE(listener.connections.back().why.find("revoked"), std::string::npos)
        << listener.connections.back().why;
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::orders); }));
}

}  // namespace
}  // namespace vigil::binance
