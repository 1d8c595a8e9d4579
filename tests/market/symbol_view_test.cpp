// What a symbol's view shows, and when it may be quoted on.
#include "market/symbol_view.h"

#include <gtest/gtest.h>

namespace vigil::market {
namespace {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;

base::MonotonicTime at_ms(std::int64_t ms) {
    return base::MonotonicTime{base::milliseconds{ms}};
}

domain::BookTicker ticker(std::int64_t id, std::int64_t bid, std::int64_t ask, std::int64_t ms) {
    domain::BookTicker event;
    event.update_id = id;
    event.bid = {Price::of(bid), Quantity::of(1)};
    event.ask = {Price::of(ask), Quantity::of(1)};
    event.received = at_ms(ms);
    return event;
}

domain::DepthDiff diff(std::int64_t first, std::int64_t last, std::int64_t ms,
                       std::span<const BookLevel> bids = {}, std::span<const BookLevel> asks = {}) {
    domain::DepthDiff event;
    event.first_id = first;
    event.last_id = last;
    event.bids = bids;
    event.asks = asks;
    event.received = at_ms(ms);
    return event;
}

domain::DepthSnapshot snapshot(std::int64_t id, std::int64_t ms) {
    domain::DepthSnapshot made;
    made.last_id = id;
    made.bids = {{Price::of(99), Quantity::of(1)}, {Price::of(98), Quantity::of(1)}};
    made.asks = {{Price::of(101), Quantity::of(1)}};
    made.received = at_ms(ms);
    return made;
}

SymbolView view() {
    SymbolViewOptions options;
    options.stale_after = base::milliseconds{1000};
    return SymbolView{domain::Symbol::from("BTCUSDT").value(), options};
}

TEST(SymbolView, MayBeQuotedOnOnlyWithAWholeFreshBook) {
    SymbolView market = view();
    EXPECT_FALSE(market.may_quote(at_ms(0)));
    EXPECT_FALSE(market.age_ms(at_ms(0)).has_value());
    EXPECT_FALSE(market.wants_snapshot());
    market.on(ticker(9, 99, 101, 10));
    EXPECT_TRUE(market.top().has_value());
    EXPECT_FALSE(market.may_quote(at_ms(10)));
    market.on(diff(8, 10, 20));
    EXPECT_TRUE(market.wants_snapshot());
    ASSERT_EQ(market.on(snapshot(9, 30)), SnapshotResult::applied);
    EXPECT_FALSE(market.wants_snapshot());
    EXPECT_TRUE(market.may_quote(at_ms(30)));
    EXPECT_EQ(market.age_ms(at_ms(130)), 100);
    EXPECT_TRUE(market.may_quote(at_ms(1030)));
    EXPECT_FALSE(market.may_quote(at_ms(1031)));
    market.on(ticker(11, 99, 101, 2000));
    EXPECT_TRUE(market.may_quote(at_ms(2500)));
    EXPECT_EQ(market.on(diff(15, 16, 2600)), DiffResult::gap);
    EXPECT_FALSE(market.may_quote(at_ms(2600)));
    EXPECT_TRUE(market.wants_snapshot());
}

TEST(SymbolView, TopIsTheNewerOfBoth) {
    SymbolView market = view();
    ASSERT_EQ(market.on(snapshot(10, 0)), SnapshotResult::applied);
    EXPECT_EQ(market.top()->bid.price, Price::of(99));
    market.on(ticker(12, 97, 103, 1));
    EXPECT_EQ(market.top()->bid.price, Price::of(97));
    market.on(ticker(11, 50, 51, 2));
    EXPECT_EQ(market.top()->bid.price, Price::of(97));
    // The diff ends before the ticker: the ticker stays.
    EXPECT_EQ(market.on(diff(11, 11, 3)), DiffResult::applied);
    EXPECT_EQ(market.top()->bid.price, Price::of(97));
    EXPECT_EQ(market.on(diff(12, 13, 4)), DiffResult::applied);
    EXPECT_EQ(market.top()->bid.price, Price::of(99));
    EXPECT_EQ(market.mid(), Price::of(100));
}

TEST(SymbolView, AnEmptySideOrAZeroPriceIsNoQuote) {
    SymbolView market = view();
    ASSERT_EQ(market.on(snapshot(10, 0)), SnapshotResult::applied);
    domain::BookTicker empty = ticker(11, 99, 101, 1);
    empty.ask = {};
    market.on(empty);
    EXPECT_FALSE(market.top().has_value());
    EXPECT_FALSE(market.may_quote(at_ms(1)));
    EXPECT_FALSE(market.mid().has_value());
    market.on(ticker(12, 99, 101, 2));
    EXPECT_TRUE(market.may_quote(at_ms(2)));
    const std::vector<BookLevel> gone{{Price::of(101), Quantity{}}};
    market.on(diff(11, 13, 3, {}, gone));
    EXPECT_FALSE(market.may_quote(at_ms(3)));

    domain::PublicTrade trade;
    trade.trade_id = {5};
    market.on(trade);
    EXPECT_FALSE(market.last_trade().has_value());
    trade.price = Price::of(100);
    market.on(trade);
    ASSERT_TRUE(market.last_trade().has_value());
    trade.trade_id = {4};
    trade.price = Price::of(90);
    market.on(trade);
    EXPECT_EQ(market.last_trade()->price, Price::of(100));
}

TEST(SymbolView, ResetForgetsBookAndTop) {
    SymbolView market = view();
    ASSERT_EQ(market.on(snapshot(10, 0)), SnapshotResult::applied);
    market.reset();
    EXPECT_FALSE(market.top().has_value());
    EXPECT_FALSE(market.may_quote(at_ms(0)));
    EXPECT_EQ(market.book().state(), BookState::empty);
    // After a reconnect the exchange's ids may be anything; the first ticker counts.
    market.on(ticker(3, 99, 101, 1));
    EXPECT_TRUE(market.top().has_value());
}

TEST(SymbolView, OnlyFollowedIntervalsAreKept) {
    SymbolView market = view();
    const domain::CandleInterval minute{60'000};
    domain::Candle candle;
    candle.interval = minute;
    candle.close_time = base::exchange_time_ms(59'999);
    candle.open = candle.high = candle.low = candle.close = Price::of(100);
    candle.closed = true;
    EXPECT_EQ(market.on(candle), CandleResult::ignored);
    EXPECT_EQ(market.candles(minute), nullptr);
    EXPECT_FALSE(market.warm_up(minute, std::span{&candle, 1}));
    market.follow(minute);
    market.follow(minute);
    EXPECT_EQ(market.all_candles().size(), 1U);
    EXPECT_TRUE(market.warm_up(minute, std::span{&candle, 1}));
    candle.open_time += base::milliseconds{60'000};
    candle.close_time += base::milliseconds{60'000};
    EXPECT_EQ(market.on(candle), CandleResult::closed);
    ASSERT_NE(market.candles(minute), nullptr);
    EXPECT_EQ(market.candles(minute)->closed().size(), 2U);
}

}  // namespace
}  // namespace vigil::market
