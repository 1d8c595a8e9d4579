// What the core remembers has limits, and what it forgets is the oldest: closed orders, closed order lists,
// trades of an account, public trades. A storm of random operations under small limits, compared with all
// that was told.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "exchange/core_storm.h"

namespace vigil::exchange {
namespace {

using domain::OrderId;
using domain::Symbol;

using Ids = std::vector<std::int64_t>;
using OfAccount = std::pair<AccountId, Symbol>;

/// Remembers, without limit, which orders and lists closed, and which trades there were.
class RecordingSink final : public CoreSink {
  public:
    void on_execution(AccountId account, const ExecutionEvent& event) override {
        const OfAccount key{account, event.order.symbol};
        if (event.fill) trades[key].push_back(event.fill->trade_id.value);
        const std::int64_t order = event.order.order_id.value;
        if (event.execution == domain::ExecutionType::new_order) accepted_[key].insert(order);
        // One that the matching engine refused was never there.
        if (!event.order.is_open() && accepted_[key].contains(order)) closed[key].push_back(order);
    }
    void on_list_status(AccountId account, const ListEvent& event) override {
        if (event.list.status == ListStatus::all_done) closed_lists[account].push_back(event.list.list_id);
    }
    void on_account_position(AccountId, const domain::AccountPosition&) override {}
    void on_balance_update(AccountId, const domain::BalanceUpdate&) override {}
    void on_trade(const TradeEvent& event) override {
        public_trades[event.symbol].push_back(event.trade_id.value);
    }
    void on_agg_trade(const AggTradeEvent&) override {}
    void on_book_ticker(const BookTickerEvent&) override {}
    void on_depth(const DepthEvent&) override {}
    void on_kline(const KlineEvent&) override {}
    void on_avg_price(const AvgPriceEvent&) override {}
    void on_feed_end(std::string_view, const base::Error*) override {}

    std::map<OfAccount, Ids> closed;
    std::map<OfAccount, Ids> trades;
    std::map<AccountId, Ids> closed_lists;
    std::map<Symbol, Ids> public_trades;

  private:
    std::map<OfAccount, std::set<std::int64_t>> accepted_;
};

constexpr std::size_t closed_orders_max = 40;
constexpr std::size_t own_trades_max = 30;
constexpr std::size_t recent_trades_max = 20;

/// A query for all that there is.
template <class Query>
Query all_of() {
    Query query;
    query.limit = 1'000'000;
    return query;
}

Ids latest(const Ids& all, std::size_t most) {
    Ids found{all.size() > most ? all.end() - static_cast<std::ptrdiff_t>(most) : all.begin(), all.end()};
    std::sort(found.begin(), found.end());
    return found;
}

class CoreMemory : public testing::Test {
  protected:
    static CoreOptions limits() {
        CoreOptions options;
        options.closed_orders_max = closed_orders_max;
        options.own_trades_max = own_trades_max;
        options.recent_trades_max = recent_trades_max;
        return options;
    }
    CoreMemory() {
        for (int i = 0; i < 5'000; ++i) storm_.step();
    }

    Storm<RecordingSink> storm_{20'250'801, limits()};
};

TEST_F(CoreMemory, OfClosedOrdersTheLatestOfEachAccountAndSymbolAreKept) {
    for (const auto& [key, closed] : storm_.sink.closed) {
        ASSERT_GT(closed.size(), closed_orders_max) << key.second.view();
        Ids kept;
        Ids open;
        const auto orders = storm_.core->all_orders(key.first, key.second, all_of<OrdersQuery>()).value();
        for (const OrderRecord& order : orders)
            (order.is_open() ? open : kept).push_back(order.order_id.value);
        EXPECT_EQ(kept, latest(closed, closed_orders_max)) << key.second.view();
        EXPECT_EQ(open.size(), storm_.core->open_orders(key.first, key.second)->size());
        // A forgotten order is unknown by its number.
        EXPECT_EQ(
            storm_.core->order(key.first, key.second, OrderKey{OrderId{closed.front()}, {}}).error().code,
            -2013);
    }
    EXPECT_EQ(storm_.sink.closed.size(), 9U);
}

TEST_F(CoreMemory, OfAnAccountsTradesTheLatestOfEachSymbolAreKept) {
    for (const auto& [key, trades] : storm_.sink.trades) {
        ASSERT_GT(trades.size(), own_trades_max) << key.second.view();
        Ids kept;
        const auto fills = storm_.core->own_trades(key.first, key.second, all_of<TradesQuery>()).value();
        for (const FillRecord& fill : fills) kept.push_back(fill.trade_id.value);
        EXPECT_EQ(kept, latest(trades, own_trades_max)) << key.second.view();
    }
    EXPECT_EQ(storm_.sink.trades.size(), 9U);
}

TEST_F(CoreMemory, OfClosedOrderListsTheLatestOfEachAccountAreKept) {
    for (const auto& [account, closed] : storm_.sink.closed_lists) {
        ASSERT_GT(closed.size(), closed_orders_max);
        Ids kept;
        for (const OrderListRecord& list : storm_.core->all_order_lists(account, all_of<ListsQuery>()))
            if (list.order_status != ListOrderStatus::executing) kept.push_back(list.list_id);
        EXPECT_EQ(kept, latest(closed, closed_orders_max));
    }
    EXPECT_EQ(storm_.sink.closed_lists.size(), 3U);
}

TEST_F(CoreMemory, OfASymbolsTradesTheLatestAreKept) {
    for (const auto& [symbol, trades] : storm_.sink.public_trades) {
        ASSERT_GT(trades.size(), recent_trades_max);
        Ids kept;
        const auto recent = storm_.core->recent_trades(symbol, 1'000'000).value();
        for (const TradeEvent& trade : recent) kept.push_back(trade.trade_id.value);
        EXPECT_EQ(kept, latest(trades, recent_trades_max)) << symbol.view();
    }
    EXPECT_EQ(storm_.sink.public_trades.size(), 3U);
}

}  // namespace
}  // namespace vigil::exchange
