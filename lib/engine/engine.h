// The trading engine: the only composer of market, strategies, risk, governor, journal stages and ledger.
// Deterministic: events and answers in, commands and log records out; it reads no clock, starts no thread and
// does no I/O. So the daemon, a backtest and a replay of yesterday's journal run this very code.
//
// Owned by the shell (lib/runtime); every call on the trading thread. After each call the shell takes
// `outbox()` empty.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/exchange_port.h"
#include "domain/own_request.h"
#include "engine/command.h"
#include "engine/now.h"
#include "engine/options.h"
#include "engine/outbox.h"
#include "engine/report.h"
#include "engine/standing.h"
#include "journal/record_store.h"
#include "orders/reconcile.h"
#include "orders/recovery.h"

namespace vigil::engine {

/// What is known of one symbol in use.
struct SymbolState {
    domain::SymbolRules rules;         ///< empty symbol until they were read
    std::optional<domain::Price> mid;  ///< of a whole book
};

/// Whose orders those of a preflight are, in the journal.
[[nodiscard]] const domain::StrategyName& probe_strategy();

class Engine {
  public:
    /// Errors: invalid, with every problem of a strategy's options.
    [[nodiscard]] static base::Result<std::unique_ptr<Engine>> make(const Options& options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // ---- start, in this order ----

    /// Rebuilds ledger, counter, strategies and ladder from the journal. Errors: corrupt, io.
    [[nodiscard]] base::Result<orders::RecoverySummary> recover(const journal::RecordStore& store,
                                                                const Now& now);
    /// The ban that an earlier session left; nothing is sent before it is over.
    std::optional<governor::Rest> restore_ban(const governor::BanRecord& ban, const Now& now);
    /// exchangeInfo of the symbols in use. Errors: not_found names the symbols that the exchange does not
    /// have.
    [[nodiscard]] base::Result<void> learn(const domain::ExchangeInfo& info, const Now& now);
    /// The answers to reconcile_questions(ledger()); may be called again until the report is sound.
    [[nodiscard]] orders::ReconcileReport reconcile(const orders::ReconcileInput& input, const Now& now);
    /// Strategies are asked from now on, sweeps begin.
    void start_trading(const Now& now);

    // ---- preflight, instead of start_trading ----

    /// An order that no strategy wants, on the way of every order: risk gate, governor, journal, exchange,
    /// ledger; looked up when its answer is lost. Its journal's session names probe_strategy() behind the
    /// strategies. `client_order_id` is filled in. Errors: unavailable, exhausted, rejected (the risk gate).
    [[nodiscard]] base::Result<domain::ClientOrderId> place_probe(const domain::NewOrder& order,
                                                                  const Now& now);
    void cancel_probe(const domain::ClientOrderId& id, const Now& now);

    // ---- the ladder, by an operator's word (operator.cpp); kept in the journal, told in the log ----

    /// Climbs. False: it is there already, or higher.
    bool raise_ladder(risk::Level level, std::string_view by, std::string_view reason, const Now& now);
    /// Comes down. Errors: invalid (not lower).
    [[nodiscard]] base::Result<void> lower_ladder(risk::Level level, std::string_view by,
                                                  std::string_view reason, const Now& now);
    /// HALT, and every own order is cancelled, now and whenever one is found open, until the ladder comes
    /// down. The cancels have a lane and a reserve of their own; while the order session is down they wait.
    void kill(std::string_view by, std::string_view reason, const Now& now);
    /// How far the last kill of this session has come.
    [[nodiscard]] KillProgress kill_progress(const Now& now) const;
    [[nodiscard]] Standing standing(const Now& now) const;
    [[nodiscard]] const risk::LadderState& ladder() const;

    // ---- stop ----

    /// No new orders any more; with `cancel_open` every own order is cancelled.
    void begin_stop(bool cancel_open, const Now& now);
    /// Nothing is under way: no request without an answer, no cancel outstanding, no order Unknown.
    [[nodiscard]] bool is_settled() const;

    // ---- news ----

    void on_book_ticker(const domain::BookTicker& event, const Now& now);
    void on_depth(const domain::DepthDiff& event, const Now& now);
    void on_trade(const domain::PublicTrade& event, const Now& now);
    void on_candle(const domain::Candle& event, const Now& now);
    void on_connection(domain::Connection which, domain::ConnectionState state, const Now& now);
    /// Asked once more when it is durable: whether it may still leave. A placement must not, when the house
    /// has closed meanwhile.
    [[nodiscard]] bool may_send(const domain::Intent& intent, const Now& now) const;
    /// The bytes of a Journaled are about to be handed to the port.
    void on_sent(const domain::Intent& intent, const Now& now);
    void on_outcome(const domain::OrderOutcome& outcome, const Now& now);
    void on_execution(const domain::ExecutionReport& report, const Now& now);
    void on_account_position(const domain::AccountPosition& position, const Now& now);
    void on_balance_update(const domain::BalanceUpdate& update, const Now& now);
    void on_rate_limits(const domain::RateLimitReport& report, const Now& now);
    void on_rate_limited(const domain::RateLimited& limited, const Now& now);
    void on_endpoint_retired(std::string_view endpoint, const Now& now);
    /// The shell has found a reason against any placement; cancels go on. Until release_placements().
    void hold_placements(std::string why, const Now& now);
    void release_placements(const Now& now);
    /// The journal wrote, or could not: orders whose record failed do not leave.
    void on_journal_failed(const domain::Intent& intent, std::string_view why, const Now& now);
    void on_journal_state(bool well, std::string_view why, const Now& now);
    /// A counter block's record is durable (`well`), or could not be written.
    void on_block_journaled(orders::CounterBlock block, bool well);
    void on_answer(const Ask& ask, base::Result<Answer> answer, const Now& now);
    void on_tick(const Now& now);

    /// A request of the shell's own (clock sample, permission gate).
    [[nodiscard]] governor::Decision permit(domain::Lane lane, governor::Cost cost, const Now& now);
    /// Leave for what the gateway sends of its own accord. Nothing: it goes now; else when to ask again.
    [[nodiscard]] std::optional<base::MonotonicTime> leave(domain::OwnRequest request, const Now& now);
    void on_read_succeeded(const Now& now);

    // ---- questions ----

    [[nodiscard]] Outbox& outbox();
    [[nodiscard]] const orders::Ledger& ledger() const;
    [[nodiscard]] std::optional<governor::BanRecord> ban() const;
    void set_boot_id(const governor::BootId& boot_id);
    /// When on_tick is wanted at the latest; it may be called at any time.
    [[nodiscard]] std::optional<base::MonotonicTime> next_tick_due() const;
    [[nodiscard]] std::vector<domain::MarketSubscription> subscriptions() const;
    [[nodiscard]] bool strategies_decided() const;
    [[nodiscard]] Report report() const;
    [[nodiscard]] std::vector<SymbolState> symbols() const;
    [[nodiscard]] std::vector<governor::Usage> limits() const;

  private:
    struct Parts;
    explicit Engine(std::unique_ptr<Parts> parts);
    /// Carries on until all news of this turn have been told.
    void pump(const Now& now);
    void cancel_what_is_open(const Now& now);
    void tell_kill_done(const Now& now);
    void keep_ids(const Now& now);
    void keep_risk_state(const Now& now);
    /// Journals what the ledger says, when that is due, has changed, and can be rebuilt.
    void state_ledger(const Now& now);

    std::unique_ptr<Parts> parts_;
};

}  // namespace vigil::engine
