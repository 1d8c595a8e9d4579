// The way of an order over the session and its fallback, and what is told of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "binance/journaled.h"
#include "binance/order_session_fixture.h"

namespace vigil::binance {
namespace {

using namespace std::chrono_literals;
using domain::Connection;
using nlohmann::json;
using test::cancel;
using test::journaled;
using test::limit_buy;
using test::order_session_patience;

class OrderSessionTest : public test::OrderSessionFixture {};

TEST_F(OrderSessionTest, AnHmacKeySignsEachRequestAndTheSubscription) {
    make_session();
    open();
    ASSERT_EQ(setup.size(), 1U);
    EXPECT_EQ(setup[0].body["method"], "userDataStream.subscribe.signature");
    session->send(journaled(limit_buy("own-1", "90.5", "0.25")));
    EXPECT_TRUE(listener.outcomes.empty());
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    const json& request = orders[0].body;
    EXPECT_EQ(request["method"], "order.place");
    EXPECT_EQ(request["params"]["apiKey"], "the-api-key");
    EXPECT_EQ(request["params"]["timestamp"], 1'700'000'000'123);
    std::string expected;
    in_use->signer->sign(
        "apiKey=the-api-key&newClientOrderId=own-1&newOrderRespType=FULL&price=90.5&quantity=0.25&"
        "recvWindow=5000&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp=1700000000123&type=LIMIT",
        expected);
    EXPECT_EQ(request["params"]["signature"], expected);
    accept(orders[0]);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    const auto* accepted = listener.result<domain::OutcomeAccepted>(0);
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->order.client_order_id.view(), "own-1");
    EXPECT_EQ(listener.outcomes[0].client_order_id.view(), "own-1");
    EXPECT_GE(listener.outcomes[0].answered, listener.outcomes[0].sent);
    ASSERT_EQ(listener.limits.size(), 1U);
    EXPECT_EQ(listener.limits[0].usage[0].count, 3);
}

TEST_F(OrderSessionTest, AnEd25519KeyLogsOnOnceAndSignsNothingMore) {
    make_session(credentials::KeyType::ed25519);
    open();
    ASSERT_EQ(setup.size(), 2U);
    EXPECT_EQ(setup[0].body["method"], "session.logon");
    EXPECT_TRUE(setup[0].body["params"].contains("signature"));
    EXPECT_EQ(setup[1].body["method"], "userDataStream.subscribe");
    EXPECT_EQ(setup[1].body["params"], json::object());
    session->send(journaled(cancel("own-1")));
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    EXPECT_EQ(orders[0].body["method"], "order.cancel");
    const json& params = orders[0].body["params"];
    EXPECT_EQ(params["origClientOrderId"], "own-1");
    EXPECT_TRUE(params.contains("timestamp"));
    EXPECT_FALSE(params.contains("apiKey"));
    EXPECT_FALSE(params.contains("signature"));
    accept(orders[0]);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_TRUE(listener.outcomes[0].is_cancel);
    ASSERT_NE(listener.result<domain::OutcomeAccepted>(0), nullptr);
    EXPECT_EQ(listener.result<domain::OutcomeAccepted>(0)->order.client_order_id.view(), "own-1");
}

TEST_F(OrderSessionTest, AnswersFindTheirOrdersInAnyOrder) {
    make_session();
    open();
    for (int i = 0; i < 10; ++i) session->send(journaled(limit_buy("own-" + std::to_string(i))));
    ASSERT_TRUE(wait([&] { return orders.size() == 10; }));
    for (auto order = orders.rbegin(); order != orders.rend(); ++order) accept(*order);
    accept(orders[0]);  // twice: nothing comes of it
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 10; }));
    loop.run_for(5ms);
    ASSERT_EQ(listener.outcomes.size(), 10U);
    for (std::size_t i = 0; i < 10; ++i) {
        const std::string id = "own-" + std::to_string(9 - i);
        EXPECT_EQ(listener.outcomes[i].client_order_id.view(), id);
        ASSERT_NE(listener.result<domain::OutcomeAccepted>(i), nullptr);
        EXPECT_EQ(listener.result<domain::OutcomeAccepted>(i)->order.client_order_id.view(), id);
    }
}

TEST_F(OrderSessionTest, AnOldOrderFindsItsAnswerBehindManyNewerOnes) {
    make_session();
    open();
    session->send(journaled(limit_buy("oldest")));
    for (int i = 0; i < 700; ++i) {
        session->send(journaled(limit_buy("own-" + std::to_string(i))));
        const auto due = static_cast<std::size_t>(i) + 2;
        ASSERT_TRUE(wait([&] { return orders.size() == due; }));
        accept(orders.back());
        ASSERT_TRUE(wait([&] { return listener.outcomes.size() == due - 1; }));
        ASSERT_EQ(listener.outcomes.back().client_order_id.view(), "own-" + std::to_string(i));
    }
    accept(orders[0]);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 701; }));
    EXPECT_EQ(listener.outcomes.back().client_order_id.view(), "oldest");
    session->send(journaled(limit_buy("after")));
    ASSERT_TRUE(wait([&] { return orders.size() == 702; }));
    accept(orders.back());
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 702; }));
    EXPECT_EQ(listener.outcomes.back().client_order_id.view(), "after");
}

TEST_F(OrderSessionTest, RejectionsARefusedTimestampAndARefusedSignatureAreTold) {
    make_session();
    open();
    for (std::size_t i = 0; i < 2; ++i) {
        const int code = i == 0 ? -1021 : -1022;
        session->send(journaled(limit_buy("own-" + std::to_string(i))));
        ASSERT_TRUE(wait([&] { return orders.size() == i + 1; }));
        answer(orders[i], {{"status", 400}, {"error", {{"code", code}, {"msg", "..."}}}});
        ASSERT_TRUE(wait([&] { return listener.outcomes.size() == i + 1; }));
        ASSERT_NE(listener.result<domain::OutcomeRejected>(i), nullptr);
        EXPECT_EQ(listener.result<domain::OutcomeRejected>(i)->code, code);
    }
    EXPECT_EQ(listener.timestamps_refused, 1);
    EXPECT_EQ(listener.signatures_refused, 1);
}

TEST_F(OrderSessionTest, ALostConnectionLeavesTheOrderUnknownAndItIsNeverSentAgain) {
    make_session();
    open();
    session->send(journaled(limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return orders.size() == 1; }));
    peers[0]->kill(true);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1 && !listener.is_up(Connection::orders); }));
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    ASSERT_TRUE(
        wait([&] { return listener.is_up(Connection::orders) && listener.is_up(Connection::user_data); }));
    loop.run_for(20ms);
    EXPECT_EQ(orders.size(), 1U);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(listener.outcomes.size(), 1U);
    EXPECT_EQ(logger.counts().of(log::Event::exchange_session_lost), 1U);
}

TEST_F(OrderSessionTest, EachOfManyOrdersHasOneOutcomeWhenAStuckConnectionIsLost) {
    make_session();
    open();
    peers[0]->pause_reading(true);
    std::size_t sent = 0;
    // Until the queue refuses, which is NeverSent; many wait behind the socket by then.
    ASSERT_TRUE(wait([&] {
        for (int i = 0; i < 500; ++i) session->send(journaled(limit_buy("own-" + std::to_string(sent++))));
        return !listener.outcomes.empty();
    }));
    loop.run_for(1ms);
    for (std::size_t i = 0; i < listener.outcomes.size(); ++i)
        EXPECT_NE(listener.result<domain::OutcomeNeverSent>(i), nullptr);
    peers[0]->kill(true);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == sent; }));
    loop.run_for(5ms);
    ASSERT_EQ(listener.outcomes.size(), sent);
    std::set<std::string> ids;
    std::size_t unknown = 0;
    for (std::size_t i = 0; i < sent; ++i) {
        ids.insert(listener.outcomes[i].client_order_id.str());
        if (listener.result<domain::OutcomeUnknown>(i) != nullptr) ++unknown;
        if (listener.result<domain::OutcomeNeverSent>(i) != nullptr) {
            EXPECT_EQ(listener.outcomes[i].sent, base::MonotonicTime{});
        }
    }
    EXPECT_EQ(ids.size(), sent);
    EXPECT_GT(unknown, 0U);
    EXPECT_LT(unknown, sent);
    EXPECT_LE(orders.size(), unknown) << "nothing that arrived was called never sent";
}

TEST_F(OrderSessionTest, NothingIsSignedWhileTimeIsNotKnown) {
    make_session();
    open();
    time_known = false;
    session->send(journaled(limit_buy("own-1")));
    EXPECT_TRUE(listener.outcomes.empty()) << "not from inside the call";
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeNeverSent>(0), nullptr);
    loop.run_for(5ms);
    EXPECT_TRUE(orders.empty());
}

TEST_F(OrderSessionTest, NoAnswerInTimeIsUnknownAndALateOneChangesNothing) {
    make_session(credentials::KeyType::hmac_sha256, 60ms);
    open();
    session->send(journaled(limit_buy("own-1")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    accept(orders.at(0));
    session->send(journaled(limit_buy("own-2")));
    ASSERT_TRUE(wait([&] { return orders.size() == 2; }));
    accept(orders[1]);
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 2; }));
    EXPECT_EQ(listener.outcomes[1].client_order_id.view(), "own-2");
    EXPECT_NE(listener.result<domain::OutcomeAccepted>(1), nullptr);
}

TEST_F(OrderSessionTest, UserDataEventsReachTheListener) {
    make_session();
    open();
    peers[0]->send(
        R"({"subscriptionId":0,"event":{"e":"balanceUpdate","E":1573200697110,"a":"BTC","d":"100.0","T":1}})");
    ASSERT_TRUE(wait([&] { return listener.balances.size() == 1; }));
    peers[0]->send("<html>");
    ASSERT_TRUE(wait([&] { return listener.malformed.size() == 1; }));
}

TEST_F(OrderSessionTest, WithoutASessionOrdersGoOnceOverTheWarmConnection) {
    websockets_welcome = false;
    make_session();
    session->open();
    fallback->keep_warm();
    ASSERT_TRUE(wait([&] { return refused_upgrades > 0; }));
    session->send(journaled(limit_buy("own-1")));
    session->send(journaled(cancel("own-0")));
    ASSERT_TRUE(wait([&] { return rest.size() == 1; }));
    EXPECT_EQ(rest[0].request.method, "POST");
    EXPECT_EQ(rest[0].request.path(), "/api/v3/order");
    EXPECT_EQ(rest[0].request.headers.find("X-MBX-APIKEY"), "the-api-key");
    const std::string query{rest[0].request.query()};
    const auto at = query.find("&signature=");
    ASSERT_NE(at, std::string::npos);
    std::string expected;
    in_use->signer->sign(query.substr(0, at), expected);
    EXPECT_EQ(query.substr(at + 11), expected);
    rest[0].responder.respond(
        {200, net::Headers{{"X-MBX-USED-WEIGHT-1M", "12"}, {"X-MBX-ORDER-COUNT-10S", "2"}},
         R"({"symbol":"BTCUSDT","orderId":5,"clientOrderId":"own-1","transactTime":1,"price":"90","origQty":"0.5",
             "executedQty":"0","cummulativeQuoteQty":"0","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY",
             "fills":[]})"});
    ASSERT_TRUE(wait([&] { return rest.size() == 2 && listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeAccepted>(0), nullptr);
    ASSERT_EQ(listener.limits.size(), 1U);
    EXPECT_EQ(listener.limits[0].usage.size(), 2U);
    EXPECT_EQ(rest[1].request.method, "DELETE");
    rest[1].responder.respond({400, {}, R"({"code":-2011,"msg":"Unknown order sent."})"});
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 2; }));
    ASSERT_NE(listener.result<domain::OutcomeRejected>(1), nullptr);
    EXPECT_EQ(listener.result<domain::OutcomeRejected>(1)->code, -2011);
    EXPECT_EQ(logger.counts().of(log::Event::exchange_fallback_used), 1U);
}

TEST_F(OrderSessionTest, TheFallbackKnowsUnknownFromRejectedAndFromNeverSent) {
    websockets_welcome = false;
    make_session();
    const auto outcome = [&](const std::function<void(net::Responder&)>& act) {
        listener.outcomes.clear();
        rest.clear();
        session->send(journaled(limit_buy("own-1")));
        EXPECT_TRUE(wait([&] { return rest.size() == 1; }));
        act(rest[0].responder);
        EXPECT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
        EXPECT_EQ(rest.size(), 1U) << "sent once";
    };
    outcome([](net::Responder& responder) { responder.drop(); });
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    outcome([](net::Responder& responder) { responder.respond({503, {}, "<html>busy</html>"}); });
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    outcome([](net::Responder& responder) { responder.respond({200, {}, "<html>hello</html>"}); });
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    outcome([](net::Responder& responder) { responder.respond({403, {}, "<html>WAF</html>"}); });
    ASSERT_NE(listener.result<domain::OutcomeRejected>(0), nullptr);
    EXPECT_EQ(listener.result<domain::OutcomeRejected>(0)->http_status, 403);
    EXPECT_EQ(listener.limited_news.back().status, 403);
    outcome([](net::Responder& responder) {
        responder.respond(
            {429, net::Headers{{"Retry-After", "9"}}, R"({"code":-1003,"msg":"Too many requests."})"});
    });
    EXPECT_NE(listener.result<domain::OutcomeRejected>(0), nullptr);
    EXPECT_EQ(listener.limited_news.back().retry_after, base::seconds{9});
    outcome([](net::Responder& responder) { responder.respond({410, {}, "gone"}); });
    EXPECT_NE(listener.result<domain::OutcomeRejected>(0), nullptr);
    EXPECT_EQ(listener.retired, (std::vector<std::string>{"POST /api/v3/order"}));

    server.reset();
    listener.outcomes.clear();
    loop.run_for(5ms);
    session->send(journaled(limit_buy("own-2")));
    ASSERT_TRUE(wait([&] { return listener.outcomes.size() == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeNeverSent>(0), nullptr);
    EXPECT_EQ(listener.outcomes[0].sent, base::MonotonicTime{});
}

TEST_F(OrderSessionTest, ABannedAddressStaysAwayAsLongAsItWasTold) {
    websockets_welcome = false;
    refusal = {418, net::Headers{{"Retry-After", "120"}}, R"({"code":-1003,"msg":"banned"})"};
    make_session();
    session->open();
    ASSERT_TRUE(wait([&] { return listener.limited_news.size() == 1; }));
    leave.clock = &clock;
    leave.not_before = loop.now() + 1500ms;
    EXPECT_EQ(listener.limited_news[0].status, 418);
    EXPECT_EQ(listener.limited_news[0].retry_after, base::seconds{120});
    EXPECT_EQ(refused_upgrades, 1);
    websockets_welcome = true;
    loop.run_for(1200ms);
    EXPECT_TRUE(peers.empty()) << "not a byte before the time";
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::orders); }));
    EXPECT_GE(loop.now(), leave.not_before);
    EXPECT_EQ(leave.count(domain::OwnRequest::order_connection), 2);
}

TEST_F(OrderSessionTest, EveryStepOfTheSetUpIsAskedForOnce) {
    make_session(credentials::KeyType::ed25519);
    time_known = false;
    session->open();
    ASSERT_TRUE(wait([&] { return peers.size() == 1; }));
    loop.run_for(250ms);
    EXPECT_EQ(leave.granted, std::vector{domain::OwnRequest::order_connection})
        << "without exchange time nothing can be signed: leave is not asked for what cannot be sent";
    time_known = true;
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::user_data); }));
    EXPECT_EQ(leave.granted, (std::vector{domain::OwnRequest::order_connection, domain::OwnRequest::logon,
                                          domain::OwnRequest::user_data}));
}

TEST_F(OrderSessionTest, WithoutLeaveNotAByteArrives) {
    make_session(credentials::KeyType::ed25519);
    leave.clock = &clock;
    leave.not_before = loop.now() + 400ms;
    session->open();
    fallback->keep_warm();
    ASSERT_TRUE(wait([&] { return loop.now() > leave.not_before - 20ms; }));
    EXPECT_EQ(server->connections(), 0U) << "neither the session nor the spare connection";
    EXPECT_EQ(leave.held, 2);
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::user_data); }));
    EXPECT_GE(loop.now(), leave.not_before);
}

TEST_F(OrderSessionTest, ABanThatBeginsWhileConnectingHoldsLogonAndSubscription) {
    make_session(credentials::KeyType::ed25519);
    time_known = false;
    session->open();
    ASSERT_TRUE(wait([&] { return peers.size() == 1; }));
    leave.clock = &clock;
    leave.not_before = loop.now() + 400ms;
    time_known = true;
    ASSERT_TRUE(wait([&] { return loop.now() > leave.not_before - 20ms; }));
    EXPECT_TRUE(setup.empty());
    ASSERT_TRUE(wait([&] { return listener.is_up(Connection::user_data); }));
    EXPECT_EQ(setup.size(), 2U);
    EXPECT_EQ(peers.size(), 1U);
}

TEST_F(OrderSessionTest, ClosingTellsEveryOutcomeFirst) {
    make_session();
    open();
    session->send(journaled(limit_buy("own-1")));
    session->send(journaled(limit_buy("own-2")));
    ASSERT_TRUE(wait([&] { return orders.size() == 2; }));
    peers[0]->mute(true);
    int closed = 0;
    session->close(50ms, [&] {
        EXPECT_EQ(listener.outcomes.size(), 2U);
        ++closed;
    });
    EXPECT_EQ(closed, 0);
    ASSERT_TRUE(wait([&] { return closed == 1; }));
    EXPECT_NE(listener.result<domain::OutcomeUnknown>(0), nullptr);
    loop.run_for(700ms);
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(peers.size(), 1U) << "a closed session does not come back";
}

TEST_F(OrderSessionTest, ClosingWithoutAConnectionEndsToo) {
    make_session();
    bool closed = false;
    session->close(1s, [&] { closed = true; });
    ASSERT_TRUE(wait([&] { return closed; }));
}

}  // namespace
}  // namespace vigil::binance
