// Cancel-replace, amendments, order lists and prevented matches as a REST client sees them.
#include <gtest/gtest.h>

#include "exchange/server_world.h"

namespace vigil::exchange {
namespace {

using Json = nlohmann::json;

std::string text_of(const Reply& reply) {
    return reply.error ? std::to_string(reply.code()) + " " + reply.message() : "ok";
}

class ServerTrading : public testing::Test {
  protected:
    Reply post(std::string_view path, std::string_view query) {
        return world_.sign("POST", "/api/v3/" + std::string{path}, query);
    }
    Reply get(std::string_view path, std::string_view query) {
        return world_.sign("GET", "/api/v3/" + std::string{path}, query);
    }
    Reply replace(std::string_view query) {
        return post("order/cancelReplace",
                    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&" + std::string{query});
    }
    std::int64_t counted() {
        return world_.state.limits.orders_in_ten_seconds(world_.core.alice.value, world_.state.clock.shown());
    }
    static Json data_of(const Reply& reply) {
        return reply.error && !reply.error->data.empty() ? Json::parse(reply.error->data) : Json{};
    }
    void rest(std::string_view name, std::string_view price = "90") {
        ASSERT_EQ(
            text_of(post("order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=" +
                                      std::string{price} + "&newClientOrderId=" + std::string{name})),
            "ok");
    }

    ServerWorld world_;
};

// The table of outcomes of "Cancel an Existing Order and Send a New Order".
TEST_F(ServerTrading, CancelReplaceWithinTheLimits) {
    rest("a");
    const Reply both = replace(
        "cancelReplaceMode=STOP_ON_FAILURE&price=91&cancelOrigClientOrderId=a&newClientOrderId=b&"
        "cancelNewClientOrderId=gone");
    ASSERT_EQ(text_of(both), "ok");
    EXPECT_EQ(both.body["cancelResult"], "SUCCESS");
    EXPECT_EQ(both.body["newOrderResult"], "SUCCESS");
    EXPECT_EQ(both.body["cancelResponse"]["status"], "CANCELED");
    EXPECT_EQ(both.body["cancelResponse"]["clientOrderId"], "gone");
    EXPECT_EQ(both.body["newOrderResponse"]["clientOrderId"], "b");
    EXPECT_TRUE(both.body["newOrderResponse"]["fills"].is_array());
    EXPECT_TRUE(both.answer.shows_order_count);

    const std::int64_t before = counted();
    const Reply stopped = replace("cancelReplaceMode=STOP_ON_FAILURE&price=91&cancelOrderId=99");
    EXPECT_EQ(stopped.status(), 400);
    EXPECT_EQ(text_of(stopped), "-2022 Order cancel-replace failed.");
    EXPECT_EQ(data_of(stopped), Json::parse(R"({"cancelResult":"FAILURE","newOrderResult":"NOT_ATTEMPTED",
        "cancelResponse":{"code":-2011,"msg":"Unknown order sent."},"newOrderResponse":null})"));
    EXPECT_EQ(counted(), before + 1) << "a new order that was not attempted still counts";

    const Reply placed = replace("cancelReplaceMode=ALLOW_FAILURE&price=91&cancelOrderId=99");
    EXPECT_EQ(placed.status(), 409);
    EXPECT_EQ(text_of(placed), "-2021 Order cancel-replace partially failed.");
    EXPECT_EQ(data_of(placed)["cancelResult"], "FAILURE");
    EXPECT_EQ(data_of(placed)["newOrderResult"], "SUCCESS");
    EXPECT_EQ(data_of(placed)["newOrderResponse"]["status"], "NEW");

    const Reply cancelled = post("order/cancelReplace",
                                 "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.5&price=101&"
                                 "cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=b");
    EXPECT_EQ(cancelled.status(), 409);
    EXPECT_EQ(data_of(cancelled)["cancelResult"], "SUCCESS");
    EXPECT_EQ(data_of(cancelled)["newOrderResult"], "FAILURE");
    EXPECT_EQ(data_of(cancelled)["newOrderResponse"],
              Json::parse(R"({"code":-2010,"msg":"Order would immediately match and take."})"));
    EXPECT_EQ(text_of(get("order", "symbol=BTCUSDT&origClientOrderId=b")), "ok");

    const Reply neither = post("order/cancelReplace",
                               "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.5&price=101&"
                               "cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=b");
    EXPECT_EQ(neither.status(), 400);
    EXPECT_EQ(text_of(neither), "-2022 Order cancel-replace failed.");
    EXPECT_EQ(data_of(neither)["newOrderResult"], "FAILURE");
}

TEST_F(ServerTrading, CancelReplaceChecksFiltersAndParametersFirst) {
    rest("a");
    EXPECT_EQ(text_of(replace("cancelReplaceMode=ALLOW_FAILURE&price=0.001&cancelOrigClientOrderId=a")),
              "-1013 Filter failure: PRICE_FILTER");
    EXPECT_EQ(text_of(replace("cancelReplaceMode=PERHAPS&price=91&cancelOrigClientOrderId=a")),
              "-1130 Data sent for parameter 'cancelReplaceMode' is not valid.");
    EXPECT_EQ(
        text_of(replace("cancelReplaceMode=ALLOW_FAILURE&price=91")),
        "-1102 Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!");
    EXPECT_EQ(text_of(replace("cancelReplaceMode=ALLOW_FAILURE&price=91&cancelOrigClientOrderId=a&"
                              "orderRateLimitExceededMode=NO")),
              "-1130 Data sent for parameter 'orderRateLimitExceededMode' is not valid.");
    EXPECT_EQ(text_of(replace("cancelReplaceMode=ALLOW_FAILURE&price=91&cancelOrigClientOrderId=a&"
                              "cancelRestrictions=NO")),
              "-1145 Invalid cancelRestrictions");
    const Reply restricted = replace(
        "cancelReplaceMode=STOP_ON_FAILURE&price=91&cancelOrigClientOrderId=a&"
        "cancelRestrictions=ONLY_PARTIALLY_FILLED");
    EXPECT_EQ(data_of(restricted)["cancelResponse"]["msg"],
              "Order was not canceled due to cancel restrictions.");
    EXPECT_EQ(get("order", "symbol=BTCUSDT&origClientOrderId=a").body["status"], "NEW") << "left alone";
}

TEST(ServerTradingLimited, CancelReplaceBeyondTheUnfilledOrderCount) {
    RateLimitOptions limits;
    limits.orders_per_ten_seconds = 1;
    ServerWorld world{limits};
    const auto order = [&world](std::string_view path, std::string_view query) {
        return world.sign(
            "POST", "/api/v3/" + std::string{path},
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90&" + std::string{query});
    };
    ASSERT_EQ(text_of(order("order", "newClientOrderId=a")), "ok");
    constexpr std::string_view too_many = "Too many new orders; current limit is 1 orders per 10 SECOND.";
    const Reply nothing =
        order("order/cancelReplace", "cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=a");
    EXPECT_EQ(nothing.status(), 429);
    EXPECT_EQ(text_of(nothing), "-1015 " + std::string{too_many});
    const Reply unknown = order("order/cancelReplace",
                                "cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=z&"
                                "orderRateLimitExceededMode=CANCEL_ONLY");
    EXPECT_EQ(unknown.status(), 429);
    EXPECT_EQ(Json::parse(unknown.error->data)["newOrderResult"], "NOT_ATTEMPTED");
    const Reply cancelled = order("order/cancelReplace",
                                  "cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=a&"
                                  "orderRateLimitExceededMode=CANCEL_ONLY");
    EXPECT_EQ(cancelled.status(), 429);
    EXPECT_EQ(cancelled.code(), -2021);
    EXPECT_EQ(Json::parse(cancelled.error->data)["newOrderResponse"],
              (Json{{"code", -1015}, {"msg", too_many}}));
    const Reply neither = order("order/cancelReplace",
                                "cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=a&"
                                "orderRateLimitExceededMode=CANCEL_ONLY");
    EXPECT_EQ(neither.status(), 400);
    EXPECT_EQ(neither.code(), -2022);
}

TEST_F(ServerTrading, AmendsAndListsAmendments) {
    rest("a");
    const std::int64_t before = counted();
    const Reply amended = world_.sign("PUT", "/api/v3/order/amend/keepPriority",
                                      "symbol=BTCUSDT&origClientOrderId=a&newQty=0.5&newClientOrderId=b");
    ASSERT_EQ(text_of(amended), "ok");
    EXPECT_EQ(counted(), before) << "unfilled order count: 0";
    const Json& order = amended.body["amendedOrder"];
    EXPECT_EQ(order["origClientOrderId"], "a");
    EXPECT_EQ(order["clientOrderId"], "b");
    EXPECT_EQ(order["qty"], "0.50000000");
    EXPECT_EQ(order["preventedQty"], "0.00000000");
    EXPECT_FALSE(amended.body.contains("listStatus"));
    const Json listed = get("order/amendments", "symbol=BTCUSDT&orderId=" + order["orderId"].dump()).body;
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0]["origQty"], "1.00000000");
    EXPECT_EQ(listed[0]["newQty"], "0.50000000");
    EXPECT_EQ(listed[0]["executionId"], amended.body["executionId"]);
    EXPECT_EQ(text_of(world_.sign("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&orderId=1")),
              "-1102 Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.");
}

TEST_F(ServerTrading, PlacesOrderListsUnderTheirNames) {
    const Reply oco = post("orderList/oco",
                           "symbol=BTCUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=105&"
                           "belowType=STOP_LOSS_LIMIT&belowStopPrice=95&belowPrice=94&belowTimeInForce=GTC&"
                           "listClientOrderId=pair&aboveClientOrderId=up&belowStrategyId=7");
    ASSERT_EQ(text_of(oco), "ok");
    EXPECT_EQ(oco.body["contingencyType"], "OCO");
    EXPECT_EQ(oco.body["listStatusType"], "EXEC_STARTED");
    EXPECT_EQ(oco.body["listOrderStatus"], "EXECUTING");
    EXPECT_EQ(oco.body["listClientOrderId"], "pair");
    EXPECT_EQ(oco.body["orders"].size(), 2U);
    EXPECT_EQ(oco.body["orderReports"][0]["type"], "STOP_LOSS_LIMIT");
    EXPECT_EQ(oco.body["orderReports"][0]["stopPrice"], "95.00000000");
    EXPECT_EQ(oco.body["orderReports"][0]["workingTime"], -1);
    EXPECT_EQ(oco.body["orderReports"][0]["strategyId"], 7);
    EXPECT_EQ(oco.body["orderReports"][1]["clientOrderId"], "up");
    EXPECT_EQ(counted(), 2);

    const Reply oto =
        post("orderList/oto",
             "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&"
             "workingTimeInForce=GTC&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1&"
             "newOrderRespType=RESULT");
    ASSERT_EQ(text_of(oto), "ok");
    EXPECT_EQ(oto.body["contingencyType"], "OTO");
    EXPECT_EQ(oto.body["orderReports"][1]["status"], "PENDING_NEW");
    EXPECT_FALSE(oto.body["orderReports"][0].contains("fills"));

    const Reply otoco =
        post("orderList/otoco",
             "symbol=BTCUSDT&workingType=LIMIT_MAKER&workingSide=BUY&workingPrice=90&"
             "workingQuantity=1&pendingSide=SELL&pendingQuantity=1&pendingAboveType=LIMIT_MAKER&"
             "pendingAbovePrice=110&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=80");
    ASSERT_EQ(text_of(otoco), "ok");
    EXPECT_EQ(otoco.body["contingencyType"], "OTO");
    ASSERT_EQ(otoco.body["orderReports"].size(), 3U);
    EXPECT_EQ(counted(), 7);

    const Reply opo =
        post("orderList/opo",
             "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&"
             "workingTimeInForce=GTC&pendingType=LIMIT&pendingSide=SELL&pendingPrice=110&"
             "pendingTimeInForce=GTC");
    ASSERT_EQ(text_of(opo), "ok");
    EXPECT_FALSE(opo.body["orderReports"][1].contains("origQty")) << "it has no quantity yet";
    EXPECT_TRUE(opo.body["orderReports"][0].contains("origQty"));

    const Reply opoco = post("orderList/opoco",
                             "symbol=BTCUSDT&workingType=LIMIT_MAKER&workingSide=BUY&workingPrice=90&"
                             "workingQuantity=1&pendingSide=SELL&pendingAboveType=TAKE_PROFIT&"
                             "pendingAboveStopPrice=110&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=80");
    ASSERT_EQ(text_of(opoco), "ok");
    EXPECT_EQ(get("openOrderList", "").body.size(), 5U);
    EXPECT_EQ(get("allOrderList", "limit=2").body.size(), 2U);
    EXPECT_EQ(get("orderList", "origClientOrderId=pair").body["orderListId"], oco.body["orderListId"]);
    EXPECT_EQ(text_of(get("orderList", "")),
              "-1102 Param 'origClientOrderId' or 'orderListId' must be sent, but both were empty/null!");
    EXPECT_EQ(text_of(get("orderList", "orderListId=99")), "-2013 Order does not exist.");
    EXPECT_EQ(text_of(get("allOrderList", "fromId=1&startTime=1")),
              "-1128 Combination of optional parameters invalid.");

    const Reply gone = world_.sign("DELETE", "/api/v3/orderList",
                                   "symbol=BTCUSDT&listClientOrderId=pair&newClientOrderId=away");
    ASSERT_EQ(text_of(gone), "ok");
    EXPECT_EQ(gone.body["listStatusType"], "ALL_DONE");
    EXPECT_EQ(gone.body["orderReports"][0]["clientOrderId"], "away");
    EXPECT_EQ(gone.body["orderReports"][1]["origClientOrderId"], "up");
    const Reply rest = world_.sign("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    ASSERT_EQ(rest.body.size(), 4U);
    EXPECT_TRUE(rest.body[0].contains("orderReports"));
}

TEST_F(ServerTrading, TheOldOcoStillWorks) {
    const Reply oco = post("order/oco",
                           "symbol=BTCUSDT&side=BUY&quantity=1&price=95&stopPrice=105&stopLimitPrice=106&"
                           "stopLimitTimeInForce=GTC&limitClientOrderId=low&stopClientOrderId=high");
    ASSERT_EQ(text_of(oco), "ok");
    EXPECT_EQ(oco.body["orderReports"][0]["clientOrderId"], "high");
    EXPECT_EQ(oco.body["orderReports"][0]["type"], "STOP_LOSS_LIMIT");
    EXPECT_EQ(oco.body["orderReports"][1]["type"], "LIMIT_MAKER");
    EXPECT_EQ(text_of(post("order/oco",
                           "symbol=BTCUSDT&side=BUY&quantity=1&price=95&stopPrice=105&"
                           "stopLimitPrice=106")),
              "-1102 Mandatory parameter 'stopLimitTimeInForce' was not sent, was empty/null, or malformed.");
}

// faqs/stp_faq.md, "What is a Prevented Match?"
TEST_F(ServerTrading, PreventedMatchesCanBeAskedFor) {
    EXPECT_EQ(get("myPreventedMatches", "symbol=BTCUSDT&preventedMatchId=0").body, Json::array());
    rest("maker", "100.00");
    const Reply met = post("order",
                           "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.4&price=100&"
                           "selfTradePreventionMode=EXPIRE_BOTH");
    ASSERT_EQ(text_of(met), "ok");
    EXPECT_EQ(met.body["status"], "EXPIRED_IN_MATCH");
    ASSERT_EQ(met.body["preventedMatches"].size(), 1U);
    EXPECT_EQ(met.body["preventedMatches"][0]["takerPreventedQuantity"], "0.40000000");
    const Json found = get("myPreventedMatches", "symbol=BTCUSDT&orderId=" + met.body["orderId"].dump()).body;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0]["preventedMatchId"], 0);
    EXPECT_EQ(found[0]["selfTradePreventionMode"], "EXPIRE_BOTH");
    EXPECT_EQ(found[0]["price"], "100.00000000");
    EXPECT_EQ(found[0]["takerPreventedQuantity"], "0.40000000");
    EXPECT_EQ(found[0]["makerPreventedQuantity"], "1.00000000");
    EXPECT_EQ(found[0]["tradeGroupId"], -1);
    EXPECT_EQ(get("myPreventedMatches", "symbol=BTCUSDT&preventedMatchId=0").body, found);
    EXPECT_EQ(text_of(get("myPreventedMatches", "symbol=BTCUSDT")),
              "-1128 Combination of optional parameters invalid.");
    EXPECT_EQ(get("myAllocations", "symbol=BTCUSDT").body, Json::array());
}

// rest-api.md "Query relevant filters", and "Test new order" with computeCommissionRates.
TEST_F(ServerTrading, FiltersAndRatesOfAnAccount) {
    const Json filters = get("myFilters", "symbol=BTCUSDT").body;
    EXPECT_EQ(filters["exchangeFilters"][0],
              Json::parse(R"({"filterType":"EXCHANGE_MAX_NUM_ORDERS","maxNumOrders":1000})"));
    EXPECT_EQ(filters["symbolFilters"],
              world_.open("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT").body["symbols"][0]["filters"]);
    EXPECT_EQ(filters["assetFilters"], Json::array());
    const std::string order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=105";
    EXPECT_EQ(post("order/test", order + "&icebergQty=0.5").body, Json::object());
    EXPECT_EQ(text_of(post("order/test", order + "&icebergQty=0.1")), "-1013 Filter failure: ICEBERG_PARTS");
    const Json rates = post("order/test", order + "&computeCommissionRates=true").body;
    EXPECT_EQ(rates["standardCommissionForOrder"]["maker"], "0.00100000");
    EXPECT_EQ(rates["discount"]["discountAsset"], "BNB");
}

// A trailing stop says when it began to follow the price ("Conditional fields in Order Responses").
TEST_F(ServerTrading, TrailingStopsShowTheirDelta) {
    const Reply placed =
        post("order",
             "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=1&price=90&"
             "stopPrice=95&trailingDelta=100&newOrderRespType=RESULT");
    ASSERT_EQ(text_of(placed), "ok");
    EXPECT_EQ(placed.body["trailingDelta"], 100);
    EXPECT_EQ(placed.body["trailingTime"], -1);
}

}  // namespace
}  // namespace vigil::exchange
