// Frames of the WebSocket API: the documentation's samples, recorded ones, and damaged ones.
#include "binance/api_decoder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>

#include "binance/order_answer.h"
#include "binance/padded.h"
#include "binance/recording_listener.h"
#include "market/recorded.h"

namespace vigil::binance {
namespace {

using market::testing::for_each_line;
using market::testing::recorded;
using test::Padded;
using test::RecordingListener;
using Kind = ApiNote::Kind;
using nlohmann::json;

class ApiDecoderTest : public testing::Test {
  protected:
    Kind decode(std::string_view text) {
        const Padded padded{text};
        const ApiNote note = decoder.decode(padded.view(), listener);
        message = note.message;
        return note.kind;
    }
    ApiDecoder decoder;
    RecordingListener listener;
    std::string message;
};

// web-socket-api.md, "Place new order (TRADE)", FULL.
constexpr std::string_view full_answer =
    R"({"id":7,"status":200,"result":{"symbol":"BTCUSDT","orderId":12569099453,
"orderListId":-1,"clientOrderId":"4d96324ff9d44481926157ec08158a40","transactTime":1660801715793,
"price":"23416.10000000","origQty":"0.00847000","executedQty":"0.00847000","origQuoteOrderQty":"0.000000",
"cummulativeQuoteQty":"198.33521500","status":"FILLED","timeInForce":"GTC","type":"LIMIT","side":"SELL",
"workingTime":1660801715793,"fills":[{"price":"23416.10000000","qty":"0.00635000","commission":"0.000000",
"commissionAsset":"BNB","tradeId":1650422481},{"price":"23416.50000000","qty":"0.00212000","commission":"0.000010",
"commissionAsset":"BNB","tradeId":1650422482}],"selfTradePreventionMode":"NONE"},"rateLimits":[{"rateLimitType":
"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":1},{"rateLimitType":"REQUEST_WEIGHT","interval":
"MINUTE","intervalNum":1,"limit":6000,"count":321}]})";

TEST_F(ApiDecoderTest, ReadsAPlacementWithItsFillsAndLimits) {
    ASSERT_EQ(decode(full_answer), Kind::answer) << message;
    const ApiAnswer& answer = decoder.answer();
    EXPECT_EQ(answer.id, 7);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.problem) << *answer.problem;
    ASSERT_TRUE(answer.order);
    EXPECT_EQ(answer.order->order_id.value, 12569099453);
    EXPECT_EQ(answer.order->client_order_id.view(), "4d96324ff9d44481926157ec08158a40");
    EXPECT_EQ(answer.order->status, domain::OrderStatus::filled);
    EXPECT_EQ(answer.order->side, domain::Side::sell);
    EXPECT_EQ(answer.order->type, domain::OrderType::limit);
    EXPECT_EQ(answer.order->executed_quote.str(), "198.335215");
    EXPECT_EQ(base::to_ms(answer.order->updated), 1660801715793);
    ASSERT_EQ(answer.fills.size(), 2U);
    EXPECT_EQ(answer.fills[1].trade_id.value, 1650422482);
    EXPECT_EQ(answer.fills[1].quote_quantity.str(), "49.64298");
    EXPECT_EQ(answer.fills[1].commission.str(), "0.00001");
    EXPECT_EQ(answer.fills[1].commission_asset.view(), "BNB");
    EXPECT_EQ(answer.fills[1].side, domain::Side::sell);
    EXPECT_EQ(answer.fills[1].order_id, answer.order->order_id);
    ASSERT_EQ(answer.limits.usage.size(), 2U);
    EXPECT_EQ(answer.limits.usage[0].type, domain::RateLimitType::orders);
    EXPECT_EQ(answer.limits.usage[0].window, base::seconds{10});
    EXPECT_EQ(answer.limits.usage[1].count, 321);
    EXPECT_EQ(answer.limits.usage[1].limit, 6000);
    const OrderResult result = order_result(answer);
    ASSERT_TRUE(std::holds_alternative<domain::OutcomeAccepted>(result));
    EXPECT_EQ(std::get<domain::OutcomeAccepted>(result).fills.size(), 2U);
}

TEST_F(ApiDecoderTest, ACancelNamesTheOrderByItsOriginalId) {
    ASSERT_EQ(
        decode(
            R"({"id":1,"status":200,"result":{"symbol":"BTCUSDT","origClientOrderId":"4d96324ff9d44481926157",
        "orderId":12569099453,"orderListId":-1,"clientOrderId":"91fe37ce9e69c90d6358c0","transactTime":1684804350068,
        "price":"23416.10000000","origQty":"0.00847000","executedQty":"0.00001000","origQuoteOrderQty":"0.000000",
        "cummulativeQuoteQty":"0.23416100","status":"CANCELED","timeInForce":"GTC","type":"LIMIT","side":"SELL",
        "stopPrice":"0.00000000","selfTradePreventionMode":"NONE"}})"),
        Kind::answer);
    ASSERT_TRUE(decoder.answer().order) << decoder.answer().problem.value_or("");
    EXPECT_EQ(decoder.answer().order->client_order_id.view(), "4d96324ff9d44481926157");
    EXPECT_EQ(decoder.answer().order->status, domain::OrderStatus::canceled);
}

TEST_F(ApiDecoderTest, AnAnswerWithoutItsMembersIsUnknownNotAccepted) {
    // An ACK: we ask for FULL.
    ASSERT_EQ(decode(R"({"id":1,"status":200,"result":{"symbol":"BTCUSDT","orderId":1,"clientOrderId":"a",
        "transactTime":1660801715639}})"),
              Kind::answer);
    EXPECT_TRUE(decoder.answer().problem);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeUnknown>(order_result(decoder.answer())));
    ASSERT_EQ(decode(R"({"id":1,"status":200,"result":{}})"), Kind::answer);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeUnknown>(order_result(decoder.answer())));
    std::string changed{full_answer};
    changed.replace(changed.find("23416.10000000"), 14, "2.34161e4xxxxx");
    ASSERT_EQ(decode(changed), Kind::answer);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeUnknown>(order_result(decoder.answer())));
}

TEST_F(ApiDecoderTest, MembersComeInAnyOrder) {
    json answer = json::parse(full_answer);
    const std::string result = answer["result"].dump();
    const std::string limits = answer["rateLimits"].dump();
    ASSERT_EQ(decode(R"({"rateLimits":)" + limits + R"(,"result":)" + result + R"(,"status":200,"id":7})"),
              Kind::answer);
    EXPECT_EQ(decoder.answer().id, 7);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeAccepted>(order_result(decoder.answer())));
    EXPECT_FALSE(decoder.answer().limits.usage.empty());
    // What does not belong to the status does not count, and of two the first does.
    ASSERT_EQ(decode(R"({"id":7,"result":)" + result + R"(,"status":400,"error":{"code":-2010,"msg":"m"},)" +
                     R"("error":{"code":-1,"msg":"m"}})"),
              Kind::answer);
    EXPECT_FALSE(decoder.answer().order);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeRejected>(order_result(decoder.answer())));
    EXPECT_EQ(decoder.answer().error->code, -2010);
}

TEST_F(ApiDecoderTest, ErrorsAreRejectedOrUnknownByTheirCodeAndStatus) {
    const auto outcome = [&](int status, int code) {
        const std::string text = R"({"id":1,"status":)" + std::to_string(status) + R"(,"error":{"code":)" +
                                 std::to_string(code) + R"(,"msg":"m"}})";
        EXPECT_EQ(decode(text), Kind::answer);
        return order_result(decoder.answer());
    };
    for (const auto& [status, code] : {std::pair{400, -2010},
                                       {400, -2011},
                                       {400, -1013},
                                       {400, -1021},
                                       {401, -2015},
                                       {429, -1015},
                                       {418, -1003},
                                       {403, -1000 - 5}}) {
        const OrderResult result = outcome(status, code);
        ASSERT_TRUE(std::holds_alternative<domain::OutcomeRejected>(result)) << status << " " << code;
        EXPECT_EQ(std::get<domain::OutcomeRejected>(result).code, code);
        EXPECT_EQ(std::get<domain::OutcomeRejected>(result).http_status, status);
    }
    for (const auto& [status, code] : {std::pair{500, -1000},
                                       {503, -2010},
                                       {400, -1007},
                                       {400, -1006},
                                       {409, -2022},
                                       {504, -1007},
                                       {400, -1001}})
        EXPECT_TRUE(std::holds_alternative<domain::OutcomeUnknown>(outcome(status, code)))
            << status << " " << code;
    EXPECT_EQ(decode(R"({"id":1,"status":400})"), Kind::answer);
    EXPECT_TRUE(std::holds_alternative<domain::OutcomeUnknown>(order_result(decoder.answer())));
}

TEST_F(ApiDecoderTest, ABanTellsUntilWhen) {
    // web-socket-api.md, "IP limits".
    ASSERT_EQ(decode(R"({"id":"fc93a61a-a192-4cf4-bb2a-a8f0f0c51e06","status":418,"error":{"code":-1003,"msg":
        "Way too much request weight used; IP banned until 1659146400000.","data":{"serverTime":1659142907531,
        "retryAfter":1659146400000}},"rateLimits":[]})"),
              Kind::answer);
    EXPECT_EQ(decoder.answer().id, std::nullopt) << "no id of ours";
    tell_side_news(decoder.answer(), "x", base::MonotonicTime{base::seconds{5}}, listener);
    ASSERT_EQ(listener.limited_news.size(), 1U);
    EXPECT_EQ(listener.limited_news[0].status, 418);
    EXPECT_EQ(listener.limited_news[0].retry_after_time, base::exchange_time_ms(1659146400000));
}

TEST_F(ApiDecoderTest, ReadsTheDocumentationsUserDataEvents) {
    const auto path = recorded("fixtures/docs-user-data-stream.jsonl");
    if (!path) GTEST_SKIP() << "no recorded data";
    std::vector<std::pair<std::string, Kind>> kinds;
    for_each_line(*path, [&](std::string_view line) {
        const json record = json::parse(line);
        kinds.emplace_back(record["section"], decode(record["msg"].dump()));
        EXPECT_NE(kinds.back().second, Kind::malformed) << message;
    });
    EXPECT_EQ(kinds.size(), 6U);
    EXPECT_EQ(listener.positions.size(), 1U);
    EXPECT_EQ(listener.positions[0].balances[0].free.str(), "10000");
    EXPECT_EQ(listener.balances.size(), 1U);
    EXPECT_EQ(listener.balances[0].delta.str(), "100");
    ASSERT_EQ(listener.executions.size(), 1U);
    EXPECT_EQ(listener.executions[0].client_order_id.view(), "mUvoqJxFIILMdfAW5iGSOW");
    EXPECT_FALSE(listener.executions[0].fill);
    EXPECT_TRUE(listener.malformed.empty());
}

TEST_F(ApiDecoderTest, ReadsRecordedExecutionReports) {
    struct Case {
        const char* file;
        domain::ExecutionType execution;
        domain::OrderStatus status;
    };
    for (const Case& one : {Case{"new", domain::ExecutionType::new_order, domain::OrderStatus::new_order},
                            Case{"canceled", domain::ExecutionType::canceled, domain::OrderStatus::canceled},
                            Case{"expired", domain::ExecutionType::expired, domain::OrderStatus::expired},
                            Case{"rejected", domain::ExecutionType::rejected, domain::OrderStatus::rejected},
                            Case{"trade", domain::ExecutionType::trade, domain::OrderStatus::unknown}}) {
        const auto path =
            recorded(std::string{"fixtures/nautilus-ws/ws_spot_execution_report_"} + one.file + ".json");
        if (!path) GTEST_SKIP() << "no recorded data";
        std::ifstream file{*path};
        json event = json::parse(file);
        if (!event.contains("event"))
            event = json{{"subscriptionId", 0}, {"event", event.contains("data") ? event["data"] : event}};
        listener.executions.clear();
        ASSERT_EQ(decode(event.dump()), Kind::event) << one.file << ": " << message;
        const domain::ExecutionReport& report = listener.executions.at(0);
        EXPECT_EQ(report.execution, one.execution) << one.file;
        if (one.status != domain::OrderStatus::unknown) {
            EXPECT_EQ(report.status, one.status) << one.file;
        }
        EXPECT_EQ(report.fill.has_value(), one.execution == domain::ExecutionType::trade);
        if (!report.fill) continue;
        const json& raw = event["event"];
        EXPECT_EQ(report.fill->trade_id.value, raw["t"].get<std::int64_t>());
        EXPECT_EQ(report.fill->price, domain::Price::literal(raw["L"].get<std::string>()));
        EXPECT_EQ(report.fill->quote_quantity, domain::Amount::literal(raw["Y"].get<std::string>()));
        EXPECT_EQ(report.fill->commission, domain::Amount::literal(raw["n"].get<std::string>()));
    }
}

TEST_F(ApiDecoderTest, ACancelsReportNamesTheOrderNotTheCancel) {
    const std::string report =
        R"({"subscriptionId":0,"event":{"e":"executionReport","E":1,"s":"ETHBTC","c":"theCancel",
        "S":"BUY","o":"LIMIT","f":"GTC","q":"1.0","p":"0.1","P":"0.0","g":-1,"C":"theOrder","x":"CANCELED","X":"CANCELED",
        "r":"NONE","i":5,"l":"0","z":"0","L":"0","n":"0","N":null,"T":2,"t":-1,"w":false,"m":false,"O":1,"Z":"0","Y":"0"}})";
    ASSERT_EQ(decode(report), Kind::event) << message;
    EXPECT_EQ(listener.executions.at(0).client_order_id.view(), "theOrder");
}

TEST_F(ApiDecoderTest, WordsThatDidNotExistAreUnknownNotAnError) {
    const std::string report =
        R"({"subscriptionId":0,"event":{"e":"executionReport","E":1,"s":"ETHBTC","c":"c","S":"BUY",
        "o":"QUANTUM","f":"GTX","q":"1.0","p":"0.1","P":"0.0","C":"","x":"TELEPORTED","X":"ELSEWHERE","r":"NONE","i":5,
        "l":"0","z":"0","L":"0","n":"0","N":null,"T":2,"t":-1,"m":false,"Z":"0","Y":"0","new":{"deep":[1,2,{"x":"y"}]}}})";
    ASSERT_EQ(decode(report), Kind::event) << message;
    EXPECT_EQ(listener.executions.at(0).type, domain::OrderType::unknown);
    EXPECT_EQ(listener.executions.at(0).execution, domain::ExecutionType::unknown);
    EXPECT_EQ(listener.executions.at(0).status, domain::OrderStatus::unknown);
    EXPECT_EQ(decode(R"({"subscriptionId":0,"event":{"e":"brandNew","x":1}})"), Kind::ignored);
}

TEST_F(ApiDecoderTest, EndsOfSubscriptionAndServerAreTold) {
    EXPECT_EQ(decode(R"({"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}})"),
              Kind::terminated);
    EXPECT_EQ(decode(R"({"event":{"e":"serverShutdown","E":1770123456789}})"), Kind::shutdown);
}

TEST_F(ApiDecoderTest, WhateverComesInIsAValueOrATypedFailure) {
    for (const char* text : {"", " ", "null", "[]", "{}", "<html>403 Forbidden</html>", R"({"id":1})",
                             R"({"id":1,"status":"200"})", R"({"event":5})", R"({"event":{}})",
                             R"({"id":1,"status":200,"result":)", "\xff\xfe"})
        EXPECT_EQ(decode(text), Kind::malformed) << text;
    EXPECT_EQ(decode(std::string(100'000, '[')), Kind::malformed);
    // Skipping "x" swallows the brace behind it, and the one too many ends the whole: no look-up may begin
    // again after that.
    EXPECT_EQ(decode(R"({"id":1,"status":418,"error":{"code":-1003,"msg":"banned","x":"y":1}}})"),
              Kind::answer);
    EXPECT_EQ(decoder.answer().error->code, -1003);

    constexpr unsigned seed = 2010;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 20'000; ++round) {
        std::string text{full_answer};
        for (auto flips = 1 + random() % 3; flips > 0; --flips)
            text[random() % text.size()] =
                static_cast<char>(random() % 3 == 0 ? random() : '0' + random() % 10);
        if (random() % 8 == 0) text.resize(random() % text.size());
        if (decode(text) != Kind::answer) continue;
        const ApiAnswer& answer = decoder.answer();
        const OrderResult result = order_result(answer);
        // Never accepted without an order that was read whole.
        if (std::holds_alternative<domain::OutcomeAccepted>(result)) {
            ASSERT_FALSE(answer.problem);
        }
    }
}

TEST(OrderAnswer, RestBodiesAreReadTheSameWay) {
    const json frame = json::parse(full_answer);
    const ApiAnswer answer = parse_order_answer(frame["result"].dump());
    ASSERT_TRUE(answer.order) << answer.problem.value_or("");
    EXPECT_EQ(answer.fills.size(), 2U);
    for (const char* body : {"", "<html>", "[]", "{}", R"({"orderId":1})", "5"}) {
        const ApiAnswer bad = parse_order_answer(body);
        EXPECT_FALSE(bad.order) << body;
        EXPECT_TRUE(bad.problem) << body;
    }
    const auto path = recorded("fixtures/nautilus-http/new_order_full_response.json");
    if (!path) GTEST_SKIP() << "no recorded data";
    std::ifstream file{*path};
    std::stringstream body;
    body << file.rdbuf();
    const ApiAnswer recorded_answer = parse_order_answer(body.str());
    EXPECT_TRUE(recorded_answer.order) << recorded_answer.problem.value_or("");
}

TEST(OrderAnswer, RetryAfterIsSecondsOrNothing) {
    EXPECT_EQ(parse_retry_after("7"), base::seconds{7});
    EXPECT_EQ(parse_retry_after("0"), base::seconds{0});
    for (const char* text : {"", "-1", "7s", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999"})
        EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
    EXPECT_EQ(parse_retry_after(std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace vigil::binance
