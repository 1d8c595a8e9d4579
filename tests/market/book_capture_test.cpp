// The local book replayed over a recorded ten minutes of BTCUSDT: it must never cross, and its best levels
// must equal the recorded bookTicker at every update id that both have.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <map>

#include "market/order_book.h"
#include "market/symbol_view.h"
#include "recorded.h"

namespace vigil::market {
namespace {

using domain::BookLevel;

std::vector<BookLevel> levels_of(simdjson::dom::array array) {
    std::vector<BookLevel> levels;
    levels.reserve(array.size());
    for (const auto element : array)
        levels.push_back({domain::Price::parse(std::string_view{element.at(0)}).value(),
                          domain::Quantity::parse(std::string_view{element.at(1)}).value()});
    return levels;
}

struct Ticker {
    BookLevel bid;
    BookLevel ask;
};
struct StoredDiff {
    std::int64_t first_id;
    std::int64_t last_id;
    std::vector<BookLevel> bids;
    std::vector<BookLevel> asks;
    [[nodiscard]] domain::DepthDiff event() const {
        domain::DepthDiff diff;
        diff.first_id = first_id;
        diff.last_id = last_id;
        diff.bids = bids;
        diff.asks = asks;
        return diff;
    }
};
/// The capture in receive order; a diff's or the snapshot's place is its index in `order`.
struct Capture {
    std::vector<StoredDiff> diffs;
    std::optional<domain::DepthSnapshot> snapshot;
    std::size_t snapshot_before_diff{0};
    std::map<std::int64_t, Ticker> tickers;
};

Capture read_capture(const std::filesystem::path& path) {
    Capture capture;
    simdjson::dom::parser parser;
    const bool whole = testing::for_each_line(path, [&](std::string_view line) {
        if (line.find("@trade\"") != std::string_view::npos) return;
        const simdjson::dom::element root = parser.parse(line.data(), line.size());
        simdjson::dom::element message;
        if (root["msg"].get(message) != simdjson::SUCCESS) return;
        std::string_view stream;
        if (message["stream"].get(stream) != simdjson::SUCCESS) {
            domain::DepthSnapshot snapshot;
            snapshot.last_id = std::int64_t{message["lastUpdateId"]};
            snapshot.bids = levels_of(message["bids"]);
            snapshot.asks = levels_of(message["asks"]);
            ASSERT_FALSE(capture.snapshot.has_value());
            capture.snapshot = std::move(snapshot);
            capture.snapshot_before_diff = capture.diffs.size();
            return;
        }
        const simdjson::dom::element data = message["data"];
        if (stream.ends_with("@bookTicker")) {
            const auto level = [&](const char* price, const char* quantity) {
                return BookLevel{domain::Price::parse(std::string_view{data[price]}).value(),
                                 domain::Quantity::parse(std::string_view{data[quantity]}).value()};
            };
            capture.tickers[std::int64_t{data["u"]}] = {level("b", "B"), level("a", "A")};
        } else if (stream.find("@depth") != std::string_view::npos) {
            capture.diffs.push_back({std::int64_t{data["U"]}, std::int64_t{data["u"]}, levels_of(data["b"]),
                                     levels_of(data["a"])});
        }
    });
    EXPECT_TRUE(whole);
    return capture;
}

class BookCapture : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto path = testing::recorded("ws/BTCUSDT-spot-20240808T2354.jsonl.gz");
        if (!path) GTEST_SKIP() << "the recorded capture is not here (VIGIL_TEST_DATA)";
        capture_ = read_capture(*path);
        ASSERT_EQ(capture_.diffs.size(), 6495U);
        ASSERT_EQ(capture_.tickers.size(), 73174U);
        ASSERT_TRUE(capture_.snapshot.has_value());
    }
    Capture capture_;
};

TEST_F(BookCapture, EqualsTheTickerAtEveryCommonUpdateId) {
    OrderBook book;
    int compared = 0;
    const auto compare = [&] {
        const auto best = book.best();
        ASSERT_TRUE(best && best->bid && best->ask);
        ASSERT_LT(best->bid->price, best->ask->price);
        const auto ticker = capture_.tickers.find(book.update_id());
        if (ticker == capture_.tickers.end()) return;
        ++compared;
        EXPECT_EQ(*best->bid, ticker->second.bid) << "at update " << book.update_id();
        EXPECT_EQ(*best->ask, ticker->second.ask) << "at update " << book.update_id();
    };
    for (std::size_t i = 0; i < capture_.diffs.size(); ++i) {
        if (i == capture_.snapshot_before_diff) {
            ASSERT_EQ(book.state(), BookState::empty);
            ASSERT_GT(book.buffered(), 0U);
            ASSERT_EQ(book.apply(*capture_.snapshot), SnapshotResult::applied);
            ASSERT_NO_FATAL_FAILURE(compare());
        }
        const DiffResult result = book.apply(capture_.diffs[i].event());
        ASSERT_EQ(result, i < capture_.snapshot_before_diff ? DiffResult::buffered : DiffResult::applied)
            << "diff " << i;
        if (book.synchronised()) {
            ASSERT_NO_FATAL_FAILURE(compare());
        }
    }
    EXPECT_EQ(compared, 1072);
}

TEST_F(BookCapture, OneLostDiffBreaksItAndANewSnapshotMendsIt) {
    SymbolView view{domain::Symbol::from("BTCUSDT").value()};
    std::size_t i = 0;
    for (; i < capture_.snapshot_before_diff; ++i) view.on(capture_.diffs[i].event());
    ASSERT_TRUE(view.wants_snapshot());
    ASSERT_EQ(view.on(*capture_.snapshot), SnapshotResult::applied);
    for (; i < 1000; ++i) ASSERT_EQ(view.on(capture_.diffs[i].event()), DiffResult::applied);
    ASSERT_TRUE(view.may_quote({}));

    ++i;  // this one is lost
    EXPECT_EQ(view.on(capture_.diffs[i].event()), DiffResult::gap);
    EXPECT_EQ(view.book().state(), BookState::broken);
    EXPECT_FALSE(view.may_quote({}));
    EXPECT_TRUE(view.wants_snapshot());
    // The old snapshot cannot bridge what is buffered now.
    EXPECT_EQ(view.on(*capture_.snapshot), SnapshotResult::too_old);
    EXPECT_FALSE(view.may_quote({}));
    for (++i; i < 1010; ++i) EXPECT_EQ(view.on(capture_.diffs[i].event()), DiffResult::buffered);

    // A second book that lost nothing provides the snapshot that the exchange would give.
    OrderBook other;
    for (std::size_t j = 0; j < 1005; ++j) {
        if (j == capture_.snapshot_before_diff) other.apply(*capture_.snapshot);
        other.apply(capture_.diffs[j].event());
    }
    ASSERT_TRUE(other.synchronised());
    const auto snapshot_of = [](const OrderBook& book) {
        domain::DepthSnapshot snapshot;
        snapshot.last_id = book.update_id();
        const auto bids = book.levels(domain::Side::buy);
        const auto asks = book.levels(domain::Side::sell);
        snapshot.bids.assign(bids.rbegin(), bids.rend());
        snapshot.asks.assign(asks.rbegin(), asks.rend());
        return snapshot;
    };
    ASSERT_EQ(view.on(snapshot_of(other)), SnapshotResult::applied);
    for (std::size_t j = 1005; j < 1010; ++j) other.apply(capture_.diffs[j].event());
    EXPECT_EQ(snapshot_of(view.book()).bids, snapshot_of(other).bids);
    EXPECT_EQ(snapshot_of(view.book()).asks, snapshot_of(other).asks);
    EXPECT_EQ(view.book().update_id(), other.update_id());
}

/// The view's top is the newest of ticker and book: fed with both in order of update id, it equals the last
/// ticker after every ticker.
TEST_F(BookCapture, TopIsTheNewestOfTickerAndBook) {
    SymbolView view{domain::Symbol::from("BTCUSDT").value()};
    auto ticker = capture_.tickers.begin();
    int compared = 0;
    for (std::size_t i = 0; i < capture_.diffs.size(); ++i) {
        if (i == capture_.snapshot_before_diff) {
            ASSERT_EQ(view.on(*capture_.snapshot), SnapshotResult::applied);
        }
        for (; ticker != capture_.tickers.end() && ticker->first <= capture_.diffs[i].last_id; ++ticker) {
            domain::BookTicker event;
            event.update_id = ticker->first;
            event.bid = ticker->second.bid;
            event.ask = ticker->second.ask;
            view.on(event);
            if (ticker->first <= capture_.snapshot->last_id) continue;
            ++compared;
            ASSERT_TRUE(view.top().has_value());
            EXPECT_EQ(view.top()->update_id, ticker->first);
            EXPECT_EQ(view.top()->bid, ticker->second.bid);
        }
        view.on(capture_.diffs[i].event());
    }
    EXPECT_GT(compared, 70'000);
}

}  // namespace
}  // namespace vigil::market
