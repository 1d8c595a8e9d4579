// "How to manage a local order book correctly" (web-socket-streams.md): whoever takes a snapshot at any
// moment and applies the differences from then on has, at every update id, the very book that the exchange
// has; in generated markets and in a replayed one, with own orders that rest, trade and are cancelled in
// between.
#include <gtest/gtest.h>

#include "exchange/feed_fixture.h"
#include "exchange/market_setup.h"
#include "exchange/random.h"
#include "market/order_book.h"

namespace vigil::exchange {
namespace {

using domain::Side;

constexpr std::size_t all_levels = 5'000;

std::vector<domain::BookLevel> best_first(const market::OrderBook& book, Side side) {
    const auto levels = book.levels(side);  // best last
    return {levels.rbegin(), levels.rend()};
}

class BookProperty {
  public:
    BookProperty(CoreWorld& world, std::uint64_t seed) : world_{world}, random_{seed} {}

    /// `ms` of market with operations at random moments; clients begin to follow now and then.
    void run(std::int64_t ms) {
        std::int64_t now = 10;
        world_.core->advance(CoreWorld::at(now));
        seen_ = world_.sink.depths.size();
        if (!world_.sink.depths.empty()) last_id_ = world_.sink.depths.back().last_id;
        std::int64_t next_follower = now;
        while (now < ms) {
            now += random_.between(1, 90);
            operate(now);
            if (testing::Test::HasFatalFailure()) return;
            if (now >= next_follower) {
                follow();
                next_follower = now + 3'000;
            }
            // At the batch's own moment nothing has happened after it yet.
            now = (now / 100 + 1) * 100;
            world_.core->advance(CoreWorld::at(now));
            apply_new();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
    [[nodiscard]] int compared() const { return compared_; }
    [[nodiscard]] int orders() const { return orders_; }

  private:
    void operate(std::int64_t now) {
        const auto time = CoreWorld::at(now);
        world_.core->advance(time);
        const AccountId account = random_.below(2) == 0 ? world_.alice : world_.bob;
        const BookTickerEvent best = world_.core->book_ticker(sym("BTCUSDT")).value();
        if (!best.bid.price.is_positive() || !best.ask.price.is_positive()) return;
        const Side side = random_.below(2) == 0 ? Side::buy : Side::sell;
        // From far behind the best price to through the other side.
        const auto offset = px("0.01").raw() * random_.between(-200, 40);
        const domain::Price price = side == Side::buy ? best.bid.price + domain::Price::from_raw(offset)
                                                      : best.ask.price - domain::Price::from_raw(offset);
        switch (random_.below(5)) {
            case 0:
                static_cast<void>(world_.core->cancel_all(account, sym("BTCUSDT"), time));
                break;
            case 1:
                orders_ += world_.core->place(account, market_order(side, "0.05"), time).has_value() ? 1 : 0;
                break;
            default:
                orders_ +=
                    world_.core->place(account, limit_order(side, "0.02", price.str()), time).has_value() ? 1
                                                                                                          : 0;
        }
    }
    void follow() {
        const DepthView view = world_.core->depth(sym("BTCUSDT"), all_levels).value();
        books_.emplace_back();
        ASSERT_EQ(books_.back().apply(domain::DepthSnapshot{sym("BTCUSDT"), view.last_update_id, view.bids,
                                                            view.asks, base::MonotonicTime{}}),
                  market::SnapshotResult::applied);
    }
    void apply_new() {
        for (; seen_ < world_.sink.depths.size(); ++seen_) {
            const RecordingSink::Depth& diff = world_.sink.depths[seen_];
            if (last_id_ > 0) {
                ASSERT_EQ(diff.first_id, last_id_ + 1);
            }
            last_id_ = diff.last_id;
            for (market::OrderBook& book : books_) {
                const auto result = book.apply(domain::DepthDiff{
                    diff.symbol, diff.first_id, diff.last_id, diff.bids, diff.asks, diff.time, {}});
                ASSERT_TRUE(result == market::DiffResult::applied ||
                            result == market::DiffResult::ignored_old)
                    << "update " << diff.last_id;
            }
        }
        const DepthView view = world_.core->depth(sym("BTCUSDT"), all_levels).value();
        for (const market::OrderBook& book : books_) {
            ASSERT_EQ(book.update_id(), view.last_update_id);
            ASSERT_EQ(best_first(book, Side::buy), view.bids) << "update " << view.last_update_id;
            ASSERT_EQ(best_first(book, Side::sell), view.asks) << "update " << view.last_update_id;
            ++compared_;
        }
    }

    CoreWorld& world_;
    Random random_;
    std::vector<market::OrderBook> books_;
    std::size_t seen_{0};
    std::int64_t last_id_{0};
    int compared_{0};
    int orders_{0};
};

void give_money(CoreWorld& world) {
    for (const AccountId account : {world.alice, world.bob}) {
        ASSERT_TRUE(world.core->deposit(account, ast("USDT"), amt("10000000"), CoreWorld::at(0)));
        ASSERT_TRUE(world.core->deposit(account, ast("BTC"), amt("1000"), CoreWorld::at(0)));
    }
}

TEST(BookProperty, GeneratedMarkets) {
    for (const std::uint64_t seed : {301U, 302U, 303U}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        CoreWorld world;
        give_money(world);
        GeneratedOptions options;
        options.seed = seed;
        options.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
        world.core->attach(generate_feed(options), domain::Rate::of(1), CoreWorld::at(0));
        BookProperty property{world, seed};
        property.run(20'000);
        EXPECT_GT(property.compared(), 500);
        EXPECT_GT(property.orders(), 50);
    }
}

TEST(BookProperty, AReplayedMarket) {
    const auto file = recorded("ws/BTCUSDT-spot-20240808T2354-first120s.jsonl");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    constexpr std::uint64_t seed = 304;
    SCOPED_TRACE("seed 304");
    CoreWorld world;
    give_money(world);
    auto feed = open_feed(file, {});
    ASSERT_TRUE(feed) << feed.error().message;
    world.core->attach(*std::move(feed), domain::Rate::of(1), CoreWorld::at(0));
    BookProperty property{world, seed};
    property.run(20'000);
    EXPECT_GT(property.compared(), 500);
    EXPECT_GT(property.orders(), 50);
}

}  // namespace
}  // namespace vigil::exchange
