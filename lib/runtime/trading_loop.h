// The shell around the engine on the trading thread: exchange news go in with the time, what the engine wants
// done comes out and is carried out: records to the log, decisions to the journal thread and from there to
// the exchange port, questions to the port.
//
// Everything here runs on the trading thread, but for on_journal_report, which the journal thread calls. The
// engine, the port and all else in Parts outlive it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <string>

#include "base/time.h"
#include "domain/exchange_port.h"
#include "engine/engine.h"
#include "journal/journal_thread.h"
#include "log/logger.h"
#include "net/event_loop.h"
#include "runtime/clock_thread.h"
#include "runtime/heartbeats.h"
#include "runtime/state_folder.h"

namespace vigil::runtime {

class TradingLoop final : public domain::ExchangeListener {
  public:
    struct Parts {
        net::EventLoop& loop;
        const base::Clock& clock;
        engine::Engine& engine;
        log::Logger& logger;
        const StateFolder& state;
        Heartbeat& heartbeat;
    };
    explicit TradingLoop(Parts parts);
    ~TradingLoop() override;

    /// Wired after construction, because they call back into this object. Before the loop runs.
    void connect(domain::ExchangePort& port, journal::JournalThread& journal, ClockThread& clock_thread);
    /// Begins to tick. On the loop's thread, or before it runs.
    void start();
    void stop();

    /// The present, with what is known of the exchange's clock.
    [[nodiscard]] engine::Now now() const;
    /// The governor's leave for what the gateway sends of its own accord.
    [[nodiscard]] std::optional<base::MonotonicTime> leave(domain::OwnRequest request);
    /// Writes the rest that is running to the state folder, if it is not there yet, and takes away one that
    /// is over.
    void keep_ban();
    /// Carries out what the engine wants. After every direct call to the engine.
    void flush();
    [[nodiscard]] engine::Engine& engine() { return parts_.engine; }
    [[nodiscard]] domain::ExchangePort& port() { return *port_; }

    /// Of the last record that was handed to the journal; on the loop's thread.
    [[nodiscard]] journal::Ticket last_ticket() const { return last_ticket_; }
    /// Every record with a ticket up to here is on the disk. From any thread.
    [[nodiscard]] journal::Ticket durable_through() const { return durable_through_.load(); }

    /// Called on the journal thread.
    void on_journal_report(journal::JournalReport report);
    /// No record is accepted any more: an order event would be lost, so trading has to end.
    [[nodiscard]] bool has_failed() const { return failed_.load(); }

    // domain::ExchangeListener
    void on_book_ticker(const domain::BookTicker& event) override;
    void on_depth(const domain::DepthDiff& event) override;
    void on_trade(const domain::PublicTrade& event) override;
    void on_candle(const domain::Candle& event) override;
    void on_order_outcome(const domain::OrderOutcome& outcome) override;
    void on_execution(const domain::ExecutionReport& report) override;
    void on_account_position(const domain::AccountPosition& event) override;
    void on_balance_update(const domain::BalanceUpdate& event) override;
    void on_connection(domain::Connection which, domain::ConnectionState state,
                       std::string_view why) override;
    void on_rate_limits(const domain::RateLimitReport& report) override;
    void on_rate_limited(const domain::RateLimited& limited) override;
    void on_endpoint_retired(std::string_view endpoint) override;
    void on_timestamp_refused() override;
    void on_signature_refused(std::string_view endpoint) override;
    void on_malformed(std::string_view source, std::string_view excerpt) override;

    [[nodiscard]] bool is_connected(domain::Connection which) const {
        return connected_[static_cast<std::size_t>(which)];
    }

  private:
    struct Block {
        journal::Ticket ticket;
        orders::CounterBlock block;
    };
    void carry_out(engine::PersistOrder command);
    void carry_out(engine::PersistRecord command);
    void carry_out(engine::Ask command);
    template <class T>
    domain::Callback<T> answer_to(const engine::Ask& ask);
    void take_journal_report(journal::JournalReport report);
    void tick();

    Parts parts_;
    domain::ExchangePort* port_{nullptr};
    journal::JournalThread* journal_{nullptr};
    ClockThread* clock_thread_{nullptr};
    net::Timer timer_;
    std::deque<Block> blocks_;  // counter blocks on their way to the disk
    bool connected_[3]{false, false, false};
    bool flushing_{false};
    engine::Outbox batch_;                               // what flush() is carrying out; kept for its memory
    std::optional<governor::BanRecord> kept_ban_;        // as it is on the disk
    std::optional<governor::BanRecord> refused_ban_;     // what could not be written,
    base::MonotonicTime ban_again_{};                    // and when it is tried again
    std::optional<base::MonotonicTime> signature_told_;  // when; a row of them is told now and then
    journal::Ticket last_ticket_{0};
    std::atomic<journal::Ticket> durable_through_{0};
    std::atomic<bool> failed_{false};
};

}  // namespace vigil::runtime
