#include "risk/loss_watch.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace vigil::risk::test {
namespace {

LossLimit limit(const char* realised, const char* drawdown) {
    LossLimit made;
    made.quote = usdt;
    if (realised != nullptr) made.realised_max = amount(realised);
    if (drawdown != nullptr) made.drawdown_max = amount(drawdown);
    made.realised_level = Level::halt;
    made.drawdown_level = Level::reduce;
    return made;
}

TEST(LossWatch, TheTotalLossIsOfWhatIsRealisedSinceItBegan) {
    LossWatch watch{{limit("100", nullptr)}, {}};
    EXPECT_FALSE(watch.observe(usdt, amount("-30"), amount("-500")));
    EXPECT_FALSE(watch.observe(usdt, amount("-129.99999999"), amount("-9000")));
    EXPECT_EQ(watch.loss(usdt), amount("99.99999999"));
    const auto trip = watch.observe(usdt, amount("-130"), std::nullopt);
    ASSERT_TRUE(trip.has_value());
    EXPECT_EQ(trip->rule, "total_loss");
    EXPECT_EQ(trip->loss, amount("100"));
    EXPECT_EQ(trip->level, Level::halt);
    EXPECT_FALSE(watch.observe(usdt, amount("-200"), std::nullopt)) << "told once";
    EXPECT_FALSE(watch.observe(*domain::Asset::from("BTC"), amount("-999"), amount("-999")));
}

TEST(LossWatch, TheDrawdownIsFromTheHighest) {
    LossWatch watch{{limit(nullptr, "50")}, {}};
    EXPECT_FALSE(watch.observe(usdt, amount("0"), amount("0")));
    EXPECT_FALSE(watch.observe(usdt, amount("0"), amount("80")));
    EXPECT_FALSE(watch.observe(usdt, amount("0"), amount("30.00000001")));
    EXPECT_FALSE(watch.observe(usdt, amount("-500"), std::nullopt)) << "no price, no judgement";
    const auto trip = watch.observe(usdt, amount("0"), amount("30"));
    ASSERT_TRUE(trip.has_value());
    EXPECT_EQ(trip->rule, "drawdown");
    EXPECT_EQ(trip->loss, amount("50"));
    EXPECT_EQ(trip->level, Level::reduce);
}

TEST(LossWatch, AfterAResumeBothCountAnew) {
    LossWatch watch{{limit("100", "50")}, {}};
    EXPECT_FALSE(watch.observe(usdt, amount("0"), amount("0")));
    ASSERT_TRUE(watch.observe(usdt, amount("-150"), amount("-150")));
    ASSERT_TRUE(watch.observe(usdt, amount("-150"), amount("-150"))) << "the second with the next call";
    watch.begin_anew();
    EXPECT_FALSE(watch.observe(usdt, amount("-249"), amount("-199")));
    EXPECT_EQ(watch.observe(usdt, amount("-250"), amount("-199"))->rule, "total_loss");
    EXPECT_EQ(watch.observe(usdt, amount("-250"), amount("-200"))->rule, "drawdown");
}

TEST(LossWatch, ARestartForgetsLessThanAHundredthOfThePeak) {
    LossWatch watch{{limit(nullptr, "100")}, {}};
    EXPECT_FALSE(watch.observe(usdt, amount("0"), amount("0")));
    std::vector<LossState> kept = watch.states();
    std::uint64_t version = watch.version();
    int written = 0;
    // A market that rises by a cent at a time.
    for (std::int64_t cents = 1; cents <= 10'000; ++cents) {
        EXPECT_FALSE(watch.observe(usdt, amount("0"), domain::Amount::from_raw(cents * 1'000'000)));
        if (watch.version() == version) continue;
        version = watch.version();
        kept = watch.states();
        ++written;
    }
    EXPECT_LE(written, 100);
    EXPECT_GE(kept.front().peak, amount("99"));
    LossWatch again{{limit(nullptr, "100")}, kept};
    EXPECT_FALSE(again.observe(usdt, amount("0"), amount("1")));
    EXPECT_TRUE(again.observe(usdt, amount("0"), kept.front().peak - amount("100")));
}

TEST(LossWatch, ItsStateSurvivesTheJournalsText) {
    RiskState state;
    state.ladder = {Level::halt, "a kill", "operator ann", exchange(7), true};
    state.losses = {
        {usdt, amount("-1.5"), amount("-2"), amount("3"), amount("-0.00000001"), true, false},
        {*domain::Asset::from("BTC"), amount("0"), amount("0"), amount("0"), amount("0"), false, true}};
    const auto parsed = parse_risk_state(to_text(state));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(*parsed, state);
    for (const char* line : {"loss USDT 1 2 3 open open", "loss USDT 1 2 3 4 open",
                             "loss USDT 1 2 3 x open open", "loss USDT 1 2 3 4 open shut", "kill all"})
        EXPECT_FALSE(parse_risk_state("ladder normal 0\n" + std::string{line} + "\n")) << line;
}

TEST(Ladder, AKillIsAHaltThatCancelsUntilAnOperatorComesDown) {
    RiskGate gate{Options{}};
    const std::uint64_t before = gate.state_version();
    gate.raise(Level::halt, "rule", "because", exchange(1));
    gate.kill("ann", "enough", exchange(2));
    EXPECT_GT(gate.state_version(), before);
    EXPECT_EQ(gate.ladder().state(), (LadderState{Level::halt, "enough", "ann", exchange(2), true}));
    EXPECT_FALSE(gate.raise(Level::halt, "rule", "again", exchange(3)));
    ASSERT_TRUE(gate.lower(Level::cancel_only, "ann", "looked", exchange(4)));
    EXPECT_FALSE(gate.ladder().state().cancels_all);
}

class RateTest : public GateTest {
  protected:
    /// Of one strategy, each in a slot of its own; at `ms`.
    std::string place(std::int64_t ms, std::uint16_t strategy = 0) {
        context.now = mono(ms);
        context.book.updated = context.now;
        if (!gate) gate.emplace(options, state);
        Intent one = intent(limit(Side::buy, "99", "0.1"));
        one.strategy = domain::StrategyIndex{strategy};
        const auto decided = gate->check(std::move(one), context);
        if (std::holds_alternative<domain::Approved>(decided)) return "";
        detail = std::get<Refusal>(decided).detail;
        return std::string{std::get<Refusal>(decided).rule};
    }
};

TEST_F(RateTest, TheMinuteSlides) {
    options.orders_a_minute = 3;
    EXPECT_EQ(place(0), "");
    EXPECT_EQ(place(10'000), "");
    EXPECT_EQ(place(20'000), "");
    EXPECT_EQ(gate->orders_a_minute(mono(20'000)), 3);
    EXPECT_EQ(place(59'999), "orders_a_minute");
    EXPECT_EQ(detail, "3 orders were placed within the last minute; room again in 1 s");
    EXPECT_EQ(place(60'000), "") << "the first is a minute old";
    EXPECT_EQ(place(60'001), "orders_a_minute");
    EXPECT_TRUE(cancel_passes());
    EXPECT_EQ(place(70'000), "");
}

TEST_F(RateTest, OfASymbolAndOfAStrategy) {
    options.defaults.orders_a_minute = 3;
    options.orders_a_minute_strategy = 2;
    EXPECT_EQ(place(0, 1), "");
    EXPECT_EQ(place(1, 1), "");
    EXPECT_EQ(place(2, 1), "orders_a_minute_strategy");
    EXPECT_EQ(place(3, 2), "");
    EXPECT_EQ(place(4, 2), "orders_a_minute_symbol") << "what was refused was not counted";
    EXPECT_EQ(place(60'000, 2), "");
}

}  // namespace
}  // namespace vigil::risk::test
