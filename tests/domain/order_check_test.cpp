// Each filter of filters.md: what it refuses, what it lets pass, and what it says.
#include "domain/order_check.h"

#include <gtest/gtest.h>

#include "domain/market_events.h"

namespace vigil::domain {
namespace {

SymbolRules rules() {
    SymbolRules made;
    made.symbol = *Symbol::from("BTCUSDT");
    made.status = SymbolStatus::trading;
    made.price = PriceFilter{Price::literal("0.01"), Price::of(1'000'000), Price::literal("0.01")};
    made.lot = LotSize{Quantity::literal("0.00001"), Quantity::of(9000), Quantity::literal("0.00001")};
    made.market_lot = LotSize{Quantity{}, Quantity::of(100), Quantity{}};
    NotionalFilter notional;
    notional.min = Amount::of(5);
    notional.max = Amount::of(9'000'000);
    made.notional = notional;
    made.percent_price =
        PercentPrice{Rate::of(5), Rate::literal("0.2"), Rate::of(5), Rate::literal("0.2"), 5, true};
    made.orders_max = 200;
    made.algo_orders_max = 5;
    made.position_max = Quantity::of(10);
    return made;
}

NewOrder limit(const char* price, const char* quantity, Side side = Side::buy) {
    NewOrder order;
    order.symbol = *Symbol::from("BTCUSDT");
    order.side = side;
    order.type = OrderType::limit;
    order.time_in_force = TimeInForce::gtc;
    order.price = Price::literal(price);
    order.quantity = Quantity::literal(quantity);
    return order;
}

NewOrder market(const char* quantity, Side side = Side::buy) {
    NewOrder order;
    order.side = side;
    order.type = OrderType::market;
    order.quantity = Quantity::literal(quantity);
    return order;
}

NewOrder by_quote(const char* amount) {
    NewOrder order;
    order.type = OrderType::market;
    order.quote_quantity = Amount::literal(amount);
    return order;
}

std::string filter_of(const NewOrder& order, const CheckContext& context = {},
                      const SymbolRules& with = rules()) {
    const auto breach = check_order(with, order, context);
    if (!breach) return "";
    EXPECT_FALSE(breach->detail.empty());
    return std::string{breach->filter};
}

TEST(OrderCheck, AGoodOrderPasses) {
    EXPECT_EQ(filter_of(limit("60000", "0.001")), "");
    EXPECT_EQ(filter_of(market("0.5")), "");
    EXPECT_EQ(filter_of(by_quote("10")), "");
}

TEST(OrderCheck, PriceFilter) {
    EXPECT_EQ(filter_of(limit("0.01", "600")), "");
    EXPECT_EQ(filter_of(limit("0.00000001", "600")), "PRICE_FILTER");
    EXPECT_EQ(filter_of(limit("1000000", "0.001")), "");
    EXPECT_EQ(filter_of(limit("1000000.01", "0.001")), "PRICE_FILTER");
    const auto breach = check_order(rules(), limit("60000.005", "0.001"), {});
    ASSERT_TRUE(breach.has_value());
    EXPECT_EQ(breach->filter, "PRICE_FILTER");
    EXPECT_EQ(breach->nearest, "60000");
    EXPECT_NE(breach->detail.find("60000.005"), std::string::npos);
    EXPECT_NE(breach->detail.find("0.01"), std::string::npos);
    NewOrder stop = limit("60000", "0.001");
    stop.type = OrderType::stop_loss_limit;
    stop.stop_price = Price::literal("59999.999");
    EXPECT_EQ(filter_of(stop), "PRICE_FILTER");
}

TEST(OrderCheck, AZeroBoundIsSwitchedOff) {
    SymbolRules open = rules();
    open.price = PriceFilter{};
    open.lot = LotSize{};
    open.market_lot = LotSize{};
    EXPECT_EQ(filter_of(limit("60000.00000001", "0.00100001"), {}, open), "");
    EXPECT_EQ(filter_of(limit("10000001", "8000"), {}, open), "NOTIONAL");
    SymbolRules none;
    EXPECT_EQ(filter_of(limit("0.00000001", "0.00000001"), {}, none), "");
}

TEST(OrderCheck, LotSize) {
    EXPECT_EQ(filter_of(limit("600000", "0.00001")), "");
    EXPECT_EQ(filter_of(limit("600000", "0.000009")), "LOT_SIZE");
    EXPECT_EQ(filter_of(limit("1", "9000")), "");
    EXPECT_EQ(filter_of(limit("1", "9000.00001")), "LOT_SIZE");
    const auto breach = check_order(rules(), limit("60000", "0.001009"), {});
    ASSERT_TRUE(breach.has_value());
    EXPECT_EQ(breach->filter, "LOT_SIZE");
    EXPECT_EQ(breach->nearest, "0.001");
}

TEST(OrderCheck, MarketLotSizeIsForMarketOrdersOnly) {
    EXPECT_EQ(filter_of(market("100")), "");
    EXPECT_EQ(filter_of(market("100.00001")), "MARKET_LOT_SIZE");
    EXPECT_EQ(filter_of(limit("1", "101")), "");
    EXPECT_EQ(filter_of(market("0.000001")), "LOT_SIZE") << "LOT_SIZE applies to market orders too";
}

TEST(OrderCheck, Notional) {
    EXPECT_EQ(filter_of(limit("50000", "0.0001")), "");
    EXPECT_EQ(filter_of(limit("49999.99", "0.0001")), "NOTIONAL");
    EXPECT_EQ(filter_of(limit("1000000", "9")), "");
    EXPECT_EQ(filter_of(limit("1000000", "9.00001")), "NOTIONAL");
    EXPECT_EQ(filter_of(by_quote("4.99")), "NOTIONAL");
    EXPECT_EQ(filter_of(by_quote("9000001")), "") << "applyMaxToMarket is false";
    // A market order by quantity is valued at the average price, when that is known.
    EXPECT_EQ(filter_of(market("0.0001")), "");
    CheckContext context;
    context.average_price = Price::of(49'999);
    EXPECT_EQ(filter_of(market("0.0001"), context), "NOTIONAL");
    SymbolRules lenient = rules();
    lenient.notional->min_applies_to_market = false;
    EXPECT_EQ(filter_of(market("0.0001"), context, lenient), "");
    EXPECT_EQ(filter_of(by_quote("4.99"), {}, lenient), "");
    SymbolRules strict = rules();
    strict.notional->max_applies_to_market = true;
    EXPECT_EQ(filter_of(by_quote("9000001"), {}, strict), "NOTIONAL");
    SymbolRules older = rules();
    older.notional->is_min_notional = true;
    EXPECT_EQ(filter_of(limit("1", "1"), {}, older), "MIN_NOTIONAL");
}

TEST(OrderCheck, AValueBeyondEveryLimitIsRefusedNotWrapped) {
    SymbolRules open = rules();
    open.price = PriceFilter{};
    open.lot = LotSize{};
    EXPECT_EQ(filter_of(limit("90000000000", "90000000000"), {}, open), "NOTIONAL");
}

TEST(OrderCheck, PercentPriceBySide) {
    CheckContext context;
    context.average_price = Price::of(60'000);
    EXPECT_EQ(filter_of(limit("12000", "0.001"), context), "");
    EXPECT_EQ(filter_of(limit("11999.99", "0.001"), context), "PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(filter_of(limit("300000", "0.001"), context), "");
    EXPECT_EQ(filter_of(limit("300000.01", "0.001"), context), "PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(filter_of(limit("11999.99", "0.001")), "") << "the average is not known";
    SymbolRules sided = rules();
    sided.percent_price->ask_up = Rate::literal("1.1");
    sided.percent_price->bid_up = Rate::literal("1.2");
    EXPECT_EQ(filter_of(limit("66000.01", "0.001", Side::sell), context, sided), "PERCENT_PRICE_BY_SIDE");
    EXPECT_EQ(filter_of(limit("66000.01", "0.001", Side::buy), context, sided), "");
    sided.percent_price->by_side = false;
    EXPECT_EQ(filter_of(limit("72000.01", "0.001", Side::buy), context, sided), "PERCENT_PRICE");
    const auto breach = check_order(sided, limit("72000.01", "0.001"), context);
    EXPECT_EQ(breach->nearest, "72000");
}

TEST(OrderCheck, MaxPositionIsForBuysOnly) {
    CheckContext context;
    context.position = Quantity::literal("9.5");
    EXPECT_EQ(filter_of(limit("100", "0.5"), context), "");
    EXPECT_EQ(filter_of(limit("100", "0.50001"), context), "MAX_POSITION");
    EXPECT_EQ(filter_of(limit("100", "5", Side::sell), context), "");
    EXPECT_EQ(filter_of(limit("100", "50")), "") << "the position is not known";
}

TEST(OrderCheck, CountsOfOrders) {
    CheckContext context;
    context.open_orders = 199;
    EXPECT_EQ(filter_of(limit("100", "0.5"), context), "");
    context.open_orders = 200;
    EXPECT_EQ(filter_of(limit("100", "0.5"), context), "MAX_NUM_ORDERS");
    context.open_orders = 10;
    context.open_algo_orders = 5;
    EXPECT_EQ(filter_of(limit("100", "0.5"), context), "");
    for (const OrderType type : {OrderType::stop_loss, OrderType::stop_loss_limit, OrderType::take_profit,
                                 OrderType::take_profit_limit}) {
        NewOrder stop = limit("100", "0.5");
        stop.type = type;
        stop.stop_price = Price::of(101);
        EXPECT_EQ(filter_of(stop, context), "MAX_NUM_ALGO_ORDERS");
    }
}

TEST(OrderCheck, TheFirstBrokenFilterIsNamed) {
    // Price, lot and notional are all wrong: the exchange checks the price first.
    EXPECT_EQ(filter_of(limit("0.001", "0.000001")), "PRICE_FILTER");
    EXPECT_EQ(filter_of(limit("0.01", "0.000001")), "LOT_SIZE");
    EXPECT_EQ(filter_of(limit("0.01", "0.00001")), "NOTIONAL");
}

TEST(Words, EveryWordComesBackAndUnheardOfOnesAreUnknown) {
    for (const char* word : {"LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT",
                             "TAKE_PROFIT_LIMIT"})
        EXPECT_EQ(to_string(parse_order_type(word)), word);
    for (const char* word : {"GTC", "IOC", "FOK"}) EXPECT_EQ(to_string(parse_time_in_force(word)), word);
    for (const char* word : {"NEW", "PENDING_NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "PENDING_CANCEL",
                             "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"}) {
        EXPECT_EQ(to_string(parse_order_status(word)), word);
        EXPECT_NE(is_open(parse_order_status(word)), is_final(parse_order_status(word))) << word;
    }
    for (const char* word :
         {"NEW", "CANCELED", "REPLACED", "REJECTED", "TRADE", "EXPIRED", "TRADE_PREVENTION"})
        EXPECT_EQ(to_string(parse_execution_type(word)), word);
    EXPECT_EQ(parse_order_type("ICEBERG_DELUXE"), OrderType::unknown);
    EXPECT_EQ(parse_order_status(""), OrderStatus::unknown);
    EXPECT_EQ(parse_side("BUY"), Side::buy);
    EXPECT_FALSE(parse_side("buy").has_value());
    EXPECT_EQ(parse_symbol_status("TRADING"), SymbolStatus::trading);
    EXPECT_EQ(parse_symbol_status("BREAK"), SymbolStatus::break_);
    EXPECT_EQ(parse_symbol_status("PARTY"), SymbolStatus::unknown);
    for (const char* word :
         {"1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w"}) {
        ASSERT_TRUE(parse_candle_interval(word).has_value()) << word;
        EXPECT_EQ(to_string(*parse_candle_interval(word)), word);
    }
    EXPECT_FALSE(parse_candle_interval("1M").has_value());
}

TEST(Names, ClientOrderIdsFollowTheDocumentedPattern) {
    EXPECT_TRUE(client_order_id("vg-0aZ_9").has_value());
    EXPECT_TRUE(client_order_id(std::string(36, 'a')).has_value());
    for (const std::string& text : {std::string{}, std::string(37, 'a'), std::string{"a b"},
                                    std::string{"a.b"}, std::string{"\xC3\xA9"}, std::string{"a\0b", 3}})
        EXPECT_FALSE(client_order_id(text).has_value()) << text;
}

}  // namespace
}  // namespace vigil::domain
