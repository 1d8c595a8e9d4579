// A candle series under updates, losses, halts and warm-ups.
#include "market/candle_series.h"

#include <gtest/gtest.h>

namespace vigil::market {
namespace {

using domain::Candle;
using domain::CandleInterval;

constexpr CandleInterval minute{60'000};

Candle candle(std::int64_t index, std::int64_t close, bool closed = true) {
    Candle made;
    made.interval = minute;
    made.open_time = base::exchange_time_ms(index * 60'000);
    made.close_time = base::exchange_time_ms(index * 60'000 + 59'999);
    made.open = domain::Price::of(100);
    made.high = domain::Price::of(200);
    made.low = domain::Price::of(50);
    made.close = domain::Price::of(close);
    made.volume = domain::Quantity::of(1);
    made.closed = closed;
    return made;
}

std::vector<std::int64_t> indexes(const CandleSeries& series) {
    std::vector<std::int64_t> all;
    for (const Candle& each : series.closed()) all.push_back(base::to_ms(each.open_time) / 60'000);
    return all;
}

using Indexes = std::vector<std::int64_t>;

CandleSeries warm(std::size_t capacity = 5) {
    CandleSeries series{minute, capacity};
    const std::vector<Candle> history{candle(1, 101), candle(2, 102), candle(3, 103), candle(4, 104, false)};
    EXPECT_EQ(series.warm_up(history), 3U);
    return series;
}

TEST(CandleSeries, WantsAWarmUpFirst) {
    CandleSeries series{minute, 5};
    EXPECT_TRUE(series.wants_warm_up());
    EXPECT_EQ(series.on(candle(3, 103, false)), CandleResult::updated);
    EXPECT_TRUE(series.wants_warm_up());
    EXPECT_EQ(series.warm_up({}), 0U);
    EXPECT_FALSE(series.wants_warm_up()) << "a new symbol has no history";
    EXPECT_EQ(series.on(candle(3, 104)), CandleResult::closed);
    EXPECT_EQ(indexes(series), (Indexes{3}));
}

TEST(CandleSeries, UpdatesTheOpenCandleAndAppendsTheClosed) {
    CandleSeries series = warm();
    EXPECT_FALSE(series.wants_warm_up());
    ASSERT_TRUE(series.open().has_value());
    EXPECT_EQ(series.on(candle(4, 120, false)), CandleResult::updated);
    EXPECT_EQ(series.open()->close, domain::Price::of(120));
    EXPECT_EQ(series.on(candle(4, 121)), CandleResult::closed);
    EXPECT_FALSE(series.open().has_value());
    EXPECT_EQ(series.closed().back().close, domain::Price::of(121));
    EXPECT_EQ(series.on(candle(4, 99)), CandleResult::ignored);
    EXPECT_EQ(series.on(candle(5, 105, false)), CandleResult::updated);
    EXPECT_EQ(indexes(series), (Indexes{1, 2, 3, 4}));
    EXPECT_FALSE(series.wants_warm_up());
}

TEST(CandleSeries, KeepsTheLastOnes) {
    CandleSeries series = warm(3);
    for (std::int64_t i = 4; i < 30; ++i) {
        EXPECT_EQ(series.on(candle(i, 100)), CandleResult::closed);
        EXPECT_EQ(indexes(series), (Indexes{i - 2, i - 1, i}));
    }
}

TEST(CandleSeries, AMissedCloseIsAGap) {
    CandleSeries series = warm();
    EXPECT_EQ(series.on(candle(4, 120, false)), CandleResult::updated);
    EXPECT_EQ(series.on(candle(5, 105, false)), CandleResult::gap);
    EXPECT_TRUE(series.wants_warm_up());
    // The answer brings what was missed and knows nothing of candle 5 yet.
    const std::vector<Candle> history{candle(2, 102), candle(3, 103), candle(4, 104)};
    EXPECT_EQ(series.warm_up(history), 3U);
    EXPECT_FALSE(series.wants_warm_up());
    ASSERT_TRUE(series.open().has_value());
    EXPECT_EQ(series.on(candle(5, 106)), CandleResult::closed);
    EXPECT_EQ(indexes(series), (Indexes{2, 3, 4, 5}));
}

TEST(CandleSeries, MissingMinutesAreAGapUntilTheExchangeSaysTheyWereAHalt) {
    CandleSeries series = warm();
    EXPECT_EQ(series.on(candle(4, 104)), CandleResult::closed);
    EXPECT_EQ(series.on(candle(8, 108)), CandleResult::gap);
    EXPECT_TRUE(series.wants_warm_up());
    const std::vector<Candle> history{candle(3, 103), candle(4, 104), candle(8, 108), candle(9, 109, false)};
    EXPECT_EQ(series.warm_up(history), 3U);
    EXPECT_FALSE(series.wants_warm_up());
    EXPECT_EQ(series.missing(), 3);
}

TEST(CandleSeries, WhatClosedDuringTheWarmUpIsKept) {
    CandleSeries series{minute, 5};
    EXPECT_EQ(series.on(candle(6, 106)), CandleResult::closed);
    EXPECT_EQ(series.on(candle(7, 107)), CandleResult::closed);
    const std::vector<Candle> history{candle(4, 104), candle(5, 105), candle(6, 116, false)};
    EXPECT_EQ(series.warm_up(history), 4U);
    EXPECT_EQ(indexes(series), (Indexes{4, 5, 6, 7}));
    EXPECT_FALSE(series.wants_warm_up());
    EXPECT_FALSE(series.open().has_value());
}

TEST(CandleSeries, AnAnswerOlderThanTheStreamDoesNotPassForWhole) {
    CandleSeries series{minute, 5};
    EXPECT_EQ(series.on(candle(8, 106)), CandleResult::closed);
    const std::vector<Candle> history{candle(4, 104), candle(5, 105)};
    series.warm_up(history);
    EXPECT_TRUE(series.wants_warm_up());
    CandleSeries open_ahead{minute, 5};
    EXPECT_EQ(open_ahead.on(candle(8, 106, false)), CandleResult::updated);
    open_ahead.warm_up(history);
    EXPECT_TRUE(open_ahead.wants_warm_up());
}

TEST(CandleSeries, ImpossibleCandlesAreIgnored) {
    CandleSeries series = warm();
    Candle wrong = candle(4, 104);
    wrong.interval = CandleInterval{300'000};
    EXPECT_EQ(series.on(wrong), CandleResult::ignored);
    wrong = candle(4, 104);
    wrong.high = domain::Price::of(10);
    EXPECT_EQ(series.on(wrong), CandleResult::ignored);
    wrong = candle(4, 300);
    EXPECT_EQ(series.on(wrong), CandleResult::ignored);
    wrong = candle(4, 104);
    wrong.close_time = wrong.open_time + base::milliseconds{60'000};
    EXPECT_EQ(series.on(wrong), CandleResult::ignored);
    wrong = candle(4, 104);
    wrong.low = domain::Price{};
    EXPECT_EQ(series.on(wrong), CandleResult::ignored);
    EXPECT_EQ(indexes(series), (Indexes{1, 2, 3}));
    EXPECT_FALSE(series.wants_warm_up());
}

}  // namespace
}  // namespace vigil::market
