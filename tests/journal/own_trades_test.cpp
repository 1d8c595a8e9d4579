#include "journal/own_trades.h"

#include <gtest/gtest.h>

#include "support.h"

namespace vigil::journal::test {
namespace {

domain::Fill fill(std::int64_t trade_id) {
    domain::Fill made;
    made.trade_id = {trade_id};
    made.quantity = domain::Quantity::literal("0.001");
    made.price = domain::Price::literal("61556.04");
    return made;
}

StoredRecord stored(Record record) {
    return {1, stamp(1), std::move(record)};
}

TEST(OwnTrades, EachIsTakenOnceHoweverOftenItIsTold) {
    OwnTrades trades;
    trades.take(stored(SessionStarted{"1", "simulator", "h", "t", {*domain::StrategyName::from("grid")}}));
    const domain::Intent intent = placement(1);
    trades.take(stored(IntentPermitted{intent, {}}));
    domain::OrderOutcome outcome;
    outcome.symbol = intent.symbol();
    outcome.client_order_id = intent.client_order_id();
    outcome.result = domain::OutcomeAccepted{{}, {fill(5), fill(6)}};
    trades.take(stored(OutcomeReceived{outcome}));
    domain::ExecutionReport report;
    report.symbol = intent.symbol();
    report.client_order_id = intent.client_order_id();
    report.fill = fill(6);
    trades.take(stored(ExecutionReceived{report}));
    trades.take(stored(FillsRead{intent.symbol(), intent.client_order_id(), {fill(4), fill(5), fill(6)}}));
    // Another symbol counts its trades by itself; its order was taken over.
    trades.take(
        stored(FillsRead{*domain::Symbol::from("ETHUSDT"), *domain::ClientOrderId::from("x"), {fill(5)}}));
    // A cancel's intent does not make its strategy that of the order.
    trades.take(stored(SessionStarted{"1", "simulator", "h", "t", {*domain::StrategyName::from("dca")}}));
    trades.take(stored(IntentPermitted{cancellation(1), {}}));
    trades.take(stored(FillsRead{intent.symbol(), intent.client_order_id(), {fill(9)}}));

    const std::vector<OwnTrade> all = trades.all();
    ASSERT_EQ(all.size(), 5U);
    std::vector<std::pair<std::string, std::int64_t>> seen;
    for (const OwnTrade& each : all) seen.emplace_back(each.strategy, each.fill.trade_id.value);
    EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::int64_t>>{
                        {"grid", 4}, {"grid", 5}, {"grid", 6}, {"grid", 9}, {"", 5}}));
}

}  // namespace
}  // namespace vigil::journal::test
