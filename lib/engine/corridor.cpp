#include "engine/corridor.h"

#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "engine/profit.h"

namespace vigil::engine {

namespace {

using log::Event;
using log::field;

// How many levels of the book a market order is checked against.
constexpr std::size_t slippage_levels = 100;
// The same refusal is told again after this, not with every tick.
constexpr base::seconds refusal_told_every{60};

/// The best of the levels; the best at the back here as there, as the risk gate wants them.
void copy_best(std::span<const domain::BookLevel> worst_first, std::vector<domain::BookLevel>& out) {
    const std::span<const domain::BookLevel> best =
        worst_first.last(std::min(worst_first.size(), slippage_levels));
    out.assign(best.begin(), best.end());
}

const domain::Reason& probe_reason() {
    static const domain::Reason reason = *domain::Reason::from("preflight");
    return reason;
}

strategy::OwnOrder as_own_order(const strategy::Place& wish) {
    return {.slot = wish.slot,
            .side = wish.side,
            .type = wish.type,
            .price = wish.price.value_or(domain::Price{}),
            .quantity = wish.quantity.value_or(domain::Quantity{}),
            .quote_quantity = wish.quote_quantity.value_or(domain::Amount{}),
            .executed = {},
            .state = strategy::OwnOrderState::pending};
}

}  // namespace

void Corridor::place(Seat& seat, const strategy::Place& wish, const Now& now) {
    SymbolDesk& desk = house_.symbols[seat.desk];
    if (!house_.may_place(now)) return refuse(seat, wish, "house", "no new orders are allowed now", now);
    if (!house_.ids) return refuse(seat, wish, "house", "not recovered yet", now);
    const auto id = house_.ids->next(seat.index, wish.slot);
    if (!id)
        return refuse(seat, wish, "client_order_id", "no durable block of client order ids is left", now);

    domain::Intent intent{
        .strategy = seat.index,
        .slot = wish.slot,
        .lane = domain::Lane::order,
        .action = domain::NewOrder{.symbol = desk.view.symbol(),
                                   .side = wish.side,
                                   .type = wish.type,
                                   .time_in_force = wish.time_in_force,
                                   .quantity = wish.quantity,
                                   .quote_quantity = wish.quote_quantity,
                                   .price = wish.price,
                                   .stop_price = wish.stop_price,
                                   .client_order_id = *id},
        .reason = wish.reason,
        .decided = now.monotonic,
        .expires = now.monotonic + house_.options.order_patience,
    };
    const risk::RiskContext context = context_for(seat, desk, intent, now);
    auto verdict = house_.risk.check(std::move(intent), context);
    if (const auto* refusal = std::get_if<risk::Refusal>(&verdict))
        return refuse(seat, wish, refusal->rule, refusal->detail, now);

    auto& approved = std::get<domain::Approved>(verdict);
    auto decided = decision(approved.intent(), context);
    // Counted from here on, so that the next decision of this very turn sees it.
    if (const auto placed =
            house_.ledger.placing(approved.intent(), now.moment(), desk.view.mid(), house_.changes);
        !placed)
        return refuse(seat, wish, "ledger", placed.error().message, now);
    house_.persist(std::move(decided), now);
    admit(std::move(approved), now);
}

void Corridor::cancel(const orders::OrderRecord& record, domain::Lane lane, const domain::Reason& reason,
                      const Now& now) {
    if (orders::is_final(record.state) || house_.cancelling.contains(record.id())) return;
    const bool waits = std::any_of(waiting_.begin(), waiting_.end(), [&record](const Waiting& each) {
        return each.approved.intent().cancellation() != nullptr &&
               each.approved.intent().client_order_id() == record.id();
    });
    if (waits) return;

    // An order that still waits here has not left: it is dropped instead of cancelled.
    const auto own = std::find_if(waiting_.begin(), waiting_.end(), [&record](const Waiting& each) {
        return each.approved.intent().placement() != nullptr &&
               each.approved.intent().client_order_id() == record.id();
    });
    if (own != waiting_.end()) {
        const Waiting unsent = std::move(*own);
        waiting_.erase(own);
        return drop(unsent.intent(), "cancelled before it was sent", now);
    }

    domain::Intent intent{
        .strategy = record.strategy,
        .slot = record.slot,
        .lane = lane,
        .action = domain::CancelOrder{.symbol = record.order.symbol, .client_order_id = record.id()},
        .reason = reason,
        .decided = now.monotonic,
        .expires = now.monotonic + house_.options.cancel_patience,
    };
    risk::RiskContext context;
    context.now = now.monotonic;
    context.exchange_now = now.exchange;
    auto verdict = house_.risk.check(std::move(intent), context);
    base::check(std::holds_alternative<domain::Approved>(verdict),
                "cancels pass the risk gate in every state");
    auto& approved = std::get<domain::Approved>(verdict);
    const auto placed = house_.ledger.placing(approved.intent(), now.moment(), std::nullopt, house_.changes);
    base::check(placed.has_value(), "a cancel of a live order is known to the ledger");
    admit(std::move(approved), now);
}

bool Corridor::goes_before(const Waiting& a, const Waiting& b) const {
    const auto rank = [](const Waiting& one) {
        return one.places() ? domain::Lane::order : one.intent().lane;
    };
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (!a.places()) return false;
    return house_.governor.lead(a.intent().strategy) < house_.governor.lead(b.intent().strategy);
}

void Corridor::on_tick(const Now& now) {
    if (waiting_.empty()) return;
    // Something was given back: what waits need not wait for its window.
    const bool has_room = std::exchange(room_seen_, house_.governor.room_made()) != room_seen_;
    std::vector<Waiting> due;
    std::vector<Waiting> later;
    for (Waiting& each : waiting_) {
        const bool is_due = has_room || each.until <= now.monotonic || each.intent().expires <= now.monotonic;
        (is_due ? due : later).push_back(std::move(each));
    }
    waiting_ = std::move(later);
    while (!due.empty()) {
        // Chosen anew each time: an order that goes changes who is ahead. The oldest of equals is first.
        const auto next = std::min_element(
            due.begin(), due.end(), [this](const Waiting& a, const Waiting& b) { return goes_before(a, b); });
        Waiting one = std::move(*next);
        due.erase(next);
        // Allowed when it was decided, but the house has closed since.
        if (one.places() && !house_.may_leave(one.intent().client_order_id(), now))
            drop(one.intent(), "no new orders are allowed now", now);
        else
            admit(std::move(one.approved), now);
    }
}

std::optional<base::MonotonicTime> Corridor::next_due() const {
    std::optional<base::MonotonicTime> due;
    for (const Waiting& each : waiting_) {
        const base::MonotonicTime at = std::min(each.until, each.approved.intent().expires);
        if (!due || at < *due) due = at;
    }
    return due;
}

base::Result<domain::ClientOrderId> Corridor::place_probe(domain::NewOrder order, const Now& now) {
    SymbolDesk* desk = house_.desk(order.symbol);
    if (desk == nullptr)
        return base::fail(base::ErrorKind::not_found, "no strategy uses symbol " + order.symbol.str());
    if (const std::string_view why = house_.outage(now); !why.empty())
        return base::fail(base::ErrorKind::unavailable, std::string{why});
    // Behind the last strategy: no seat, so nobody is told of it.
    const domain::StrategyIndex nobody{static_cast<std::uint16_t>(house_.seats.size())};
    const auto id = house_.ids ? house_.ids->next(nobody, domain::Slot{}) : std::nullopt;
    if (!id)
        return base::fail(base::ErrorKind::exhausted, "no durable block of client order ids is there yet");
    order.client_order_id = *id;
    domain::Intent intent{.strategy = nobody,
                          .slot = domain::Slot{},
                          .lane = domain::Lane::order,
                          .action = order,
                          .reason = probe_reason(),
                          .decided = now.monotonic,
                          .expires = now.monotonic + house_.options.order_patience};
    risk::RiskContext context = shared_context(*desk, intent, now);
    context.strategy.budget =
        order.price && order.quantity
            ? domain::notional(*order.price, *order.quantity, domain::Rounding::up).value_or(domain::Amount{})
            : domain::Amount{};
    auto verdict = house_.risk.check(std::move(intent), context);
    if (const auto* refusal = std::get_if<risk::Refusal>(&verdict))
        return base::fail(base::ErrorKind::rejected,
                          "the risk gate refuses it, " + std::string{refusal->rule} + ": " + refusal->detail);
    auto& approved = std::get<domain::Approved>(verdict);
    auto decided = decision(approved.intent(), context);
    if (auto placed =
            house_.ledger.placing(approved.intent(), now.moment(), desk->view.mid(), house_.changes);
        !placed)
        return base::fail(std::move(placed.error()));
    house_.probe = *id;
    house_.persist(std::move(decided), now);
    admit(std::move(approved), now);
    return *id;
}

risk::RiskContext Corridor::context_for(const Seat& seat, SymbolDesk& desk, const domain::Intent& intent,
                                        const Now& now) {
    const orders::HoldingView holding = house_.ledger.holding(seat.index, desk.view.symbol());
    risk::RiskContext context = shared_context(desk, intent, now);
    context.strategy.budget = seat.budget;
    // Out of pocket: what was paid less what came back. Profit may be invested again, a loss lessens what is
    // left.
    context.strategy.invested =
        std::max(holding.position.spent - holding.position.received, domain::Amount{});
    context.strategy.committed = holding.committed_quote;
    context.strategy.sellable = holding.sellable;
    context.strategy.slot_taken = house_.ledger.in_slot(seat.index, intent.slot) != nullptr;
    return context;
}

risk::RiskContext Corridor::shared_context(SymbolDesk& desk, const domain::Intent& intent, const Now& now) {
    risk::RiskContext context;
    if (!desk.rules.symbol.empty()) context.rules = &desk.rules;
    context.now = now.monotonic;
    context.exchange_now = now.exchange;

    context.book.whole = desk.view.book().synchronised();
    if (const auto age_ms = desk.view.age_ms(now.monotonic))
        context.book.updated = now.monotonic - base::milliseconds{*age_ms};
    if (const auto& top = desk.view.top()) {
        context.book.bid = top->bid;
        context.book.ask = top->ask;
    }
    if (intent.placement()->type == domain::OrderType::market) {
        copy_best(desk.view.book().levels(domain::Side::buy), bids_);
        copy_best(desk.view.book().levels(domain::Side::sell), asks_);
        context.book.bids = bids_;
        context.book.asks = asks_;
    }
    context.mark = desk.view.mid();
    // The filters want the average of some minutes, which no stream carries; the middle of the book stands
    // for it. The collar is much narrower than these filters, so an order that the difference matters for
    // does not get so far.
    context.average_price = context.mark;

    context.account.position = house_.ledger.inventory(desk.view.symbol());
    context.account.open_buys = house_.ledger.open_buys(desk.view.symbol());
    context.account.open_orders = house_.ledger.open_orders();
    context.account.open_orders_symbol = house_.ledger.open_orders(desk.view.symbol());
    if (const auto quote = house_.ledger.balances().stated(desk.rules.quote))
        context.account.free_quote = quote->free;
    if (const auto base = house_.ledger.balances().stated(desk.rules.base))
        context.account.free_base = base->free;
    context.profit = profit_in(house_, desk.rules.quote).total;
    return context;
}

journal::DecisionMade Corridor::decision(const domain::Intent& intent,
                                         const risk::RiskContext& context) const {
    const orders::Position& position = house_.ledger.position(intent.strategy, intent.symbol());
    journal::DecisionMade made;
    made.client_order_id = intent.client_order_id();
    made.strategy = house_.seats.size() > intent.strategy.value
                        ? house_.seats[intent.strategy.value].strategy->name()
                        : probe_strategy();
    made.symbol = intent.symbol();
    made.bid = context.book.bid;
    made.ask = context.book.ask;
    if (context.book.updated != base::MonotonicTime{}) made.book_age = context.now - context.book.updated;
    made.inventory = position.inventory;
    made.cost = position.cost;
    made.realised = position.realised;
    made.budget = context.strategy.budget;
    made.invested = context.strategy.invested;
    made.committed = context.strategy.committed;
    made.sellable = context.strategy.sellable;
    made.position = context.account.position;
    made.open_orders = context.account.open_orders;
    made.open_orders_symbol = context.account.open_orders_symbol;
    const auto live = house_.ledger.live();
    made.waiting = static_cast<int>(std::count_if(live.begin(), live.end(), [](const auto* each) {
        return each->state == orders::OrderState::journaled;
    }));
    made.free_quote = context.account.free_quote;
    made.free_base = context.account.free_base;
    made.profit = context.profit;
    made.ladder = risk::to_string(house_.risk.level());
    return made;
}

void Corridor::refuse(Seat& seat, const strategy::Place& wish, std::string_view rule, std::string_view why,
                      const Now& now) {
    const bool told = seat.refusal_rule == rule && now.monotonic - seat.refusal_told < refusal_told_every;
    if (!told) {
        seat.refusal_rule = rule;
        seat.refusal_told = now.monotonic;
        house_.outbox.tell(Event::risk_refused, {field("strategy", seat.strategy->name()),
                                                 field("symbol", seat.strategy->symbol()),
                                                 field("rule", rule), field("reason", why)});
    }
    std::string reason{rule};
    reason += ": ";
    reason += why;
    house_.notices.push_back(
        {seat.index.value, {as_own_order(wish), strategy::NeverSent{std::move(reason)}}});
}

void Corridor::admit(domain::Approved&& approved, const Now& now) {
    // Nothing can be signed now: a cancel waits for the exchange's time as it does for the budget. Placements
    // do not come here then.
    if (!now.may_sign && approved.intent().cancellation() != nullptr &&
        now.monotonic < approved.intent().expires)
        return queue({std::move(approved), now.monotonic + house_.options.sign_retry}, now);
    auto admission = house_.governor.admit(std::move(approved), now.for_governor());
    if (auto* permitted = std::get_if<domain::Permitted>(&admission)) {
        const domain::Intent& intent = permitted->intent();
        const bool is_cancel = intent.cancellation() != nullptr;
        (is_cancel ? house_.cancelling : house_.placing)
            .insert_or_assign(intent.client_order_id(),
                              House::InFlight{permitted->permitted(), intent.strategy});
        if (is_cancel) tell_reserve(now);
        house_.outbox.commands.emplace_back(PersistOrder{std::move(*permitted), now.stamp()});
        return;
    }
    if (auto* deferred = std::get_if<governor::Deferred>(&admission)) {
        house_.tell_throttled(deferred->approved.intent().lane, deferred->why, deferred->until, now);
        return queue({std::move(deferred->approved), deferred->until}, now);
    }
    const auto& expired = std::get<governor::Expired>(admission);
    house_.outbox.tell(Event::governor_request_dropped,
                       {field("lane", name_of(expired.approved.intent().lane)),
                        field("what", expired.approved.intent().client_order_id()),
                        field("waited_ms", now.monotonic - expired.approved.intent().decided),
                        field("reason", governor::to_string(expired.why))});
    drop(expired.approved.intent(), governor::to_string(expired.why), now);
}

void Corridor::queue(Waiting&& one, const Now& now) {
    if (waiting_.size() >= house_.options.waiting_max && !displace_for(one.intent(), now)) {
        house_.governor.on_dropped(one.intent().lane);
        return drop(one.intent(), "too many orders wait for the governor", now);
    }
    waiting_.push_back(std::move(one));
}

bool Corridor::displace_for(const domain::Intent& newcomer, const Now& now) {
    std::vector<std::size_t> of_strategy(house_.seats.size() + 1, 0);
    const auto slot_of = [&](const domain::Intent& intent) {
        return std::min<std::size_t>(intent.strategy.value, house_.seats.size());
    };
    for (const Waiting& each : waiting_)
        if (each.places()) ++of_strategy[slot_of(each.intent())];
    const auto greediest = static_cast<std::size_t>(std::max_element(of_strategy.begin(), of_strategy.end()) -
                                                    of_strategy.begin());
    const bool is_cancel = newcomer.cancellation() != nullptr;
    if (of_strategy[greediest] == 0) return false;  // cancels alone
    if (!is_cancel && of_strategy[slot_of(newcomer)] >= of_strategy[greediest]) return false;
    const auto newest = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const Waiting& each) {
        return each.places() && slot_of(each.intent()) == greediest;
    });
    const Waiting gone = std::move(*newest);
    waiting_.erase(std::next(newest).base());
    house_.governor.on_dropped(domain::Lane::order);
    drop(gone.intent(), "too many orders wait for the governor", now);
    return true;
}

void Corridor::tell_reserve(const Now& now) {
    if (reserve_told_ && now.monotonic - *reserve_told_ < told_again_after) return;
    for (std::size_t i = 0; i < house_.governor.limit_count(); ++i) {
        const governor::Usage usage = house_.governor.usage(i);
        if (usage.limit.type != domain::RateLimitType::request_weight || usage.used <= usage.budget) continue;
        reserve_told_ = now.monotonic;
        house_.outbox.tell(Event::governor_reserve_used,
                           {field("used", usage.used), field("budget", usage.budget)});
        return;
    }
}

void Corridor::drop(const domain::Intent& intent, std::string_view why, const Now& now) {
    domain::OrderOutcome outcome;
    outcome.symbol = intent.symbol();
    outcome.client_order_id = intent.client_order_id();
    outcome.is_cancel = intent.cancellation() != nullptr;
    outcome.result = domain::OutcomeNeverSent{std::string{why}};
    outcome.answered = now.monotonic;
    house_.outbox.tell(Event::order_not_sent,
                       {field("strategy", house_.strategy_name(intent.strategy)),
                        field("symbol", intent.symbol()), field("client_order_id", intent.client_order_id()),
                        field("stage", "governor"), field("reason", why)});
    house_.ledger.on_outcome(outcome, now.moment(), house_.changes);
}

}  // namespace vigil::engine
