// Nothing of any asset is made or lost, over all accounts, collected fees and what the outside market paid or
// was paid, whatever is asked for in whatever order: a million random operations. Builds that are slow
// (without optimisation, with sanitizers) do fewer; VIGIL_ALL_OPERATIONS=1 makes them do all.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "exchange/core_storm.h"

namespace vigil::exchange {
namespace {

/// Remembers nothing but how much was told.
class CountingSink final : public CoreSink {
  public:
    void on_execution(AccountId, const ExecutionEvent& event) override {
        ++executions;
        if (event.fill) ++fills;
    }
    void on_list_status(AccountId, const ListEvent&) override {}
    void on_account_position(AccountId, const domain::AccountPosition&) override {}
    void on_balance_update(AccountId, const domain::BalanceUpdate&) override {}
    void on_trade(const TradeEvent&) override { ++trades; }
    void on_agg_trade(const AggTradeEvent&) override {}
    void on_book_ticker(const BookTickerEvent&) override {}
    void on_depth(const DepthEvent&) override {}
    void on_kline(const KlineEvent&) override {}
    void on_avg_price(const AvgPriceEvent&) override {}
    void on_feed_end(std::string_view, const base::Error*) override {}

    std::int64_t executions{0};
    std::int64_t fills{0};
    std::int64_t trades{0};
};

constexpr int all_operations = 1'000'000;

int operations() {
#ifdef NDEBUG
    return all_operations;
#else
    constexpr int operations_of_slow_builds = 20'000;
    return std::getenv("VIGIL_ALL_OPERATIONS") != nullptr ? all_operations : operations_of_slow_builds;
#endif
}

TEST(CoreConservation, EveryAssetIsConservedOverAMillionRandomOperations) {
    constexpr std::uint64_t seed = 20'250'801;
    const int count = operations();
    std::printf("%d operations, seed %llu\n", count, static_cast<unsigned long long>(seed));
    Storm<CountingSink> storm{seed};
    for (int i = 0; i < count; ++i) {
        storm.step();
        for (const AssetTotals& total : storm.core->totals())
            ASSERT_EQ(total.accounts + total.fees - total.outside, total.deposited)
                << total.asset.view() << " after operation " << i;
        // Reserves and books take longer to check.
        if (i % 500 == 0) {
            storm.check_books();
            if (::testing::Test::HasFatalFailure()) FAIL() << "after operation " << i;
        }
    }
    storm.check_books();
    // The storm went on to its end: orders were taken and filled, and accounts did not run dry.
    EXPECT_GT(storm.accepted, count / 10);
    EXPECT_GT(storm.lists_accepted, count / 100);
    EXPECT_GT(storm.sink.fills, count / 20);
    std::printf("%d orders, %d lists, %lld fills, %lld trades\n", storm.accepted, storm.lists_accepted,
                static_cast<long long>(storm.sink.fills), static_cast<long long>(storm.sink.trades));
}

}  // namespace
}  // namespace vigil::exchange
