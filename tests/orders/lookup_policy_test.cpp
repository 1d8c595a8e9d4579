#include "orders/lookup_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "fixtures.h"
#include "seed.h"

namespace vigil::orders::test {
namespace {

using testing::IsEmpty;

constexpr LookupOptions options{
    .first_delay = base::milliseconds{200},
    .delay_max = base::milliseconds{1000},
    .not_found_needed = 3,
    .recv_window = base::milliseconds{5000},
    .answer_max = base::milliseconds{30'000},
    .margin = base::milliseconds{2000},
};
const ClientOrderId id = own_id(1);

class LookupsTest : public testing::Test {
  protected:
    void SetUp() override { lookups.track(id, btcusdt, at(0).exchange, true, at(0)); }
    /// Runs to `until`, answering every look-up with -2013 and the rest with nothing found.
    std::vector<std::pair<std::int64_t, LookupActionKind>> run(std::int64_t from, std::int64_t until) {
        std::vector<std::pair<std::int64_t, LookupActionKind>> log;
        for (std::int64_t ms = from; ms <= until; ms += 10) {
            for (const LookupAction& action : lookups.due(at(ms))) {
                log.emplace_back(ms, action.kind);
                EXPECT_EQ(action.id, id);
                EXPECT_EQ(action.symbol, btcusdt);
                if (action.kind == LookupActionKind::order) lookups.on_not_found(id, at(ms), at(ms));
                if (action.kind == LookupActionKind::open_orders)
                    lookups.on_open_orders(btcusdt, {}, at(ms), at(ms));
                if (action.kind == LookupActionKind::trades) lookups.on_trades(id, false, at(ms), at(ms));
            }
        }
        return log;
    }

    Lookups lookups{options};
};

TEST_F(LookupsTest, WaitsBeforeTheFirstLookUpAndThenEverLongerUpToABound) {
    const auto log = run(0, 4800);
    ASSERT_EQ(log.size(), 6U);
    EXPECT_EQ(log[0].first, 200);
    EXPECT_EQ(log[1].first, 600);
    EXPECT_EQ(log[2].first, 1400);
    EXPECT_EQ(log[3].first, 2400);
    EXPECT_EQ(log[4].first, 3400);
    for (const auto& [ms, kind] : log) EXPECT_EQ(kind, LookupActionKind::order);
    EXPECT_EQ(lookups.next_due(), at(5400).monotonic);
}

TEST_F(LookupsTest, NothingIsProvenBeforeRecvWindowAndMarginHavePassed) {
    const auto log = run(0, 7000);
    for (const auto& [ms, kind] : log) EXPECT_EQ(kind, LookupActionKind::order) << ms;
    EXPECT_TRUE(lookups.is_tracking(id));
}

TEST_F(LookupsTest, ProvenByRepeatedAnswersOpenOrdersAndTrades) {
    const auto log = run(0, 20'000);
    std::vector<LookupActionKind> after;
    for (const auto& [ms, kind] : log)
        if (ms > 7000) after.push_back(kind);
    EXPECT_THAT(after, testing::ElementsAre(LookupActionKind::order, LookupActionKind::order,
                                            LookupActionKind::order, LookupActionKind::open_orders,
                                            LookupActionKind::trades, LookupActionKind::proven));
    EXPECT_FALSE(lookups.is_tracking(id));
    EXPECT_EQ(lookups.next_due(), std::nullopt);
}

// With long delays between the answers that do not count yet, those that do come soon after one another.
TEST_F(LookupsTest, OnceAnswersCountTheProofTakesSeconds) {
    LookupOptions patient = options;
    patient.delay_max = base::milliseconds{5000};
    lookups = Lookups{patient};
    lookups.track(id, btcusdt, at(0).exchange, true, at(0));
    std::vector<std::int64_t> times;
    for (const auto& [ms, kind] : run(0, 60'000)) times.push_back(ms);
    EXPECT_THAT(times, testing::ElementsAre(200, 600, 1400, 3000, 6200, 11'200, 11'600, 12'400, 14'000,
                                            14'400, 14'800));
    EXPECT_FALSE(lookups.is_tracking(id));
}

TEST_F(LookupsTest, AnAnswerToAQuestionAskedTooEarlyDoesNotCount) {
    for (int i = 0; i < 10; ++i) {
        lookups.on_not_found(id, at(6999), at(8000));
        lookups.on_open_orders(std::nullopt, {}, at(6999), at(8000));
        lookups.on_trades(id, false, at(6999), at(8000));
    }
    const auto actions = lookups.due(at(60'000));
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(actions[0].kind, LookupActionKind::order);
}

TEST_F(LookupsTest, ATradeThatMightBeItsProvesNothing) {
    run(0, 7'000);
    while (lookups.due(at(20'000)).at(0).kind != LookupActionKind::trades) {
        lookups.on_not_found(id, at(20'000), at(19'000));
        lookups.on_open_orders(std::nullopt, {}, at(20'000), at(19'000));
    }
    lookups.on_trades(id, true, at(20'000), at(20'000));
    const auto next = lookups.due(at(30'000));
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].kind, LookupActionKind::order) << "everything is asked again";
}

TEST_F(LookupsTest, BeingNamedAmongOpenOrdersEndsIt) {
    const NewOrder order = limit(1, Side::buy, "1", "1");
    lookups.on_open_orders(std::nullopt, std::vector{view(order, OrderStatus::new_order)}, at(100), at(110));
    EXPECT_FALSE(lookups.is_tracking(id));
    EXPECT_THAT(lookups.due(at(100'000)), IsEmpty());
}

TEST_F(LookupsTest, OneQuestionAtATimeAndALostAnswerIsAFailure) {
    ASSERT_EQ(lookups.due(at(200)).size(), 1U);
    EXPECT_THAT(lookups.due(at(20'000)), IsEmpty());
    EXPECT_THAT(lookups.due(at(30'300)), IsEmpty()) << "given up, to be asked again after the next delay";
    EXPECT_EQ(lookups.due(at(31'000)).size(), 1U);
    lookups.on_failed(id, at(31'100));
    EXPECT_EQ(lookups.due(at(40'000)).size(), 1U);
}

TEST_F(LookupsTest, AnOrderThatIsKnownToExistIsNeverProvenAbsent) {
    lookups.track(id, btcusdt, at(0).exchange, false, at(0));
    EXPECT_EQ(lookups.size(), 1U);
    for (const auto& [ms, kind] : run(0, 60'000)) EXPECT_EQ(kind, LookupActionKind::order) << ms;
}

TEST_F(LookupsTest, ANewerUncertaintyStartsTheProofAnew) {
    lookups.on_not_found(id, at(8000), at(8000));
    lookups.on_not_found(id, at(8001), at(8001));
    lookups.track(id, btcusdt, at(5000).exchange, true, at(8100));
    lookups.on_not_found(id, at(8200), at(8200));
    ASSERT_EQ(lookups.due(at(20'000)).at(0).kind, LookupActionKind::order);
}

// Whatever the times of the answers: never proven unless enough of every kind was asked after the moment.
TEST(LookupsProperty, AProofIsAlwaysComplete) {
    const unsigned seed = test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    int proven = 0;
    for (int round = 0; round < 300; ++round) {
        Lookups lookups{options};
        lookups.track(id, btcusdt, at(0).exchange, true, at(0));
        int not_found = 0;
        bool open = false;
        bool trades = false;
        for (std::int64_t ms = 0; ms < 40'000; ms += 50) {
            for (const LookupAction& action : lookups.due(at(ms))) {
                const bool counts = ms > 7000;
                const auto answered = at(ms + static_cast<std::int64_t>(random() % 300));
                switch (random() % 4) {
                    case 0:
                        if (action.kind != LookupActionKind::proven) lookups.on_failed(id, answered);
                        break;
                    default:
                        if (action.kind == LookupActionKind::order) {
                            not_found += counts ? 1 : 0;
                            lookups.on_not_found(id, at(ms), answered);
                        } else if (action.kind == LookupActionKind::open_orders) {
                            open = open || counts;
                            lookups.on_open_orders(std::nullopt, {}, at(ms), answered);
                        } else if (action.kind == LookupActionKind::trades) {
                            const bool might_be = random() % 3 == 0;
                            if (might_be) {
                                not_found = 0;
                                open = false;
                            } else {
                                trades = trades || counts;
                            }
                            lookups.on_trades(id, might_be, at(ms), answered);
                        }
                }
                if (action.kind == LookupActionKind::proven) {
                    ++proven;
                    ASSERT_GE(not_found, 3);
                    ASSERT_TRUE(open);
                    ASSERT_TRUE(trades);
                }
            }
        }
    }
    EXPECT_GT(proven, 100);
}

TEST(Lookups, WhichTradesMightBelongToAnOrder) {
    const NewOrder buy = limit(1, Side::buy, "100", "2");
    const NewOrder sell = limit(2, Side::sell, "100", "2");
    EXPECT_TRUE(could_be_fill_of(fill(buy, 1, "100", "2"), buy));
    EXPECT_TRUE(could_be_fill_of(fill(buy, 1, "99", "1"), buy));
    EXPECT_FALSE(could_be_fill_of(fill(buy, 1, "101", "1"), buy));
    EXPECT_FALSE(could_be_fill_of(fill(buy, 1, "99", "2.1"), buy));
    EXPECT_FALSE(could_be_fill_of(fill(sell, 1, "100", "1"), buy));
    EXPECT_TRUE(could_be_fill_of(fill(sell, 1, "101", "1"), sell));
    EXPECT_FALSE(could_be_fill_of(fill(sell, 1, "99", "1"), sell));
}

}  // namespace
}  // namespace vigil::orders::test
