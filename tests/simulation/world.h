// A whole trading world in one thread on a virtual clock: the engine, the journal's writer and the shell
// between them on one side, the simulated exchange's core on the other, and between them a link, a disk and a
// clock with every fault of faults.h, as far as asked for. Same options, same run.
//
// The world keeps its own books of what really happened at the exchange, and checks on the way what must
// never happen; what it found is in violations().
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/engine.h"
#include "exchange/core.h"
#include "exchange/market_setup.h"
#include "journal/journal_writer.h"
#include "simulation/disk.h"
#include "simulation/faults.h"
#include "simulation/lean_market.h"

namespace vigil::simulation {

struct WorldOptions {
    std::uint64_t seed{1};
    FaultTable faults;
    Mutant mutant{Mutant::none};
    std::vector<strategy::StrategyOptions> strategies;
    std::vector<domain::Symbol> symbols;
    exchange::MarketOptions market;        ///< the recorded-like one, unless `lean`
    bool lean{false};                      ///< the cheap one (lean_market.h)
    base::microseconds gap_mean{250'000};  ///< of the cheap one
    std::int64_t move_ppm{500};
    domain::Rate fee{domain::Rate::from_raw(10'000)};  // 0.01 %
    bool pays_fees_in_bnb{false};
    base::milliseconds delay_least{1};  ///< of the link, one way
    base::milliseconds delay_most{8};
    base::milliseconds tick{50};
    base::milliseconds order_deadline{5'000};
    base::milliseconds recv_window{5'000};
    base::milliseconds sweep_every{30'000};
    int sweep_percent{5};
    std::int64_t orders_in_10s{100};  ///< the exchange's limit
    orders::ClientOrderIdsOptions ids;
    risk::Options risk;
    journal::HashFunction hash{cheap_hash};
};

class World final : public exchange::CoreSink {
  public:
    explicit World(WorldOptions options);
    ~World() override;

    // ---- the life of the process ----

    /// One start of the process, as lib/runtime takes its steps. False when it ended before it traded.
    [[nodiscard]] bool start();
    /// Time goes on. The process may end meanwhile (Fault::crash), or not run at all.
    void run(base::nanoseconds time);
    /// The process is gone at this instant, with everything that was not synced or sent.
    void kill();
    [[nodiscard]] bool is_alive() const { return engine_ != nullptr; }
    /// Faults end: from here on everything works, and the cheap market stands still.
    void end_faults();
    /// Stops strategies, cancels what is open if so asked, and runs until all is settled. False when that did
    /// not come within `patience`.
    [[nodiscard]] bool stop(bool cancel_open = true, base::seconds patience = base::seconds{180});
    /// After a stop: orders, fills, balances, journal, and a ledger rebuilt from it, all against each other.
    void check_everything();

    // ---- what there is ----

    [[nodiscard]] engine::Engine& engine() { return *engine_; }
    /// The present, as the process knows it.
    [[nodiscard]] engine::Now now() const;
    /// Carries out what a direct call to the engine has left.
    void empty_outbox();
    [[nodiscard]] exchange::ExchangeCore& core() { return core_; }
    [[nodiscard]] exchange::AccountId account() const { return account_; }
    [[nodiscard]] const Disk& disk() const { return disk_; }
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    /// How often an order with this id was accepted by the exchange.
    [[nodiscard]] const std::map<std::string, int>& accepted() const { return accepted_; }
    [[nodiscard]] int fills_at_exchange() const { return fills_; }
    [[nodiscard]] const std::array<int, fault_count>& injected() const { return injected_; }
    [[nodiscard]] int faults_injected() const;
    /// Events told by the engine, by name.
    [[nodiscard]] std::map<std::string, int> told() const;
    /// What differs between ledger and exchange; empty when they agree to the last digit.
    [[nodiscard]] std::string difference() const;

    /// What is not settled, in a few words.
    [[nodiscard]] std::string unsettled() const;
    /// What the last start ended with.
    [[nodiscard]] const std::string& why_not_started() const { return why_not_started_; }

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
    /// A request on its way, or carried out and not answered.
    struct Pending {
        domain::Symbol symbol;
        domain::ClientOrderId id;
        bool is_cancel{false};
        bool over_session{true};
        base::MonotonicTime sent;
    };
    struct Request {
        std::uint64_t key{0};
        std::variant<domain::NewOrder, domain::CancelOrder> action;
        base::ExchangeTime signed_at;
        int tries{0};
    };

    // world.cpp: time, and the process
    [[nodiscard]] bool inject(Fault fault);
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
    [[nodiscard]] base::nanoseconds latency();
    void schedule(base::nanoseconds after, Action action);
    /// The same, if the process still lives then; its commands are carried out after it.
    void to_engine(base::nanoseconds after, Action action);
    void step();
    void tick();
    void after_each_step();
    void carry_out(engine::PersistOrder command);
    void carry_out(engine::PersistRecord command);
    void carry_out(engine::Ask command);
    void keep_ban();
    void violate(std::string what);

    // world_start.cpp: the steps of a start
    [[nodiscard]] engine::Options engine_options() const;
    [[nodiscard]] bool rest(base::nanoseconds time);
    [[nodiscard]] bool await_leave(governor::Cost cost);
    [[nodiscard]] std::optional<base::Result<engine::Answer>> ask_at_start(const engine::Read& read,
                                                                           governor::Cost cost);
    [[nodiscard]] std::optional<orders::ReconcileInput> read_everything();
    [[nodiscard]] bool reconcile_at_start();

    // world_link.cpp: orders, reads and user events on the link
    void send(const domain::Journaled& journaled);
    void on_arrival(const Request& request);
    [[nodiscard]] domain::OrderOutcome carry_out_at_exchange(const Request& request);
    void answer(std::uint64_t key, domain::OrderOutcome outcome,
                std::optional<domain::RateLimited> limited = std::nullopt);
    void give_up(std::uint64_t key, const char* why);
    void tell_outcome(const Pending& pending, domain::OrderOutcome outcome);
    [[nodiscard]] base::Result<engine::Answer> read_at_exchange(const engine::Read& read);
    [[nodiscard]] std::optional<domain::RateLimited> limit_read();
    template <class Event>
    void deliver_user_event(const Event& event);
    void connection(domain::Connection which, bool up);
    void note_ban(const domain::RateLimited& limited);
    void market_news(Action action);

    // world_faults.cpp: what lasts, and the journal
    void begin_what_lasts();
    void outage(domain::Connection which);
    void trade_by_hand();
    void begin_writing();
    void finish_writing();
    void report(journal::JournalReport report);

    // world_checks.cpp
    void check_sending(const domain::Journaled& journaled);
    void check_orders(const domain::Symbol& symbol);
    void check_rebuilt();
    void check_placements();

    WorldOptions options_;
    std::mt19937_64 random_;
    base::ExchangeTime time_;
    Disk disk_;
    exchange::ExchangeCore core_;
    exchange::AccountId account_;
    std::shared_ptr<bool> market_stands_still_{std::make_shared<bool>(false)};
    bool faults_on_{true};
    std::priority_queue<Due> due_;
    std::uint64_t order_{0};
    base::ExchangeTime next_tick_;
    std::uint64_t steps_{0};

    // The process: gone with it.
    std::unique_ptr<engine::Engine> engine_;
    std::uint64_t incarnation_{0};
    std::optional<journal::JournalWriter> writer_;
    std::vector<journal::Numbered> queue_;
    std::vector<journal::Numbered> group_;  ///< being written
    bool is_writing_{false};
    journal::Ticket last_ticket_{0};
    struct Block {
        journal::Ticket ticket;
        orders::CounterBlock block;
    };
    std::deque<Block> blocks_;
    bool journal_told_bad_{false};
    bool clock_known_{false};
    std::map<std::uint64_t, Pending> pending_;  ///< by key, which are never used twice
    std::uint64_t next_key_{1};
    std::array<bool, 3> connected_{};  ///< as told to the engine
    std::uint64_t user_data_epoch_{0};
    base::ExchangeTime last_event_at_{};  ///< user events come in order
    std::optional<base::MonotonicTime> told_ban_;

    // The machine and the exchange: outlive it.
    std::array<base::ExchangeTime, 3> down_until_{};
    base::ExchangeTime clock_unknown_until_{};
    base::ExchangeTime disk_full_until_{};
    base::microseconds clock_error_{0};
    base::microseconds wall_offset_{0};
    std::optional<governor::BanRecord> ban_file_;
    std::map<domain::Symbol, base::ExchangeTime> halted_until_;
    std::unordered_set<domain::ClientOrderId> sent_ids_;

    // Books.
    std::map<std::string, int> accepted_;
    std::array<int, log::event_count> told_{};
    std::string why_not_started_;
    std::string last_reconciliation_;
    int outside_changes_{0};
    int fills_{0};
    std::array<int, fault_count> injected_{};
    std::optional<domain::TradeId> swallowed_;
    std::vector<std::string> violations_;
};

}  // namespace vigil::simulation
