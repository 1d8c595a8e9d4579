// Matching: takers against the book, resting orders against prints and the moving book, priority among own
// orders, money and events of each.
#include <gtest/gtest.h>

#include "exchange/core_fixture.h"

namespace vigil::exchange {
namespace {

using domain::ExecutionType;
using domain::OrderStatus;
using domain::Side;
using domain::TimeInForce;

class CoreMatching : public ::testing::Test {
  protected:
    Placement placed(AccountId account, const OrderRequest& request, std::int64_t ms = 10) {
        auto done = world_.core->place(account, request, CoreWorld::at(ms));
        EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
        return done ? *done : Placement{};
    }
    std::string refused(AccountId account, const OrderRequest& request, std::int64_t ms = 10) {
        auto done = world_.core->place(account, request, CoreWorld::at(ms));
        if (done) return "accepted";
        return std::to_string(done.error().code) + " " + done.error().message;
    }
    OrderRecord query(AccountId account, domain::OrderId id) {
        return world_.core->order(account, sym("BTCUSDT"), OrderKey{id, {}}).value();
    }
    CoreWorld world_;
};

TEST_F(CoreMatching, MarketBuyWalksTheAsksAndPaysTakerCommissionInBase) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, market_order(Side::buy, "2"));
    EXPECT_EQ(done.order.status, OrderStatus::filled);
    ASSERT_EQ(done.fills.size(), 2U);
    EXPECT_EQ(done.fills[0].price, px("100.01"));
    EXPECT_EQ(done.fills[1].price, px("100.02"));
    EXPECT_EQ(done.fills[1].quantity, qty("1"));
    EXPECT_EQ(done.fills[0].commission, amt("0.001"));
    EXPECT_EQ(done.fills[0].commission_asset, ast("BTC"));
    EXPECT_FALSE(done.fills[0].is_maker);
    EXPECT_EQ(done.order.executed_quote, amt("200.03"));
    EXPECT_EQ(world_.balance(world_.alice, "BTC").free, amt("11.998"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").free, amt("9799.97"));
    // NEW, two trades; then the balances, once.
    ASSERT_EQ(world_.sink.executions.size(), 3U);
    EXPECT_EQ(world_.sink.executions[0].second.execution, ExecutionType::new_order);
    EXPECT_EQ(world_.sink.executions[0].second.order.status, OrderStatus::new_order);
    EXPECT_EQ(world_.sink.executions[1].second.order.status, OrderStatus::partially_filled);
    EXPECT_TRUE(world_.sink.executions[1].second.is_first_fill);
    EXPECT_FALSE(world_.sink.executions[2].second.is_first_fill);
    EXPECT_EQ(world_.sink.executions[2].second.order.status, OrderStatus::filled);
    ASSERT_EQ(world_.sink.positions.size(), 1U);
    EXPECT_EQ(world_.sink.positions[0].second.balances.size(), 2U);
    // The public saw two trades by a buyer, and the new best ask.
    ASSERT_EQ(world_.sink.trades.size(), 2U);
    EXPECT_FALSE(world_.sink.trades[0].buyer_is_maker);
    EXPECT_EQ(world_.sink.tickers.back().ask, level("100.02", "1"));
}

TEST_F(CoreMatching, WhatWasTakenStaysTakenUntilTheOutsideSpeaksOfThatLevel) {
    auto script = CoreWorld::book();
    script->at_ms(500, levels_of({}, {level("100.03", "4")}));
    script->at_ms(600, levels_of({}, {level("100.01", "0.7")}));
    world_.play(std::move(script));
    placed(world_.alice, market_order(Side::buy, "1"));
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->ask, level("100.02", "2"));
    world_.core->advance(CoreWorld::at(550));
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->ask, level("100.02", "2"));
    world_.core->advance(CoreWorld::at(600));
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->ask, level("100.01", "0.7"));
}

TEST_F(CoreMatching, MarketSellByQuantityAndTheRestExpiresWhenTheBookIsEmpty) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, market_order(Side::sell, "4"));
    EXPECT_EQ(done.order.status, OrderStatus::expired);
    EXPECT_EQ(done.order.expiry_reason, ExpiryReason::insufficient_liquidity);
    EXPECT_EQ(done.order.executed, qty("3"));
    EXPECT_EQ(done.order.quantity, qty("4"));
    EXPECT_EQ(world_.sink.executions.back().second.execution, ExecutionType::expired);
    // 99.99 + 2 * 99.98 = 299.95, less 0.1 % of each trade.
    EXPECT_EQ(world_.balance(world_.alice, "USDT").free, amt("10000") + amt("299.95") - amt("0.29995"));
    EXPECT_EQ(world_.balance(world_.alice, "BTC").free, amt("7"));
}

TEST_F(CoreMatching, MarketBuyByQuoteSpendsNoMoreAndKeepsTheStep) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, market_quote_order(Side::buy, "150"));
    EXPECT_EQ(done.order.status, OrderStatus::filled);
    // 1 at 100.01 leaves 49.99, which buys 0.4998 (0.49980003 on the step of 0.00001) at 100.02.
    EXPECT_EQ(done.order.executed, qty("1.4998"));
    EXPECT_EQ(done.order.quantity, qty("1.4998"));
    EXPECT_EQ(done.order.quote_quantity, amt("150"));
    EXPECT_LE(done.order.executed_quote, amt("150"));
    EXPECT_GT(done.order.executed_quote, amt("149.99"));
}

TEST_F(CoreMatching, MarketBuyByQuoteBeyondTheBookExpires) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, market_quote_order(Side::buy, "9000"));
    EXPECT_EQ(done.order.status, OrderStatus::expired);
    EXPECT_EQ(done.order.executed, qty("8"));
    EXPECT_EQ(done.order.expiry_reason, ExpiryReason::insufficient_liquidity);
}

TEST_F(CoreMatching, MarketSellByQuoteReceivesTheAmount) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, market_quote_order(Side::sell, "150"));
    EXPECT_EQ(done.order.status, OrderStatus::filled);
    EXPECT_LE(done.order.executed_quote, amt("150"));
    EXPECT_GT(done.order.executed_quote, amt("149.99"));
}

TEST_F(CoreMatching, LimitTakesAtBetterPricesThenRestsAndReleasesWhatItDidNotNeed) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, limit_order(Side::buy, "2", "100.01"));
    EXPECT_EQ(done.order.status, OrderStatus::partially_filled);
    EXPECT_EQ(done.order.executed, qty("1"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("100.01"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").free, amt("9799.98"));
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->bid, level("100.01", "1"));
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->ask, level("100.02", "2"));

    const Placement better = placed(world_.bob, limit_order(Side::buy, "3", "101"));
    EXPECT_EQ(better.order.status, OrderStatus::filled);
    EXPECT_EQ(better.order.executed_quote, amt("300.07"));  // 2 * 100.02 + 100.03
    EXPECT_EQ(world_.balance(world_.bob, "USDT").locked, amt("0"));
}

TEST_F(CoreMatching, ImmediateOrCancelAndFillOrKill) {
    world_.play(CoreWorld::book());
    const Placement ioc = placed(world_.alice, limit_order(Side::buy, "2", "100.01", TimeInForce::ioc));
    EXPECT_EQ(ioc.order.status, OrderStatus::expired);
    EXPECT_EQ(ioc.order.executed, qty("1"));
    EXPECT_EQ(ioc.order.expiry_reason, ExpiryReason::unfilled_ioc_quantity_expired);
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("0"));

    const Placement killed = placed(world_.alice, limit_order(Side::buy, "2.1", "100.02", TimeInForce::fok));
    EXPECT_EQ(killed.order.status, OrderStatus::expired);
    EXPECT_TRUE(killed.fills.empty());
    EXPECT_EQ(killed.order.expiry_reason, ExpiryReason::unfilled_fok_order_expired);
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->ask, level("100.02", "2"));

    const Placement filled = placed(world_.alice, limit_order(Side::buy, "2", "100.02", TimeInForce::fok));
    EXPECT_EQ(filled.order.status, OrderStatus::filled);
}

TEST_F(CoreMatching, PostOnlyIsRejectedWhenItWouldTakeAndRestsOtherwise) {
    world_.play(CoreWorld::book());
    EXPECT_EQ(refused(world_.alice, maker_order(Side::buy, "1", "100.01")),
              "-2010 Order would immediately match and take.");
    ASSERT_EQ(world_.sink.executions.size(), 1U);
    EXPECT_EQ(world_.sink.executions[0].second.execution, ExecutionType::rejected);
    EXPECT_EQ(world_.sink.executions[0].second.reject_reason, RejectReason::would_match_immediately);
    const Placement done = placed(world_.alice, maker_order(Side::buy, "1", "100.00"));
    EXPECT_EQ(done.order.status, OrderStatus::new_order);
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->bid, level("100.00", "1"));
}

TEST_F(CoreMatching, RestingOrderFillsOnlyAfterTheQueueAheadOfIt) {
    auto script = CoreWorld::book();
    script->at_ms(100, print_of("99.99", "0.4", true));
    script->at_ms(200, print_of("99.99", "0.4", false));  // a buyer took: not our queue
    script->at_ms(300, print_of("99.99", "0.9", true));   // 0.6 ahead of us, then 0.3 of ours
    script->at_ms(400, print_of("99.99", "5", true));
    world_.play(std::move(script));
    const auto id = placed(world_.alice, limit_order(Side::buy, "1", "99.99")).order.order_id;
    world_.core->advance(CoreWorld::at(250));
    EXPECT_EQ(query(world_.alice, id).executed, qty("0"));
    world_.core->advance(CoreWorld::at(300));
    EXPECT_EQ(query(world_.alice, id).executed, qty("0.3"));
    EXPECT_EQ(query(world_.alice, id).status, OrderStatus::partially_filled);
    world_.core->advance(CoreWorld::at(400));
    EXPECT_EQ(query(world_.alice, id).status, OrderStatus::filled);
    // A buyer's fill as maker: bought 1, less the maker's 0.1 %.
    EXPECT_EQ(world_.balance(world_.alice, "BTC").free, amt("10.999"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("0"));
    EXPECT_TRUE(world_.sink.executions.back().second.fill->is_maker);
    // No print made more or less volume than the outside showed.
    domain::Quantity volume;
    for (const TradeEvent& trade : world_.sink.trades) volume += trade.quantity;
    EXPECT_EQ(volume, qty("6.7"));
}

TEST_F(CoreMatching, QueueAheadShrinksWithTheLevel) {
    auto script = CoreWorld::book();
    script->at_ms(100, levels_of({level("99.99", "0.25")}, {}));
    script->at_ms(200, levels_of({level("99.99", "3")}, {}));  // newcomers stand behind
    script->at_ms(300, print_of("99.99", "0.5", true));
    world_.play(std::move(script));
    const auto id = placed(world_.alice, limit_order(Side::buy, "1", "99.99")).order.order_id;
    world_.core->advance(CoreWorld::at(300));
    EXPECT_EQ(query(world_.alice, id).executed, qty("0.25"));
}

TEST_F(CoreMatching, PrintThroughThePriceFillsAtTheOwnPriceUpToThePrintedQuantity) {
    auto script = CoreWorld::book();
    script->at_ms(100, print_of("99.98", "0.4", true));
    world_.play(std::move(script));
    const auto id = placed(world_.alice, limit_order(Side::buy, "1", "99.99")).order.order_id;
    world_.core->advance(CoreWorld::at(100));
    EXPECT_EQ(query(world_.alice, id).executed, qty("0.4"));
    ASSERT_EQ(world_.sink.trades.size(), 1U);
    EXPECT_EQ(world_.sink.trades[0].price, px("99.99"));
}

TEST_F(CoreMatching, OutsideBookCrossingTheOrderFillsIt) {
    auto script = CoreWorld::book();
    script->at_ms(100, levels_of({level("99.99", "0"), level("99.98", "0"), level("99", "3")},
                                 {level("99.50", "0.75")}));
    world_.play(std::move(script));
    const auto id = placed(world_.alice, limit_order(Side::buy, "1", "99.99")).order.order_id;
    world_.core->advance(CoreWorld::at(100));
    EXPECT_EQ(query(world_.alice, id).executed, qty("0.75"));
    EXPECT_EQ(world_.sink.trades.back().price, px("99.99"));
    EXPECT_TRUE(world_.sink.trades.back().buyer_is_maker);
    const auto best = world_.core->book_ticker(sym("BTCUSDT"));
    EXPECT_EQ(best->bid, level("99.99", "0.25"));
    EXPECT_EQ(best->ask, level("100.01", "1"));  // what crossed was used up
}

TEST_F(CoreMatching, OwnOrdersHaveTimePriorityAndTheOutsideItsPlaceBetweenThem) {
    auto script = CoreWorld::book();
    script->at_ms(100, levels_of({level("99.99", "1.5")}, {}));  // 0.5 come after alice
    world_.play(std::move(script));
    const auto first = placed(world_.alice, limit_order(Side::buy, "1", "99.99"), 10).order.order_id;
    const auto second = placed(world_.bob, limit_order(Side::buy, "1", "99.99"), 200).order.order_id;
    AccountOptions options = CoreWorld::opened("carol");
    const AccountId carol = world_.core->add_account(options);
    // 1 outside, 1 alice, 0.5 outside, 0.25 bob.
    const Placement taker = placed(carol, market_order(Side::sell, "2.75"), 300);
    EXPECT_EQ(taker.order.status, OrderStatus::filled);
    ASSERT_EQ(taker.fills.size(), 4U);
    EXPECT_EQ(query(world_.alice, first).status, OrderStatus::filled);
    EXPECT_EQ(query(world_.bob, second).executed, qty("0.25"));
    EXPECT_EQ(world_.core->depth(sym("BTCUSDT"), 1)->bids.front(), level("99.99", "0.75"));
}

TEST_F(CoreMatching, BetterOwnPriceComesBeforeTheOutside) {
    world_.play(CoreWorld::book());
    placed(world_.alice, limit_order(Side::sell, "0.5", "100.00"));
    const Placement taker = placed(world_.bob, market_order(Side::buy, "1"));
    ASSERT_EQ(taker.fills.size(), 2U);
    EXPECT_EQ(taker.fills[0].price, px("100.00"));
    EXPECT_EQ(taker.fills[1].price, px("100.01"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").free, amt("10049.95"));  // 50 less 0.05
}

TEST_F(CoreMatching, SelfTradePreventionExpiresTheMakerByDefault) {
    world_.play(CoreWorld::book());
    const auto maker = placed(world_.alice, limit_order(Side::sell, "0.5", "100.00")).order.order_id;
    const Placement taker = placed(world_.alice, market_order(Side::buy, "1"));
    EXPECT_EQ(taker.order.status, OrderStatus::filled);
    ASSERT_EQ(taker.fills.size(), 1U);
    EXPECT_EQ(taker.fills[0].price, px("100.01"));
    const OrderRecord expired = query(world_.alice, maker);
    EXPECT_EQ(expired.status, OrderStatus::expired_in_match);
    EXPECT_EQ(expired.prevented_quantity, qty("0.5"));
    EXPECT_EQ(expired.prevented_match_id, 0);
    EXPECT_EQ(world_.balance(world_.alice, "BTC").locked, amt("0"));
}

TEST_F(CoreMatching, SelfTradePreventionOtherModes) {
    world_.play(CoreWorld::book());
    const auto maker = placed(world_.alice, limit_order(Side::sell, "0.5", "100.00")).order.order_id;
    OrderRequest request = market_order(Side::buy, "1");
    request.stp_mode = StpMode::decrement;
    const Placement decremented = placed(world_.alice, request);
    EXPECT_EQ(query(world_.alice, maker).status, OrderStatus::expired_in_match);
    EXPECT_EQ(decremented.order.status, OrderStatus::filled);
    EXPECT_EQ(decremented.order.executed, qty("0.5"));
    EXPECT_EQ(decremented.order.prevented_quantity, qty("0.5"));

    const auto kept = placed(world_.alice, limit_order(Side::sell, "0.5", "100.00")).order.order_id;
    request.stp_mode = StpMode::expire_taker;
    EXPECT_EQ(placed(world_.alice, request).order.status, OrderStatus::expired_in_match);
    EXPECT_EQ(query(world_.alice, kept).status, OrderStatus::new_order);

    request.stp_mode = StpMode::expire_both;
    EXPECT_EQ(placed(world_.alice, request).order.status, OrderStatus::expired_in_match);
    EXPECT_EQ(query(world_.alice, kept).status, OrderStatus::expired_in_match);

    request.stp_mode = StpMode::none;
    EXPECT_EQ(refused(world_.alice, request),
              "-1013 This symbol does not allow the specified self-trade prevention mode.");
}

TEST_F(CoreMatching, StopOrdersWaitAndTriggerOnTheLastPrice) {
    auto script = CoreWorld::book();
    script->at_ms(100, print_of("100.01", "0.1", false));
    script->at_ms(200, print_of("99.99", "0.1", true));
    world_.play(std::move(script));
    world_.core->advance(CoreWorld::at(100));
    OrderRequest stop;
    stop.symbol = sym("BTCUSDT");
    stop.side = Side::sell;
    stop.type = domain::OrderType::stop_loss;
    stop.quantity = qty("1");
    stop.stop_price = px("99.99");
    const Placement done = placed(world_.alice, stop, 110);
    EXPECT_EQ(done.order.status, OrderStatus::new_order);
    EXPECT_FALSE(done.order.is_working);
    EXPECT_EQ(world_.balance(world_.alice, "BTC").locked, amt("1"));
    stop.stop_price = px("100.05");
    EXPECT_EQ(refused(world_.alice, stop, 120), "-2010 Order would trigger immediately.");
    world_.core->advance(CoreWorld::at(200));
    const OrderRecord filled = query(world_.alice, done.order.order_id);
    EXPECT_EQ(filled.status, OrderStatus::filled);
    EXPECT_TRUE(filled.is_working);
    EXPECT_EQ(world_.balance(world_.alice, "BTC").locked, amt("0"));
    EXPECT_EQ(world_.balance(world_.alice, "BTC").free, amt("9"));
}

TEST_F(CoreMatching, CommissionInBnbWithDiscountWhileThereIsEnough) {
    AccountOptions options = CoreWorld::opened("payer");
    options.commission.discount_enabled_for_account = true;
    options.balances.push_back({ast("BNB"), amt("0.0002"), {}});
    const AccountId payer = world_.core->add_account(options);
    auto script = CoreWorld::book();
    script->at_ms(1, [](MarketInput& market) {
        market.print(sym("BNBUSDT"), px("500"), qty("1"), false);
        market.print(sym("BNBBTC"), px("0.01"), qty("1"), false);
    });
    world_.play(std::move(script));
    const Placement sold = placed(payer, market_order(Side::sell, "1"));
    // 99.99 USDT * 0.1 % * 0.75 = 0.0749925 USDT = 0.00014998 BNB.
    EXPECT_EQ(sold.fills.at(0).commission_asset, ast("BNB"));
    EXPECT_EQ(sold.fills.at(0).commission, amt("0.00014998"));
    EXPECT_EQ(world_.balance(payer, "USDT").free, amt("10099.99"));
    // What is left does not pay for another: the full commission, in what was received.
    const Placement again = placed(payer, market_order(Side::sell, "1"));
    EXPECT_EQ(again.fills.at(0).commission_asset, ast("USDT"));
    EXPECT_EQ(again.fills.at(0).commission, amt("0.09998"));
}

TEST_F(CoreMatching, CancelReleasesTheReserveAndNamesBothIds) {
    world_.play(CoreWorld::book());
    const Placement done = placed(world_.alice, named(limit_order(Side::buy, "1", "99"), "mine"));
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("99"));
    const auto cancelled =
        world_.core->cancel(world_.alice, sym("BTCUSDT"), OrderKey{{}, domain::client_order_id("mine")},
                            domain::client_order_id("cancel-1"), CancelRestriction::none, CoreWorld::at(20));
    ASSERT_TRUE(cancelled.has_value());
    EXPECT_EQ(std::get<Cancellation>(*cancelled).order.status, OrderStatus::canceled);
    EXPECT_EQ(std::get<Cancellation>(*cancelled).cancel_id.view(), "cancel-1");
    EXPECT_EQ(world_.balance(world_.alice, "USDT").locked, amt("0"));
    const ExecutionEvent& event = world_.sink.executions.back().second;
    EXPECT_EQ(event.execution, ExecutionType::canceled);
    EXPECT_EQ(event.client_order_id.view(), "cancel-1");
    EXPECT_EQ(event.original_client_order_id.view(), "mine");
    EXPECT_EQ(query(world_.alice, done.order.order_id).client_order_id.view(), "mine");
    EXPECT_EQ(world_.core->book_ticker(sym("BTCUSDT"))->bid, level("99.99", "1"));
}

}  // namespace
}  // namespace vigil::exchange
