// Properties that hold whatever happens: money is neither made nor lost, reserves fit the open orders, the
// same calls give the same events.
#include <gtest/gtest.h>

#include <sstream>

#include "exchange/core_storm.h"

namespace vigil::exchange {
namespace {

using domain::Side;

/// Everything the core tells, as text: two runs are the same when these are.
class TextSink final : public CoreSink {
  public:
    void on_execution(AccountId account, const ExecutionEvent& event) override {
        out << 'E' << account.value << ' ' << event.order.symbol.view() << ' ' << event.order.order_id.value
            << ' ' << event.order.client_order_id.view() << ' ' << domain::to_string(event.execution) << ' '
            << domain::to_string(event.order.status) << ' ' << event.order.executed.raw() << ' '
            << event.order.executed_quote.raw() << ' ' << event.execution_id << ' '
            << event.event_time.time_since_epoch().count();
        if (event.fill)
            out << ' ' << event.fill->price.raw() << ' ' << event.fill->quantity.raw() << ' '
                << event.fill->commission.raw() << event.fill->commission_asset.view();
        out << '\n';
    }
    void on_list_status(AccountId account, const ListEvent& event) override {
        out << 'L' << account.value << ' ' << event.list.list_id << ' ' << to_string(event.list.status) << ' '
            << to_string(event.list.order_status) << ' ' << to_string(event.reject_reason) << '\n';
    }
    void on_account_position(AccountId account, const domain::AccountPosition& event) override {
        out << 'P' << account.value;
        for (const auto& balance : event.balances)
            out << ' ' << balance.asset.view() << balance.free.raw() << '/' << balance.locked.raw();
        out << '\n';
    }
    void on_balance_update(AccountId account, const domain::BalanceUpdate& event) override {
        out << 'B' << account.value << event.delta.raw() << '\n';
    }
    void on_trade(const TradeEvent& event) override {
        out << 'T' << event.symbol.view() << event.trade_id.value << ' ' << event.price.raw() << ' '
            << event.quantity.raw() << ' ' << event.time.time_since_epoch().count() << '\n';
    }
    void on_agg_trade(const AggTradeEvent& event) override {
        out << 'A' << event.agg_id << ' ' << event.quantity.raw() << '\n';
    }
    void on_book_ticker(const BookTickerEvent& event) override {
        out << 'U' << event.update_id << ' ' << event.bid.price.raw() << ' ' << event.bid.quantity.raw()
            << ' ' << event.ask.price.raw() << ' ' << event.ask.quantity.raw() << '\n';
    }
    void on_depth(const DepthEvent& event) override {
        out << 'D' << event.symbol.view() << event.first_id << ' ' << event.last_id;
        for (const auto& each : event.bids) out << ' ' << each.price.raw() << '=' << each.quantity.raw();
        for (const auto& each : event.asks) out << ' ' << each.price.raw() << '=' << each.quantity.raw();
        out << ' ' << event.time.time_since_epoch().count() << '\n';
    }
    void on_kline(const KlineEvent& event) override {
        out << 'K' << event.symbol.view() << event.kline.interval.width_ms << ' '
            << base::to_ms(event.kline.open_time) << ' ' << event.kline.open.raw() << ' '
            << event.kline.close.raw() << ' ' << event.kline.volume.raw() << event.kline.closed << ' '
            << event.time.time_since_epoch().count() << '\n';
    }
    void on_avg_price(const AvgPriceEvent& event) override { out << 'V' << event.average.raw() << '\n'; }
    void on_feed_end(std::string_view feed, const base::Error*) override { out << 'F' << feed << '\n'; }
    std::ostringstream out;
};

using TextStorm = Storm<TextSink>;

TEST(CoreProperty, MoneyIsConservedAndReservesFitUnderRandomOperations) {
    for (const std::uint64_t seed : {1U, 20'240'808U}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TextStorm storm{seed};
        constexpr int operations = 6'000;
        for (int i = 0; i < operations; ++i) {
            storm.step();
            if (i % 10 == 0) storm.check_books();
            if (::testing::Test::HasFatalFailure()) FAIL() << "at operation " << i;
        }
        storm.check_books();
        EXPECT_GT(storm.accepted, operations / 10);
        EXPECT_GT(storm.lists_accepted, operations / 50);
        EXPECT_GT(storm.amended, operations / 100);
        // Every kind of ending occurred, so that the property says something about it.
        const std::string told = storm.sink.out.str();
        for (const std::string_view word :
             {" TRADE FILLED", " EXPIRED EXPIRED", " CANCELED CANCELED", " TRADE_PREVENTION EXPIRED_IN_MATCH",
              " REJECTED REJECTED", " NEW PENDING_NEW", " REPLACED ", " ALL_DONE ALL_DONE",
              " RESPONSE REJECT"})
            EXPECT_NE(told.find(word), std::string::npos) << word;
    }
}

TEST(CoreProperty, SameSeedSameEvents) {
    TextStorm first{77};
    TextStorm second{77};
    TextStorm other{78};
    for (int i = 0; i < 1'500; ++i) {
        first.step();
        second.step();
        other.step();
    }
    EXPECT_EQ(first.sink.out.str(), second.sink.out.str());
    EXPECT_NE(first.sink.out.str(), other.sink.out.str());
}

TEST(CoreProperty, EventsDoNotDependOnHowOftenTimeIsTold) {
    const auto run = [](std::int64_t every_ms) {
        TextSink sink;
        CoreOptions options;
        options.start = CoreWorld::at(0);
        ExchangeCore core{options, sink};
        for (SymbolSpec& spec : default_symbols()) core.add_symbol(std::move(spec));
        const AccountId account = core.add_account(CoreWorld::opened("a"));
        GeneratedOptions market;
        market.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
        core.attach(generate_feed(market), domain::Rate::of(5), CoreWorld::at(0));
        for (std::int64_t ms = 0; ms <= 130'000; ms += every_ms) {
            core.advance(CoreWorld::at(ms));
            if (ms % 13'000 == 0)
                (void)core.place(account, market_order(Side::sell, "0.01"), CoreWorld::at(ms));
        }
        return sink.out.str();
    };
    const std::string often = run(10);
    EXPECT_FALSE(often.empty());
    EXPECT_EQ(often, run(6'500));
}

}  // namespace
}  // namespace vigil::exchange
