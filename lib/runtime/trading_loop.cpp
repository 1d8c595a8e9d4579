#include "runtime/trading_loop.h"

#include <algorithm>
#include <utility>

#include "runtime/ban_file.h"

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;

// The engine is asked at least this often what is due; its own next_tick_due may ask for earlier.
constexpr base::milliseconds tick_most{50};
constexpr base::milliseconds tick_least{1};
constexpr base::seconds ban_retry{10};
constexpr base::seconds signature_told_every{60};

}  // namespace

TradingLoop::TradingLoop(Parts parts) : parts_{parts}, timer_{parts.loop} {}
TradingLoop::~TradingLoop() = default;

void TradingLoop::connect(domain::ExchangePort& port, journal::JournalThread& journal,
                          ClockThread& clock_thread) {
    port_ = &port;
    journal_ = &journal;
    clock_thread_ = &clock_thread;
}

void TradingLoop::start() {
    tick();
}

void TradingLoop::stop() {
    timer_.cancel();
}

engine::Now TradingLoop::now() const {
    engine::Now now;
    now.monotonic = parts_.clock.monotonic();
    now.wall = parts_.clock.wall();
    // Until the exchange's clock is known, this machine's is the best guess there is, and nothing is signed
    // on it.
    now.exchange = base::ExchangeTime{now.wall.time_since_epoch()};
    if (clock_thread_ == nullptr) return now;
    const timesync::Snapshot snapshot = clock_thread_->snapshot();
    if (const auto estimate = snapshot.at(now.monotonic)) {
        now.exchange = estimate->time;
        now.uncertainty = estimate->uncertainty;
        now.may_sign = snapshot.state(now.monotonic) == timesync::State::synchronised;
    }
    return now;
}

void TradingLoop::tick() {
    parts_.heartbeat.beat(parts_.clock.monotonic());
    const engine::Now present = now();
    parts_.engine.on_tick(present);
    keep_ban();
    flush();
    base::nanoseconds wait = tick_most;
    if (const auto due = parts_.engine.next_tick_due())
        wait = std::clamp<base::nanoseconds>(*due - present.monotonic, tick_least, tick_most);
    timer_.after(wait, [this] { tick(); });
}

std::optional<base::MonotonicTime> TradingLoop::leave(domain::OwnRequest request) {
    return parts_.engine.leave(request, now());
}

void TradingLoop::flush() {
    // Carrying out a command may bring an answer at once (a port that cannot send), and with it more to carry
    // out.
    if (std::exchange(flushing_, true)) return;
    engine::Outbox& outbox = parts_.engine.outbox();
    while (!outbox.empty()) {
        outbox.hand_over(batch_);
        for (const log::Record& record : batch_.records) parts_.logger.emit(record);
        for (engine::Command& command : batch_.commands)
            std::visit([this](auto& one) { carry_out(std::move(one)); }, command);
    }
    flushing_ = false;
}

void TradingLoop::carry_out(engine::PersistOrder command) {
    if (journal_->submit(std::move(command.permitted), command.stamp)) return;
    parts_.engine.on_journal_failed(command.permitted.intent(), "the journal's queue is full", now());
}

void TradingLoop::carry_out(engine::PersistRecord command) {
    const auto* block = std::get_if<journal::CounterBlockReserved>(&command.record);
    const orders::CounterBlock reserved =
        block != nullptr ? orders::CounterBlock{block->first, block->count} : orders::CounterBlock{};
    const bool is_block = block != nullptr;
    const auto ticket = journal_->submit(std::move(command.record), command.stamp);
    if (ticket) last_ticket_ = *ticket;
    if (ticket && is_block) blocks_.push_back({*ticket, reserved});
    if (ticket) return;
    if (is_block) parts_.engine.on_block_journaled(reserved, false);
    if (!failed_.exchange(true))
        parts_.logger.emit(Event::journal_write_failed,
                           {field("reason", "the journal takes no more records")});
    parts_.engine.on_journal_state(false, "the journal takes no more records", now());
}

template <class T>
domain::Callback<T> TradingLoop::answer_to(const engine::Ask& ask) {
    return [this, ask](base::Result<T> result) {
        if (result)
            parts_.engine.on_answer(ask, engine::Answer{std::move(*result)}, now());
        else
            parts_.engine.on_answer(ask, base::fail(std::move(result.error())), now());
        flush();
    };
}

void TradingLoop::carry_out(engine::Ask command) {
    using engine::ReadAccount, engine::ReadCandles, engine::ReadDepth, engine::ReadOpenOrders,
        engine::ReadOrder, engine::ReadSuspect, engine::ReadTrades;
    domain::ExchangePort& port = *port_;
    if (const auto* depth = std::get_if<ReadDepth>(&command.read))
        port.depth(depth->symbol, depth->limit, answer_to<domain::DepthSnapshot>(command));
    else if (const auto* candles = std::get_if<ReadCandles>(&command.read))
        port.candles(candles->symbol, candles->interval, candles->limit,
                     answer_to<std::vector<domain::Candle>>(command));
    else if (const auto* order = std::get_if<ReadOrder>(&command.read))
        port.order(order->symbol, order->id, answer_to<domain::OrderView>(command));
    else if (const auto* suspect = std::get_if<ReadSuspect>(&command.read))
        port.order(suspect->symbol, suspect->order, answer_to<domain::OrderView>(command));
    else if (const auto* open = std::get_if<ReadOpenOrders>(&command.read))
        port.open_orders(open->symbol, answer_to<std::vector<domain::OrderView>>(command));
    else if (const auto* trades = std::get_if<ReadTrades>(&command.read))
        port.trades(trades->symbol, trades->order_id, trades->from,
                    answer_to<std::vector<domain::Fill>>(command));
    else if (std::holds_alternative<ReadAccount>(command.read))
        port.account(answer_to<domain::AccountSnapshot>(command));
    else
        port.exchange_info(
            [this] {
                std::vector<domain::Symbol> symbols;
                for (const auto& each : parts_.engine.subscriptions()) symbols.push_back(each.symbol);
                return symbols;
            }(),
            answer_to<domain::ExchangeInfo>(command));
}

void TradingLoop::on_journal_report(journal::JournalReport report) {
    // 65,536 tasks waiting would mean a trading thread that stands still; the watchdog ends that.
    const bool posted = parts_.loop.post(
        [this, moved = std::move(report)]() mutable { take_journal_report(std::move(moved)); });
    base::check(posted, "the trading loop takes the journal's report");
}

void TradingLoop::take_journal_report(journal::JournalReport report) {
    durable_through_ = report.durable_through;
    while (!blocks_.empty() && blocks_.front().ticket <= report.durable_through) {
        parts_.engine.on_block_journaled(blocks_.front().block, true);
        blocks_.pop_front();
    }
    parts_.engine.on_journal_state(!report.error.has_value(), report.error ? report.error->message : "",
                                   now());
    for (const domain::Permitted& failed : report.failed)
        parts_.engine.on_journal_failed(failed.intent(), report.error ? report.error->message : "not written",
                                        now());
    for (domain::Journaled& journaled : report.journaled) {
        const engine::Now present = now();
        if (!parts_.engine.may_send(journaled.intent(), present)) {
            // Durable, but it must not leave any more: the outcome that is journaled next says that it never
            // did.
            parts_.engine.on_journal_failed(journaled.intent(),
                                            "expired or forbidden while it was being journaled", present);
            continue;
        }
        parts_.engine.on_sent(journaled.intent(), present);
        port_->send(std::move(journaled));
    }
    flush();
}

void TradingLoop::on_book_ticker(const domain::BookTicker& event) {
    parts_.engine.on_book_ticker(event, now());
    flush();
}

void TradingLoop::on_depth(const domain::DepthDiff& event) {
    parts_.engine.on_depth(event, now());
    flush();
}

void TradingLoop::on_trade(const domain::PublicTrade& event) {
    parts_.engine.on_trade(event, now());
    flush();
}

void TradingLoop::on_candle(const domain::Candle& event) {
    parts_.engine.on_candle(event, now());
    flush();
}

void TradingLoop::on_order_outcome(const domain::OrderOutcome& outcome) {
    parts_.engine.on_outcome(outcome, now());
    flush();
}

void TradingLoop::on_execution(const domain::ExecutionReport& report) {
    parts_.engine.on_execution(report, now());
    flush();
}

void TradingLoop::on_account_position(const domain::AccountPosition& event) {
    parts_.engine.on_account_position(event, now());
    flush();
}

void TradingLoop::on_balance_update(const domain::BalanceUpdate& event) {
    parts_.engine.on_balance_update(event, now());
    flush();
}

void TradingLoop::on_connection(domain::Connection which, domain::ConnectionState state, std::string_view) {
    connected_[static_cast<std::size_t>(which)] = state == domain::ConnectionState::connected;
    parts_.engine.on_connection(which, state, now());
    flush();
}

void TradingLoop::on_rate_limits(const domain::RateLimitReport& report) {
    parts_.engine.on_rate_limits(report, now());
    flush();
}

void TradingLoop::on_rate_limited(const domain::RateLimited& limited) {
    parts_.engine.on_rate_limited(limited, now());
    // On the disk before anything else is sent: a restart must not forget it.
    keep_ban();
    flush();
}

void TradingLoop::keep_ban() {
    const auto ban = parts_.engine.ban();
    if (ban == kept_ban_) return;
    const base::MonotonicTime present = parts_.clock.monotonic();
    // A new rest is written at once; what the disk would not take is tried again now and then.
    if (ban == refused_ban_ && present < ban_again_) return;
    // One that is over is taken away: a wall clock that is set back must not bring it to life again.
    const auto done =
        ban ? parts_.state.replace(ban_file_name, to_text(*ban)) : parts_.state.remove(ban_file_name);
    if (done) {
        kept_ban_ = ban;
        return;
    }
    parts_.logger.emit(Event::journal_write_failed, {field("reason", done.error().message)});
    refused_ban_ = ban;
    ban_again_ = present + ban_retry;
}

void TradingLoop::on_endpoint_retired(std::string_view endpoint) {
    parts_.engine.on_endpoint_retired(endpoint, now());
    flush();
}

void TradingLoop::on_timestamp_refused() {
    const timesync::Snapshot snapshot = clock_thread_->snapshot();
    const auto estimate = snapshot.at(parts_.clock.monotonic());
    parts_.logger.emit(Event::exchange_timestamp_refused,
                       {field("offset_us", clock_thread_->wall_offset().value_or(base::microseconds{0})),
                        field("uncertainty_us", estimate ? estimate->uncertainty : base::microseconds{0})});
    clock_thread_->doubt();
}

void TradingLoop::on_signature_refused(std::string_view endpoint) {
    const base::MonotonicTime present = parts_.clock.monotonic();
    if (signature_told_ && present - *signature_told_ < signature_told_every) return;
    signature_told_ = present;
    parts_.logger.emit(Event::exchange_signature_refused, {field("endpoint", endpoint)});
}

void TradingLoop::on_malformed(std::string_view source, std::string_view excerpt) {
    parts_.logger.emit(
        Event::exchange_answer_malformed,
        {field("endpoint", source), field("reason", "not understood"), field("excerpt", excerpt)});
}

}  // namespace vigil::runtime
