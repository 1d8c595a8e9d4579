// Market events through the full engine, as a backtest drives it: book, strategies, and now and then an order
// through risk, governor and the journal's gate (in memory, nothing is kept), which is answered as filled at
// once, and told by the stream as well.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "engine/engine.h"
#include "engine_setup.h"
#include "journal/journal_gate.h"
#include "journal/memory_journal.h"

namespace vigil::bench {

class Backtest {
  public:
    static constexpr base::milliseconds step{1};  ///< of virtual time, from event to event

    Backtest(int strategies, base::seconds purchase_every) {
        engine_ = std::move(
            engine::Engine::make(engine_options(strategies, now_.exchange, purchase_every)).value());
        base::check(engine_->recover(journal_, now_).has_value(), "an empty journal can be read");
        flush();
        base::check(engine_->learn({now_.exchange, rate_limits(), {rules()}}, now_).has_value(),
                    "the symbol is known");
        for (const auto which :
             {domain::Connection::market, domain::Connection::orders, domain::Connection::user_data})
            engine_->on_connection(which, domain::ConnectionState::connected, now_);
        flush();
        base::check(engine_->reconcile(fresh_account(now_.moment()), now_).is_sound(),
                    "the account is sound");
        flush();
        depth();  // makes the engine ask for the book
        depth();
        ticker();
        engine_->start_trading(now_);
        flush();
        base::check(orders_ == strategies, "the first purchases are made at once");
    }

    void ticker() {
        domain::BookTicker event;
        event.symbol = btcusdt;
        event.update_id = ++update_;
        event.bid = {bid_at(0), domain::Quantity::of(update_ % 7 + 1)};
        event.ask = {ask_at(0), domain::Quantity::of(update_ % 5 + 1)};
        event.received = advance();
        engine_->on_book_ticker(event, now_);
        flush();
    }
    void depth() {
        domain::DepthDiff event;
        const std::size_t odd = ++diffs_ % 2;
        event.symbol = btcusdt;
        event.first_id = depth_update_ + 1;
        event.last_id = depth_update_ = ++update_;
        event.bids = bids_[odd];
        event.asks = asks_[odd];
        event.event_time = now_.exchange;
        event.received = advance();
        engine_->on_depth(event, now_);
        flush();
    }
    void trade() {
        domain::PublicTrade event;
        event.symbol = btcusdt;
        event.trade_id = domain::TradeId{++trades_};
        event.price = bid_at(0);
        event.quantity = domain::Quantity::literal("0.001");
        event.time = now_.exchange;
        event.received = advance();
        engine_->on_trade(event, now_);
        flush();
    }
    /// What one second of a lively symbol brings, in proportion: 15 tickers, 4 trades, one diff.
    static constexpr int mixed_events = 20;
    void mixed() {
        for (int each = 0; each < 15; ++each) {
            ticker();
            if (each % 4 == 3) trade();
        }
        trade();
        depth();
    }
    [[nodiscard]] std::int64_t orders() const { return orders_; }

  private:
    base::MonotonicTime advance() {
        now_.monotonic += step;
        now_.exchange += step;
        now_.wall += step;
        if (now_.monotonic >= next_tick_) {
            engine_->on_tick(now_);
            next_tick_ = now_.monotonic + base::milliseconds{50};
        }
        return now_.monotonic;
    }
    void flush() {
        engine::Outbox& outbox = engine_->outbox();
        while (!outbox.empty()) {
            outbox.hand_over(batch_);
            for (engine::Command& command : batch_.commands)
                std::visit([this](auto& one) { carry_out(std::move(one)); }, command);
        }
    }
    void carry_out(engine::PersistOrder&& command) {
        std::vector<journal::Submission> group;
        group.push_back({command.stamp, std::move(command.permitted)});
        journal::Commit commit = gate_.commit(std::move(group));
        base::check(commit.journaled.size() == 1, "memory takes every record");
        const domain::Intent& intent = commit.journaled.front().intent();
        base::check(intent.placement() != nullptr, "filled orders are not cancelled");
        engine_->on_sent(intent, now_);
        ++orders_;
        const domain::OrderOutcome outcome = filled(*intent.placement());
        engine_->on_outcome(outcome, now_);
        tell_by_stream(outcome);
    }
    void carry_out(engine::PersistRecord&& command) {
        const auto* block = std::get_if<journal::CounterBlockReserved>(&command.record);
        const orders::CounterBlock reserved =
            block != nullptr ? orders::CounterBlock{block->first, block->count} : orders::CounterBlock{};
        const bool is_block = block != nullptr;
        const journal::Entry entry{command.stamp, std::move(command.record)};
        base::check(journal_.append({&entry, 1}).has_value(), "memory takes every record");
        if (is_block) engine_->on_block_journaled(reserved, true);
    }
    void carry_out(engine::Ask&& command) {
        // The periodic comparison with the exchange stays without an answer: there is no exchange.
        if (!std::holds_alternative<engine::ReadDepth>(command.read)) return;
        engine_->on_answer(command, engine::Answer{snapshot(update_)}, now_);
    }
    /// What the outcome has told already, once more.
    void tell_by_stream(const domain::OrderOutcome& outcome) {
        const auto& accepted = std::get<domain::OutcomeAccepted>(outcome.result);
        domain::ExecutionReport report;
        report.symbol = outcome.symbol;
        report.order_id = accepted.order.order_id;
        report.client_order_id = outcome.client_order_id;
        report.side = accepted.order.side;
        report.type = accepted.order.type;
        report.execution = domain::ExecutionType::trade;
        report.status = accepted.order.status;
        report.price = accepted.order.price;
        report.quantity = accepted.order.quantity;
        report.executed = accepted.order.executed;
        report.executed_quote = accepted.order.executed_quote;
        report.fill = accepted.fills.front();
        report.event_time = report.transact_time = now_.exchange;
        engine_->on_execution(report, now_);
    }
    [[nodiscard]] domain::OrderOutcome filled(const domain::NewOrder& order) const {
        domain::OutcomeAccepted accepted;
        domain::Fill fill;
        fill.trade_id = domain::TradeId{orders_};
        fill.order_id = domain::OrderId{orders_};
        fill.price = *order.price;
        fill.quantity = *order.quantity;
        fill.quote_quantity = domain::notional(*order.price, *order.quantity, domain::Rounding::down).value();
        fill.commission_asset = *domain::Asset::from("BTC");
        fill.side = order.side;
        fill.time = now_.exchange;
        accepted.fills.push_back(fill);
        accepted.order.symbol = order.symbol;
        accepted.order.order_id = fill.order_id;
        accepted.order.client_order_id = order.client_order_id;
        accepted.order.side = order.side;
        accepted.order.type = order.type;
        accepted.order.status = domain::OrderStatus::filled;
        accepted.order.price = *order.price;
        accepted.order.quantity = accepted.order.executed = *order.quantity;
        accepted.order.executed_quote = fill.quote_quantity;
        accepted.order.updated = now_.exchange;
        domain::OrderOutcome outcome;
        outcome.symbol = order.symbol;
        outcome.client_order_id = order.client_order_id;
        outcome.result = std::move(accepted);
        outcome.sent = outcome.answered = now_.monotonic;
        return outcome;
    }

    const std::vector<domain::BookLevel> bids_[2] = {changes(true, false), changes(true, true)};
    const std::vector<domain::BookLevel> asks_[2] = {changes(false, false), changes(false, true)};
    engine::Now now_{base::MonotonicTime{base::seconds{1000}}, base::exchange_time_ms(1'723'161'600'000),
                     base::microseconds{500}, base::WallTime{base::seconds{1'723'161'600}}, true};
    base::MonotonicTime next_tick_{};
    journal::MemoryJournal journal_{false};
    journal::JournalGate gate_{journal_};
    std::unique_ptr<engine::Engine> engine_;
    engine::Outbox batch_;
    std::int64_t update_{first_update};
    std::int64_t depth_update_{first_update};
    std::size_t diffs_{0};
    std::int64_t trades_{0};
    std::int64_t orders_{0};
};

}  // namespace vigil::bench
