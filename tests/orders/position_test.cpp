#include "orders/position.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fixtures.h"
#include "seed.h"

namespace vigil::orders::test {
namespace {

const SymbolAssets assets{btcusdt, btc, usdt, qty("0.00001")};
const NewOrder a_buy = limit(1, Side::buy, "100", "10");
const NewOrder a_sell = limit(2, Side::sell, "100", "10");

PositionHistory after(const std::vector<Fill>& fills) {
    PositionHistory history{assets};
    for (const Fill& each : fills) EXPECT_TRUE(history.add(each));
    return history;
}

TEST(Position, AverageCostAndRealisedProfit) {
    const auto history =
        after({fill(a_buy, 1, "100", "1"), fill(a_buy, 2, "200", "1"), fill(a_sell, 3, "180", "1")});
    const Position& p = history.position();
    EXPECT_EQ(p.inventory, qty("1"));
    EXPECT_EQ(p.cost, amount("150"));
    EXPECT_EQ(p.realised, amount("30"));
    EXPECT_EQ(p.average_cost(), price("150"));
    EXPECT_EQ(p.unrealised(price("160")), amount("10"));
    EXPECT_EQ(p.unrealised(price("140.5")), amount("-9.5"));
    EXPECT_EQ(p.bought, qty("2"));
    EXPECT_EQ(p.sold, qty("1"));
}

TEST(Position, AZeroPriceIsNeverAMark) {
    const auto history = after({fill(a_buy, 1, "100", "1")});
    EXPECT_EQ(history.position().unrealised(price("0")), std::nullopt);
    EXPECT_EQ(history.position().unrealised(price("-1")), std::nullopt);
}

TEST(Position, CommissionInTheBaseAssetReducesTheInventory) {
    const auto history = after({fill(a_buy, 1, "100", "1", "0.001", btc)});
    EXPECT_EQ(history.position().inventory, qty("0.999"));
    EXPECT_EQ(history.position().cost, amount("100"));
    EXPECT_EQ(history.position().fees_base, amount("0.001"));
}

TEST(Position, CommissionInTheQuoteAssetReducesTheProceeds) {
    const auto history = after({fill(a_buy, 1, "100", "1"), fill(a_sell, 2, "110", "1", "0.11", usdt)});
    EXPECT_EQ(history.position().inventory, qty("0"));
    EXPECT_EQ(history.position().realised, amount("9.89"));
    EXPECT_EQ(history.position().fees_quote, amount("0.11"));
}

TEST(Position, CommissionInAThirdAssetIsCountedApart) {
    const auto history =
        after({fill(a_buy, 1, "100", "1", "0.0002", bnb), fill(a_sell, 2, "110", "1", "0.0003", bnb)});
    EXPECT_EQ(history.position().realised, amount("10"));
    EXPECT_EQ(history.other_fees(), (std::vector<AssetAmount>{{bnb, amount("0.0005")}}));
}

TEST(Position, SoldBeyondTheInventoryIsShownAsNegative) {
    const auto history =
        after({fill(a_buy, 1, "100", "1"), fill(a_sell, 2, "120", "3"), fill(a_buy, 3, "110", "2")});
    EXPECT_EQ(history.position().inventory, qty("0"));
    EXPECT_EQ(history.position().cost, amount("0"));
    // 360 earned, 320 spent.
    EXPECT_EQ(history.position().realised, amount("40"));
}

TEST(Position, WhatMakesNoSenseChangesNothing) {
    PositionHistory history{assets};
    ASSERT_TRUE(history.add(fill(a_buy, 1, "100", "1")));
    const Position before = history.position();
    EXPECT_FALSE(history.add(fill(a_buy, 2, "100", "0")));
    EXPECT_FALSE(history.add(fill(a_buy, 2, "100", "-1")));
    EXPECT_FALSE(history.add(fill(a_buy, 2, "0", "1")));
    Fill huge = fill(a_buy, 2, "1", "1");
    huge.quote_quantity = Amount::from_raw(std::numeric_limits<std::int64_t>::max());
    EXPECT_FALSE(history.add(huge));
    huge = fill(a_buy, 2, "1", "1");
    huge.commission = Amount::from_raw(std::numeric_limits<std::int64_t>::min());
    EXPECT_FALSE(history.add(huge));
    EXPECT_EQ(history.position(), before);
}

TEST(Position, ManyBelievableFillsReachABoundAndNotAnOverflow) {
    PositionHistory history{assets};
    Fill big = fill(a_buy, 0, "1", "1");
    big.quantity = Quantity::from_raw(believable_raw_max / 3);
    big.quote_quantity = Amount::from_raw(believable_raw_max / 3);
    int taken = 0;
    for (int i = 1; i <= 10; ++i) {
        big.trade_id = TradeId{i};
        taken += history.add(big) ? 1 : 0;
    }
    EXPECT_EQ(taken, 3);
}

std::vector<Fill> random_fills(std::mt19937& random, int count) {
    std::vector<Fill> fills;
    for (int i = 0; i < count; ++i) {
        Fill made = fill(random() % 2 == 0 ? a_buy : a_sell, 100 + i, "1", "1");
        made.quantity = Quantity::from_raw(1 + random() % 300'000'000);
        made.price = Price::from_raw(1 + random() % 9'000'000'000);
        made.quote_quantity = *domain::notional(made.price, made.quantity, domain::Rounding::down);
        made.commission = Amount::from_raw(random() % 1000);
        made.commission_asset = std::array{btc, usdt, bnb}[random() % 3];
        fills.push_back(made);
    }
    return fills;
}

// realised - cost == proceeds - spending, and inventory == bought - sold - base fees, to the last digit,
// after every fill.
TEST(Position, NothingIsLostToRounding) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 50; ++round) {
        PositionHistory history{assets};
        std::int64_t cash = 0;
        std::int64_t units = 0;
        std::int64_t third = 0;
        for (const Fill& each : random_fills(random, 600)) {
            ASSERT_TRUE(history.add(each));
            const int sign = each.side == Side::buy ? 1 : -1;
            cash -= sign * each.quote_quantity.raw();
            units += sign * each.quantity.raw();
            if (each.commission_asset == usdt) cash -= each.commission.raw();
            if (each.commission_asset == btc) units -= each.commission.raw();
            if (each.commission_asset == bnb) third += each.commission.raw();
            const Position& p = history.position();
            ASSERT_EQ(p.realised.raw() - p.cost.raw(), cash);
            ASSERT_EQ(p.inventory.raw(), units);
            ASSERT_TRUE(!p.inventory.is_zero() || p.cost.is_zero());
        }
        ASSERT_EQ(history.other_fees().size(), 1U);
        ASSERT_EQ(history.other_fees()[0].amount.raw(), third);
    }
}

TEST(Position, FillsOutOfOrderGiveTheResultOfTheirOrder) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 50; ++round) {
        std::vector<Fill> fills = random_fills(random, 100);
        const Position expected = after(fills).position();
        std::shuffle(fills.begin(), fills.end(), random);
        ASSERT_EQ(after(fills).position(), expected);
    }
}

// Late within the remembered ones, over a history much longer than what is remembered.
TEST(Position, LateFillsFindTheirPlaceInALongHistory) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    std::vector<Fill> fills = random_fills(random, 2000);
    const Position expected = after(fills).position();
    for (std::size_t i = 0; i + 50 < fills.size(); i += 50)
        std::shuffle(fills.begin() + static_cast<std::ptrdiff_t>(i),
                     fills.begin() + static_cast<std::ptrdiff_t>(i) + 50, random);
    EXPECT_EQ(after(fills).position(), expected);
}

}  // namespace
}  // namespace vigil::orders::test
