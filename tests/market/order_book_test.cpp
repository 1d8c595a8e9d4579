// The order book against a naive one on random diffs, and its states one by one.
#include "market/order_book.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace vigil::market {
namespace {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;
using domain::Side;

BookLevel level(std::int64_t price, std::int64_t quantity) {
    return {Price::of(price), Quantity::of(quantity)};
}

domain::DepthDiff diff(std::int64_t first, std::int64_t last, std::span<const BookLevel> bids = {},
                       std::span<const BookLevel> asks = {}) {
    domain::DepthDiff made;
    made.first_id = first;
    made.last_id = last;
    made.bids = bids;
    made.asks = asks;
    return made;
}

domain::DepthSnapshot snapshot(std::int64_t id, std::vector<BookLevel> bids, std::vector<BookLevel> asks) {
    domain::DepthSnapshot made;
    made.last_id = id;
    made.bids = std::move(bids);
    made.asks = std::move(asks);
    return made;
}

/// A synchronised book at update 100: bids 99, 98; asks 101, 102.
OrderBook small_book(OrderBookLimits limits = {}) {
    OrderBook book{limits};
    EXPECT_EQ(book.apply(snapshot(100, {level(99, 1), level(98, 2)}, {level(101, 3), level(102, 4)})),
              SnapshotResult::applied);
    return book;
}

TEST(OrderBook, BuffersUntilASnapshotBridges) {
    OrderBook book;
    const std::vector<BookLevel> bids{level(99, 7)};
    EXPECT_EQ(book.state(), BookState::empty);
    EXPECT_EQ(book.apply(diff(90, 95)), DiffResult::buffered);
    EXPECT_EQ(book.apply(diff(96, 99)), DiffResult::buffered);
    EXPECT_EQ(book.apply(diff(100, 105, bids)), DiffResult::buffered);
    EXPECT_EQ(book.snapshot_must_reach(), 90);
    EXPECT_FALSE(book.best().has_value());
    EXPECT_EQ(book.apply(snapshot(89, {level(99, 1)}, {level(101, 1)})), SnapshotResult::too_old);
    EXPECT_EQ(book.state(), BookState::empty);
    EXPECT_EQ(book.apply(snapshot(101, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(book.state(), BookState::synchronised);
    EXPECT_EQ(book.update_id(), 105);
    EXPECT_EQ(book.at(Side::buy, Price::of(99)), Quantity::of(7));
    EXPECT_EQ(book.buffered(), 0U);
}

TEST(OrderBook, SnapshotAtTheEdgesOfTheBuffer) {
    OrderBook book;
    book.apply(diff(90, 95));
    EXPECT_EQ(book.apply(snapshot(90, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(book.update_id(), 95);

    OrderBook ahead;
    ahead.apply(diff(90, 95));
    EXPECT_EQ(ahead.apply(snapshot(95, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(ahead.update_id(), 95);
    EXPECT_EQ(ahead.apply(diff(96, 96)), DiffResult::applied);

    OrderBook far_ahead;
    far_ahead.apply(diff(90, 95));
    EXPECT_EQ(far_ahead.apply(snapshot(200, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(far_ahead.update_id(), 200);
    EXPECT_EQ(far_ahead.apply(diff(96, 199)), DiffResult::ignored_old);
    EXPECT_EQ(far_ahead.apply(diff(199, 201)), DiffResult::applied);
}

TEST(OrderBook, OldDiffsAreIgnoredOverlapsApplied) {
    OrderBook book = small_book();
    const std::vector<BookLevel> bids{level(99, 5)};
    EXPECT_EQ(book.apply(diff(90, 99, bids)), DiffResult::ignored_old);
    EXPECT_EQ(book.apply(diff(95, 100, bids)), DiffResult::ignored_old);
    EXPECT_EQ(book.at(Side::buy, Price::of(99)), Quantity::of(1));
    EXPECT_EQ(book.apply(diff(98, 103, bids)), DiffResult::applied);
    EXPECT_EQ(book.at(Side::buy, Price::of(99)), Quantity::of(5));
    EXPECT_EQ(book.apply(diff(104, 104)), DiffResult::applied);
    EXPECT_EQ(book.update_id(), 104);
}

TEST(OrderBook, AGapThrowsTheBookAwayAndBuffersAnew) {
    OrderBook book = small_book();
    EXPECT_EQ(book.apply(diff(102, 103)), DiffResult::gap);
    EXPECT_EQ(book.state(), BookState::broken);
    EXPECT_FALSE(book.best().has_value());
    EXPECT_TRUE(book.levels(Side::buy).empty());
    EXPECT_EQ(book.snapshot_must_reach(), 102);
    EXPECT_EQ(book.apply(diff(104, 110)), DiffResult::buffered);
    EXPECT_EQ(book.apply(snapshot(105, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(book.update_id(), 110);
}

TEST(OrderBook, AGapInsideTheBufferStartsItAnew) {
    OrderBook book;
    EXPECT_EQ(book.apply(diff(10, 20)), DiffResult::buffered);
    EXPECT_EQ(book.apply(diff(22, 30)), DiffResult::gap);
    EXPECT_EQ(book.snapshot_must_reach(), 22);
    EXPECT_EQ(book.apply(snapshot(15, {level(99, 1)}, {level(101, 1)})), SnapshotResult::too_old);
    EXPECT_EQ(book.apply(diff(11, 30)), DiffResult::ignored_old);
}

TEST(OrderBook, TheBufferIsBounded) {
    OrderBook book{{.levels_a_side = 10, .buffered_diffs = 3, .buffered_levels = 4}};
    const std::vector<BookLevel> two{level(99, 5), level(98, 5)};
    for (std::int64_t id = 1; id <= 5; ++id) EXPECT_EQ(book.apply(diff(id, id)), DiffResult::buffered);
    EXPECT_EQ(book.buffered(), 3U);
    EXPECT_EQ(book.buffer_drops(), 2);
    EXPECT_EQ(book.snapshot_must_reach(), 3);
    for (std::int64_t id = 6; id <= 8; ++id) EXPECT_EQ(book.apply(diff(id, id, two)), DiffResult::buffered);
    EXPECT_EQ(book.buffered(), 2U);
    EXPECT_EQ(book.apply(snapshot(6, {level(99, 1)}, {level(101, 1)})), SnapshotResult::too_old);
    EXPECT_EQ(book.apply(snapshot(7, {level(99, 1)}, {level(101, 1)})), SnapshotResult::applied);
    EXPECT_EQ(book.update_id(), 8);
}

TEST(OrderBook, ImpossibleContentIsCorruptNeverApplied) {
    const std::vector<BookLevel> crossing{level(101, 1)};
    const std::vector<BookLevel> negative{level(99, -1)};
    const std::vector<BookLevel> free_price{level(0, 1)};
    for (const auto& bids : {crossing, negative, free_price}) {
        OrderBook book = small_book();
        EXPECT_EQ(book.apply(diff(101, 101, bids)), DiffResult::corrupt);
        EXPECT_EQ(book.state(), BookState::broken);
        EXPECT_EQ(book.buffered(), 0U);
    }
    OrderBook book = small_book();
    EXPECT_EQ(book.apply(diff(105, 101)), DiffResult::corrupt);
    EXPECT_EQ(book.state(), BookState::broken);

    OrderBook fresh;
    EXPECT_EQ(fresh.apply(snapshot(5, {level(101, 1)}, {level(101, 1)})), SnapshotResult::corrupt);
    EXPECT_EQ(fresh.apply(snapshot(5, {level(99, 1), level(99, 2)}, {})), SnapshotResult::corrupt);
    EXPECT_EQ(fresh.apply(snapshot(0, {level(99, 1)}, {})), SnapshotResult::corrupt);
    EXPECT_FALSE(fresh.synchronised());
}

TEST(OrderBook, ASnapshotInAnyOrderIsSorted) {
    OrderBook book;
    ASSERT_EQ(
        book.apply(snapshot(5, {level(97, 1), level(99, 1), level(98, 1)}, {level(103, 1), level(101, 1)})),
        SnapshotResult::applied);
    EXPECT_EQ(book.best()->bid->price, Price::of(99));
    EXPECT_EQ(book.best()->ask->price, Price::of(101));
}

TEST(OrderBook, AnOlderSnapshotDoesNotTakeAWholeBookBack) {
    OrderBook book = small_book();
    EXPECT_EQ(book.apply(snapshot(99, {level(50, 1)}, {level(60, 1)})), SnapshotResult::ignored_old);
    EXPECT_EQ(book.best()->bid->price, Price::of(99));
    EXPECT_EQ(book.apply(snapshot(150, {level(50, 1)}, {level(60, 1)})), SnapshotResult::applied);
    EXPECT_EQ(book.best()->bid->price, Price::of(50));
    EXPECT_EQ(book.apply(diff(101, 149)), DiffResult::ignored_old);
}

TEST(OrderBook, ResetForgets) {
    OrderBook book = small_book();
    book.reset();
    EXPECT_EQ(book.state(), BookState::empty);
    EXPECT_EQ(book.update_id(), 0);
    EXPECT_FALSE(book.best().has_value());
    EXPECT_FALSE(book.known_to(Side::buy).has_value());
}

TEST(OrderBook, OneSideMayBeEmpty) {
    OrderBook book = small_book();
    const std::vector<BookLevel> gone{level(101, 0), level(102, 0)};
    ASSERT_EQ(book.apply(diff(101, 101, {}, gone)), DiffResult::applied);
    ASSERT_TRUE(book.best().has_value());
    EXPECT_TRUE(book.best()->bid.has_value());
    EXPECT_FALSE(book.best()->ask.has_value());
    EXPECT_FALSE(book.vwap(Side::buy, Quantity::of(1)).has_value());
}

TEST(OrderBook, VolumeAndAveragePrice) {
    const OrderBook book = small_book();
    EXPECT_EQ(book.volume_to(Side::sell, Price::of(100)), Quantity::of(0));
    EXPECT_EQ(book.volume_to(Side::sell, Price::of(101)), Quantity::of(3));
    EXPECT_EQ(book.volume_to(Side::sell, Price::of(500)), Quantity::of(7));
    EXPECT_EQ(book.volume_to(Side::buy, Price::of(98)), Quantity::of(3));
    // 3 at 101 and 1 at 102: 405 / 4.
    EXPECT_EQ(book.vwap(Side::buy, Quantity::of(4)), Price::literal("101.25"));
    // 1 at 99 and 2 at 98: 295 / 3, against the taker: down for a seller, and up for the buyer below.
    EXPECT_EQ(book.vwap(Side::sell, Quantity::of(3)), Price::literal("98.33333333"));
    // 3 at 101, 3 at 102 of 6: exact; 3 at 101 and 4 at 102 over 7: 711 / 7 = 101.571428571...
    EXPECT_EQ(book.vwap(Side::buy, Quantity::of(7)), Price::literal("101.57142858"));
    EXPECT_FALSE(book.vwap(Side::buy, Quantity::of(8)).has_value());
    EXPECT_FALSE(book.vwap(Side::buy, Quantity{}).has_value());
}

TEST(OrderBook, DepthIsBoundedAndSaysHowFarItKnows) {
    OrderBook book{{.levels_a_side = 8, .buffered_diffs = 10, .buffered_levels = 100}};
    ASSERT_EQ(book.apply(snapshot(1, {level(99, 1), level(98, 1)}, {level(101, 1)})),
              SnapshotResult::applied);
    EXPECT_EQ(book.known_to(Side::buy), Price::of(98));
    for (std::int64_t id = 2; id < 40; ++id) {
        const std::vector<BookLevel> bids{level(99 - id, 1)};
        ASSERT_EQ(book.apply(diff(id, id, bids)), DiffResult::applied);
        EXPECT_LE(book.levels(Side::buy).size(), 10U);
    }
    EXPECT_GE(book.levels(Side::buy).size(), 8U);
    EXPECT_EQ(book.best()->bid->price, Price::of(99));
    // Ten better levels push the old ones out; what is known ends at the worst kept.
    for (std::int64_t id = 40; id < 60; ++id) {
        const std::vector<BookLevel> asks{level(101, 0), level(1000, 1)};
        const std::vector<BookLevel> bids{level(60 + id, 1)};
        ASSERT_EQ(book.apply(diff(id, id, bids, asks)), DiffResult::applied);
    }
    EXPECT_GT(*book.known_to(Side::buy), Price::of(98));
    EXPECT_EQ(*book.known_to(Side::buy) <= book.levels(Side::buy).front().price, true);
}

/// What the flat book must equal: two maps and the procedure written out.
struct NaiveBook {
    std::map<Price, Quantity> bids;
    std::map<Price, Quantity> asks;
    void apply(std::span<const BookLevel> b, std::span<const BookLevel> a) {
        const auto set = [](auto& side, const BookLevel& each) {
            if (each.quantity.is_zero())
                side.erase(each.price);
            else
                side[each.price] = each.quantity;
        };
        for (const auto& each : b) set(bids, each);
        for (const auto& each : a) set(asks, each);
    }
    [[nodiscard]] bool crossed() const {
        return !bids.empty() && !asks.empty() && bids.rbegin()->first >= asks.begin()->first;
    }
};

class RandomDiffs : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomDiffs, EqualANaiveBook) {
    std::mt19937 random{GetParam()};
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    const auto below = [&](std::int64_t n) {
        return std::uniform_int_distribution<std::int64_t>{0, n - 1}(random);
    };
    OrderBook book;
    NaiveBook naive;
    std::vector<BookLevel> bids;
    std::vector<BookLevel> asks;
    std::int64_t middle = 10'000;
    const auto draw = [&](std::size_t count) {
        bids.clear();
        asks.clear();
        for (std::size_t i = 0; i < count; ++i) {
            // Mostly near the middle, sometimes far away.
            const std::int64_t reach = below(10) == 0 ? 900 : 40;
            bids.push_back(level(middle - 1 - below(reach), below(3) == 0 ? 0 : 1 + below(9)));
            asks.push_back(level(middle + 1 + below(reach), below(3) == 0 ? 0 : 1 + below(9)));
        }
        if (below(4) != 0) {  // as the exchange lists them, or not
            std::sort(bids.begin(), bids.end(), [](auto& a, auto& b) { return a.price > b.price; });
            std::sort(asks.begin(), asks.end(), [](auto& a, auto& b) { return a.price < b.price; });
        }
    };
    ASSERT_EQ(book.apply(snapshot(1, {}, {})), SnapshotResult::applied);
    int applied = 0;
    int crossed = 0;
    for (std::int64_t id = 2; id < 3000; ++id) {
        middle += below(3) - 1;
        draw(static_cast<std::size_t>(below(30)));
        if (below(100) == 0) {
            bids.push_back(level(middle + 45, 1));  // impossible, if there are asks below it
        } else {
            // A market removes what it trades through.
            for (const auto& [price, quantity] : naive.bids)
                if (price >= Price::of(middle)) bids.push_back({price, Quantity{}});
            for (const auto& [price, quantity] : naive.asks)
                if (price <= Price::of(middle)) asks.push_back({price, Quantity{}});
        }
        NaiveBook next = naive;
        next.apply(bids, asks);
        const DiffResult result = book.apply(diff(id, id, bids, asks));
        if (next.crossed()) {
            ++crossed;
            ASSERT_EQ(result, DiffResult::corrupt);
            std::vector<BookLevel> all_bids;
            std::vector<BookLevel> all_asks;
            for (const auto& [price, quantity] : naive.bids) all_bids.push_back({price, quantity});
            for (const auto& [price, quantity] : naive.asks) all_asks.push_back({price, quantity});
            ASSERT_EQ(book.apply(snapshot(id, all_bids, all_asks)), SnapshotResult::applied);
        } else {
            ASSERT_EQ(result, DiffResult::applied);
            naive = std::move(next);
            ++applied;
        }
        const auto ours_bids = book.levels(Side::buy);
        const auto ours_asks = book.levels(Side::sell);
        ASSERT_EQ(ours_bids.size(), naive.bids.size()) << "update " << id;
        ASSERT_EQ(ours_asks.size(), naive.asks.size()) << "update " << id;
        ASSERT_TRUE(std::equal(ours_bids.begin(), ours_bids.end(), naive.bids.begin(),
                               [](const BookLevel& ours, const auto& theirs) {
                                   return ours.price == theirs.first && ours.quantity == theirs.second;
                               }));
        ASSERT_TRUE(std::equal(ours_asks.begin(), ours_asks.end(), naive.asks.rbegin(),
                               [](const BookLevel& ours, const auto& theirs) {
                                   return ours.price == theirs.first && ours.quantity == theirs.second;
                               }));
    }
    EXPECT_GT(applied, 2500);
    EXPECT_GT(crossed, 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDiffs, ::testing::Values(1U, 2U, 3U, 20240808U));

/// Whatever is lost, repeated or late, a book that calls itself synchronised equals the true one.
class LossyStream : public ::testing::TestWithParam<unsigned> {};

TEST_P(LossyStream, NeverShowsAFalseBook) {
    std::mt19937 random{GetParam()};
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    const auto below = [&](std::int64_t n) {
        return std::uniform_int_distribution<std::int64_t>{0, n - 1}(random);
    };
    NaiveBook truth;
    std::int64_t true_id = 0;
    OrderBook book{{.levels_a_side = 1000, .buffered_diffs = 20, .buffered_levels = 1000}};
    std::optional<domain::DepthSnapshot> on_its_way;
    std::int64_t arrives = 0;
    int gaps = 0;
    int resynchronised = 0;
    int checked = 0;
    for (std::int64_t step = 0; step < 5000; ++step) {
        std::vector<BookLevel> bids;
        std::vector<BookLevel> asks;
        for (std::int64_t i = below(6); i >= 0; --i) {
            bids.push_back(level(400 - below(100), below(5)));
            asks.push_back(level(401 + below(100), below(5)));
        }
        const std::int64_t first = true_id + 1;
        true_id = first + below(4);
        truth.apply(bids, asks);

        const std::int64_t fate = below(100);
        if (fate >= 3) {
            const DiffResult result = book.apply(diff(first, true_id, bids, asks));
            if (result == DiffResult::gap) ++gaps;
            ASSERT_NE(result, DiffResult::corrupt);
            if (fate == 99) {
                EXPECT_EQ(book.apply(diff(first, true_id, bids, asks)), DiffResult::ignored_old);
            }
        }
        if (fate == 50) book.reset();
        if (!book.synchronised() && !on_its_way && book.buffered() > 0) {
            domain::DepthSnapshot taken;
            taken.last_id = true_id;
            for (const auto& [price, quantity] : truth.bids) taken.bids.push_back({price, quantity});
            for (const auto& [price, quantity] : truth.asks) taken.asks.push_back({price, quantity});
            on_its_way = std::move(taken);
            arrives = step + below(12);
        }
        if (on_its_way && step >= arrives) {
            if (book.apply(*on_its_way) == SnapshotResult::applied) ++resynchronised;
            on_its_way.reset();
        }
        if (book.synchronised() && book.update_id() == true_id) {
            ++checked;
            ASSERT_EQ(book.levels(Side::buy).size(), truth.bids.size());
            ASSERT_EQ(book.levels(Side::sell).size(), truth.asks.size());
            ASSERT_TRUE(std::equal(truth.bids.begin(), truth.bids.end(), book.levels(Side::buy).begin(),
                                   [](const auto& theirs, const BookLevel& ours) {
                                       return ours.price == theirs.first && ours.quantity == theirs.second;
                                   }));
        }
    }
    EXPECT_GT(gaps, 20);
    EXPECT_GT(resynchronised, 20);
    EXPECT_GT(checked, 500);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossyStream, ::testing::Values(1U, 2U, 3U, 4U, 5U));

}  // namespace
}  // namespace vigil::market
