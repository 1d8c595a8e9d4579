// The order of a preflight: small, legal, far from the market, whatever the filters are.
#include "runtime/probe_order.h"

#include <gtest/gtest.h>

#include "domain/order_check.h"

namespace vigil::runtime {
namespace {

using domain::Amount;
using domain::Price;
using domain::Quantity;
using domain::Rate;

domain::SymbolRules rules() {
    domain::SymbolRules made;
    made.symbol = *domain::Symbol::from("BTCUSDT");
    made.status = domain::SymbolStatus::trading;
    made.price = domain::PriceFilter{Price::literal("0.01"), Price::of(1'000'000), Price::literal("0.01")};
    made.lot =
        domain::LotSize{Quantity::literal("0.00001"), Quantity::of(9000), Quantity::literal("0.00001")};
    domain::NotionalFilter notional;
    notional.min = Amount::of(5);
    made.notional = notional;
    made.percent_price =
        domain::PercentPrice{Rate::of(5), Rate::literal("0.2"), Rate::of(5), Rate::literal("0.2"), 5, true};
    return made;
}

TEST(ProbeOrder, IsTheSmallestThatTheFiltersAllowAtHalfTheMarket) {
    const auto order = plan_probe_order(rules(), Price::of(61'234));
    ASSERT_TRUE(order) << order.error().message;
    EXPECT_EQ(*order->price, Price::of(30'617));
    EXPECT_EQ(*order->quantity, Quantity::literal("0.00017"));  // 5 / 30617 = 0.000163
    EXPECT_EQ(order->type, domain::OrderType::limit);
    EXPECT_EQ(order->time_in_force, domain::TimeInForce::gtc);
    // One step less is too little.
    domain::NewOrder less = *order;
    less.quantity = *order->quantity - rules().step();
    EXPECT_TRUE(domain::check_order(rules(), less, {}).has_value());
}

TEST(ProbeOrder, KeepsWithinPercentPriceWithRoomForAnAverageThatIsHigher) {
    domain::SymbolRules narrow = rules();
    narrow.percent_price->bid_down = Rate::literal("0.8");
    const auto order = plan_probe_order(narrow, Price::of(100));
    ASSERT_TRUE(order) << order.error().message;
    EXPECT_EQ(*order->price, Price::of(84));
    domain::CheckContext higher;
    higher.average_price = Price::literal("104.9");
    EXPECT_FALSE(domain::check_order(narrow, *order, higher).has_value());
}

TEST(ProbeOrder, TakesTheLeastLotWhereThatIsWorthMore) {
    domain::SymbolRules coarse = rules();
    coarse.lot = domain::LotSize{Quantity::of(3), Quantity::of(9000), Quantity::of(1)};
    const auto order = plan_probe_order(coarse, Price::of(100));
    ASSERT_TRUE(order) << order.error().message;
    EXPECT_EQ(*order->quantity, Quantity::of(3));
}

TEST(ProbeOrder, IsRefusedWithTheReason) {
    domain::SymbolRules halted = rules();
    halted.status = domain::SymbolStatus::halt;
    const auto none = plan_probe_order(halted, Price::of(100));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("HALT"), std::string::npos) << none.error().message;

    domain::SymbolRules tight = rules();
    tight.percent_price->bid_down = Rate::literal("0.99");
    EXPECT_FALSE(plan_probe_order(tight, Price::of(100)));

    domain::SymbolRules impossible = rules();
    impossible.lot->max = Quantity::literal("0.01");
    const auto refused = plan_probe_order(impossible, Price::of(100));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::rejected);
    EXPECT_NE(refused.error().message.find("LOT_SIZE"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace vigil::runtime
