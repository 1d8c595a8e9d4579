// Order lists (rest-api.md "Order lists", faqs/opo.md, enums.md): what each order's fate does to the others,
// which events tell of it, and what is reserved meanwhile.
#include <gtest/gtest.h>

#include "exchange/core_fixture.h"

namespace vigil::exchange {
namespace {

using domain::OrderStatus;
using domain::OrderType;
using domain::Side;

OrderRequest stop_order(Side side, OrderType type, std::string_view quantity, std::string_view stop,
                        std::string_view price = {}) {
    OrderRequest request;
    request.symbol = sym("BTCUSDT");
    request.side = side;
    request.type = type;
    request.quantity = qty(quantity);
    request.stop_price = px(stop);
    if (!price.empty()) {
        request.price = px(price);
        request.time_in_force = domain::TimeInForce::gtc;
    }
    return request;
}

OrderRequest without_quantity(OrderRequest request) {
    request.quantity.reset();
    return request;
}

OrderListRequest list_of(ListShape shape, std::vector<OrderRequest> orders) {
    static constexpr std::string_view pair[]{"above", "below"};
    static constexpr std::string_view waiting[]{"working", "pending"};
    static constexpr std::string_view three[]{"working", "pendingAbove", "pendingBelow"};
    OrderListRequest request;
    request.shape = shape;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const std::string_view prefix = shape == ListShape::oco ? pair[i]
                                        : orders.size() == 2    ? waiting[i]
                                                                : three[i];
        request.legs.push_back({std::move(orders[i]), prefix});
    }
    return request;
}

/// Sells 1 at 105, or when the price falls to 95 at 94.
OrderListRequest sell_pair() {
    return list_of(ListShape::oco, {maker_order(Side::sell, "1", "105"),
                                    stop_order(Side::sell, OrderType::stop_loss_limit, "1", "95", "94")});
}

class CoreLists : public testing::Test {
  protected:
    CoreLists() {
        script_ = CoreWorld::book();
        script_->at_ms(100, print_of("100", "0.5", false));
    }
    void start() {
        world_.play(std::move(script_));
        world_.core->advance(CoreWorld::at(200));
        world_.sink.executions.clear();
        world_.sink.lists.clear();
    }
    ListPlacement place(const OrderListRequest& request) {
        auto placed = world_.core->place_list(world_.alice, request, CoreWorld::at(300));
        EXPECT_TRUE(placed) << (placed ? "" : placed.error().message);
        return placed ? *placed : ListPlacement{};
    }
    std::string refusal(const OrderListRequest& request) {
        const auto placed = world_.core->place_list(world_.alice, request, CoreWorld::at(300));
        return placed ? "placed" : std::to_string(placed.error().code) + " " + placed.error().message;
    }
    OrderRecord order(domain::OrderId id) {
        return world_.core->order(world_.alice, sym("BTCUSDT"), OrderKey{id, {}}).value();
    }
    OrderListRecord list(std::int64_t id) {
        return world_.core->order_list(world_.alice, ListKey{id, {}}).value();
    }
    /// "NEW NEW 5" of every execution report, "EXEC_STARTED EXECUTING" of every list status, oldest first.
    std::vector<std::string> executions() {
        std::vector<std::string> words;
        for (const auto& [account, event] : world_.sink.executions) {
            std::string text{domain::to_string(event.execution)};
            text += ' ';
            text += domain::to_string(event.order.status);
            if (event.order.expiry_reason != ExpiryReason::none)
                text += " " + std::string{to_string(event.order.expiry_reason)};
            words.push_back(text);
        }
        world_.sink.executions.clear();
        return words;
    }
    std::vector<std::string> lists() {
        std::vector<std::string> words;
        for (const auto& [account, event] : world_.sink.lists)
            words.push_back(std::string{to_string(event.list.status)} + " " +
                            std::string{to_string(event.list.order_status)});
        world_.sink.lists.clear();
        return words;
    }
    domain::Amount locked(std::string_view asset) { return world_.balance(world_.alice, asset).locked; }

    using Words = std::vector<std::string>;
    CoreWorld world_;
    std::unique_ptr<ScriptedFeed> script_;
};

TEST_F(CoreLists, AnOcoReservesOnceAndIsToldAsOneList) {
    start();
    const ListPlacement placed = place(sell_pair());
    ASSERT_EQ(placed.orders.size(), 2U);
    EXPECT_EQ(placed.orders[0].order.type, OrderType::stop_loss_limit) << "the stop loss comes first";
    EXPECT_EQ(placed.orders[1].order.type, OrderType::limit_maker);
    EXPECT_FALSE(placed.orders[0].order.working_time.has_value());
    EXPECT_TRUE(placed.orders[1].order.working_time.has_value());
    EXPECT_EQ(executions(), (Words{"NEW NEW", "NEW NEW"}));
    EXPECT_EQ(lists(), Words{"EXEC_STARTED EXECUTING"});
    EXPECT_EQ(locked("BTC"), amt("1"));
    EXPECT_EQ(world_.core->open_order_lists(world_.alice).size(), 1U);
    EXPECT_EQ(world_.core->open_order_lists(world_.bob).size(), 0U);
}

TEST_F(CoreLists, ABuyOcoReservesTheDearerLeg) {
    start();
    place(list_of(ListShape::oco, {stop_order(Side::buy, OrderType::stop_loss_limit, "1", "105", "106"),
                                   maker_order(Side::buy, "1", "95")}));
    EXPECT_EQ(locked("USDT"), amt("106"));
}

TEST_F(CoreLists, TheFirstFillOfTheLimitLegEndsTheStop) {
    script_->at_ms(400, print_of("105.5", "0.4", false));
    script_->at_ms(500, print_of("105.5", "0.6", false));
    start();
    const ListPlacement placed = place(sell_pair());
    executions();
    lists();
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(executions(), (Words{"EXPIRED EXPIRED OCO_TRIGGER", "TRADE PARTIALLY_FILLED"}));
    EXPECT_EQ(lists(), Words{}) << "one order of it is still open";
    EXPECT_EQ(locked("BTC"), amt("0.6"));
    world_.core->advance(CoreWorld::at(550));
    EXPECT_EQ(executions(), Words{"TRADE FILLED"});
    EXPECT_EQ(lists(), Words{"ALL_DONE ALL_DONE"});
    EXPECT_EQ(list(placed.list.list_id).order_status, ListOrderStatus::all_done);
    EXPECT_TRUE(locked("BTC").is_zero());
}

TEST_F(CoreLists, TheTriggeredStopEndsTheLimitLeg) {
    script_->at_ms(400, levels_of({level("99.99", "0"), level("99.98", "0"), level("94.5", "5")}, {}));
    script_->at_ms(401, print_of("94.9", "0.1", true));
    start();
    const ListPlacement placed = place(sell_pair());
    executions();
    lists();
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(executions(), (Words{"EXPIRED EXPIRED OCO_TRIGGER", "NEW NEW", "TRADE FILLED"}));
    EXPECT_EQ(lists(), Words{"ALL_DONE ALL_DONE"});
    EXPECT_EQ(order(placed.orders[1].order.order_id).status, OrderStatus::expired);
    EXPECT_TRUE(locked("BTC").is_zero());
}

TEST_F(CoreLists, CancellingOneLegCancelsTheList) {
    start();
    const ListPlacement placed = place(sell_pair());
    executions();
    lists();
    const auto done =
        world_.core->cancel(world_.alice, sym("BTCUSDT"), OrderKey{placed.orders[0].order.order_id, {}},
                            domain::client_order_id("away"), CancelRestriction::none, CoreWorld::at(310));
    ASSERT_TRUE(done);
    const auto& cancelled = std::get<ListCancellation>(*done);
    EXPECT_EQ(cancelled.list.order_status, ListOrderStatus::all_done);
    ASSERT_EQ(cancelled.orders.size(), 2U);
    EXPECT_EQ(cancelled.orders[1].cancel_id.view(), "away");
    EXPECT_EQ(executions(), (Words{"CANCELED CANCELED", "CANCELED CANCELED"}));
    EXPECT_EQ(lists(), Words{"ALL_DONE ALL_DONE"});
    EXPECT_TRUE(locked("BTC").is_zero());
    const auto again = world_.core->cancel_list(world_.alice, sym("BTCUSDT"),
                                                ListKey{placed.list.list_id, {}}, {}, CoreWorld::at(320));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), (ApiError{-2011, "Unknown order sent."}));
}

TEST_F(CoreLists, CancelAllCancelsListsAsLists) {
    start();
    place(sell_pair());
    ASSERT_TRUE(world_.core->place(world_.alice, limit_order(Side::buy, "1", "90"), CoreWorld::at(301)));
    const auto done = world_.core->cancel_all(world_.alice, sym("BTCUSDT"), CoreWorld::at(302));
    ASSERT_TRUE(done);
    ASSERT_EQ(done->size(), 2U);
    EXPECT_TRUE(std::holds_alternative<ListCancellation>((*done)[0]));
    EXPECT_TRUE(std::holds_alternative<Cancellation>((*done)[1]));
    EXPECT_TRUE(world_.core->open_order_lists(world_.alice).empty());
}

TEST_F(CoreLists, AnOtoPlacesItsPendingOrderWhenTheWorkingOneIsFilled) {
    script_->at_ms(400, print_of("98.5", "0.4", true));
    script_->at_ms(500, print_of("98.5", "0.6", true));
    start();
    const ListPlacement placed = place(
        list_of(ListShape::oto, {limit_order(Side::buy, "1", "99"), limit_order(Side::sell, "1", "110")}));
    EXPECT_EQ(placed.orders[1].order.status, OrderStatus::pending_new);
    EXPECT_FALSE(placed.orders[1].order.working_time.has_value());
    EXPECT_EQ(executions(), (Words{"NEW NEW", "NEW PENDING_NEW"}));
    EXPECT_EQ(locked("USDT"), amt("99"));
    EXPECT_TRUE(locked("BTC").is_zero()) << "the pending order needs nothing yet";
    lists();
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(executions(), Words{"TRADE PARTIALLY_FILLED"});
    world_.core->advance(CoreWorld::at(550));
    EXPECT_EQ(executions(), (Words{"TRADE FILLED", "NEW NEW"}));
    EXPECT_EQ(lists(), Words{"EXEC_STARTED EXECUTING"});
    EXPECT_EQ(locked("BTC"), amt("1"));
    EXPECT_EQ(world_.core->depth(sym("BTCUSDT"), 10)->asks.back().price, px("110"));
}

// "the placement response will show the working order as FILLED but the pending order will still appear as
// PENDING_NEW".
TEST_F(CoreLists, AWorkingOrderThatFillsAtOnceIsAnsweredBeforeThePendingOneIsPlaced) {
    start();
    const ListPlacement placed =
        place(list_of(ListShape::oto, {limit_order(Side::buy, "1", "101"), market_order(Side::sell, "1")}));
    EXPECT_EQ(placed.orders[0].order.status, OrderStatus::filled);
    EXPECT_EQ(placed.orders[0].fills.size(), 1U);
    EXPECT_EQ(placed.orders[1].order.status, OrderStatus::pending_new);
    EXPECT_EQ(order(placed.orders[1].order.order_id).status, OrderStatus::filled);
    EXPECT_EQ(lists(), (Words{"EXEC_STARTED EXECUTING", "EXEC_STARTED EXECUTING", "ALL_DONE ALL_DONE"}));
}

TEST_F(CoreLists, AnExpiredWorkingOrderExpiresThePendingOnes) {
    start();
    const ListPlacement placed =
        place(list_of(ListShape::oto, {limit_order(Side::buy, "1", "99", domain::TimeInForce::ioc),
                                       limit_order(Side::sell, "1", "110")}));
    EXPECT_EQ(placed.orders[0].order.status, OrderStatus::expired);
    EXPECT_EQ(executions(),
              (Words{"NEW NEW", "NEW PENDING_NEW", "EXPIRED EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED",
                     "EXPIRED EXPIRED OTO_PHASE_ONE_EXPIRED"}));
    EXPECT_EQ(lists(), (Words{"EXEC_STARTED EXECUTING", "ALL_DONE ALL_DONE"}));
}

// "REJECTED: ... an order that was part of an OTO was rejected by the matching engine when trying to place
// it."
TEST_F(CoreLists, APendingOrderWithoutFundsExpiresAsRejected) {
    start();
    const ListPlacement placed = place(
        list_of(ListShape::oto, {limit_order(Side::buy, "1", "101"), limit_order(Side::sell, "20", "110")}));
    const OrderRecord pending = order(placed.orders[1].order.order_id);
    EXPECT_EQ(pending.status, OrderStatus::expired);
    EXPECT_EQ(pending.expiry_reason, ExpiryReason::rejected);
    EXPECT_EQ(list(placed.list.list_id).order_status, ListOrderStatus::all_done);
    EXPECT_TRUE(locked("BTC").is_zero());
}

TEST_F(CoreLists, AnOtocoBecomesAnOco) {
    script_->at_ms(400, print_of("98.5", "1", true));
    script_->at_ms(500, print_of("120", "2", false));
    start();
    const ListPlacement placed = place(
        list_of(ListShape::otoco, {limit_order(Side::buy, "1", "99"), maker_order(Side::sell, "1", "110"),
                                   stop_order(Side::sell, OrderType::stop_loss, "1", "95")}));
    ASSERT_EQ(placed.orders.size(), 3U);
    EXPECT_EQ(placed.orders[1].order.type, OrderType::stop_loss);
    executions();
    lists();
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(executions(), (Words{"TRADE FILLED", "NEW NEW", "NEW NEW"}));
    EXPECT_EQ(locked("BTC"), amt("1")) << "one of the two will sell";
    world_.core->advance(CoreWorld::at(550));
    EXPECT_EQ(executions(), (Words{"EXPIRED EXPIRED OCO_TRIGGER", "TRADE FILLED"}));
    EXPECT_EQ(lists(), (Words{"EXEC_STARTED EXECUTING", "ALL_DONE ALL_DONE"}));
}

// faqs/opo.md: what the working order receives is locked, and becomes the quantity, adjusted to LOT_SIZE.
TEST_F(CoreLists, AnOpoSellsWhatItsWorkingOrderReceived) {
    script_->at_ms(400, print_of("98.5", "0.4", true));
    script_->at_ms(500, print_of("98.5", "0.6", true));
    start();
    const ListPlacement placed =
        place(list_of(ListShape::opo, {limit_order(Side::buy, "1", "99"),
                                       without_quantity(limit_order(Side::sell, "1", "110"))}));
    EXPECT_TRUE(placed.orders[1].order.quantity_pending);
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(locked("BTC"), amt("0.4")) << "the commission is taken from the free balance";
    world_.core->advance(CoreWorld::at(550));
    const OrderRecord pending = order(placed.orders[1].order.order_id);
    EXPECT_EQ(pending.status, OrderStatus::new_order);
    EXPECT_EQ(pending.quantity, qty("1"));
    EXPECT_EQ(locked("BTC"), amt("1"));
}

TEST_F(CoreLists, AnOpoWithoutOtherFundsPaysTheCommissionOfWhatItReceived) {
    script_->at_ms(400, print_of("98.5", "1", true));
    start();
    ASSERT_TRUE(world_.core->deposit(world_.alice, ast("BTC"), amt("-10"), CoreWorld::at(250)));
    const ListPlacement placed =
        place(list_of(ListShape::opo, {limit_order(Side::buy, "0.5", "99"),
                                       without_quantity(limit_order(Side::sell, "1", "110"))}));
    world_.core->advance(CoreWorld::at(450));
    // 0.5 less 0.1 %, floored to steps of 0.00001.
    const OrderRecord pending = order(placed.orders[1].order.order_id);
    EXPECT_EQ(pending.status, OrderStatus::new_order);
    EXPECT_EQ(pending.quantity, qty("0.4995"));
}

TEST_F(CoreLists, ACancelledOpoFreesWhatItHasReceived) {
    script_->at_ms(400, print_of("98.5", "0.4", true));
    start();
    const ListPlacement placed =
        place(list_of(ListShape::opo, {limit_order(Side::buy, "1", "99"),
                                       without_quantity(limit_order(Side::sell, "1", "110"))}));
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(locked("BTC"), amt("0.4"));
    ASSERT_TRUE(world_.core->cancel_list(world_.alice, sym("BTCUSDT"), ListKey{placed.list.list_id, {}}, {},
                                         CoreWorld::at(460)));
    EXPECT_TRUE(locked("BTC").is_zero());
    EXPECT_TRUE(locked("USDT").is_zero());
}

// errors.md -1158 to -1168, -1196 to -1199, -1222, -1223, and the messages of -2010.
TEST_F(CoreLists, RefusesWhatDoesNotBelongTogether) {
    start();
    const auto oco = [](OrderRequest above, OrderRequest below) {
        return list_of(ListShape::oco, {std::move(above), std::move(below)});
    };
    const auto maker = [](Side side, std::string_view price) { return maker_order(side, "1", price); };
    const auto stop = [](Side side, std::string_view price) {
        return stop_order(side, OrderType::stop_loss, "1", price);
    };
    const auto profit = [](Side side, std::string_view price) {
        return stop_order(side, OrderType::take_profit, "1", price);
    };
    EXPECT_EQ(refusal(oco(limit_order(Side::sell, "1", "105"), stop(Side::sell, "95"))),
              "-1158 Order type not supported in OCO.");
    EXPECT_EQ(refusal(oco(maker(Side::sell, "105"), maker(Side::sell, "95"))),
              "-1168 At least one OCO order must be contingent.");
    EXPECT_EQ(refusal(oco(maker(Side::buy, "105"), stop(Side::buy, "95"))),
              "-1165 A limit order in a buy OCO must be below.");
    EXPECT_EQ(refusal(oco(stop(Side::sell, "105"), maker(Side::sell, "95"))),
              "-1166 A limit order in a sell OCO must be above.");
    EXPECT_EQ(refusal(oco(stop(Side::buy, "105"), stop(Side::buy, "95"))),
              "-1196 A stop loss order in a buy OCO must be above.");
    EXPECT_EQ(refusal(oco(stop(Side::sell, "105"), stop(Side::sell, "95"))),
              "-1197 A stop loss order in a sell OCO must be below.");
    EXPECT_EQ(refusal(oco(profit(Side::buy, "105"), profit(Side::buy, "95"))),
              "-1198 A take profit order in a buy OCO must be below.");
    EXPECT_EQ(refusal(oco(profit(Side::sell, "105"), profit(Side::sell, "95"))),
              "-1199 A take profit order in a sell OCO must be above.");
    EXPECT_EQ(refusal(list_of(ListShape::opo, {limit_order(Side::sell, "1", "105"),
                                               without_quantity(limit_order(Side::sell, "1", "110"))})),
              "-1222 Working order in an OPO list must be a bid.");
    EXPECT_EQ(refusal(list_of(ListShape::opo, {limit_order(Side::buy, "1", "95"),
                                               without_quantity(limit_order(Side::buy, "1", "90"))})),
              "-1223 Pending orders in an OPO list must be asks.");
    EXPECT_EQ(refusal(list_of(ListShape::oto, {market_order(Side::buy, "1"), market_order(Side::sell, "1")})),
              "-1130 Data sent for parameter 'workingType' is not valid.");
    OrderRequest no_stop = stop(Side::sell, "95");
    no_stop.stop_price.reset();
    EXPECT_EQ(refusal(oco(maker(Side::sell, "105"), no_stop)),
              "-1102 Param 'belowStopPrice' or 'belowTrailingDelta' must be sent, but both were empty/null!");
    EXPECT_EQ(lists(), Words{}) << "the matching engine has not seen any of these";
}

TEST_F(CoreLists, PricesOnTheWrongSideOfTheMarketAreToldAsRejected) {
    start();
    EXPECT_EQ(refusal(list_of(ListShape::oco, {maker_order(Side::sell, "1", "105"),
                                               stop_order(Side::sell, OrderType::stop_loss, "1", "101")})),
              "-2010 The relationship of the prices for the orders is not correct.");
    EXPECT_EQ(executions(), (Words{"REJECTED REJECTED", "REJECTED REJECTED"}));
    EXPECT_EQ(world_.sink.lists.size(), 1U);
    EXPECT_EQ(world_.sink.lists[0].second.reject_reason, RejectReason::oco_bad_prices);
    EXPECT_EQ(lists(), Words{"RESPONSE REJECT"});
    EXPECT_TRUE(locked("BTC").is_zero());
}

TEST_F(CoreLists, CountsAndNames) {
    start();
    OrderListRequest named_list = sell_pair();
    named_list.list_client_id = domain::client_order_id("pair");
    named_list.legs[0].order.client_order_id = domain::client_order_id("limit");
    place(named_list);
    EXPECT_EQ(refusal(named_list), "-2010 Duplicate order sent.");
    OrderListRequest same = sell_pair();
    same.legs[0].order.client_order_id = same.legs[1].order.client_order_id = domain::client_order_id("x");
    EXPECT_EQ(refusal(same), "-2010 Duplicate order sent.");
    // MAX_NUM_ALGO_ORDERS is 5 and MAX_NUM_ORDER_LISTS 20 on this symbol: stops are the narrower.
    for (int i = 0; i < 4; ++i) place(sell_pair());
    EXPECT_EQ(refusal(sell_pair()), "-1013 Filter failure: MAX_NUM_ALGO_ORDERS");
    const auto oto =
        list_of(ListShape::oto, {limit_order(Side::buy, "0.1", "90"), market_order(Side::sell, "0.1")});
    for (int i = 0; i < 15; ++i) place(oto);
    EXPECT_EQ(refusal(oto), "-1013 Filter failure: MAX_NUM_ORDER_LISTS");
    EXPECT_EQ(world_.core->open_order_lists(world_.alice).size(), 20U);
    ListsQuery query;
    query.limit = 3;
    const auto latest = world_.core->all_order_lists(world_.alice, query);
    ASSERT_EQ(latest.size(), 3U);
    EXPECT_LT(latest[0].list_id, latest[2].list_id);
    query.from_id = 1;
    EXPECT_EQ(world_.core->all_order_lists(world_.alice, query)[0].client_order_id.view(), "pair");
}

}  // namespace
}  // namespace vigil::exchange
