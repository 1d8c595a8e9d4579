// The prices of a grid: on the tick, at its ends, and evenly spaced to within a tick.
#include "strategy/grid_levels.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vigil::strategy {
namespace {

using domain::Price;
using domain::Rate;

GridOptions grid(const char* lower, const char* upper, int levels, Spacing spacing) {
    GridOptions made;
    made.lower = Price::literal(lower);
    made.upper = Price::literal(upper);
    made.levels = levels;
    made.spacing = spacing;
    made.investment = domain::Amount::of(1000);
    return made;
}

std::vector<std::string> texts(const std::vector<Price>& prices) {
    std::vector<std::string> all;
    for (const Price each : prices) all.push_back(each.str());
    return all;
}
using Texts = std::vector<std::string>;

TEST(GridLevels, ArithmeticByHand) {
    const auto levels = grid_levels(grid("100", "140", 5, Spacing::arithmetic), Price::literal("0.01"));
    ASSERT_TRUE(levels.has_value());
    EXPECT_EQ(texts(*levels), (Texts{"100", "110", "120", "130", "140"}));
    const auto thirds = grid_levels(grid("1", "2", 4, Spacing::arithmetic), Price::literal("0.01"));
    EXPECT_EQ(texts(*thirds), (Texts{"1", "1.33", "1.67", "2"}));
}

TEST(GridLevels, GeometricByHand) {
    const auto doubling = grid_levels(grid("100", "800", 4, Spacing::geometric), Price::literal("0.01"));
    EXPECT_EQ(texts(*doubling), (Texts{"100", "200", "400", "800"}));
    const auto tenths = grid_levels(grid("1000", "1464.1", 5, Spacing::geometric), Price::literal("0.1"));
    EXPECT_EQ(texts(*tenths), (Texts{"1000", "1100", "1210", "1331", "1464.1"}));
}

TEST(GridLevels, GeometricAgreesWithTheFormulaEverywhere) {
    for (const int levels : {2, 3, 7, 50, 199, 200})
        for (const auto& [lower, upper] : {std::pair{"55000", "65000"},
                                           {"0.00012345", "0.1"},
                                           {"1", "999"},
                                           {"1500000000", "1600000000"}}) {
            const Price tick = Price::from_raw(1);
            const auto made = grid_levels(grid(lower, upper, levels, Spacing::geometric), tick);
            ASSERT_TRUE(made.has_value());
            ASSERT_EQ(made->size(), static_cast<std::size_t>(levels));
            EXPECT_EQ(made->front(), Price::literal(lower));
            EXPECT_EQ(made->back(), Price::literal(upper));
            const auto low = static_cast<long double>(made->front().raw());
            const auto high = static_cast<long double>(made->back().raw());
            for (int i = 0; i < levels; ++i) {
                const long double exact =
                    low * std::pow(high / low, static_cast<long double>(i) / (levels - 1));
                const auto ours = static_cast<long double>((*made)[static_cast<std::size_t>(i)].raw());
                // 200 steps of an error of 1e-15 each, and the rounding to 1e-8.
                EXPECT_NEAR(static_cast<double>(ours), static_cast<double>(exact),
                            1.0 + 4e-13 * static_cast<double>(exact))
                    << lower << " " << upper << " " << levels << " " << i;
            }
        }
}

TEST(GridLevels, LevelsCloserThanATickAreRefused) {
    const auto refused = grid_levels(grid("100", "100.05", 8, Spacing::arithmetic), Price::literal("0.01"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(refused.error().message.find("closer than one tick"), std::string::npos);
    EXPECT_FALSE(grid_levels(grid("0.1", "5", 3, Spacing::arithmetic), Price::literal("1")).has_value());
}

TEST(GridEarnings, BreakEvenIsExact) {
    const Rate fee = Rate::literal("0.001");
    // 1 / 0.999^2 = 1.002003004..., so a sale at 1002003.01 over a purchase at 1000000 earns and one at
    // 1002003 does not.
    EXPECT_FALSE(earnings(Price::of(1'000'000), Price::of(1'002'003), fee).earns());
    EXPECT_TRUE(earnings(Price::of(1'000'000), Price::literal("1002003.02"), fee).earns());
    EXPECT_TRUE(earnings(Price::of(100), Price::literal("100.01"), Rate{}).earns());
}

TEST(GridEarnings, MostLevelsIsTheMost) {
    const Rate fee = Rate::literal("0.001");
    const Price tick = Price::literal("0.01");
    for (const Spacing spacing : {Spacing::arithmetic, Spacing::geometric}) {
        GridOptions options = grid("60000", "63000", 200, spacing);
        const auto most = most_levels_that_earn(options, tick, fee);
        ASSERT_TRUE(most.has_value());
        options.levels = *most;
        EXPECT_TRUE(poorest(*grid_levels(options, tick), fee).earns());
        options.levels = *most + 1;
        EXPECT_FALSE(poorest(*grid_levels(options, tick), fee).earns());
    }
}

TEST(Percent, PrintsFiguresForPeople) {
    EXPECT_EQ(percent(Rate::literal("0.001")), "0.10 %");
    EXPECT_EQ(percent(Rate::literal("0.0015037")), "0.1503 %");
    EXPECT_EQ(percent(Rate::of(1)), "100.00 %");
    EXPECT_EQ(percent(Rate::from_raw(std::numeric_limits<std::int64_t>::max())), "more than 100 %");
}

}  // namespace
}  // namespace vigil::strategy
