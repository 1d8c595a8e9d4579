// What a client is told: the documented refusals, word for word (errors.md), queries, cancels, limits of what
// is kept.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "exchange/core_fixture.h"

namespace vigil::exchange {
namespace {

using domain::OrderStatus;
using domain::OrderType;
using domain::Side;
using domain::TimeInForce;

class CoreOrders : public ::testing::Test {
  protected:
    void SetUp() override { world_.play(CoreWorld::book()); }
    std::string answer(const OrderRequest& request, std::int64_t ms = 10) {
        return answer(world_.alice, request, ms);
    }
    std::string answer(AccountId account, const OrderRequest& request, std::int64_t ms = 10) {
        const auto done = world_.core->place(account, request, CoreWorld::at(ms));
        if (done) return std::string{domain::to_string(done->order.status)};
        return std::to_string(done.error().code) + " " + done.error().message;
    }
    /// Changes BTCUSDT's rules before there is any order.
    void change_rules(const std::function<void(SymbolSpec&)>& change) {
        SymbolSpec spec = *world_.core->symbol(sym("BTCUSDT"));
        change(spec);
        world_.core->add_symbol(std::move(spec));
    }
    CoreWorld world_;
};

TEST_F(CoreOrders, ParametersMustBelongTogether) {
    OrderRequest request = limit_order(Side::buy, "1", "90");
    request.time_in_force.reset();
    EXPECT_EQ(answer(request),
              "-1102 Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.");
    request = limit_order(Side::buy, "1", "90");
    request.price.reset();
    EXPECT_EQ(answer(request),
              "-1102 Mandatory parameter 'price' was not sent, was empty/null, or malformed.");
    request = limit_order(Side::buy, "1", "90");
    request.quantity.reset();
    EXPECT_EQ(answer(request),
              "-1102 Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.");
    request = limit_order(Side::buy, "1", "90");
    request.stop_price = px("80");
    EXPECT_EQ(answer(request), "-1106 Parameter 'stopPrice' sent when not required.");
    request = market_order(Side::buy, "1");
    request.time_in_force = TimeInForce::gtc;
    EXPECT_EQ(answer(request), "-1106 Parameter 'timeInForce' sent when not required.");
    request = market_order(Side::buy, "1");
    request.quantity.reset();
    EXPECT_EQ(answer(request),
              "-1102 Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
    request = market_order(Side::buy, "1");
    request.price = px("90");
    EXPECT_EQ(answer(request), "-1106 Parameter 'price' sent when not required.");
    request = limit_order(Side::buy, "1", "90");
    request.type = OrderType::stop_loss_limit;
    EXPECT_EQ(answer(request),
              "-1102 Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!");
    request = limit_order(Side::buy, "1", "90");
    request.symbol = sym("NOSUCH");
    EXPECT_EQ(answer(request), "-1121 Invalid symbol.");
    EXPECT_TRUE(world_.sink.executions.empty());
}

TEST_F(CoreOrders, EachFilterAnswersWithItsName) {
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "90.001")), "-1013 Filter failure: PRICE_FILTER");
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "0")), "-1013 Filter failure: PRICE_FILTER");
    EXPECT_EQ(answer(limit_order(Side::buy, "0.000001", "90")), "-1013 Filter failure: LOT_SIZE");
    EXPECT_EQ(answer(limit_order(Side::buy, "0", "90")), "-1013 Filter failure: LOT_SIZE");
    EXPECT_EQ(answer(limit_order(Side::buy, "0.05", "90")), "-1013 Filter failure: NOTIONAL");
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "19.9")), "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(answer(limit_order(Side::sell, "1", "500.01")), "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(answer(market_order(Side::buy, "98")), "-1013 Filter failure: MARKET_LOT_SIZE");
    EXPECT_EQ(answer(market_order(Side::buy, "0.01")), "-1013 Filter failure: NOTIONAL");
    EXPECT_EQ(answer(market_quote_order(Side::buy, "4")), "-1013 Filter failure: NOTIONAL");
}

TEST_F(CoreOrders, PercentPriceFollowsTheAverageOfTheLastFiveMinutes) {
    auto script = std::make_unique<ScriptedFeed>(sym("BTCUSDT"), px("100"));
    script->at_ms(0, print_of("100", "1", false));
    script->at_ms(1'000, print_of("400", "2", false));  // average 300
    world_.core->attach(std::move(script), domain::Rate::of(1), CoreWorld::at(0));
    EXPECT_EQ(answer(limit_order(Side::buy, "0.1", "59.99"), 2'000),
              "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(answer(limit_order(Side::buy, "0.1", "60"), 2'000), "NEW");
    // Five minutes later only the last price, 400, is known.
    EXPECT_EQ(answer(limit_order(Side::buy, "0.1", "79.99"), 400'000),
              "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
}

TEST_F(CoreOrders, CountsAndPositionAreLimited) {
    change_rules([](SymbolSpec& spec) {
        spec.rules.orders_max = 2;
        spec.rules.algo_orders_max = 1;
        spec.rules.position_max = qty("12");
    });
    EXPECT_EQ(answer(limit_order(Side::buy, "3", "90")), "-1013 Filter failure: MAX_POSITION");
    OrderRequest stop = market_order(Side::sell, "1");
    stop.type = OrderType::stop_loss;
    stop.stop_price = px("90");
    EXPECT_EQ(answer(stop), "NEW");
    EXPECT_EQ(answer(stop), "-1013 Filter failure: MAX_NUM_ALGO_ORDERS");
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "90")), "NEW");
    EXPECT_EQ(answer(limit_order(Side::buy, "0.5", "90")), "-1013 Filter failure: MAX_NUM_ORDERS");
    EXPECT_EQ(answer(world_.bob, limit_order(Side::buy, "0.5", "90")), "NEW");
}

TEST(CoreOrdersLimits, TheExchangeLimitsOpenOrdersOverAllSymbols) {
    CoreOptions options;
    options.exchange_orders_max = 1;
    CoreWorld world{options};
    world.play(CoreWorld::book());
    ASSERT_TRUE(world.core->place(world.alice, limit_order(Side::buy, "1", "90"), CoreWorld::at(1)));
    OrderRequest other = limit_order(Side::buy, "1", "500");
    other.symbol = sym("BNBUSDT");
    const auto refused = world.core->place(world.alice, other, CoreWorld::at(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "Filter failure: EXCHANGE_MAX_NUM_ORDERS");
    ASSERT_TRUE(world.core->cancel_all(world.alice, sym("BTCUSDT"), CoreWorld::at(3)));
    EXPECT_TRUE(world.core->place(world.alice, other, CoreWorld::at(4)));
}

TEST_F(CoreOrders, InsufficientBalanceIsRejectedByTheEngine) {
    const std::string poor = "-2010 Account has insufficient balance for requested action.";
    EXPECT_EQ(answer(limit_order(Side::buy, "200", "99")), poor);
    EXPECT_EQ(answer(limit_order(Side::sell, "10.00001", "110")), poor);
    EXPECT_EQ(answer(market_order(Side::sell, "11")), poor);
    EXPECT_EQ(answer(market_quote_order(Side::buy, "10000.01")), poor);
    ASSERT_EQ(world_.sink.executions.size(), 4U);
    for (const auto& [account, event] : world_.sink.executions) {
        EXPECT_EQ(event.order.status, OrderStatus::rejected);
        EXPECT_EQ(event.reject_reason, RejectReason::insufficient_balances);
    }
    // What is reserved cannot be spent again.
    EXPECT_EQ(answer(limit_order(Side::buy, "100", "60")), "NEW");
    EXPECT_EQ(answer(limit_order(Side::buy, "100", "60")), poor);
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("6000"));
}

TEST_F(CoreOrders, AmountsBeyondADecimalAreRefusedNotMade) {
    change_rules([](SymbolSpec& spec) {
        spec.rules.price->min = spec.rules.price->tick = px("0.00000001");
        spec.rules.lot->max = qty("46116860184");
        spec.rules.percent_price.reset();
        spec.rules.notional.reset();
        spec.allowed_stp_modes.push_back(StpMode::none);
    });
    // Two such orders are more than a decimal holds, in the book and in the account.
    EXPECT_EQ(answer(limit_order(Side::buy, "46116860184", "0.00000001")), "NEW");
    EXPECT_EQ(answer(limit_order(Side::buy, "46116860184", "0.00000001")),
              "-1013 Filter failure: MAX_POSITION");
    EXPECT_EQ(answer(world_.bob, limit_order(Side::buy, "46116860184", "0.00000001")), "NEW");
    EXPECT_EQ(world_.core->depth(sym("BTCUSDT"), 5)->bids.back().quantity,
              domain::Quantity::from_raw(9'223'372'036'800'000'000));
    const AccountId carol = world_.core->add_account(CoreWorld::opened("carol"));
    EXPECT_EQ(answer(carol, limit_order(Side::buy, "46116860184", "0.00000001")), "NEW");
    EXPECT_EQ(world_.core->depth(sym("BTCUSDT"), 5)->bids.back().quantity,
              domain::Quantity::from_raw(std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(answer(limit_order(Side::sell, "1", "1000000")), "NEW");
    EXPECT_EQ(answer(limit_order(Side::sell, "90000", "1000000")), "-1013 Filter failure: NOTIONAL");
    EXPECT_EQ(answer(limit_order(Side::buy, "900000", "1000000")), "-1013 Filter failure: NOTIONAL");
}

TEST_F(CoreOrders, ClientOrderIdIsUniqueAmongOpenOrdersOnly) {
    EXPECT_EQ(answer(named(limit_order(Side::buy, "1", "90"), "x")), "NEW");
    EXPECT_EQ(answer(named(limit_order(Side::buy, "1", "91"), "x")), "-2010 Duplicate order sent.");
    EXPECT_EQ(answer(world_.bob, named(limit_order(Side::buy, "1", "90"), "x")), "NEW");
    ASSERT_TRUE(world_.core->cancel(world_.alice, sym("BTCUSDT"), OrderKey{{}, domain::client_order_id("x")},
                                    {}, CancelRestriction::none, CoreWorld::at(20)));
    EXPECT_EQ(answer(named(limit_order(Side::buy, "1", "92"), "x"), 30), "NEW");
    // The open one is found, not the cancelled one.
    EXPECT_EQ(
        world_.core->order(world_.alice, sym("BTCUSDT"), OrderKey{{}, domain::client_order_id("x")})->price,
        px("92"));
}

TEST_F(CoreOrders, MadeUpClientOrderIdsAreWellFormedAndDiffer) {
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "90")), "NEW");
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "91")), "NEW");
    const auto open = world_.core->open_orders(world_.alice, std::nullopt).value();
    ASSERT_EQ(open.size(), 2U);
    EXPECT_TRUE(domain::is_client_order_id(open[0].client_order_id.view()));
    EXPECT_NE(open[0].client_order_id, open[1].client_order_id);
}

TEST_F(CoreOrders, ClosedMarketAndUnofferedTypes) {
    ASSERT_TRUE(world_.core->set_status(sym("BTCUSDT"), domain::SymbolStatus::halt));
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "90")), "-1013 Market is closed.");
    ASSERT_TRUE(world_.core->set_status(sym("BTCUSDT"), domain::SymbolStatus::trading));
    change_rules([](SymbolSpec& spec) {
        spec.rules.order_types = {OrderType::limit};
        spec.rules.quote_order_quantity_allowed = false;
    });
    EXPECT_EQ(answer(market_order(Side::buy, "1")), "-2010 Market orders are not supported for this symbol.");
    change_rules([](SymbolSpec& spec) { spec.rules.order_types = {OrderType::market}; });
    EXPECT_EQ(answer(market_quote_order(Side::buy, "100")),
              "-2010 Quote order qty market orders are not support for this symbol.");
    OrderRequest iceberg = limit_order(Side::buy, "1", "90");
    change_rules([](SymbolSpec& spec) {
        spec.rules.order_types = {OrderType::limit, OrderType::stop_loss_limit};
        spec.iceberg_allowed = spec.trailing_stop_allowed = false;
    });
    iceberg.iceberg_quantity = qty("0.1");
    EXPECT_EQ(answer(iceberg), "-2010 Iceberg orders are not supported for this symbol.");
    OrderRequest trailing = limit_order(Side::sell, "1", "90");
    trailing.type = OrderType::stop_loss_limit;
    trailing.trailing_delta = 100;
    EXPECT_EQ(answer(trailing), "-2010 Trailing stop orders are not supported for this symbol.");
}

TEST_F(CoreOrders, TestOrderChecksWithoutEffects) {
    EXPECT_TRUE(world_.core->test(world_.alice, limit_order(Side::buy, "1", "90"), CoreWorld::at(1)));
    // Balances are the matching engine's business, which a test order does not reach.
    EXPECT_TRUE(world_.core->test(world_.alice, limit_order(Side::buy, "900", "90"), CoreWorld::at(1)));
    const auto refused =
        world_.core->test(world_.alice, limit_order(Side::buy, "1", "90.001"), CoreWorld::at(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "Filter failure: PRICE_FILTER");
    EXPECT_TRUE(world_.core->open_orders(world_.alice, std::nullopt)->empty());
    EXPECT_TRUE(world_.sink.executions.empty());
}

TEST_F(CoreOrders, CancelSaysWhatIsWrong) {
    const auto cancel = [this](const OrderKey& key, CancelRestriction restriction = CancelRestriction::none) {
        const auto done =
            world_.core->cancel(world_.alice, sym("BTCUSDT"), key, {}, restriction, CoreWorld::at(20));
        return done ? std::string{"cancelled"}
                    : std::to_string(done.error().code) + " " + done.error().message;
    };
    EXPECT_EQ(cancel(OrderKey{domain::OrderId{99}, {}}), "-2011 Unknown order sent.");
    EXPECT_EQ(cancel(OrderKey{}),
              "-1102 Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    EXPECT_EQ(answer(named(limit_order(Side::buy, "1", "90"), "a")), "NEW");
    const auto id = world_.core->open_orders(world_.alice, std::nullopt)->front().order_id;
    EXPECT_EQ(cancel(OrderKey{id, domain::client_order_id("b")}), "-2011 Unknown order sent.");
    EXPECT_EQ(cancel(OrderKey{id, {}}, CancelRestriction::only_partially_filled),
              "-2011 Order was not canceled due to cancel restrictions.");
    EXPECT_EQ(cancel(OrderKey{id, domain::client_order_id("a")}, CancelRestriction::only_new), "cancelled");
    EXPECT_EQ(cancel(OrderKey{id, {}}), "-2011 Unknown order sent.");
    EXPECT_EQ(world_.core->order(world_.alice, sym("BTCUSDT"), OrderKey{domain::OrderId{99}, {}}).error(),
              (ApiError{-2013, "Order does not exist."}));
    const auto none = world_.core->cancel_all(world_.alice, sym("BTCUSDT"), CoreWorld::at(30));
    EXPECT_EQ(none.error(), (ApiError{-2011, "Unknown order sent."}));
    // Another account's orders do not exist.
    EXPECT_EQ(world_.core->order(world_.bob, sym("BTCUSDT"), OrderKey{id, {}}).error().code, -2013);
}

TEST_F(CoreOrders, QueriesFollowTheirParameters) {
    for (int i = 0; i < 6; ++i) answer(limit_order(Side::buy, "0.2", "100.01", TimeInForce::ioc), 100 * i);
    const auto orders = [this](OrdersQuery query) {
        std::vector<std::int64_t> ids;
        const auto found = world_.core->all_orders(world_.alice, sym("BTCUSDT"), query).value();
        for (const OrderRecord& order : found) ids.push_back(order.order_id.value);
        return ids;
    };
    OrdersQuery query;
    EXPECT_EQ(orders(query), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
    query.limit = 2;
    EXPECT_EQ(orders(query), (std::vector<std::int64_t>{5, 6}));
    query.from_id = domain::OrderId{3};
    EXPECT_EQ(orders(query), (std::vector<std::int64_t>{3, 4}));
    query = OrdersQuery{{}, CoreWorld::at(200), CoreWorld::at(300), 500};
    EXPECT_EQ(orders(query), (std::vector<std::int64_t>{3, 4}));

    // Five fill 0.2 of the 1 that is there, the sixth finds nothing.
    const auto trades = [this](TradesQuery trades_query) {
        std::vector<std::int64_t> ids;
        const auto found = world_.core->own_trades(world_.alice, sym("BTCUSDT"), trades_query).value();
        for (const FillRecord& trade : found) ids.push_back(trade.trade_id.value);
        return ids;
    };
    TradesQuery all;
    EXPECT_EQ(trades(all), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    all.limit = 2;
    EXPECT_EQ(trades(all), (std::vector<std::int64_t>{4, 5}));
    all.from_id = domain::TradeId{2};
    EXPECT_EQ(trades(all), (std::vector<std::int64_t>{2, 3}));
    TradesQuery of_order;
    of_order.order_id = domain::OrderId{4};
    EXPECT_EQ(trades(of_order), (std::vector<std::int64_t>{4}));
    TradesQuery span;
    span.start = CoreWorld::at(100);
    span.end = CoreWorld::at(200);
    EXPECT_EQ(trades(span), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(world_.core->own_trades(world_.alice, sym("NOSUCH"), span).error().code, -1121);
}

TEST(CoreOrdersLimits, OnlyTheLatestClosedOrdersAndTradesAreKept) {
    CoreOptions options;
    options.closed_orders_max = 3;
    options.own_trades_max = 2;
    CoreWorld world{options};
    world.play(CoreWorld::book());
    ASSERT_TRUE(world.core->place(world.alice, limit_order(Side::buy, "1", "90"), CoreWorld::at(1)));
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(world.core->place(world.alice, market_order(Side::sell, "0.1"), CoreWorld::at(2 + i)));
    const auto kept = world.core->all_orders(world.alice, sym("BTCUSDT"), {}).value();
    ASSERT_EQ(kept.size(), 4U);  // the open one stays, however old
    EXPECT_EQ(kept.front().order_id.value, 1);
    EXPECT_EQ(kept.back().order_id.value, 11);
    EXPECT_EQ(world.core->own_trades(world.alice, sym("BTCUSDT"), {})->size(), 2U);
}

TEST_F(CoreOrders, DepositsAndWithdrawalsAreToldAndCounted) {
    ASSERT_TRUE(world_.core->deposit(world_.alice, ast("USDT"), amt("-10000"), CoreWorld::at(5)));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").free, amt("0"));
    ASSERT_EQ(world_.sink.balance_updates.size(), 1U);
    EXPECT_EQ(world_.sink.balance_updates[0].second.delta, amt("-10000"));
    ASSERT_EQ(world_.sink.positions.size(), 1U);
    EXPECT_FALSE(world_.core->deposit(world_.alice, ast("USDT"), amt("-1"), CoreWorld::at(6)));
    ASSERT_TRUE(world_.core->deposit(world_.alice, ast("DOGE"), amt("7"), CoreWorld::at(7)));
    for (const AssetTotals& total : world_.core->totals())
        EXPECT_EQ(total.accounts + total.fees - total.outside, total.deposited) << total.asset.view();
}

TEST_F(CoreOrders, TimeNeverGoesBack) {
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "90"), 1'000), "NEW");
    EXPECT_EQ(answer(limit_order(Side::buy, "1", "91"), 500), "NEW");
    const auto orders = world_.core->open_orders(world_.alice, std::nullopt).value();
    EXPECT_EQ(orders[1].created, CoreWorld::at(1'000));
}

}  // namespace
}  // namespace vigil::exchange
