// The grid, step by step in a scripted market.
#include "strategy/grid.h"

#include <gtest/gtest.h>

#include "house.h"

namespace vigil::strategy {
namespace {

using domain::Amount;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Side;
using testing::House;

/// Levels 100, 110, 120, 130, 140: four cells.
GridOptions small_grid() {
    GridOptions grid;
    grid.lower = Price::of(100);
    grid.upper = Price::of(140);
    grid.levels = 5;
    grid.spacing = Spacing::arithmetic;
    grid.investment = Amount::of(1000);
    return grid;
}

StrategyOptions options(GridOptions grid) {
    StrategyOptions made;
    made.name = *domain::StrategyName::from("grid");
    made.symbol = *domain::Symbol::from("BTCUSDT");
    made.parameters = grid;
    return made;
}

House house(GridOptions grid = small_grid(), const char* price = "125") {
    House made{options(grid), Price::literal(price)};
    made.net_spending_max = grid.investment;
    return made;
}

domain::LotSize lot_of_a_tenth() {
    return {Quantity::literal("0.1"), Quantity::of(9000), Quantity::literal("0.1")};
}

TEST(Grid, BuysTheBaseOfTheUpperCellsThenRestsEachCell) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    // One cell (130 to 140) lies above 125.01; its base comes from one limit IOC order near the market.
    ASSERT_EQ(market.placed().size(), 5U);
    const Place& entry = market.placed()[0];
    EXPECT_EQ(entry.slot, Grid::entry_slot);
    EXPECT_EQ(entry.type, OrderType::limit);
    EXPECT_EQ(entry.time_in_force, domain::TimeInForce::ioc);
    EXPECT_EQ(entry.price, Price::literal("125.14"));  // 125.01 + 0.1 %, up to the tick
    // 1000 / (100 + 110 + 120 + 125.14) = 2.19712... for each cell
    EXPECT_EQ(entry.quantity, Quantity::literal("2.19712"));
    for (const std::uint32_t cell : {0U, 1U, 2U}) {
        ASSERT_NE(market.order(cell), nullptr);
        EXPECT_EQ(market.order(cell)->side, Side::buy);
        EXPECT_EQ(market.order(cell)->type, OrderType::limit_maker);
        EXPECT_EQ(market.order(cell)->price, Price::of(100 + 10 * cell));
        EXPECT_EQ(market.order(cell)->quantity, Quantity::literal("2.19712"));
    }
    ASSERT_NE(market.order(3), nullptr);
    EXPECT_EQ(market.order(3)->side, Side::sell);
    EXPECT_EQ(market.order(3)->price, Price::of(140));
    // 2.19712 less the fee of 0.1 % is 2.19492288, floored to the step.
    EXPECT_EQ(market.order(3)->quantity, Quantity::literal("2.19492"));
}

TEST(Grid, AnEntryTriedAgainAtAHigherPriceStaysWithinTheInvestment) {
    House market = house(small_grid(), "129.89");
    market.refuse_next(1, -1015, "Too many new orders.");
    ASSERT_TRUE(market.start().has_value());
    ASSERT_EQ(market.placed().size(), 1U);
    // The quantity of a cell was fixed for an ask of 129.90; now it is 129.99, just below the cell's price.
    market.move(Price::literal("129.98"));
    market.advance(base::seconds{2});
    ASSERT_EQ(market.placed().size(), 6U);
    EXPECT_EQ(market.placed()[1].slot, Grid::entry_slot);
    EXPECT_GT(*market.placed()[1].price, *market.placed()[0].price);
    EXPECT_LT(*market.placed()[1].quantity, *market.placed()[0].quantity);
}

TEST(Grid, EachFillTurnsItsCellOver) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::literal("119.99"));  // ask 120.00: the buy at 120 fills
    ASSERT_NE(market.order(2), nullptr);
    EXPECT_EQ(market.order(2)->side, Side::sell);
    EXPECT_EQ(market.order(2)->price, Price::of(130));
    EXPECT_EQ(market.order(2)->quantity, Quantity::literal("2.19492"));
    market.move(Price::literal("130"));
    ASSERT_NE(market.order(2), nullptr);
    EXPECT_EQ(market.order(2)->side, Side::buy);
    EXPECT_EQ(market.order(2)->price, Price::of(120));
    const auto& grid = dynamic_cast<const Grid&>(market.strategy());
    EXPECT_EQ(grid.passes(), 1);
    // Sold 2.19492 at 130, fee 0.1 %: 285.0542604; bought 2.19712 at 120 = 263.6544, all but the 0.00000288
    // that stay with the cell are charged to this pass: 263.6544 * 2.19492 / 2.19492288, up = 263.65405406.
    EXPECT_EQ(grid.pass_profit(), Amount::literal("285.0542604") - Amount::literal("263.65405406"));
    ASSERT_FALSE(market.notes().empty());
    EXPECT_NE(market.notes().back().find("this pass brought 21.40020634 USDT"), std::string::npos)
        << market.notes().back();
}

TEST(Grid, QuoteOnlyLeavesUpperCellsUntilTheMarketHasPassedThem) {
    GridOptions grid = small_grid();
    grid.start_with = GridStart::quote_only;
    House market = house(grid);
    ASSERT_TRUE(market.start().has_value());
    EXPECT_EQ(market.placed().size(), 3U);
    EXPECT_EQ(market.order(3), nullptr);
    market.move(Price::literal("129.99"));  // ask 130.00: not above
    EXPECT_EQ(market.order(3), nullptr);
    market.move(Price::literal("130.50"));
    ASSERT_NE(market.order(3), nullptr);
    EXPECT_EQ(market.order(3)->side, Side::buy);
    EXPECT_EQ(market.order(3)->price, Price::of(130));
}

TEST(Grid, RefusesSpacingThatCannotBeatTwoFeesWithFigures) {
    GridOptions grid = small_grid();
    grid.lower = Price::of(60'000);
    grid.upper = Price::of(61'000);
    grid.levels = 12;
    grid.spacing = Spacing::geometric;
    House market = house(grid, "60500");
    const auto refused = market.start();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, base::ErrorKind::invalid);
    // 11 cells of (61/60)^(1/11) - 1 = 0.15037 %; two fees of 0.1 % cost 1 / 0.999^2 - 1 = 0.2003 %.
    EXPECT_NE(refused.error().message.find("spacing of 0.1503 % between 12 levels"), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find("at 0.10 % each costs 0.2003 %"), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find("at most 9 levels between 60000 and 61000 earn"),
              std::string::npos)
        << refused.error().message;
    EXPECT_TRUE(market.placed().empty());

    grid.levels = 9;
    House enough = house(grid, "60500");
    EXPECT_TRUE(enough.start().has_value());
    grid.upper = Price::literal("60100");
    grid.levels = 2;
    House hopeless = house(grid, "60050");
    EXPECT_NE(hopeless.start().error().message.find("no number of levels"), std::string::npos);
}

TEST(Grid, RefusesWhatTheSymbolOrTheInvestmentCannotCarry) {
    GridOptions grid = small_grid();
    grid.investment = Amount::of(19);
    House poor = house(grid);
    const auto refused = poor.start();
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("investment of 19 USDT"), std::string::npos);
    // The figure it asks for must be enough indeed.
    const auto at = refused.error().message.find("at least ");
    ASSERT_NE(at, std::string::npos);
    const std::string figure =
        refused.error().message.substr(at + 9, refused.error().message.find(" is needed") - at - 9);
    grid.investment = Amount::literal(figure);
    House just_enough = house(grid);
    EXPECT_TRUE(just_enough.start().has_value()) << "with " << figure;

    grid = small_grid();
    grid.levels = 200;
    House crowded = house(grid);
    EXPECT_FALSE(crowded.start().has_value());
    House outside = house(small_grid(), "141");
    EXPECT_NE(outside.start().error().message.find("outside the grid"), std::string::npos);
    domain::SymbolRules rules = testing::btc_rules();
    rules.order_types = {OrderType::limit};
    House no_maker{options(small_grid()), Price::of(125), {}, 1, rules};
    EXPECT_NE(no_maker.start().error().message.find("LIMIT_MAKER is not offered"), std::string::npos);
    rules = testing::btc_rules();
    rules.orders_max = 3;
    House few_orders{options(small_grid()), Price::of(125), {}, 1, rules};
    EXPECT_NE(few_orders.start().error().message.find("allows 3"), std::string::npos);
}

TEST(Grid, StopLossCancelsAllThenSellsAllThenStops) {
    GridOptions grid = small_grid();
    grid.stop_loss = Price::of(95);
    House market = house(grid);
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::literal("99.99"));  // every buy fills
    market.move(Price::literal("95.01"));
    EXPECT_EQ(market.cancels(), 0);
    const auto before = market.placed().size();
    market.move(Price::of(95));
    EXPECT_EQ(market.cancels(), 4);
    ASSERT_EQ(market.placed().size(), before + 1);
    EXPECT_EQ(market.placed().back().slot, Grid::exit_slot);
    EXPECT_EQ(market.placed().back().type, OrderType::market);
    ASSERT_TRUE(market.stop().has_value());
    EXPECT_EQ(*market.stop(), "stop-loss");
    EXPECT_TRUE(market.orders().empty());
    EXPECT_LT(market.holdings().inventory, Quantity::literal("0.00001"));
    // It stays stopped.
    const std::string saved = market.saved();
    EXPECT_NE(saved.find("phase=stopped"), std::string::npos);
    Grid again{options(grid), grid};
    ASSERT_TRUE(again.restore(saved).has_value());
    EXPECT_TRUE(again.stopped());
}

TEST(Grid, TakeProfitMayKeepTheBase) {
    GridOptions grid = small_grid();
    grid.take_profit = Price::of(150);
    grid.sell_at_stop = false;
    House market = house(grid);
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::literal("119.99"));
    const auto placed = market.placed().size();
    market.move(Price::of(150));  // the sells at 130 and 140 fill on the way
    ASSERT_TRUE(market.stop().has_value());
    EXPECT_EQ(*market.stop(), "take-profit");
    EXPECT_GE(market.placed().size(), placed);
    for (const Place& each : market.placed()) EXPECT_NE(each.slot, Grid::exit_slot);
}

TEST(Grid, NothingIsDoneOnABookThatIsNotWhole) {
    GridOptions grid = small_grid();
    grid.stop_loss = Price::of(95);
    House market = house(grid);
    ASSERT_TRUE(market.start().has_value());
    market.break_book();
    const auto placed = market.placed().size();
    market.move(Price::of(94));
    EXPECT_EQ(market.cancels(), 0);
    EXPECT_EQ(market.placed().size(), placed);
    market.mend_book();
    market.move(Price::of(94));
    EXPECT_GT(market.cancels(), 0);
    EXPECT_TRUE(market.stop().has_value());
}

TEST(Grid, CancelsThatFailAreAskedForAgainWithoutAnyEvent) {
    GridOptions grid = small_grid();
    grid.take_profit = Price::of(150);
    House market = house(grid);
    ASSERT_TRUE(market.start().has_value());
    market.fail_next_cancels(3);
    market.move(Price::of(150));  // the sell at 140 fills, the buys at 100, 110 and 120 stay
    EXPECT_EQ(market.cancels(), 3);
    EXPECT_EQ(market.orders().size(), 3U);
    market.advance(base::seconds{1});
    EXPECT_EQ(market.cancels(), 3) << "not in a loop";
    for (int i = 0; i < 5; ++i) market.advance(base::seconds{1});
    EXPECT_EQ(market.cancels(), 6);
    EXPECT_TRUE(market.stop().has_value());
}

/// With a coarse step a sale brings back visibly less than was bought, so the investment runs short.
TEST(Grid, NeverSpendsMoreThanTheInvestmentWhenStepsEatIntoIt) {
    domain::SymbolRules rules = testing::btc_rules();
    rules.lot = lot_of_a_tenth();
    GridOptions grid = small_grid();
    grid.investment = Amount::literal("545");  // 1.2 for each cell, and hardly a rest
    House market{options(grid), Price::of(125), {}, 1, rules};
    market.net_spending_max = grid.investment;
    ASSERT_TRUE(market.start().has_value());
    for (int swing = 0; swing < 10; ++swing) {
        for (const int price : {119, 109, 99, 110, 120, 130, 140}) market.move(Price::of(price));
        market.move(Price::of(125));
    }
    EXPECT_GT(market.fills(), 60);
}

TEST(Grid, WaitsWhileNewOrdersAreForbiddenAndGoesOnAfter) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.allow(false);
    const auto placed = market.placed().size();
    market.move(Price::literal("119.99"));
    EXPECT_EQ(market.placed().size(), placed);
    market.allow(true);
    EXPECT_EQ(market.placed().size(), placed + 1);
    EXPECT_EQ(market.order(2)->side, Side::sell);
}

TEST(Grid, AnUnknownOrderKeepsItsSlotUntilItIsResolved) {
    for (const bool existed : {true, false}) {
        House market = house();
        ASSERT_TRUE(market.start().has_value());
        market.lose_next(1, existed);
        market.move(Price::literal("119.99"));  // its sell at 130 becomes unknown
        ASSERT_NE(market.order(2), nullptr);
        EXPECT_EQ(market.order(2)->state, OwnOrderState::unknown);
        const auto placed = market.placed().size();
        for (int i = 0; i < 20; ++i) {
            market.advance(base::seconds{30});
            market.move(i % 2 == 0 ? Price::of(121) : Price::of(122));
        }
        EXPECT_EQ(market.placed().size(), placed);
        market.resolve_unknown();
        market.advance(base::seconds{30});
        EXPECT_EQ(market.placed().size(), placed + (existed ? 0 : 1));
        ASSERT_NE(market.order(2), nullptr);
        EXPECT_EQ(market.order(2)->state, OwnOrderState::open);
        EXPECT_EQ(market.order(2)->side, Side::sell);
    }
}

/// The same refusal, by the answer and by the report that comes before it.
class PostOnlyRefusal : public ::testing::TestWithParam<Rejected> {};
INSTANTIATE_TEST_SUITE_P(Told, PostOnlyRefusal,
                         ::testing::Values(Rejected{-2010, "Order would immediately match and take."},
                                           Rejected{0, "WOULD_MATCH_IMMEDIATELY"}));

TEST_P(PostOnlyRefusal, RetriesAwayFromTheTouchAndNeverLoops) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.refuse_next(1000, GetParam().code, GetParam().message);
    market.move(Price::literal("119.99"));
    const auto placed = market.placed().size();
    // The refusal's market does not move: after 250 ms it is tried again, then later and later, then paused.
    for (int i = 0; i < 3; ++i) market.advance(base::milliseconds{100});
    EXPECT_EQ(market.placed().size(), placed + 1) << "sooner than after another rejection";
    for (int i = 0; i < 6'000; ++i) market.advance(base::milliseconds{100});
    EXPECT_LE(market.placed().size(), placed + 5);
    EXPECT_GE(market.placed().size(), placed + 4);
    const bool told = std::any_of(market.notes().begin(), market.notes().end(), [](const std::string& each) {
        return each.find("slot 2: 5 times in a row rejected (" + std::to_string(GetParam().code)) !=
               std::string::npos;
    });
    EXPECT_TRUE(told);
    market.refuse_next(0, 0, "");
    market.advance(base::seconds{600});
    ASSERT_NE(market.order(2), nullptr);
    EXPECT_EQ(market.order(2)->state, OwnOrderState::open);
}

TEST(Grid, ASellThatTheMarketHasOvertakenRestsAboveTheBid) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.allow(false);
    market.move(Price::literal("119.99"));
    market.move(Price::literal("133"));  // above the sell price of cell 2
    market.allow(true);
    ASSERT_NE(market.order(2), nullptr);
    EXPECT_EQ(market.order(2)->side, Side::sell);
    EXPECT_EQ(market.order(2)->price, Price::literal("133.01"));
}

TEST(Grid, OrdersEndedByOthersComeBackAfterAPauseAndNotForEver) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    auto placed = market.placed().size();
    market.end_unasked(domain::Slot{0});
    EXPECT_EQ(market.placed().size(), placed);
    market.advance(base::seconds{5});
    EXPECT_EQ(market.placed().size(), ++placed);
    for (int i = 0; i < 4; ++i) {
        market.end_unasked(domain::Slot{0});
        market.advance(base::seconds{60});
    }
    // The fifth in a row paused it.
    EXPECT_EQ(market.order(0), nullptr);
    EXPECT_EQ(market.placed().size(), placed + 3);
}

TEST(Grid, GoesOnAfterARestartFromOrdersAndHoldings) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::literal("109.99"));  // cells 1 and 2 have bought
    const auto placed = market.placed().size();
    market.restart();
    EXPECT_EQ(market.placed().size(), placed) << "all orders were live: nothing is to do";
    // While it is down, cell 3's order is cancelled by hand: its base is to be sold again.
    market.end_unasked(domain::Slot{3});
    market.restart();
    ASSERT_EQ(market.placed().size(), placed + 1);
    EXPECT_EQ(market.order(3)->side, Side::sell);
    EXPECT_EQ(market.order(3)->price, Price::of(140));
    market.move(Price::of(131));  // cells 1 and 2 sell
    EXPECT_EQ(market.order(1)->side, Side::buy);
    EXPECT_EQ(market.order(2)->side, Side::buy);
}

TEST(Grid, ReplacesOrdersOfOtherLevelsAfterAChangeOfOptions) {
    House market = house();
    ASSERT_TRUE(market.start().has_value());
    market.move(Price::literal("109.99"));
    GridOptions wider = small_grid();
    wider.lower = Price::of(90);
    wider.upper = Price::of(150);
    market.options(options(wider));
    market.restart();
    market.advance(base::seconds{2});
    ASSERT_EQ(market.orders().size(), 4U);
    for (const OwnOrder& each : market.orders()) {
        const Price low = Price::of(90) + Price::of(15) * static_cast<std::int64_t>(each.slot.value);
        if (each.side == Side::buy)
            EXPECT_EQ(each.price, low);
        else
            EXPECT_GE(each.price, low + Price::of(15));
    }
    EXPECT_GT(market.cancels(), 0);
}

TEST(Grid, SavedStateThatIsNotItsOwnIsRefused) {
    Grid grid{options(small_grid()), small_grid()};
    for (const char* text : {"", "dca 1 next=0", "grid 2 phase=running", "grid 1 phase=running", "grid x",
                             "grid 1 phase=dancing layout=a quantity=1 passes=0 profit=0",
                             "grid 1 phase=running layout=a "
                             "quantity=-1 passes=0 profit=0",
                             "grid 1 =x"}) {
        const auto result = grid.restore(text);
        ASSERT_FALSE(result.has_value()) << text;
        EXPECT_EQ(result.error().kind, base::ErrorKind::corrupt);
    }
    EXPECT_FALSE(grid.stopped());
    Grid other{options(small_grid()), small_grid()};
    EXPECT_TRUE(grid.restore(other.save().view()).has_value());
    EXPECT_EQ(grid.save(), other.save());
}

}  // namespace
}  // namespace vigil::strategy
