#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "settings/configuration_folder.h"
#include "settings/load.h"

namespace vigil::settings {
namespace {

using domain::Amount;
using domain::Price;
using domain::Rate;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::needed;
using ::testing::SizeIs;

constexpr std::string_view grid =
    "name: g\nkind: grid\nsymbol: BTCUSDT\nlower: 61400\nupper: 62000\ninvestment: 1000\n";

class StrategiesTest : public testing::ConfigurationFolder {
  protected:
    /// A vigild.yaml that reads the folder `strategies`.
    std::string daemon(std::string_view rest = "") const {
        return "credentials: {vault: v, label: main, machine_key_file: k}\nstrategies: strategies\n" +
               std::string{rest};
    }
    strategy::StrategyOptions good_strategy(std::string_view text) const {
        const auto loaded = load_strategy(write("s.yaml", text));
        for (const std::string& problem : shown(loaded)) ADD_FAILURE() << problem;
        return loaded ? loaded->options : strategy::StrategyOptions{};
    }
};

TEST_F(StrategiesTest, ReadsAGrid) {
    const auto options = good_strategy(
        "name: my-grid_1\nkind: grid\nsymbol: BTCUSDT\nenabled: false\nweight: 3\nlower: 61400.01\nupper: "
        "62000\nlevels: 25\n"
        "spacing: arithmetic\ninvestment: 5000.5\nstop_loss: 61000\ntake_profit: 62500\norder_type: limit\n"
        "start_with: quote_only\nsell_at_stop: false\n");
    EXPECT_EQ(options.name.view(), "my-grid_1");
    EXPECT_EQ(options.symbol.view(), "BTCUSDT");
    EXPECT_FALSE(options.enabled);
    EXPECT_EQ(options.weight, 3);
    ASSERT_EQ(options.kind(), strategy::StrategyKind::grid);
    const auto& found = std::get<strategy::GridOptions>(options.parameters);
    EXPECT_EQ(found.lower, Price::literal("61400.01"));
    EXPECT_EQ(found.levels, 25);
    EXPECT_EQ(found.spacing, strategy::Spacing::arithmetic);
    EXPECT_EQ(found.investment, Amount::literal("5000.5"));
    EXPECT_EQ(found.stop_loss, Price::of(61'000));
    EXPECT_EQ(found.take_profit, Price::of(62'500));
    EXPECT_EQ(found.order_type, domain::OrderType::limit);
    EXPECT_EQ(found.start_with, strategy::GridStart::quote_only);
    EXPECT_FALSE(found.sell_at_stop);
}

TEST_F(StrategiesTest, ReadsADca) {
    const auto options = good_strategy(
        "name: d\nkind: dca\nsymbol: ETHUSDT\nevery: 7d\namount: 25\ntotal_budget: 1300\nstart: "
        "2027-01-04T12:00:00Z\n"
        "price_cap: 5000\norder: limit\nlimit_offset: 0.1%\ntake_profit: 150%\n");
    const auto& found = std::get<strategy::DcaOptions>(options.parameters);
    EXPECT_EQ(found.every, base::seconds{604'800});
    EXPECT_EQ(found.total_budget, Amount::of(1300));
    EXPECT_EQ(found.start, base::exchange_time_ms(1'799'064'000'000));
    EXPECT_EQ(found.order, strategy::DcaOrder::limit);
    EXPECT_EQ(found.limit_offset, Rate::literal("0.001"));
    EXPECT_EQ(found.take_profit, Rate::literal("1.5"));
}

TEST_F(StrategiesTest, ReadsATrend) {
    const auto options = good_strategy(
        "name: t\nkind: trend\nsymbol: BTCUSDT\nfast: 5\nslow: 20\ninterval: 15m\nsize: 250\nstop: "
        "2%\ntake_profit: 6%\n"
        "cool_down: 4h\nmax_position: 500\n");
    const auto& found = std::get<strategy::TrendOptions>(options.parameters);
    EXPECT_EQ(found.fast, 5);
    EXPECT_EQ(found.slow, 20);
    EXPECT_EQ(found.interval, domain::CandleInterval{900'000});
    EXPECT_EQ(found.stop, Rate::literal("0.02"));
    EXPECT_EQ(found.cool_down, base::seconds{14'400});
    EXPECT_EQ(found.max_position, Amount::of(500));
}

TEST_F(StrategiesTest, KeysOfAnotherKindAreUnknown) {
    EXPECT_THAT(problems_of_strategy(std::string{grid} + "every: 5s\n"),
                ElementsAre("s.yaml:7:1: unknown key \"every\""));
    EXPECT_THAT(problems_of_strategy(std::string{grid} + "level: 5\n"),
                ElementsAre("s.yaml:7:1: unknown key \"level\"; did you mean \"levels\"?"));
    EXPECT_THAT(
        problems_of_strategy("name: x\nsymbol: BTCUSDT\nkind: girds\nlower: 5\n"),
        ElementsAre("s.yaml:3:7: kind: \"girds\" is none of grid, dca, trend; did you mean \"grid\"?"));
    EXPECT_THAT(problems_of_strategy("name: x\nsymbol: BTCUSDT\n"),
                ElementsAre("s.yaml:1:1: kind is missing: grid, dca or trend"));
}

TEST_F(StrategiesTest, EveryErrorAtOnceAndNoneThatOnlyFollows) {
    // upper cannot be read, so nothing is said about take_profit being above it.
    EXPECT_THAT(
        problems_of_strategy("name: G\nkind: grid\nsymbol: btcusdt\nlower: 61400\nupper: 62k\nlevels: 1\n"
                             "investment: 0\nstop_loss: 61500\ntake_profit: 10\n"),
        ElementsAre(
            "s.yaml:1:7: name: \"G\" is no name: write 1 to 31 of a-z 0-9 - _",
            "s.yaml:3:9: symbol: \"btcusdt\" is no symbol: write it as the exchange does, such as BTCUSDT",
            "s.yaml:5:8: upper: \"62k\" is no decimal: write digits with a point, such as 61556.04",
            "s.yaml:6:9: levels: is 1, must be 2 to 200", "s.yaml:7:13: investment: must be above 0",
            "s.yaml:8:12: stop_loss: is 61500, must be below lower (61400)"));
}

TEST_F(StrategiesTest, TheStrategysOwnChecksPointAtTheirLine) {
    EXPECT_THAT(problems_of_strategy(
                    "name: g\nkind: grid\nsymbol: BTCUSDT\nlower: 62000\nupper: 61400\ninvestment: 9\n"),
                ElementsAre("s.yaml:5:8: upper: is 61400, must be above lower (62000)"));
    EXPECT_THAT(problems_of_strategy("name: t\nkind: trend\nsymbol: BTCUSDT\nsize: 5\nfast: 30\n"),
                ElementsAre(HasSubstr("slow: is 26, must be above fast (30)")));
    EXPECT_THAT(
        problems_of_strategy("name: d\nkind: dca\nsymbol: BTCUSDT\nevery: 1h\namount: 10\ntotal_budget: 5\n"
                             "limit_offset: 1%\n"),
        ElementsAre("s.yaml:6:15: total_budget: is 5, less than one purchase (amount 10)",
                    "s.yaml:7:15: limit_offset: has a meaning for limit orders only"));
}

TEST_F(StrategiesTest, MissingKeysAreNamed) {
    EXPECT_THAT(problems_of_strategy("kind: dca\n"), SizeIs(5));
    EXPECT_THAT(problems_of_strategy("kind: trend\nname: t\nsymbol: BTCUSDT\n"),
                ElementsAre("s.yaml:1:1: size is missing: how much of the quote asset to enter with"));
}

TEST_F(StrategiesTest, UnitsOfStrategies) {
    const std::string trend = "name: t\nkind: trend\nsymbol: BTCUSDT\nsize: 5\n";
    EXPECT_THAT(problems_of_strategy(trend + "stop: 0.02\n"), ElementsAre(HasSubstr("is no percentage")));
    EXPECT_THAT(problems_of_strategy(trend + "stop: 100%\n"),
                ElementsAre(HasSubstr("must be below 1 (100 %)")));
    EXPECT_THAT(problems_of_strategy(trend + "interval: 7m\n"),
                ElementsAre(HasSubstr("is none of the exchange's")));
    EXPECT_THAT(problems_of_strategy(trend + "cool_down: 1500ms\n"),
                ElementsAre(HasSubstr("must be whole seconds")));
}

TEST_F(StrategiesTest, AFolderIsReadByName) {
    write("strategies/b.yaml", "name: second\nkind: trend\nsymbol: BTCUSDT\nsize: 5\n");
    write("strategies/a.yaml", grid);
    write("strategies/.hidden.yaml", "nonsense: [");
    write("strategies/a.yaml~", "nonsense: [");
    write("strategies/notes.txt", "nonsense: [");
    const Settings settings = good(daemon());
    ASSERT_THAT(settings.strategies, SizeIs(2));
    EXPECT_EQ(settings.strategies[0].options.name.view(), "g");
    EXPECT_EQ(settings.strategies[1].options.name.view(), "second");
    EXPECT_EQ(settings.strategies[0].symbol_place.str(), (folder_ / "strategies/a.yaml").string() + ":3:9");
    ASSERT_THAT(settings.sources, SizeIs(3));
    EXPECT_EQ(settings.sources[1].bytes, grid);
}

TEST_F(StrategiesTest, AListNamesFiles) {
    write("one.yaml", grid);
    const Settings settings =
        good("credentials: {vault: v, label: main, machine_key_file: k}\nstrategies: [one.yaml]\n");
    ASSERT_THAT(settings.strategies, SizeIs(1));
    EXPECT_THAT(
        problems_of(
            "credentials: {vault: v, label: main, machine_key_file: k}\nstrategies: [one.yaml, two.yaml]\n"),
        ElementsAre("vigild.yaml:2:24: two.yaml: cannot be read: No such file or directory"));
    EXPECT_THAT(
        problems_of("credentials: {vault: v, label: main, machine_key_file: k}\nstrategies: {a: b}\n"),
        ElementsAre(HasSubstr("must be a folder, or a list of files")));
    EXPECT_THAT(
        problems_of("credentials: {vault: v, label: main, machine_key_file: k}\nstrategies: nowhere\n"),
        ElementsAre(HasSubstr("nowhere: No such file or directory")));
}

TEST_F(StrategiesTest, ErrorsOfAllFilesComeTogetherInOrder) {
    write("strategies/a.yaml", "name: a\nkind: grid\n");
    write("strategies/b.yaml", "name: [\n");
    const auto problems = problems_of(daemon("risks: {}\n"));
    ASSERT_THAT(problems, SizeIs(6));
    EXPECT_THAT(problems[0], HasSubstr("vigild.yaml:3:1: unknown key \"risks\"; did you mean \"risk\"?"));
    EXPECT_THAT(problems[1], HasSubstr("strategies/a.yaml:1:1: symbol is missing"));
    EXPECT_THAT(problems[5], HasSubstr("strategies/b.yaml:2:1: "));
}

TEST_F(StrategiesTest, NamesAreUnique) {
    write("strategies/a.yaml", grid);
    write("strategies/b.yaml", grid);
    EXPECT_THAT(problems_of(daemon()),
                ElementsAre("strategies/b.yaml:1:7: name: \"g\" is taken already, at strategies/a.yaml:1:7"));
}

TEST_F(StrategiesTest, LimitsAndStrategiesMustFitTogether) {
    write("strategies/a.yaml", grid);
    EXPECT_THAT(
        problems_of(daemon("risk: {max_position: 999}\n")),
        ElementsAre(
            "strategies/a.yaml:6:13: investment: is 1000, more than risk.max_position (999) allows for "
            "BTCUSDT"));
    EXPECT_THAT(problems_of(daemon("risk: {max_position: 999, symbols: {BTCUSDT: {max_position: 1000}}}\n")),
                IsEmpty());
    EXPECT_THAT(problems_of(daemon("risk: {max_open_orders: 8}\n")),
                ElementsAre(HasSubstr("keeps 9 orders open")));
    write("strategies/a.yaml", "name: t\nkind: trend\nsymbol: BTCUSDT\nsize: 50\n");
    EXPECT_THAT(problems_of(daemon("risk: {max_order_notional: 49.99}\n")),
                ElementsAre(HasSubstr("size: is 50, more than risk.max_order_notional (49.99)")));
    write("strategies/a.yaml",
          "name: d\nkind: dca\nsymbol: BTCUSDT\nevery: 1h\namount: 50\ntotal_budget: 500\n");
    EXPECT_THAT(problems_of(daemon("risk: {max_order_notional: 49.99}\n")),
                Contains(HasSubstr("amount: is 50")));
}

TEST_F(StrategiesTest, TooManyFilesAreRefused) {
    for (std::size_t i = 0; i <= strategies_max; ++i) write("strategies/" + std::to_string(i) + ".yaml", "");
    EXPECT_THAT(problems_of(daemon()), ElementsAre(HasSubstr("65 files, at most 64 are possible")));
}

TEST_F(StrategiesTest, TellsAStrategyFromADaemonFile) {
    EXPECT_EQ(kind_of(write("s.yaml", grid)).value(), FileKind::strategy);
    EXPECT_EQ(kind_of(write("v.yaml", needed)).value(), FileKind::daemon);
    EXPECT_FALSE(kind_of(folder_ / "nowhere.yaml"));
}

}  // namespace
}  // namespace vigil::settings
