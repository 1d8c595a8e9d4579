// A whole trading world in one thread on a virtual clock: the engine on one side, the simulated exchange's
// core on the other, and between them a link with delays and, if asked for, losses. Same seed, same run.
//
// The world keeps its own books of what really happened at the exchange, so that a test can compare.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "exchange/core.h"
#include "exchange/market_setup.h"
#include "journal/journal_gate.h"
#include "journal/memory_journal.h"

namespace vigil::simulation {

/// Each is a chance in a thousand.
struct Faults {
    int lose_request{0};     ///< a placement or cancel never arrives; its outcome is Unknown
    int lose_answer{0};      ///< it is carried out, but the answer is lost
    int lose_user_event{0};  ///< an executionReport never arrives
    int double_user_event{0};
    int fail_read{0};
};

struct WorldOptions {
    std::uint64_t seed{1};
    Faults faults;
    std::vector<strategy::StrategyOptions> strategies;
    exchange::MarketOptions market;
    domain::Rate fee{domain::Rate::from_raw(10'000)};  // 0.01 %
    base::milliseconds delay_least{1};
    base::milliseconds delay_most{8};
    risk::Options risk;
};

class World final : public exchange::CoreSink {
  public:
    explicit World(WorldOptions options);
    ~World() override;

    /// Engine from the journal as it stands, rules, connections, reconciliation, strategies on. False when it
    /// did not become sound within a virtual minute.
    [[nodiscard]] bool start();
    void run(base::seconds time);
    /// The engine is gone at this instant, with everything that was under way on the link to it.
    void kill();
    /// Stops strategies, cancels what is open, and runs until all is settled. False when it did not settle in
    /// two minutes.
    [[nodiscard]] bool stop();

    [[nodiscard]] engine::Engine& engine() { return *engine_; }
    [[nodiscard]] exchange::ExchangeCore& core() { return core_; }
    [[nodiscard]] exchange::AccountId account() const { return account_; }
    [[nodiscard]] const journal::MemoryJournal& journal() const { return journal_; }

    /// How often an order with this id was accepted by the exchange.
    [[nodiscard]] const std::map<std::string, int>& accepted() const { return accepted_; }
    [[nodiscard]] int fills_at_exchange() const { return fills_; }
    [[nodiscard]] int faults_injected() const { return faults_; }
    /// Events told by the engine, by name.
    [[nodiscard]] std::map<std::string, int> told() const { return told_; }
    /// What differs between ledger and exchange; empty when they agree to the last digit.
    [[nodiscard]] std::string difference() const;

    // exchange::CoreSink
    void on_execution(exchange::AccountId account, const exchange::ExecutionEvent& event) override;
    void on_list_status(exchange::AccountId, const exchange::ListEvent&) override {}
    void on_account_position(exchange::AccountId account, const domain::AccountPosition& event) override;
    void on_balance_update(exchange::AccountId account, const domain::BalanceUpdate& event) override;
    void on_trade(const exchange::TradeEvent& event) override;
    void on_agg_trade(const exchange::AggTradeEvent&) override {}
    void on_book_ticker(const exchange::BookTickerEvent& event) override;
    void on_depth(const exchange::DepthEvent& event) override;
    void on_kline(const exchange::KlineEvent& event) override;
    void on_avg_price(const exchange::AvgPriceEvent&) override {}
    void on_feed_end(std::string_view, const base::Error*) override {}

  private:
    using Action = std::function<void()>;
    struct Due {
        base::ExchangeTime at;
        std::uint64_t order;
        Action action;
        friend bool operator<(const Due& a, const Due& b) {
            return a.at != b.at ? a.at > b.at : a.order > b.order;  // earliest on top
        }
    };

    [[nodiscard]] engine::Now now() const;
    [[nodiscard]] bool chance(int in_thousand);
    /// Runs at the exchange after a delay, whoever lives then.
    void to_exchange(Action action);
    /// Runs at the engine after a delay, if it is still the same engine.
    void to_engine(Action action);
    void schedule(base::ExchangeTime at, Action action);
    void step();
    void empty_outbox();
    void carry_out(engine::PersistOrder command);
    void carry_out(engine::PersistRecord command);
    void carry_out(engine::Ask command);
    void send(const domain::Journaled& journaled);
    void place(const domain::NewOrder& order);
    void cancel(const domain::CancelOrder& order);
    void answer(const domain::OrderOutcome& outcome);
    [[nodiscard]] base::Result<engine::Answer> read(const engine::Read& read);
    [[nodiscard]] base::Result<orders::ReconcileInput> read_everything();

    WorldOptions options_;
    std::mt19937_64 random_;
    base::ExchangeTime time_;
    exchange::ExchangeCore core_;
    exchange::AccountId account_;
    journal::MemoryJournal journal_;
    std::unique_ptr<engine::Engine> engine_;
    std::uint64_t incarnation_{0};
    std::priority_queue<Due> due_;
    std::uint64_t order_{0};
    base::ExchangeTime next_tick_;

    std::map<std::string, int> accepted_;
    std::map<std::string, int> told_;
    int fills_{0};
    int faults_{0};
};

}  // namespace vigil::simulation
