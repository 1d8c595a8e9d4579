#include "orders/client_order_ids.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "seed.h"

namespace vigil::orders {
namespace {

const InstanceTag tag = *instance_tag("a1z9");
constexpr base::ExchangeTime now = base::exchange_time_ms(1'700'000'000'000);

TEST(ClientOrderIds, InstanceTagIsFourBase36Digits) {
    EXPECT_TRUE(instance_tag("0000"));
    EXPECT_TRUE(instance_tag("zz09"));
    for (const char* wrong : {"", "abc", "abcde", "ABCD", "ab-d", "ab_d", "abc\xc3"})
        EXPECT_FALSE(instance_tag(wrong)) << wrong;
}

TEST(ClientOrderIds, FormIsLegalAndReadsBack) {
    const ParsedClientOrderId greatest{tag, domain::StrategyIndex{std::numeric_limits<std::uint16_t>::max()},
                                       domain::Slot{std::numeric_limits<std::uint32_t>::max()},
                                       std::numeric_limits<std::uint64_t>::max()};
    const ParsedClientOrderId smallest{tag, domain::StrategyIndex{0}, domain::Slot{0}, 0};
    EXPECT_EQ(format_client_order_id(smallest).view(), "va1z9-0-0-0");
    EXPECT_LE(format_client_order_id(greatest).view().size(), 36U);
    for (const ParsedClientOrderId& parts : {greatest, smallest}) {
        const auto id = format_client_order_id(parts);
        EXPECT_TRUE(domain::is_client_order_id(id.view()));
        EXPECT_EQ(parse_client_order_id(id.view()), parts);
    }
}

TEST(ClientOrderIds, RandomPartsReadBack) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random{seed};
    for (int i = 0; i < 5000; ++i) {
        const ParsedClientOrderId parts{tag, domain::StrategyIndex{static_cast<std::uint16_t>(random())},
                                        domain::Slot{static_cast<std::uint32_t>(random())}, random()};
        ASSERT_EQ(parse_client_order_id(format_client_order_id(parts).view()), parts);
    }
}

TEST(ClientOrderIds, OtherFormsAreNotRead) {
    for (const char* other :
         {"", "v", "va1z9", "va1z9-0-0", "va1z9-0-0-", "va1z9-0-0-0-0", "xa1z9-0-0-0", "Va1z9-0-0-0",
          "va1z9-00-0-0", "va1z9-0-01-0", "va1z9-0-0-00", "va1z9-A-0-0", "va1z9--0-0", "va1z-0-0-0",
          "va1z9-1ekg-0-0",           // strategy 65536
          "va1z9-0-1z141z4-0",        // slot 2^32
          "va1z9-0-0-3w5e11264sgsg",  // counter 2^64
          "mUvoqJxFIILMdfAW5iGSOW", "web_0f3a-1-2-3"})
        EXPECT_FALSE(parse_client_order_id(other)) << other;
    EXPECT_TRUE(parse_client_order_id("va1z9-1ekf-1z141z3-3w5e11264sgsf"));
}

TEST(ClientOrderIds, GivesNothingOutBeforeABlockIsDurable) {
    ClientOrderIds ids{tag, 0, now, {10, 3}};
    EXPECT_TRUE(ids.needs_block());
    EXPECT_EQ(ids.next({1}, {2}), std::nullopt);
    const CounterBlock block = ids.next_block();
    EXPECT_EQ(block, (CounterBlock{1'700'000'000'000, 10}));
    EXPECT_FALSE(ids.needs_block());
    EXPECT_EQ(ids.next({1}, {2}), std::nullopt);
    ids.block_durable(block);
    const auto id = ids.next({1}, {2});
    ASSERT_TRUE(id);
    EXPECT_TRUE(ids.is_own(*id));
    EXPECT_EQ(parse_client_order_id(id->view()),
              (ParsedClientOrderId{tag, domain::StrategyIndex{1}, domain::Slot{2}, 1'700'000'000'000}));
    EXPECT_EQ(ids.available(), 9U);
}

TEST(ClientOrderIds, AFailedReservationIsAskedForAgain) {
    ClientOrderIds ids{tag, 0, now, {10, 3}};
    const CounterBlock block = ids.next_block();
    ids.block_failed(block);
    EXPECT_TRUE(ids.needs_block());
    EXPECT_EQ(ids.next({0}, {0}), std::nullopt);
    EXPECT_EQ(ids.next_block(), block);
}

TEST(ClientOrderIds, AsksForTheNextBlockInTimeAndGoesOnWithoutAGap) {
    ClientOrderIds ids{tag, 0, now, {10, 3}};
    ids.block_durable(ids.next_block());
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(ids.next({0}, {0}));
    EXPECT_FALSE(ids.needs_block());
    ASSERT_TRUE(ids.next({0}, {0}));
    EXPECT_TRUE(ids.needs_block());
    ids.block_durable(ids.next_block());
    EXPECT_EQ(ids.available(), 13U);
    for (int i = 0; i < 13; ++i) ASSERT_TRUE(ids.next({0}, {0})) << i;
    EXPECT_FALSE(ids.next({0}, {0}));
}

TEST(ClientOrderIds, OnlyTheOwnInstanceIsOwn) {
    const ClientOrderIds ids{tag, 0, now};
    EXPECT_TRUE(ids.is_own(*domain::ClientOrderId::from("va1z9-0-0-5")));
    EXPECT_FALSE(ids.is_own(*domain::ClientOrderId::from("va1z8-0-0-5")));
    EXPECT_FALSE(ids.is_own(*domain::ClientOrderId::from("web_123")));
    EXPECT_FALSE(ids.is_own({}));
}

// Killed at any moment, with or without the journal, with a clock that may step: no id twice.
TEST(ClientOrderIds, NoIdTwiceOverManyLives) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    std::set<domain::ClientOrderId> given;
    std::uint64_t journaled_end = 0;
    auto time = now;
    for (int life = 0; life < 200; ++life) {
        // Between two lives passes more time than ids were given out in a millisecond each.
        time += base::milliseconds{2000 + random() % 1000};
        const bool journal_lost = random() % 10 == 0;
        // A clock that went back does no harm while the journal is there.
        const auto clock = journal_lost || random() % 4 != 0 ? time : time - base::seconds{3600};
        ClientOrderIds ids{tag, journal_lost ? 0 : journaled_end, clock, {20, 5}};
        if (journal_lost) journaled_end = 0;
        const auto steps = random() % 60;
        std::optional<CounterBlock> under_way;
        for (unsigned step = 0; step < steps; ++step) {
            if (ids.needs_block()) under_way = ids.next_block();
            if (under_way && random() % 3 == 0) {
                const bool is_written = random() % 5 != 0;
                if (is_written) {
                    journaled_end = std::max(journaled_end, under_way->first + under_way->count);
                    ids.block_durable(*under_way);
                } else {
                    ids.block_failed(*under_way);
                }
                under_way.reset();
            }
            if (const auto id = ids.next({static_cast<std::uint16_t>(random() % 3)},
                                         {static_cast<std::uint32_t>(random() % 3)})) {
                ASSERT_TRUE(given.insert(*id).second) << id->view();
                const auto counter = parse_client_order_id(id->view())->counter;
                ASSERT_LT(counter, journaled_end) << "given out before its block was durable";
            }
        }
    }
    EXPECT_GT(given.size(), 100U);
}

}  // namespace
}  // namespace vigil::orders
