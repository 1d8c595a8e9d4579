// What comparing the account with the exchange costs, with two hundred symbols and with two.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/engine.h"
#include "exchange/symbol_spec.h"
#include "governor/weights.h"

namespace vigil::simulation {
namespace {

constexpr std::int64_t weight_limit = 6'000;
constexpr base::seconds window{60};

/// An engine that is up and has nothing to do but to sweep; every answer is empty and comes at once.
class Sweeps {
  public:
    explicit Sweeps(int symbols) {
        engine::Options options;
        options.instance = *orders::instance_tag("test");
        domain::ExchangeInfo info;
        info.rate_limits = {{domain::RateLimitType::request_weight, window, weight_limit}};
        domain::SymbolRules rules = exchange::default_symbols().front().rules;
        for (int number = 0; number < symbols; ++number) {
            const std::string base = "C" + std::to_string(number);
            rules.symbol = *domain::Symbol::from(base + "USDT");
            rules.base = *domain::Asset::from(base);
            info.symbols.push_back(rules);
            strategy::DcaOptions dca;
            dca.every = base::seconds{86'400};
            dca.amount = domain::Amount::of(50);
            dca.total_budget = domain::Amount::of(100);
            options.strategies.push_back(
                {*domain::StrategyName::from("dca-" + std::to_string(number)), rules.symbol, true, dca});
        }
        engine_ = std::move(*engine::Engine::make(options));
        EXPECT_TRUE(engine_->learn(info, now()));
        engine_->on_connection(domain::Connection::orders, domain::ConnectionState::connected, now());
        engine_->on_connection(domain::Connection::user_data, domain::ConnectionState::connected, now());
        EXPECT_TRUE(engine_->reconcile(orders::ReconcileInput{}, now()).is_sound());
        engine_->outbox().commands.clear();
        engine_->start_trading(now());
    }

    void run(base::seconds length) {
        const auto end = monotonic_ + length;
        for (; monotonic_ < end; monotonic_ += base::milliseconds{100}) {
            engine_->on_tick(now());
            engine::Outbox batch;
            engine_->outbox().hand_over(batch);
            for (const engine::Command& command : batch.commands)
                if (const auto* ask = std::get_if<engine::Ask>(&command)) answer(*ask);
        }
    }

    std::map<std::int64_t, std::int64_t> weight_by_minute;
    std::map<std::string, int> trades_asked;  ///< by symbol
    int open_orders_of_all{0};
    int open_orders_of_one{0};

  private:
    void answer(const engine::Ask& ask) {
        namespace weights = governor::weights;
        std::int64_t weight = 0;
        engine::Answer answer{std::vector<domain::OrderView>{}};
        if (const auto* trades = std::get_if<engine::ReadTrades>(&ask.read)) {
            weight = weights::my_trades(trades->order_id.has_value()).weight;
            ++trades_asked[trades->symbol.str()];
            answer = std::vector<domain::Fill>{};
        } else if (const auto* open = std::get_if<engine::ReadOpenOrders>(&ask.read)) {
            weight = weights::open_orders(open->symbol.has_value()).weight;
            ++(open->symbol ? open_orders_of_one : open_orders_of_all);
        } else if (std::holds_alternative<engine::ReadAccount>(ask.read)) {
            weight = weights::account.weight;
            answer = domain::AccountSnapshot{};
        } else {
            return;  // market data are no part of it
        }
        weight_by_minute[monotonic_.time_since_epoch() / window] += weight;
        engine_->on_answer(ask, std::move(answer), now());
    }

    [[nodiscard]] engine::Now now() const {
        engine::Now now;
        now.monotonic = monotonic_;
        now.exchange = base::exchange_time_ms(1'700'000'000'000) +
                       std::chrono::duration_cast<base::microseconds>(monotonic_.time_since_epoch());
        now.uncertainty = base::microseconds{500};
        now.wall = base::WallTime{now.exchange.time_since_epoch()};
        now.may_sign = true;
        return now;
    }

    base::MonotonicTime monotonic_{base::seconds{6'000}};
    std::unique_ptr<engine::Engine> engine_;
};

TEST(Sweep, OfTwoHundredSymbolsCostsAtMostATwentiethOfTheWeight) {
    constexpr int symbols = 200;
    Sweeps sweeps{symbols};
    sweeps.run(base::seconds{3'000});
    for (const auto& [minute, weight] : sweeps.weight_by_minute) {
        EXPECT_LE(weight, weight_limit / 20) << minute;
        EXPECT_GE(weight, weight_limit / 25) << minute << ": room was left";
    }
    EXPECT_EQ(sweeps.open_orders_of_one, 0);
    EXPECT_EQ(sweeps.open_orders_of_all, 100) << "every open order, twice a minute";
    // Two symbols' trades a sweep: each once in fifty minutes, and none twice before all were asked for.
    ASSERT_EQ(sweeps.trades_asked.size(), std::size_t{symbols});
    for (const auto& [symbol, times] : sweeps.trades_asked) EXPECT_EQ(times, 1) << symbol;
}

TEST(Sweep, OfAFewSymbolsAsksForEverythingEachTime) {
    Sweeps sweeps{5};
    sweeps.run(base::seconds{600});
    for (const auto& [minute, weight] : sweeps.weight_by_minute)
        EXPECT_LE(weight, weight_limit / 20) << minute;
    EXPECT_EQ(sweeps.open_orders_of_all, 0);
    EXPECT_EQ(sweeps.open_orders_of_one, 5 * 20);
    for (const auto& [symbol, times] : sweeps.trades_asked) EXPECT_EQ(times, 20) << symbol;
}

}  // namespace
}  // namespace vigil::simulation
