// A core that is saved, and taken up by another: whatever had happened, nothing is different afterwards, and
// nothing becomes different later.
#include "exchange/core_state.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <utility>

#include "exchange/core_storm.h"
#include "exchange/feed_fixture.h"
#include "exchange/server_saved.h"
#include "exchange/ws_render.h"

namespace vigil::exchange {
namespace {

/// Every event as the bytes that a client gets, in order.
class TellingSink final : public CoreSink {
  public:
    void on_execution(AccountId account, const ExecutionEvent& event) override {
        tell(account.value, [&](JsonWriter& out) { write_execution(event, out); });
    }
    void on_list_status(AccountId account, const ListEvent& event) override {
        tell(account.value, [&](JsonWriter& out) { write_list_status(event, out); });
    }
    void on_account_position(AccountId account, const domain::AccountPosition& event) override {
        tell(account.value, [&](JsonWriter& out) { write_account_position(event, out); });
    }
    void on_balance_update(AccountId account, const domain::BalanceUpdate& event) override {
        tell(account.value, [&](JsonWriter& out) { write_balance_update(event, out); });
    }
    void on_external_lock(AccountId account, const ExternalLockUpdate& event) override {
        tell(account.value, [&](JsonWriter& out) { write_external_lock(event, out); });
    }
    void on_trade(const TradeEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_trade_event(event, out); });
    }
    void on_agg_trade(const AggTradeEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_agg_trade_event(event, out); });
    }
    void on_book_ticker(const BookTickerEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_book_ticker_event(event, out); });
    }
    void on_depth(const DepthEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_depth_event(event, out); });
    }
    void on_kline(const KlineEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_kline_event(event, out); });
    }
    void on_avg_price(const AvgPriceEvent& event) override {
        tell(9, [&](JsonWriter& out) { write_avg_price_event(event, out); });
    }
    void on_traded(const TradedEvent& event) override {
        for (const domain::Symbol& symbol : event.symbols) text += symbol.str() + " traded\n";
    }
    // Told again at each start.
    void on_feed_end(std::string_view, const base::Error*) override {}

    std::string text;

  private:
    template <class Write>
    void tell(std::uint32_t whom, Write write) {
        text += std::to_string(whom) + ' ';
        JsonWriter writer{text};
        write(writer);
        text += '\n';
    }
};

std::string text_of(const ExchangeCore& core) {
    return write_saved(SavedExchange{{}, core.save(), {}}, 0);
}

/// As a process that ends and another one that begins.
template <class Sink>
void restart(Storm<Sink>& storm) {
    const base::ExchangeTime now = storm.core->now();
    const std::string text = text_of(*storm.core);
    storm.forget();
    const auto saved = read_saved(text);
    ASSERT_TRUE(saved) << saved.error().message;
    const auto anew = storm.core->restore(saved->core, now);
    ASSERT_TRUE(anew) << anew.error().message;
    EXPECT_TRUE(anew->empty()) << anew->front() << " begins anew";
    ASSERT_TRUE(text_of(*storm.core) == text) << "what is taken up is what was saved";
}

/// Little memory, so that much is forgotten and a state is short.
CoreOptions little(std::size_t kept) {
    CoreOptions options;
    options.closed_orders_max = options.own_trades_max = options.recent_trades_max = kept * 3;
    options.klines_max = kept;
    return options;
}

/// Where two long texts part.
std::string difference(const std::string& a, const std::string& b) {
    if (a == b) return {};
    const auto at = static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                      b.begin())
            .first -
        a.begin());
    const std::size_t from = at > 300 ? at - 300 : 0;
    return a.substr(from, 600) + "\n  instead of\n" + b.substr(from, 600);
}

TEST(CoreState, ARestartChangesNothingAndNothingBecomesDifferent) {
    std::uint64_t seed = std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Random draw{seed};
    for (int run = 0; run < 2; ++run, ++seed) {
        Storm<TellingSink> straight{seed, little(20)};
        Storm<TellingSink> restarted{seed, little(20)};
        for (int i = 0; i < 1'500; ++i) {
            straight.step();
            restarted.step();
            if (!draw.chance_ppm(6'000)) continue;
            restart(restarted);
            ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " step " << i;
            ASSERT_EQ(difference(restarted.sink.text, straight.sink.text), "")
                << "seed " << seed << " step " << i;
        }
        EXPECT_EQ(difference(restarted.sink.text, straight.sink.text), "") << "seed " << seed;
        EXPECT_TRUE(text_of(*restarted.core) == text_of(*straight.core)) << "seed " << seed;
        straight.check_books();
        EXPECT_GT(straight.accepted, 100);
        EXPECT_GT(straight.lists_accepted, 10);
    }
}

TEST(CoreState, ARecordingGoesOnWhereItWas) {
    for (const AtEnd at_end : {AtEnd::end, AtEnd::loop}) {
        const OwnFolder folder;
        std::string csv;  // every 200 ms for ten seconds
        for (int i = 0; i < 50; ++i)
            csv += std::to_string(1 + i) + ",100." + std::to_string(10 + i % 7) + ",0.5,50," +
                   std::to_string(1'723'161'600'000 + i * 200) + ",true,true\n";
        const auto file = folder.write("BTCUSDT-trades.csv", csv);
        TellingSink sink;
        const auto make = [&] {
            CoreOptions options;
            options.start = CoreWorld::at(0);
            auto core = std::make_unique<ExchangeCore>(options, sink);
            for (SymbolSpec& spec : default_symbols()) core->add_symbol(std::move(spec));
            FeedOptions feed_options;
            feed_options.at_end = at_end;
            auto feed = open_feed(file, feed_options);
            EXPECT_TRUE(feed) << feed.error().message;
            core->attach(*std::move(feed), domain::Rate::of(1), CoreWorld::at(0));
            return core;
        };
        const auto straight = make();
        straight->advance(CoreWorld::at(30'000));
        const std::string whole = std::exchange(sink.text, {});
        auto core = make();
        for (const std::int64_t ms : {0, 3'000, 3'100, 9'700, 10'800, 21'000, 30'000}) {
            core->advance(CoreWorld::at(ms));
            const auto saved = core->save();
            core = make();
            const auto anew = core->restore(saved, CoreWorld::at(ms));
            ASSERT_TRUE(anew && anew->empty());
        }
        EXPECT_EQ(difference(sink.text, whole), "");
    }
}

// In a market that is quiet after its one trade, so that a second telling would be seen.
TEST(CoreState, WhatWasToldIsNotToldAgain) {
    const auto told = [](bool restarts) {
        TellingSink sink;
        CoreOptions options;
        options.start = CoreWorld::at(0);
        const auto make = [&](bool with_feed) {
            auto core = std::make_unique<ExchangeCore>(options, sink);
            for (SymbolSpec& spec : default_symbols()) core->add_symbol(std::move(spec));
            if (!with_feed) return core;
            auto script = CoreWorld::book();
            script->at_ms(500, print_of("100.01", "0.5", false));
            core->attach(std::move(script), domain::Rate::of(1), CoreWorld::at(0));
            return core;
        };
        auto core = make(true);
        core->advance(CoreWorld::at(1'200));
        if (restarts) {
            const auto saved = read_saved(text_of(*core));
            EXPECT_TRUE(saved);
            core = make(false);
            EXPECT_TRUE(core->restore(saved->core, CoreWorld::at(1'200)));
        }
        core->advance(CoreWorld::at(150'000));
        return sink.text;
    };
    const std::string straight = told(false);
    EXPECT_NE(straight.find("BTCUSDT traded"), std::string::npos);
    EXPECT_EQ(difference(told(true), straight), "");
}

TEST(CoreState, AnotherMarketBeginsAnew) {
    Storm<RecordingSink> storm{1};
    for (int i = 0; i < 200; ++i) storm.step();
    SavedCore saved = storm.core->save();
    storm.forget();
    saved.feeds[0].position[0] ^= 1;  // of another seed
    const auto anew = storm.core->restore(saved, storm.core->now());
    ASSERT_TRUE(anew) << anew.error().message;
    EXPECT_EQ(*anew, std::vector<std::string>{"generated"});
    for (int i = 0; i < 200; ++i) storm.step();
    storm.check_books();
}

// What a file may say that no core would have written: refused, and nothing has changed.
TEST(CoreState, WhatDoesNotHoldTogetherIsRefused) {
    Storm<RecordingSink> storm{7};
    for (int i = 0; i < 600; ++i) storm.step();
    const SavedCore good = storm.core->save();
    const auto symbol = std::find_if(good.symbols.begin(), good.symbols.end(),
                                     [](const SavedSymbol& one) { return !one.resting.empty(); }) -
                        good.symbols.begin();
    const auto at = static_cast<std::size_t>(symbol);
    ASSERT_LT(at, good.symbols.size());
    const auto refused = [&](const char* what, const std::function<void(SavedCore&)>& damage) {
        SavedCore bad = good;
        damage(bad);
        storm.forget();
        const std::string before = text_of(*storm.core);
        EXPECT_FALSE(storm.core->restore(bad, CoreWorld::at(0))) << what;
        EXPECT_TRUE(text_of(*storm.core) == before) << what;
    };
    const auto first_store = [at](SavedCore& core) -> SavedStore& {
        for (SavedStore& store : core.symbols[at].stores)
            if (!store.open.empty()) return store;
        base::unreachable("there are open orders");
    };
    refused("an order that rests twice",
            [&](SavedCore& core) { core.symbols[at].resting.push_back(core.symbols[at].resting.front()); });
    refused("an order that rests nowhere", [&](SavedCore& core) { core.symbols[at].resting.pop_back(); });
    refused("an order twice", [&](SavedCore& core) {
        SavedStore& store = first_store(core);
        store.open.push_back(store.open.front());
    });
    refused("a number of the future", [&](SavedCore& core) {
        core.symbols[at].next_order_id = first_store(core).open.front().record.order_id.value;
    });
    refused("a balance below zero",
            [](SavedCore& core) { core.accounts[0].balances[0].free = domain::Amount::from_raw(-1); });
    refused("money that nobody claims",
            [](SavedCore& core) { core.accounts[0].balances[0].locked += domain::Amount::from_raw(1); });
    refused("a lock from outside that is not locked", [](SavedCore& core) {
        core.accounts[0].external_locks.push_back({ast("USDT"), amt("1")});
    });
    refused("an account that is not there", [](SavedCore& core) { core.accounts[2].label = "nobody"; });
    refused("a book out of order", [&](SavedCore& core) {
        std::reverse(core.symbols[at].book.outside_bids.begin(), core.symbols[at].book.outside_bids.end());
    });
    refused("klines of no known width",
            [&](SavedCore& core) { core.symbols[at].klines->series[0].width_ms = 17; });
    refused("an enumeration beyond its end", [&](SavedCore& core) {
        first_store(core).open.front().record.type = static_cast<domain::OrderType>(99);
    });
    refused("a symbol that is not there", [&](SavedCore& core) { core.symbols[at].symbol = sym("NOSUCH"); });
    refused("a feed of the future",
            [](SavedCore& core) { core.feeds[0].begin = core.now + std::chrono::hours{1}; });
    storm.forget();
    EXPECT_TRUE(storm.core->restore(good, CoreWorld::at(0)));
}

// A checksum tells damaged files before; but what is read after it is not trusted either.
TEST(CoreState, DamagedTextIsRefusedOrHarmless) {
    const std::uint64_t seed = std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Storm<RecordingSink> storm{seed, little(2)};
    for (int i = 0; i < 300; ++i) storm.step();
    const std::string good = text_of(*storm.core);
    const base::ExchangeTime now = storm.core->now();
    Random draw{seed};
    int refused = 0;
    for (int i = 0; i < 150; ++i) {
        std::string bad = good;
        for (std::int64_t left = draw.between(1, 3); left > 0; --left) {
            const auto at = static_cast<std::size_t>(draw.below(bad.size()));
            const std::string_view with{"0123456789-,:[]{}\"ntx"};
            switch (draw.below(4)) {
                case 0:
                    bad.erase(at, draw.below(20));
                    break;
                case 1:
                    bad.insert(at, 1, with[draw.below(10)]);
                    break;
                default:
                    bad[at] = with[draw.below(with.size())];
                    break;
            }
        }
        const auto saved = read_saved(bad);
        if (!saved) {
            EXPECT_EQ(saved.error().kind, base::ErrorKind::corrupt);
            ++refused;
            continue;
        }
        storm.forget();
        if (!storm.core->restore(saved->core, now)) {
            ++refused;
            continue;
        }
        // A price or a time that is another one: nothing to be seen from inside. It goes on all the same.
        EXPECT_FALSE(storm.core->totals().empty());
        EXPECT_TRUE(storm.core->statistics(sym("BTCUSDT"), now - std::chrono::hours{24}));
    }
    EXPECT_GT(refused, 75);
}

}  // namespace
}  // namespace vigil::exchange
