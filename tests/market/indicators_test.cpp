// Indicators against their definitions written out, and against known values.
#include "market/indicators.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace vigil::market {
namespace {

domain::Candle candle(const char* high, const char* low, const char* close) {
    domain::Candle made;
    made.high = domain::Price::literal(high);
    made.low = domain::Price::literal(low);
    made.close = domain::Price::literal(close);
    return made;
}

TEST(Indicators, NothingBeforeThereIsEnough) {
    Sma sma{3};
    Ema ema{3};
    Rsi rsi{3};
    Atr atr{3};
    for (int i = 0; i < 2; ++i) {
        sma.add(1);
        ema.add(1);
        atr.add(candle("2", "1", "1"));
    }
    for (int i = 0; i < 3; ++i) rsi.add(1);
    EXPECT_FALSE(sma.value().has_value());
    EXPECT_FALSE(ema.value().has_value());
    EXPECT_FALSE(rsi.value().has_value());
    EXPECT_FALSE(atr.value().has_value());
    sma.add(4);
    ema.add(4);
    rsi.add(1);
    atr.add(candle("2", "1", "1"));
    EXPECT_DOUBLE_EQ(*sma.value(), 2);
    EXPECT_DOUBLE_EQ(*ema.value(), 2);
    EXPECT_DOUBLE_EQ(*rsi.value(), 50);
    EXPECT_DOUBLE_EQ(*atr.value(), 1);
}

TEST(Indicators, EmaFollowsItsRecurrence) {
    Ema ema{3};  // alpha 1/2
    for (const double value : {1.0, 2.0, 3.0}) ema.add(value);
    EXPECT_DOUBLE_EQ(*ema.value(), 2);
    ema.add(4);
    EXPECT_DOUBLE_EQ(*ema.value(), 3);
    ema.add(7);
    EXPECT_DOUBLE_EQ(*ema.value(), 5);
}

TEST(Indicators, SmaIsTheMeanOfTheWindow) {
    std::mt19937 random{7};
    std::vector<double> values;
    Sma sma{20};
    for (int i = 0; i < 500; ++i) {
        values.push_back(std::uniform_real_distribution{1.0, 100.0}(random));
        sma.add(values.back());
        if (values.size() < 20) continue;
        const double mean = std::accumulate(values.end() - 20, values.end(), 0.0) / 20;
        ASSERT_NEAR(*sma.value(), mean, 1e-9);
    }
}

/// The widely published worked example over 14 periods: the value after 14 changes, then one step.
TEST(Indicators, RsiOfAKnownSeries) {
    const std::vector<double> closes{44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245,
                                     45.8433, 46.0826, 45.8931, 46.0328, 45.6140, 46.2820, 46.2820};
    Rsi rsi{14};
    for (const double close : closes) rsi.add(close);
    EXPECT_NEAR(*rsi.value(), 70.53, 0.01);
    rsi.add(46.0028);
    EXPECT_NEAR(*rsi.value(), 66.32, 0.01);
}

TEST(Indicators, RsiAtItsEnds) {
    Rsi up{5};
    Rsi down{5};
    for (int i = 0; i < 10; ++i) {
        up.add(i);
        down.add(-i);
    }
    EXPECT_DOUBLE_EQ(*up.value(), 100);
    EXPECT_DOUBLE_EQ(*down.value(), 0);
}

TEST(Indicators, AtrCountsTheJumpFromTheCloseBefore) {
    Atr atr{2};
    atr.add(candle("12", "10", "11"));    // 2
    atr.add(candle("20", "19", "19.5"));  // 20 - 11 = 9
    EXPECT_DOUBLE_EQ(*atr.value(), 5.5);
    atr.add(candle("10", "9", "9.5"));  // 19.5 - 9 = 10.5
    EXPECT_DOUBLE_EQ(*atr.value(), 8.0);
}

}  // namespace
}  // namespace vigil::market
