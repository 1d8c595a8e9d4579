// What is wrong with options by themselves, and that every problem is named at once.
#include "strategy/options.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "strategy/strategy.h"

namespace vigil::strategy {
namespace {

using domain::Amount;
using domain::Price;
using domain::Rate;

GridOptions good_grid() {
    GridOptions grid;
    grid.lower = Price::of(100);
    grid.upper = Price::of(140);
    grid.investment = Amount::of(1000);
    return grid;
}
DcaOptions good_dca() {
    DcaOptions dca;
    dca.every = base::seconds{60};
    dca.amount = Amount::of(10);
    dca.total_budget = Amount::of(100);
    return dca;
}
TrendOptions good_trend() {
    TrendOptions trend;
    trend.size = Amount::of(100);
    return trend;
}

template <class Options>
std::vector<std::string> keys(const Options& options) {
    std::vector<std::string> all;
    for (const OptionProblem& each : problems(options)) {
        all.emplace_back(each.key);
        EXPECT_FALSE(each.message.empty());
    }
    return all;
}
using Keys = std::vector<std::string>;

TEST(Options, GoodOnesHaveNoProblems) {
    EXPECT_TRUE(problems(good_grid()).empty());
    EXPECT_TRUE(problems(good_dca()).empty());
    EXPECT_TRUE(problems(good_trend()).empty());
}

TEST(Options, EveryProblemOfAGridIsNamed) {
    const auto with = [](auto change) {
        GridOptions grid = good_grid();
        change(grid);
        return keys(grid);
    };
    EXPECT_EQ(with([](auto& o) { o.upper = Price::of(100); }), Keys{"upper"});
    EXPECT_EQ(with([](auto& o) { o.upper = Price::of(100'001); }), Keys{"upper"});
    EXPECT_EQ(with([](auto& o) { o.levels = 1; }), Keys{"levels"});
    EXPECT_EQ(with([](auto& o) { o.levels = 201; }), Keys{"levels"});
    EXPECT_EQ(with([](auto& o) { o.investment = {}; }), Keys{"investment"});
    EXPECT_EQ(with([](auto& o) { o.stop_loss = Price::of(100); }), Keys{"stop_loss"});
    EXPECT_EQ(with([](auto& o) { o.take_profit = Price::of(140); }), Keys{"take_profit"});
    EXPECT_EQ(with([](auto& o) { o.order_type = domain::OrderType::market; }), Keys{"order_type"});
    EXPECT_EQ(with([](auto& o) {
                  o.levels = 0;
                  o.investment = Amount::of(-1);
              }),
              (Keys{"levels", "investment"}));
    EXPECT_EQ(keys(GridOptions{}), (Keys{"lower", "upper", "investment"}));
}

TEST(Options, EveryProblemOfADcaIsNamed) {
    const auto with = [](auto change) {
        DcaOptions dca = good_dca();
        change(dca);
        return keys(dca);
    };
    EXPECT_EQ(with([](auto& o) { o.every = base::seconds{0}; }), Keys{"every"});
    EXPECT_EQ(with([](auto& o) { o.total_budget = Amount::of(9); }), Keys{"total_budget"});
    EXPECT_EQ(with([](auto& o) { o.price_cap = Price{}; }), Keys{"price_cap"});
    EXPECT_EQ(with([](auto& o) { o.limit_offset = Rate::literal("0.01"); }), Keys{"limit_offset"});
    EXPECT_EQ(with([](auto& o) {
                  o.order = DcaOrder::limit;
                  o.limit_offset = Rate::of(1);
              }),
              Keys{"limit_offset"});
    EXPECT_EQ(with([](auto& o) { o.take_profit = Rate{}; }), Keys{"take_profit"});
}

TEST(Options, EveryProblemOfATrendIsNamed) {
    const auto with = [](auto change) {
        TrendOptions trend = good_trend();
        change(trend);
        return keys(trend);
    };
    EXPECT_EQ(with([](auto& o) { o.fast = 0; }), Keys{"fast"});
    EXPECT_EQ(with([](auto& o) { o.slow = 12; }), Keys{"slow"});
    EXPECT_EQ(with([](auto& o) { o.slow = 501; }), Keys{"slow"});
    EXPECT_EQ(with([](auto& o) { o.interval = {61'000}; }), Keys{"interval"});
    EXPECT_EQ(with([](auto& o) { o.size = {}; }), Keys{"size"});
    EXPECT_EQ(with([](auto& o) { o.stop = Rate::of(1); }), Keys{"stop"});
    EXPECT_EQ(with([](auto& o) { o.cool_down = base::seconds{-1}; }), Keys{"cool_down"});
    EXPECT_EQ(with([](auto& o) { o.max_position = Amount{}; }), Keys{"max_position"});
}

TEST(Options, WordsAndBack) {
    for (const auto kind : {StrategyKind::grid, StrategyKind::dca, StrategyKind::trend})
        EXPECT_EQ(parse_strategy_kind(to_string(kind)), kind);
    EXPECT_FALSE(parse_strategy_kind("Grid").has_value());
    EXPECT_EQ(parse_spacing("geometric"), Spacing::geometric);
    EXPECT_FALSE(parse_spacing("").has_value());
    EXPECT_EQ(parse_grid_start("quote_only"), GridStart::quote_only);
    EXPECT_EQ(parse_dca_order("limit"), DcaOrder::limit);
}

TEST(Options, AStrategyIsMadeOfGoodOptionsOnly) {
    StrategyOptions options;
    options.name = *domain::StrategyName::from("mine");
    options.symbol = *domain::Symbol::from("BTCUSDT");
    for (const StrategyParameters& each : {StrategyParameters{good_grid()}, StrategyParameters{good_dca()},
                                           StrategyParameters{good_trend()}}) {
        options.parameters = each;
        const auto made = make_strategy(options);
        ASSERT_TRUE(made.has_value());
        EXPECT_EQ((*made)->kind(), options.kind());
        EXPECT_EQ((*made)->name(), options.name);
        EXPECT_EQ((*made)->symbol(), options.symbol);
    }
    options.parameters = GridOptions{};
    options.symbol = {};
    const auto refused = make_strategy(options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, base::ErrorKind::invalid);
    for (const char* key : {"lower ", "upper ", "investment ", "symbol "})
        EXPECT_NE(refused.error().message.find(key), std::string::npos) << key;
}

}  // namespace
}  // namespace vigil::strategy
