// Order Amend Keep Priority (rest-api.md, faqs/order_amend_keep_priority.md, errors.md -2038).
#include <gtest/gtest.h>

#include "exchange/core_fixture.h"

namespace vigil::exchange {
namespace {

using domain::ExecutionType;
using domain::Side;

class CoreAmend : public testing::Test {
  protected:
    void start() {
        world_.play(std::move(script_));
        world_.core->advance(CoreWorld::at(200));
    }
    domain::OrderId place(AccountId account, const OrderRequest& request) {
        return world_.core->place(account, request, CoreWorld::at(300)).value().order.order_id;
    }
    Outcome<Amendment> amend(domain::OrderId id, std::string_view quantity,
                             std::optional<domain::ClientOrderId> name = {}) {
        return world_.core->amend(world_.alice, sym("BTCUSDT"), OrderKey{id, {}}, name, qty(quantity),
                                  CoreWorld::at(310));
    }
    std::string refusal(domain::OrderId id, std::string_view quantity) {
        const auto done = amend(id, quantity);
        return done ? "amended" : std::to_string(done.error().code) + " " + done.error().message;
    }

    CoreWorld world_;
    std::unique_ptr<ScriptedFeed> script_{CoreWorld::book()};
};

TEST_F(CoreAmend, ReducesInPlaceAndTellsReplaced) {
    start();
    const domain::OrderId id = place(world_.alice, named(limit_order(Side::buy, "5.5", "87"), "mine"));
    world_.sink.executions.clear();
    const auto done = amend(id, "5");
    ASSERT_TRUE(done);
    EXPECT_EQ(done->order.order_id, id);
    EXPECT_EQ(done->order.quantity, qty("5"));
    EXPECT_EQ(done->amendment.original_quantity, qty("5.5"));
    EXPECT_EQ(done->amendment.original_client_order_id.view(), "mine");
    EXPECT_NE(done->order.client_order_id.view(), "mine") << "a random one unless it is sent";
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("435"));
    ASSERT_EQ(world_.sink.executions.size(), 1U);
    const ExecutionEvent& event = world_.sink.executions[0].second;
    EXPECT_EQ(event.execution, ExecutionType::replaced);
    EXPECT_EQ(event.order.status, domain::OrderStatus::new_order);
    EXPECT_EQ(event.original_client_order_id.view(), "mine");
    EXPECT_EQ(event.execution_id, done->amendment.execution_id);
    EXPECT_EQ(world_.core->depth(sym("BTCUSDT"), 10)->bids.back(), level("87", "5"));

    const auto again = amend(id, "4", done->order.client_order_id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->order.client_order_id, done->order.client_order_id);
    const auto all = world_.core->amendments(world_.alice, sym("BTCUSDT"), id, 0, 500);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(world_.core->amendments(world_.alice, sym("BTCUSDT"), id, (*all)[1].execution_id, 500)->size(),
              1U);
    EXPECT_EQ(world_.core->amendments(world_.alice, sym("BTCUSDT"), id, 0, 1)->size(), 1U);
    EXPECT_EQ(world_.core->amendments(world_.bob, sym("BTCUSDT"), id, 0, 1).error().code, -2013);
    // The old name is free again, the new one is the order's.
    EXPECT_EQ(world_.core->order(world_.alice, sym("BTCUSDT"), OrderKey{{}, domain::client_order_id("mine")})
                  .error()
                  .code,
              -2013);
}

// The FAQ's example: with cancel-replace the order would trade after the one behind it.
TEST_F(CoreAmend, KeepsItsPlaceInTheQueue) {
    script_->at_ms(400, print_of("98.5", "2", true));
    start();
    const domain::OrderId first = place(world_.alice, limit_order(Side::buy, "5.5", "99"));
    const domain::OrderId second = place(world_.bob, limit_order(Side::buy, "4", "99"));
    ASSERT_TRUE(amend(first, "5"));
    world_.core->advance(CoreWorld::at(450));
    const auto executed = [this](AccountId account, domain::OrderId id) {
        return world_.core->order(account, sym("BTCUSDT"), OrderKey{id, {}})->executed;
    };
    EXPECT_EQ(executed(world_.alice, first), qty("2"));
    EXPECT_TRUE(executed(world_.bob, second).is_zero());
}

TEST_F(CoreAmend, RefusesWithTheDocumentedWords) {
    script_->at_ms(305, print_of("98.5", "1", true));
    start();
    const domain::OrderId id = place(world_.alice, limit_order(Side::buy, "5", "99"));
    EXPECT_EQ(refusal(id, "6"), "-2038 Order amend (quantity increase) is not supported.");
    EXPECT_EQ(refusal(id, "5"), "-2038 The requested action would change no state; rejecting");
    EXPECT_EQ(refusal(id, "1"), "-2038 Price * QTY is zero or less.") << "that much is filled already";
}

TEST_F(CoreAmend, ObeysTheFilters) {
    start();
    const domain::OrderId id = place(world_.alice, limit_order(Side::buy, "5", "99"));
    EXPECT_EQ(refusal(id, "4.000001"), "-1013 Filter failure: LOT_SIZE");
    EXPECT_EQ(refusal(id, "0.01"), "-1013 Filter failure: NOTIONAL");
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(amend(id, "4.9" + std::to_string(9 - i)));
    EXPECT_EQ(refusal(id, "1"), "-2038 Filter failure: MAX_NUM_ORDER_AMENDS");
    EXPECT_EQ(refusal(domain::OrderId{99}, "1"), "-2038 Unknown order sent.");
    const domain::OrderId other = place(world_.alice, named(limit_order(Side::buy, "5", "98"), "taken"));
    (void)other;
    const domain::OrderId third = place(world_.alice, limit_order(Side::buy, "5", "97"));
    EXPECT_EQ(amend(third, "4", domain::client_order_id("taken")).error(),
              (ApiError{-2038, "Duplicate order sent."}));
}

TEST_F(CoreAmend, IsRefusedWhereTheSymbolDoesNotAllowIt) {
    for (SymbolSpec& spec : default_symbols()) {
        if (spec.rules.symbol != sym("BTCUSDT")) continue;
        spec.amend_allowed = false;
        world_.core->add_symbol(std::move(spec));
    }
    start();
    const domain::OrderId id = place(world_.alice, limit_order(Side::buy, "5", "99"));
    EXPECT_EQ(refusal(id, "4"), "-2038 Order amend is not supported for this symbol.");
}

// "OCO order pairs must have the same quantity ... amending either order affects both orders", and listStatus
// UPDATED when a client order id has changed.
TEST_F(CoreAmend, AmendsBothLegsOfAPair) {
    script_->at_ms(100, print_of("100", "0.5", false));
    start();
    OrderRequest stop = limit_order(Side::sell, "2", "94");
    stop.type = domain::OrderType::stop_loss_limit;
    stop.stop_price = px("95");
    OrderListRequest request;
    request.legs = {{maker_order(Side::sell, "2", "105"), "above"}, {stop, "below"}};
    const auto placed = world_.core->place_list(world_.alice, request, CoreWorld::at(300));
    ASSERT_TRUE(placed) << placed.error().message;
    world_.sink.executions.clear();
    world_.sink.lists.clear();
    const auto done = amend(placed->orders[1].order.order_id, "1.5");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(world_.sink.executions.size(), 2U);
    EXPECT_EQ(world_.core->order(world_.alice, sym("BTCUSDT"), OrderKey{placed->orders[0].order.order_id, {}})
                  ->quantity,
              qty("1.5"));
    EXPECT_EQ(world_.balance(world_.alice, "BTC").locked, amt("1.5"));
    ASSERT_EQ(world_.sink.lists.size(), 1U);
    EXPECT_EQ(world_.sink.lists[0].second.list.status, ListStatus::updated);
    ASSERT_TRUE(done->list);
    EXPECT_EQ(done->list->orders[1].client_order_id, done->order.client_order_id);
    EXPECT_EQ(done->list->order_status, ListOrderStatus::executing);
}

}  // namespace
}  // namespace vigil::exchange
