#include "risk/risk_gate.h"

#include "fixtures.h"

namespace vigil::risk::test {
namespace {

TEST_F(GateTest, WhatIsWithinTheLimitsPassesUnchanged) {
    gate.emplace(options, state);
    const NewOrder order = limit(Side::buy, "99", "2");
    auto decided = gate->check(intent(order), context);
    ASSERT_TRUE(std::holds_alternative<domain::Approved>(decided));
    EXPECT_EQ(*std::get<domain::Approved>(decided).intent().placement(), order);
    EXPECT_EQ(rule(limit(Side::sell, "101", "3")), "");
    EXPECT_EQ(rule(market(Side::buy, "0.5")), "");
    EXPECT_EQ(rule(market(Side::sell, "0.5")), "");
}

TEST_F(GateTest, OnlyWhatTradesIsTraded) {
    for (const auto status :
         {domain::SymbolStatus::halt, domain::SymbolStatus::break_, domain::SymbolStatus::cancel_only,
          domain::SymbolStatus::end_of_day, domain::SymbolStatus::unknown}) {
        symbol_rules.status = status;
        EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "symbol_status");
        EXPECT_TRUE(cancel_passes());
    }
    symbol_rules.status = domain::SymbolStatus::trading;
    symbol_rules.spot_trading_allowed = false;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "symbol_status");
    context.rules = nullptr;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "unknown_symbol");
    EXPECT_TRUE(cancel_passes());
    symbol_rules = rules();
    symbol_rules.symbol = *Symbol::from("ETHUSDT");
    context.rules = &symbol_rules;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "unknown_symbol");
}

TEST_F(GateTest, OrdersHaveTheRightShape) {
    NewOrder order = limit(Side::buy, "99", "1");
    order.type = OrderType::take_profit_limit;
    EXPECT_EQ(rule(order), "order_type");
    order.type = OrderType::unknown;
    EXPECT_EQ(rule(order), "order_type");
    order = market(Side::sell, "1");
    order.type = OrderType::stop_loss;
    order.stop_price = price("95");
    EXPECT_EQ(rule(order), "order_type") << "would fill at any price";

    order = limit(Side::buy, "99", "1");
    order.price.reset();
    EXPECT_EQ(rule(order), "order_shape");
    order = market(Side::buy, "1");
    order.price = price("99");
    EXPECT_EQ(rule(order), "order_shape");
    order = limit(Side::buy, "99", "1");
    order.quantity.reset();
    EXPECT_EQ(rule(order), "order_shape");
    order.quote_quantity = amount("50");
    EXPECT_EQ(rule(order), "order_shape") << "only MARKET orders go by quote quantity";
    order = market(Side::buy, "1");
    order.quote_quantity = amount("50");
    EXPECT_EQ(rule(order), "order_shape") << "both";
    order.quantity.reset();
    EXPECT_EQ(rule(order), "");
    symbol_rules.quote_order_quantity_allowed = false;
    EXPECT_EQ(rule(order), "order_shape");
    order = limit(Side::buy, "99", "1");
    order.stop_price = price("98");
    EXPECT_EQ(rule(order), "order_shape");
    for (const char* wrong : {"0", "-1"}) {
        EXPECT_EQ(rule(limit(Side::buy, "99", wrong)), "order_shape");
        EXPECT_EQ(rule(limit(Side::buy, wrong, "1")), "order_shape");
    }
}

TEST_F(GateTest, FiltersRefuseByTheirName) {
    EXPECT_EQ(rule(limit(Side::buy, "99.001", "1")), "PRICE_FILTER");
    EXPECT_NE(detail.find("99.001"), std::string::npos);
    EXPECT_EQ(rule(limit(Side::buy, "99", "0.000001")), "LOT_SIZE");
    EXPECT_EQ(rule(limit(Side::buy, "99", "0.01")), "NOTIONAL");
    symbol_rules.orders_max = 7;
    context.account.open_orders_symbol = 7;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "MAX_NUM_ORDERS");
}

TEST_F(GateTest, NothingIsPlacedOnABookThatIsNotWhole) {
    context.book.whole = false;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "book");
    EXPECT_EQ(rule(market(Side::sell, "1")), "book");
    EXPECT_TRUE(cancel_passes());
    context.book.whole = true;
    context.book.ask = BookLevel{};
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "book");
}

TEST_F(GateTest, AMarketOrderNeedsAFreshBook) {
    context.now = context.book.updated + options.book_age_max;
    EXPECT_EQ(rule(market(Side::buy, "1")), "");
    context.now += base::milliseconds{1};
    EXPECT_EQ(rule(market(Side::buy, "1")), "book");
    EXPECT_NE(detail.find("5001 ms"), std::string::npos) << detail;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "") << "a quiet book is a book";
}

// mid is 100, the collar 5 %.
TEST_F(GateTest, TheCollarHoldsPricesBeyondMid) {
    EXPECT_EQ(rule(limit(Side::buy, "105", "1")), "");
    EXPECT_EQ(rule(limit(Side::buy, "105.01", "1")), "price_collar");
    EXPECT_NE(detail.find("0.0501"), std::string::npos) << detail;
    EXPECT_EQ(rule(limit(Side::sell, "95", "1")), "");
    EXPECT_EQ(rule(limit(Side::sell, "94.99", "1")), "price_collar");
    // Away from the market is the strategy's own affair.
    EXPECT_EQ(rule(limit(Side::buy, "50", "1")), "");
    EXPECT_EQ(rule(limit(Side::sell, "300", "1")), "");
}

TEST_F(GateTest, AStopOrdersPriceIsJudgedFromItsTrigger) {
    NewOrder order = limit(Side::sell, "80", "1");
    order.type = OrderType::stop_loss_limit;
    order.stop_price = price("82");
    EXPECT_EQ(rule(order), "");
    order.price = price("77");
    EXPECT_EQ(rule(order), "price_collar");
}

TEST_F(GateTest, SlippageOfMarketOrdersIsBounded) {
    EXPECT_EQ(rule(market(Side::buy, "1")), "");
    EXPECT_EQ(rule(market(Side::buy, "1.1")), "slippage") << "reaches 102, 2 % away";
    EXPECT_NE(detail.find("102"), std::string::npos) << detail;
    EXPECT_EQ(rule(market(Side::sell, "1.1")), "slippage");
    options.slippage_max = Rate::literal("0.03");
    options.defaults.order_notional_max.reset();
    options.defaults.position_max.reset();
    gate.reset();
    EXPECT_EQ(rule(market(Side::buy, "1.1")), "");
    EXPECT_EQ(rule(market(Side::buy, "51")), "");
    EXPECT_EQ(rule(market(Side::buy, "51.1")), "slippage") << "more than the book holds";
    NewOrder by_quote = market(Side::buy, "1");
    by_quote.quantity.reset();
    by_quote.quote_quantity = amount("5200.10");
    EXPECT_EQ(rule(by_quote), "") << "1 * 100.10 + 50 * 102";
    by_quote.quote_quantity = amount("5200.11");
    EXPECT_EQ(rule(by_quote), "slippage");
    context.book.asks = {};
    EXPECT_EQ(rule(market(Side::buy, "1")), "") << "the best level is all that is known";
    EXPECT_EQ(rule(market(Side::buy, "1.1")), "slippage");
}

TEST_F(GateTest, OrderNotional) {
    EXPECT_EQ(rule(limit(Side::buy, "100", "10")), "");
    EXPECT_EQ(rule(limit(Side::buy, "100", "10.00001")), "order_notional");
    context.strategy.sellable = qty("20");
    EXPECT_EQ(rule(limit(Side::sell, "100", "10.00001")), "order_notional");
    options.symbols = {SymbolLimits{btcusdt, amount("50"), std::nullopt, std::nullopt, std::nullopt}};
    gate.reset();
    EXPECT_EQ(rule(limit(Side::buy, "100", "1")), "order_notional") << "the symbol has limits of its own";
}

TEST_F(GateTest, AnExitIsNotRefusedBecauseThePositionIsLargerThanOneOrder) {
    bids.back().quantity = qty("50");
    context.book.bid = bids.back();
    context.strategy.sellable = qty("30");
    EXPECT_EQ(rule(market(Side::sell, "30")), "");
    EXPECT_EQ(rule(limit(Side::sell, "100", "30")), "order_notional");
    options.market_exits_unlimited = false;
    gate.reset();
    EXPECT_EQ(rule(market(Side::sell, "30")), "order_notional");
}

TEST_F(GateTest, CountsOfOpenOrders) {
    context.account.open_orders = 99;
    context.account.open_orders_symbol = 19;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
    context.account.open_orders_symbol = 20;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "open_orders_symbol");
    context.account.open_orders = 100;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "open_orders");
    EXPECT_TRUE(cancel_passes());
}

TEST_F(GateTest, PositionCountsInventoryOpenBuysAndTheOrder) {
    context.account.position = qty("10");
    context.account.open_buys = qty("5");
    EXPECT_EQ(rule(limit(Side::buy, "99", "5")), "") << "20 at mid 100";
    EXPECT_EQ(rule(limit(Side::buy, "99", "5.00001")), "position");
    context.mark = price("101");
    EXPECT_EQ(rule(limit(Side::buy, "99", "5")), "position");
    context.mark = price("0");
    EXPECT_EQ(rule(limit(Side::buy, "99", "5")), "") << "a zero price is never a mark";
    context.account.position = qty("1000");
    EXPECT_EQ(rule(limit(Side::sell, "101", "1")), "") << "sales are not refused for what is held";
    context.account.position = Quantity::from_raw(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "position");
}

TEST_F(GateTest, AStrategySpendsItsOwnBudgetOnly) {
    context.strategy.budget = amount("500");
    context.strategy.invested = amount("200");
    context.strategy.committed = amount("200");
    EXPECT_EQ(rule(limit(Side::buy, "100", "1")), "");
    EXPECT_EQ(rule(limit(Side::buy, "100", "1.00001")), "budget");
    EXPECT_NE(detail.find("500"), std::string::npos);
}

TEST_F(GateTest, AStrategySellsItsOwnInventoryOnly) {
    context.account.position = qty("100");
    EXPECT_EQ(rule(limit(Side::sell, "100", "3")), "");
    EXPECT_EQ(rule(limit(Side::sell, "100", "3.00001")), "inventory");
    NewOrder by_quote = market(Side::sell, "1");
    by_quote.quantity.reset();
    by_quote.quote_quantity = amount("99.9");
    context.strategy.sellable = qty("0.9");
    EXPECT_EQ(rule(by_quote), "inventory");
}

TEST_F(GateTest, WhatTheAccountDoesNotHaveIsNotSpent) {
    context.account.free_quote = amount("99");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1.00001")), "balance");
    context.account.free_base = amount("1");
    EXPECT_EQ(rule(limit(Side::sell, "100", "1")), "");
    EXPECT_EQ(rule(limit(Side::sell, "100", "1.00001")), "balance");
}

TEST_F(GateTest, OneOrderASlot) {
    context.strategy.slot_taken = true;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "slot");
    EXPECT_TRUE(cancel_passes());
}

TEST_F(GateTest, TheLadder) {
    gate.emplace(options, state);
    EXPECT_TRUE(gate->raise(Level::reduce, "watchdog", "user stream silent", exchange(0)));
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "ladder");
    EXPECT_EQ(detail, "the ladder is at reduce (watchdog: user stream silent)");
    EXPECT_EQ(rule(limit(Side::sell, "101", "3")), "") << "reduces the inventory";
    EXPECT_EQ(rule(limit(Side::sell, "101", "3.1")), "ladder") << "sells more than there is";
    gate->raise(Level::cancel_only, "operator", "pause", exchange(0));
    EXPECT_EQ(rule(limit(Side::sell, "101", "3")), "ladder");
    EXPECT_TRUE(cancel_passes());
    gate->raise(Level::halt, "operator", "kill", exchange(0));
    EXPECT_EQ(rule(limit(Side::sell, "101", "3")), "ladder");
    EXPECT_TRUE(cancel_passes());
}

TEST_F(GateTest, TheLadderOutlivesARestart) {
    gate.emplace(options, state);
    gate->raise(Level::halt, "operator ann", "kill switch", exchange(5));
    const auto kept = parse_risk_state(to_text(gate->state()));
    ASSERT_TRUE(kept);
    EXPECT_EQ(*kept, gate->state());
    gate.emplace(options, *kept);
    EXPECT_EQ(gate->level(), Level::halt);
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "ladder");
}

TEST_F(GateTest, ARejectionLoopIsBrokenAndProbed) {
    gate.emplace(options, state);
    const std::string message = "Account has insufficient balance for requested action.";
    EXPECT_FALSE(gate->on_rejection(btcusdt, -2010, message, mono(0)));
    EXPECT_FALSE(gate->on_rejection(btcusdt, -2010, message, mono(1)));
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
    EXPECT_TRUE(gate->on_rejection(btcusdt, -2010, message, mono(2)));
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "breaker");
    EXPECT_NE(detail.find("-2010"), std::string::npos);
    EXPECT_TRUE(cancel_passes());
    context.now = mono(60'002);
    context.book.updated = context.now;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "") << "the probe";
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "breaker") << "one a minute";
    EXPECT_TRUE(gate->on_accepted(btcusdt));
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
}

TEST_F(GateTest, ARefusedOrderIsNoProbe) {
    gate.emplace(options, state);
    for (int i = 0; i < 3; ++i) gate->on_rejection(btcusdt, -2010, "no", mono(i));
    context.now = mono(61'000);
    EXPECT_EQ(rule(limit(Side::buy, "200", "1")), "price_collar");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
}

TEST_F(GateTest, DailyLossRefusesUntilMidnight) {
    options.daily_loss = {DailyLossLimit{usdt, amount("100")}};
    context.profit = amount("1000");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
    context.profit = amount("900.00000001");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
    context.profit = amount("900");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "daily_loss");
    EXPECT_NE(detail.find("-100"), std::string::npos) << detail;
    EXPECT_EQ(rule(limit(Side::sell, "101", "1")), "") << "reducing is allowed";
    EXPECT_EQ(gate->level(), Level::normal);
    context.profit = amount("2000");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "daily_loss") << "closed for the day";
    context.exchange_now = exchange(day_ms - 1);
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "daily_loss");
    context.exchange_now = exchange(day_ms);
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "");
}

TEST_F(GateTest, DailyLossMayClimbTheLadder) {
    options.daily_loss = {DailyLossLimit{usdt, amount("100")}};
    options.daily_loss_level = Level::cancel_only;
    gate.emplace(options, state);
    const auto version = gate->state_version();
    EXPECT_FALSE(gate->observe_profit(usdt, amount("0"), exchange(0)));
    EXPECT_TRUE(gate->observe_profit(usdt, amount("-100"), exchange(1)));
    EXPECT_FALSE(gate->observe_profit(usdt, amount("-100"), exchange(2)));
    EXPECT_EQ(gate->level(), Level::cancel_only);
    EXPECT_EQ(gate->ladder().state().by, "daily_loss");
    EXPECT_GT(gate->state_version(), version);
    context.exchange_now = exchange(3 * day_ms);
    EXPECT_EQ(rule(limit(Side::sell, "101", "1")), "ladder") << "only an operator brings it down";
}

TEST_F(GateTest, TheFirstBrokenRuleIsTold) {
    gate.emplace(options, state);
    context.strategy.slot_taken = true;
    context.book.whole = false;
    context.strategy.budget = amount("0");
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "slot");
    context.strategy.slot_taken = false;
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "book");
    gate->raise(Level::halt, "t", "t", exchange(0));
    EXPECT_EQ(rule(limit(Side::buy, "99", "1")), "ladder");
}

}  // namespace
}  // namespace vigil::risk::test
