#include "engine/engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/corridor.h"
#include "engine/house.h"
#include "engine/order_desk.h"
#include "engine/own_requests.h"
#include "engine/parts.h"
#include "engine/profit.h"
#include "engine/read_desk.h"
#include "engine/strategy_desk.h"
#include "log/format.h"
#include "orders/statement.h"

namespace vigil::engine {

namespace {

using log::Event;
using log::field;

const domain::Reason& stop_reason() {
    static const domain::Reason reason = *domain::Reason::from("the daemon stops");
    return reason;
}

const domain::Reason& kill_reason() {
    static const domain::Reason reason = *domain::Reason::from("killed by an operator");
    return reason;
}

// While the daemon stops, an order that is still open is cancelled again so often.
constexpr base::milliseconds cancel_again_after{1'000};
constexpr base::seconds no_room_pause{60};
constexpr base::milliseconds losses_every{1'000};

/// The wall clock after `wait`, for an operator to read.
std::string wall_text(const Now& now, base::nanoseconds wait) {
    return log::rfc3339(now.wall + std::chrono::ceil<base::microseconds>(wait));
}

}  // namespace

Engine::Engine(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Engine::~Engine() = default;

Outbox& Engine::outbox() {
    return parts_->house.outbox;
}
const orders::Ledger& Engine::ledger() const {
    return parts_->house.ledger;
}
std::optional<governor::BanRecord> Engine::ban() const {
    return parts_->house.governor.ban_record();
}
void Engine::set_boot_id(const governor::BootId& boot_id) {
    parts_->house.governor.set_boot_id(boot_id);
}
bool Engine::strategies_decided() const {
    return parts_->strategies.all_decided();
}

governor::Decision Engine::permit(domain::Lane lane, governor::Cost cost, const Now& now) {
    return parts_->house.governor.decide(now.for_governor(), lane, cost);
}

std::optional<base::MonotonicTime> Engine::leave(domain::OwnRequest request, const Now& now) {
    auto& asked = parts_->leave_asked[static_cast<std::size_t>(request)];
    const domain::Lane lane = lane_of(request);
    const auto decision = parts_->house.governor.decide(now.for_governor(), lane, cost_of(request),
                                                        asked.value_or(now.monotonic));
    if (std::holds_alternative<governor::Granted>(decision)) {
        asked.reset();
        return std::nullopt;
    }
    if (!asked) asked = now.monotonic;
    if (const auto* wait = std::get_if<governor::WaitUntil>(&decision)) {
        parts_->house.tell_throttled(lane, wait->why, wait->until, now);
        return wait->until;
    }
    // A budget in which a single connection has no room: it may grow, when the exchange's rules are read
    // again.
    return now.monotonic + no_room_pause;
}

void Engine::on_read_succeeded(const Now& now) {
    parts_->house.governor.on_succeeded(now.for_governor());
}

void Engine::start_trading(const Now& now) {
    House& house = parts_->house;
    house.trading = true;
    house.verified = now.monotonic;  // reconciled just now
    parts_->reads.sweeps(true);
    parts_->strategies.start_waiting(now);
    pump(now);
}

void Engine::begin_stop(bool cancel_open, const Now& now) {
    House& house = parts_->house;
    house.stopping = true;
    // What the stream did not tell is found by asking, before the session's figures are drawn up.
    parts_->reads.sweep_soon();
    parts_->cancel_open = cancel_open;
    cancel_what_is_open(now);
    pump(now);
}

void Engine::cancel_what_is_open(const Now& now) {
    const bool is_killed = parts_->house.trading && parts_->house.risk.ladder().state().cancels_all;
    if (!is_killed && !(parts_->house.stopping && parts_->cancel_open)) return;
    if (now.monotonic < parts_->cancel_again) return;
    // A kill has no end of its own: what cannot be sent now is not tried, and journaled, every second.
    if (is_killed && !parts_->house.orders_connected) return;
    parts_->cancel_again = now.monotonic + cancel_again_after;
    // Copied: a cancel changes the ledger's list.
    const auto live = parts_->house.ledger.live();
    const std::vector<const orders::OrderRecord*> all{live.begin(), live.end()};
    for (const orders::OrderRecord* record : all)
        if (record->state != orders::OrderState::cancelling)
            parts_->corridor.cancel(*record,
                                    is_killed ? domain::Lane::emergency_cancel : domain::Lane::cancel,
                                    is_killed ? kill_reason() : stop_reason(), now);
}

bool Engine::is_settled() const {
    const House& house = parts_->house;
    return house.placing.empty() && house.cancelling.empty() && house.lookups.size() == 0 &&
           parts_->corridor.waiting() == 0 && house.notices.empty() && house.ledger.missing_fills().empty() &&
           std::none_of(house.ledger.live().begin(), house.ledger.live().end(),
                        [](const orders::OrderRecord* each) {
                            return each->state == orders::OrderState::journaled ||
                                   each->state == orders::OrderState::sent ||
                                   each->state == orders::OrderState::cancelling ||
                                   each->state == orders::OrderState::unknown;
                        });
}

void Engine::on_book_ticker(const domain::BookTicker& event, const Now& now) {
    SymbolDesk* desk = parts_->house.desk(event.symbol);
    if (desk == nullptr) return;
    desk->view.on(event);
    parts_->strategies.on_market(*desk, now);
    pump(now);
}

void Engine::on_depth(const domain::DepthDiff& event, const Now& now) {
    SymbolDesk* desk = parts_->house.desk(event.symbol);
    if (desk == nullptr) return;
    const std::int64_t expected = desk->view.book().update_id() + 1;
    const market::DiffResult result = desk->view.on(event);
    if (result == market::DiffResult::gap || result == market::DiffResult::corrupt)
        parts_->house.outbox.tell(
            Event::market_book_gap,
            {field("symbol", event.symbol), field("expected", expected), field("received", event.first_id)});
    if (desk->view.wants_snapshot()) parts_->reads.look_after(*desk, now);
    if (result == market::DiffResult::applied) parts_->strategies.on_market(*desk, now);
    pump(now);
}

void Engine::on_trade(const domain::PublicTrade& event, const Now&) {
    if (SymbolDesk* desk = parts_->house.desk(event.symbol)) desk->view.on(event);
}

void Engine::on_candle(const domain::Candle& event, const Now& now) {
    SymbolDesk* desk = parts_->house.desk(event.symbol);
    if (desk == nullptr) return;
    const market::CandleResult result = desk->view.on(event);
    if (result == market::CandleResult::closed) parts_->strategies.on_candle(*desk, event, now);
    if (result == market::CandleResult::gap) parts_->reads.look_after(*desk, now);
    pump(now);
}

void Engine::on_connection(domain::Connection which, domain::ConnectionState state, const Now& now) {
    House& house = parts_->house;
    const bool connected = state == domain::ConnectionState::connected;
    switch (which) {
        case domain::Connection::market:
            house.market_connected = connected;
            if (!connected)
                for (SymbolDesk& desk : house.symbols) {
                    desk.view.reset();
                    desk.snapshot_asked = false;
                }
            break;
        case domain::Connection::orders:
            house.orders_connected = connected;
            if (connected) parts_->cancel_again = now.monotonic;
            if (connected) cancel_what_is_open(now);
            break;
        case domain::Connection::user_data:
            house.user_data_connected = connected;
            if (connected) house.user_data_since = now.monotonic;
            // What was missed is not repeated: ask for it.
            if (connected) parts_->reads.sweep_soon();
            break;
    }
    pump(now);
}

bool Engine::may_send(const domain::Intent& intent, const Now& now) const {
    // A ban may have begun since the governor let it pass.
    return now.monotonic <= intent.expires &&
           !parts_->house.governor.banned_until(now.for_governor()).has_value() &&
           (intent.cancellation() != nullptr || parts_->house.may_leave(intent.client_order_id(), now));
}

void Engine::on_sent(const domain::Intent& intent, const Now& now) {
    parts_->orders.on_sent(intent, now);
    pump(now);
}

void Engine::on_outcome(const domain::OrderOutcome& outcome, const Now& now) {
    parts_->orders.on_outcome(outcome, now);
    pump(now);
}

void Engine::on_execution(const domain::ExecutionReport& report, const Now& now) {
    parts_->orders.on_execution(report, now);
    pump(now);
}

void Engine::on_account_position(const domain::AccountPosition& position, const Now&) {
    parts_->house.ledger.on_account_position(position);
}

void Engine::on_balance_update(const domain::BalanceUpdate& update, const Now& now) {
    House& house = parts_->house;
    house.ledger.on_balance_update(update);
    house.persist(journal::BalanceUpdateReceived{update}, now);
    house.outbox.tell(Event::account_changed_outside,
                      {field("asset", update.asset), field("change", update.delta),
                       field("total", house.ledger.balances().expected_now(update.asset))});
}

void Engine::on_rate_limits(const domain::RateLimitReport& report, const Now& now) {
    House& house = parts_->house;
    // The small allowance before the limits are known is no limit of the exchange: its counts mean nothing
    // beside it.
    if (!house.governor.limits_known()) return;
    const governor::UsageNews news = house.governor.on_usage(report, now.for_governor());
    if (const auto& drift = news.weight_drift)
        house.outbox.tell(Event::governor_weight_drift,
                          {field("own", drift->own), field("observed", drift->observed),
                           field("limit", drift->limit.limit)});
    if (const auto& drift = news.order_drift)
        house.outbox.tell(Event::governor_order_drift,
                          {field("own", drift->own), field("observed", drift->observed),
                           field("limit", drift->limit.limit), field("window_s", drift->limit.window)});
    if (const auto& change = news.limit_change)
        house.outbox.tell(
            Event::governor_limit_changed,
            {field("limit", domain::to_string(change->before.type)), field("window_s", change->before.window),
             field("before", change->before.limit), field("after", change->after)});
}

void Engine::on_rate_limited(const domain::RateLimited& limited, const Now& now) {
    House& house = parts_->house;
    if (limited.status != 429 && limited.status != 418) {
        if (const auto rest = house.governor.on_failed(limited.status, now.for_governor()))
            house.outbox.tell(Event::governor_cooled_down,
                              {field("status", rest->status), field("wait_ms", rest->length),
                               field("failures", rest->in_a_row)});
        return;
    }
    const governor::Rest rest = house.governor.on_limited(limited, now.for_governor(), now.wall);
    if (limited.scope == domain::LimitedScope::orders) {
        house.outbox.tell(Event::governor_orders_limited, {field("wait_ms", rest.length)});
        return;
    }
    house.outbox.tell(limited.status == 418 ? Event::governor_banned : Event::governor_limited,
                      {field("status", rest.status), field("wait_ms", rest.length),
                       field("until", wall_text(now, rest.length))});
}

void Engine::on_endpoint_retired(std::string_view endpoint, const Now& now) {
    House& house = parts_->house;
    house.outbox.tell(Event::exchange_endpoint_retired, {field("endpoint", endpoint)});
    house.risk.raise(risk::Level::cancel_only, "endpoint retired", endpoint, now.exchange);
    pump(now);
}

void Engine::hold_placements(std::string why, const Now& now) {
    base::check(!why.empty(), "placements are held for a reason");
    parts_->house.held_because = std::move(why);
    pump(now);
}

void Engine::release_placements(const Now& now) {
    parts_->house.held_because.clear();
    pump(now);
}

void Engine::on_journal_failed(const domain::Intent& intent, std::string_view why, const Now& now) {
    domain::OrderOutcome outcome;
    outcome.symbol = intent.symbol();
    outcome.client_order_id = intent.client_order_id();
    outcome.is_cancel = intent.cancellation() != nullptr;
    outcome.result = domain::OutcomeNeverSent{std::string{why}};
    outcome.answered = now.monotonic;
    parts_->house.outbox.tell(
        Event::order_not_sent,
        {field("strategy", parts_->house.strategy_name(intent.strategy)), field("symbol", intent.symbol()),
         field("client_order_id", intent.client_order_id()), field("stage", "journal"),
         field("reason", why)});
    parts_->orders.on_outcome(outcome, now);
    pump(now);
}

void Engine::on_journal_state(bool well, std::string_view why, const Now& now) {
    House& house = parts_->house;
    if (std::exchange(house.journal_well, well) == well) return;
    if (!well) house.outbox.tell(Event::journal_write_failed, {field("reason", why)});
    pump(now);
}

void Engine::on_block_journaled(orders::CounterBlock block, bool well) {
    auto& ids = parts_->house.ids;
    base::check(ids.has_value(), "a block was asked for by the generator");
    if (well)
        ids->block_durable(block);
    else
        ids->block_failed(block);
}

void Engine::on_answer(const Ask& ask, base::Result<Answer> answer, const Now& now) {
    if (answer) parts_->house.governor.on_succeeded(now.for_governor());
    parts_->reads.on_answer(ask, std::move(answer), now);
    pump(now);
}

void Engine::on_tick(const Now& now) {
    House& house = parts_->house;
    if (const auto lifted = house.governor.take_lifted_ban(now.for_governor()))
        house.outbox.tell(Event::governor_ban_lifted, {field("status", *lifted)});
    parts_->corridor.on_tick(now);
    parts_->reads.on_tick(now);
    // A cancel whose answer was lost leaves the order open once it has been looked up: it is cancelled again.
    cancel_what_is_open(now);
    tell_kill_done(now);
    // Also without an order: a loss is told when it is reached, not when somebody wants to buy.
    if (house.trading && now.monotonic >= parts_->losses_due) {
        parts_->losses_due = now.monotonic + losses_every;
        watch_losses(house, now);
    }
    if (house.trading && !house.stopping) {
        state_ledger(now);
        parts_->strategies.start_waiting(now);
        parts_->strategies.on_tick(now);
    }
    for (SymbolDesk& desk : house.symbols) {
        const bool stale = house.trading && desk.view.top().has_value() && desk.view.book().synchronised() &&
                           !desk.view.may_quote(now.monotonic);
        if (std::exchange(desk.told_stale, stale) == stale) continue;
        const base::milliseconds silent{desk.view.age_ms(now.monotonic).value_or(0)};
        if (stale)
            house.outbox.tell(Event::market_stale,
                              {field("symbol", desk.view.symbol()), field("silent_ms", silent),
                               field("limit_ms", house.options.market.stale_after)});
        else if (desk.view.may_quote(now.monotonic))
            house.outbox.tell(Event::market_fresh,
                              {field("symbol", desk.view.symbol()), field("silent_ms", silent)});
    }
    pump(now);
}

std::optional<base::MonotonicTime> Engine::next_tick_due() const {
    std::optional<base::MonotonicTime> due;
    for (const auto& at :
         {parts_->corridor.next_due(), parts_->reads.next_due(), parts_->strategies.next_due()})
        if (at && (!due || *at < *due)) due = at;
    return due;
}

void Engine::pump(const Now& now) {
    House& house = parts_->house;
    // Each notice may cause wishes, and those new notices. A strategy that would go round for ever is cut off
    // here and goes on in the next turn, so that one turn has an end.
    for (std::size_t told = 0;;) {
        parts_->orders.digest(now);
        if (!house.changes.empty()) continue;
        if (house.notices.empty() || told++ >= house.options.notices_a_turn) break;
        const Notice notice = house.notices.pop_front();
        parts_->strategies.tell(notice, now);
    }
    keep_ids(now);
    keep_risk_state(now);
    // The last one of a session is what the next one begins with.
    if (house.stopping && house.trading) state_ledger(now);
}

void Engine::keep_ids(const Now& now) {
    auto& ids = parts_->house.ids;
    if (!ids || !ids->needs_block()) return;
    const orders::CounterBlock block = ids->next_block();
    parts_->house.persist(journal::CounterBlockReserved{block.first, block.count}, now);
}

void Engine::keep_risk_state(const Now& now) {
    House& house = parts_->house;
    const std::uint64_t version = house.risk.state_version();
    if (std::exchange(parts_->saved_risk_version, version) == version) return;
    const risk::RiskState state = house.risk.state();
    house.persist(journal::LadderStateSaved{risk::to_text(state)}, now);
    // Whatever it was that moved it: the ladder and the day's loss are told here, once for each change.
    for (const risk::DayState& day : state.days) {
        auto& told = parts_->told_losses[day.quote.str()];
        if (!day.tripped || std::exchange(told, day.day) == day.day) continue;
        house.outbox.tell(
            Event::risk_daily_loss,
            {field("loss", day.opening - day.latest),
             field("limit", house.risk.daily_loss().limit(day.quote).value_or(domain::Amount{})),
             field("asset", day.quote)});
    }
    const risk::Level before = std::exchange(parts_->told_level, state.ladder.level);
    if (before != state.ladder.level)
        house.outbox.tell(
            Event::risk_ladder_changed,
            {field("before", risk::to_string(before)), field("after", risk::to_string(state.ladder.level)),
             field("reason", state.ladder.reason), field("by", state.ladder.by)});
}

void Engine::state_ledger(const Now& now) {
    // Only what a replay can arrive at: it does not know what waits to leave, or is under way.
    const bool is_due = parts_->house.stopping || now.monotonic >= parts_->statement_due;
    if (!is_due || !is_settled()) return;
    parts_->statement_due = now.monotonic + parts_->house.options.statement_every;
    std::string text = orders::statement(parts_->house.ledger, parts_->names);
    if (text == parts_->stated) return;
    parts_->house.persist(journal::LedgerStated{text}, now);
    parts_->stated = std::move(text);
}

}  // namespace vigil::engine
