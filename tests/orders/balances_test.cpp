#include "orders/balances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "fixtures.h"
#include "seed.h"

namespace vigil::orders::test {
namespace {

const SymbolAssets assets{btcusdt, btc, usdt, qty("0.00001")};
const NewOrder a_buy = limit(1, Side::buy, "100", "10");

domain::AccountPosition stated(std::vector<domain::Balance> balances, std::int64_t ms) {
    domain::AccountPosition made;
    made.balances = std::move(balances);
    made.updated = at(ms).exchange;
    return made;
}

TEST(Balances, FillBeforeOrAfterItsStatement) {
    for (const bool fill_first : {true, false}) {
        Balances balances;
        balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
        const Fill bought = fill(a_buy, 1, "100", "1", "0.001", btc, 10);
        const auto position =
            stated({{btc, amount("0.999"), amount("0")}, {usdt, amount("400"), amount("500")}}, 10);
        if (fill_first) {
            balances.on_fill(bought, assets);
            EXPECT_EQ(balances.differences(), std::vector<BalanceDifference>{}) << "the statement is to come";
            EXPECT_EQ(balances.expected_now(usdt), amount("900"));
            balances.on_account_position(position);
        } else {
            balances.on_account_position(position);
            EXPECT_EQ(balances.differences().size(), 2U) << "a fill is missing";
            balances.on_fill(bought, assets);
        }
        EXPECT_EQ(balances.differences(), std::vector<BalanceDifference>{});
        EXPECT_EQ(balances.stated(usdt), (domain::Balance{usdt, amount("400"), amount("500")}));
    }
}

TEST(Balances, ChangeFromOutsideIsTold) {
    Balances balances;
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
    balances.on_account_position(stated({{usdt, amount("900"), amount("0")}}, 5));
    EXPECT_EQ(balances.differences(),
              (std::vector<BalanceDifference>{{usdt, amount("1000"), amount("900")}}));
    ASSERT_TRUE(balances.open(account({{usdt, amount("900"), amount("0")}}, 6)));
    EXPECT_TRUE(balances.differences().empty());
}

TEST(Balances, AnnouncedDepositIsExpected) {
    Balances balances;
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
    balances.on_balance_update({usdt, amount("50"), at(5).exchange, at(4).exchange});
    balances.on_account_position(stated({{usdt, amount("1050"), amount("0")}}, 5));
    EXPECT_TRUE(balances.differences().empty());
}

TEST(Balances, AnOlderStatementThatComesLateIsLeftAlone) {
    Balances balances;
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
    balances.on_fill(fill(a_buy, 1, "100", "1", "0", bnb, 10), assets);
    balances.on_account_position(
        stated({{usdt, amount("900"), amount("0")}, {btc, amount("1"), amount("0")}}, 10));
    balances.on_account_position(stated({{usdt, amount("1000"), amount("0")}}, 9));
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 8));
    EXPECT_EQ(balances.stated(usdt)->free, amount("900"));
    EXPECT_TRUE(balances.differences().empty());
}

TEST(Balances, AnAssetThatAFullStatementDoesNotNameIsAtZero) {
    Balances balances;
    balances.on_account(account({{btc, amount("1"), amount("0")}}, 0));
    balances.on_account(account({{usdt, amount("5"), amount("0")}}, 10));
    EXPECT_EQ(balances.differences(), (std::vector<BalanceDifference>{{btc, amount("1"), amount("0")},
                                                                      {usdt, amount("0"), amount("5")}}));
}

TEST(Balances, WhatTheOpeningContainsIsNotCountedTwice) {
    Balances balances;
    balances.on_fill(fill(a_buy, 1, "100", "1", "0", bnb, 5), assets);   // before the opening
    balances.on_fill(fill(a_buy, 2, "100", "1", "0", bnb, 15), assets);  // after it
    balances.on_account(account({{usdt, amount("900"), amount("0")}, {btc, amount("1"), amount("0")}}, 10));
    EXPECT_EQ(balances.expected_now(usdt), amount("800"));
    EXPECT_EQ(balances.expected_now(btc), amount("2"));
    balances.on_fill(fill(a_buy, 3, "100", "1", "0", bnb, 7),
                     assets);  // known late, in the opening all the same
    EXPECT_EQ(balances.expected_now(usdt), amount("800"));
}

TEST(Balances, AnOvertakenStatementIsNoOpening) {
    Balances balances;
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 0));
    balances.on_fill(fill(a_buy, 1, "100", "1", "0", bnb, 10), assets);
    balances.on_account_position(stated({{usdt, amount("900"), amount("0")}}, 10));
    EXPECT_FALSE(balances.open(account({{usdt, amount("1000"), amount("0")}}, 8)));
    EXPECT_EQ(balances.expected_now(usdt), amount("900"));
    EXPECT_TRUE(balances.open(account({{usdt, amount("890"), amount("0")}}, 10)));
    EXPECT_EQ(balances.expected_now(usdt), amount("890"));
}

TEST(Balances, AnOvertakenStatementDoesNotOpenTheFirstTimeEither) {
    Balances balances;
    balances.on_account_position(stated({{usdt, amount("900"), amount("0")}}, 10));
    balances.on_account(account({{usdt, amount("1000"), amount("0")}}, 8));
    EXPECT_FALSE(balances.is_open());
    balances.on_account(account({{usdt, amount("900"), amount("0")}}, 10));
    EXPECT_TRUE(balances.is_open());
}

TEST(Balances, NumbersBeyondAllBoundsShowAsDifferences) {
    Balances balances;
    const Amount huge = Amount::from_raw(std::numeric_limits<std::int64_t>::max());
    balances.on_account(account({{usdt, huge, huge}}, 0));
    balances.on_balance_update({usdt, huge, at(1).exchange, at(1).exchange});
    balances.on_account_position(stated({{usdt, amount("1"), amount("0")}}, 5));
    EXPECT_EQ(balances.differences().size(), 1U);
}

// Statements of an exact exchange and the fills behind them, shuffled: in the end nothing differs, and the
// expectation is the exchange's own sum.
TEST(Balances, AnyOrderOfArrivalEndsInAgreement) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 200; ++round) {
        std::int64_t free_usdt = 1'000'000 * domain::decimal_scale;
        std::int64_t free_btc = 50 * domain::decimal_scale;
        Balances balances;
        balances.on_account(
            account({{usdt, Amount::from_raw(free_usdt), {}}, {btc, Amount::from_raw(free_btc), {}}}, 0));
        std::vector<std::variant<Fill, domain::AccountPosition>> events;
        for (int i = 1; i <= 20; ++i) {
            NewOrder order =
                limit(static_cast<std::uint64_t>(i), random() % 2 == 0 ? Side::buy : Side::sell, "1", "1");
            Fill each = fill(order, i, "1", "1", "0", bnb, i * 10);
            each.quantity = Quantity::from_raw(1 + random() % 100'000'000);
            each.quote_quantity = Amount::from_raw(1 + random() % 100'000'000'000);
            each.commission = Amount::from_raw(random() % 1000);
            each.commission_asset = random() % 2 == 0 ? btc : usdt;
            const int sign = each.side == Side::buy ? 1 : -1;
            free_btc += sign * each.quantity.raw();
            free_usdt -= sign * each.quote_quantity.raw();
            (each.commission_asset == btc ? free_btc : free_usdt) -= each.commission.raw();
            events.emplace_back(each);
            events.emplace_back(stated(
                {{btc, Amount::from_raw(free_btc), {}}, {usdt, Amount::from_raw(free_usdt), {}}}, i * 10));
        }
        std::shuffle(events.begin(), events.end(), random);
        for (const auto& event : events) {
            if (const auto* each = std::get_if<Fill>(&event))
                balances.on_fill(*each, assets);
            else
                balances.on_account_position(std::get<domain::AccountPosition>(event));
        }
        ASSERT_EQ(balances.differences(), std::vector<BalanceDifference>{});
        ASSERT_EQ(balances.expected_now(usdt).raw(), free_usdt);
        ASSERT_EQ(balances.expected_now(btc).raw(), free_btc);
    }
}

}  // namespace
}  // namespace vigil::orders::test
