#include <gtest/gtest.h>

#include "fixtures.h"
#include "risk/breaker.h"
#include "risk/daily_loss.h"
#include "risk/ladder.h"

namespace vigil::risk::test {
namespace {

TEST(Ladder, AnythingClimbsItAndOnlyAnOperatorComesDown) {
    Ladder ladder;
    EXPECT_TRUE(ladder.raise(Level::cancel_only, "rule", "because", exchange(1)));
    EXPECT_FALSE(ladder.raise(Level::reduce, "rule", "less", exchange(2))) << "never down";
    EXPECT_FALSE(ladder.raise(Level::cancel_only, "rule", "again", exchange(2)));
    EXPECT_EQ(ladder.state(), (LadderState{Level::cancel_only, "because", "rule", exchange(1)}));
    EXPECT_FALSE(ladder.lower(Level::normal, "", "fixed", exchange(3)));
    EXPECT_FALSE(ladder.lower(Level::normal, "ann", " \t", exchange(3)));
    EXPECT_FALSE(ladder.lower(Level::halt, "ann", "up is not down", exchange(3)));
    EXPECT_FALSE(ladder.lower(Level::cancel_only, "ann", "same", exchange(3)));
    EXPECT_EQ(ladder.level(), Level::cancel_only);
    EXPECT_TRUE(ladder.lower(Level::reduce, "ann", "fixed\nit", exchange(3)));
    EXPECT_EQ(ladder.state(), (LadderState{Level::reduce, "fixed it", "ann", exchange(3)}));
}

TEST(Ladder, LevelsHaveNames) {
    for (const Level level : {Level::normal, Level::reduce, Level::cancel_only, Level::halt})
        EXPECT_EQ(parse_level(to_string(level)), level);
    EXPECT_EQ(parse_level("NORMAL"), std::nullopt);
    EXPECT_EQ(parse_level(""), std::nullopt);
}

TEST(DailyLoss, NothingFallsBetweenTwoDays) {
    DailyLoss loss{{{usdt, amount("100")}}, {}};
    EXPECT_FALSE(loss.observe(usdt, amount("50"), exchange(day_ms - 10)));
    // 120 lost over midnight: of the new day.
    EXPECT_TRUE(loss.observe(usdt, amount("-70"), exchange(day_ms + 10)));
    EXPECT_NE(loss.tripped(usdt, exchange(day_ms + 20)), nullptr);
    EXPECT_EQ(loss.profit_today(usdt, exchange(day_ms + 20)), amount("-120"));
    EXPECT_EQ(loss.tripped(usdt, exchange(2 * day_ms)), nullptr);
}

TEST(DailyLoss, AfterALongAbsenceTheDayOpensWithWhatIsFound) {
    DailyLoss loss{{{usdt, amount("100")}}, {DayState{usdt, 19'000, amount("0"), amount("0"), false}}};
    EXPECT_FALSE(loss.observe(usdt, amount("-500"), exchange(0)));
    EXPECT_TRUE(loss.observe(usdt, amount("-600"), exchange(1)));
}

TEST(DailyLoss, ATrippedDayStaysTrippedThroughARestartAndABackwardClock) {
    DailyLoss first{{{usdt, amount("100")}}, {}};
    first.observe(usdt, amount("0"), exchange(0));
    ASSERT_TRUE(first.observe(usdt, amount("-100"), exchange(1)));
    DailyLoss again{{{usdt, amount("100")}}, first.state()};
    EXPECT_NE(again.tripped(usdt, exchange(5)), nullptr);
    EXPECT_NE(again.tripped(usdt, exchange(-day_ms)), nullptr);
    EXPECT_FALSE(again.observe(usdt, amount("-100"), exchange(-day_ms)));
    EXPECT_NE(again.tripped(usdt, exchange(5)), nullptr);
}

TEST(DailyLoss, OnlyAssetsWithALimitAreWatched) {
    DailyLoss loss{{{usdt, amount("100")}}, {}};
    const Asset eur = *Asset::from("EUR");
    EXPECT_FALSE(loss.observe(eur, amount("-1000000"), exchange(0)));
    EXPECT_EQ(loss.tripped(eur, exchange(0)), nullptr);
    EXPECT_TRUE(loss.state().empty());
}

TEST(DailyLoss, NumbersBeyondAllBoundsAreTheWorst) {
    DailyLoss loss{{{usdt, amount("100")}}, {}};
    loss.observe(usdt, Amount::from_raw(std::numeric_limits<std::int64_t>::max()), exchange(0));
    EXPECT_TRUE(loss.observe(usdt, amount("-10"), exchange(1)));
}

// A post-only order that the market has overtaken, however it is told, is no loop.
TEST(Breakers, AnOvertakenOrderDoesNotCount) {
    Breakers breakers{1, base::seconds{60}};
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "Order would immediately match and take.", mono(0)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, 0, "WOULD_MATCH_IMMEDIATELY", mono(1)));
    EXPECT_FALSE(breakers.is_open(btcusdt));
    EXPECT_TRUE(breakers.on_rejection(btcusdt, 0, "INSUFFICIENT_BALANCES", mono(2)));
}

TEST(Breakers, OnlyTheSameRejectionCountsAndAcceptanceForgets) {
    Breakers breakers{3, base::milliseconds{1000}};
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "a", mono(0)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "b", mono(0)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -1013, "a", mono(0)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "a", mono(0)));
    EXPECT_FALSE(breakers.on_accepted(btcusdt)) << "it was not open";
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "a", mono(0)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "a", mono(0)));
    EXPECT_TRUE(breakers.on_rejection(btcusdt, -2010, "a", mono(5)));
    EXPECT_FALSE(breakers.on_rejection(btcusdt, -2010, "a", mono(6))) << "opened once";
    ASSERT_TRUE(breakers.refuses(btcusdt, mono(1004)));
    EXPECT_EQ(breakers.refuses(btcusdt, mono(1004))->message, "a");
    EXPECT_EQ(breakers.refuses(btcusdt, mono(1004))->count, 4);
    EXPECT_FALSE(breakers.refuses(btcusdt, mono(1005)));
    EXPECT_TRUE(breakers.is_open(btcusdt));
    EXPECT_TRUE(breakers.on_accepted(btcusdt));
    EXPECT_FALSE(breakers.refuses(btcusdt, mono(7)));
}

TEST(Breakers, AlternatingRejectionsAreALoopToo) {
    Breakers breakers{3, base::milliseconds{1000}};
    bool opened = false;
    for (int i = 0; i < 6; ++i)
        opened = breakers.on_rejection(btcusdt, -2010, i % 2 == 0 ? "a" : "b", mono(i)) || opened;
    EXPECT_TRUE(opened);
}

TEST(Breakers, SymbolsHaveTheirOwn) {
    Breakers breakers{1, base::milliseconds{1000}};
    EXPECT_TRUE(breakers.on_rejection(btcusdt, -2010, "a", mono(0)));
    EXPECT_FALSE(breakers.is_open(*Symbol::from("ETHUSDT")));
    EXPECT_FALSE(breakers.refuses(*Symbol::from("ETHUSDT"), mono(1)));
}

TEST(Breakers, MemoryOfRejectionsIsBoundedAndKeepsTheReason) {
    Breakers breakers{2, base::milliseconds{1000}};
    breakers.on_rejection(btcusdt, -1, "the reason", mono(0));
    ASSERT_TRUE(breakers.on_rejection(btcusdt, -1, "the reason", mono(0)));
    for (int i = 0; i < 100; ++i) breakers.on_rejection(btcusdt, -2, "other " + std::to_string(i), mono(1));
    ASSERT_TRUE(breakers.refuses(btcusdt, mono(2)));
    EXPECT_EQ(breakers.refuses(btcusdt, mono(2))->message, "the reason");
}

TEST(RiskStateText, ReadsBackWhatWasWritten) {
    RiskState state;
    state.ladder = {Level::reduce, "three  words and: a colon", "ann o'nym", exchange(77)};
    state.days = {DayState{usdt, 19'676, amount("-12.5"), amount("0.00000001"), true},
                  DayState{*Asset::from("BTC"), 19'676, amount("0"), amount("1"), false}};
    const auto read = parse_risk_state(to_text(state));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, state);
    EXPECT_EQ(*parse_risk_state(to_text(RiskState{})), RiskState{});
}

TEST(RiskStateText, WhatCannotBeReadIsAnErrorAndNeverNormal) {
    for (const char* broken :
         {"", "by x\n", "ladder\n", "ladder NORMAL 0\n", "ladder halt x\n", "ladder halt\n", "nonsense 1\n",
          "ladder halt 0\nday USDT 1 2 3\n", "ladder halt 0\nday USDT 1 2 3 maybe\n",
          "ladder halt 0\nday  1 2 3 open\n", "ladder halt 0\nday USDT one 2 3 open\n",
          "ladder halt 0\nday USDT 1 2e5 3 open\n"}) {
        const auto read = parse_risk_state(broken);
        ASSERT_FALSE(read) << broken;
        EXPECT_EQ(read.error().kind, base::ErrorKind::corrupt);
    }
}

}  // namespace
}  // namespace vigil::risk::test
