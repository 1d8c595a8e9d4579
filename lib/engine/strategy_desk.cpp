#include "engine/strategy_desk.h"

#include <utility>

namespace vigil::engine {

namespace {

using log::Event;
using log::field;

strategy::OwnOrderState state_for_strategy(orders::OrderState state) {
    switch (state) {
        case orders::OrderState::journaled:
        case orders::OrderState::sent:
            return strategy::OwnOrderState::pending;
        case orders::OrderState::cancelling:
            return strategy::OwnOrderState::cancelling;
        case orders::OrderState::unknown:
            return strategy::OwnOrderState::unknown;
        default:
            return strategy::OwnOrderState::open;
    }
}

}  // namespace

strategy::OwnOrder own_order(const orders::OrderRecord& record) {
    return {.slot = record.slot,
            .side = record.order.side,
            .type = record.order.type,
            .price = record.order.price.value_or(domain::Price{}),
            .quantity = record.order.quantity.value_or(domain::Quantity{}),
            .quote_quantity = record.order.quote_quantity.value_or(domain::Amount{}),
            .executed = record.executed,
            .state = state_for_strategy(record.state)};
}

strategy::View StrategyDesk::view_of(const Seat& seat, const Now& now) {
    SymbolDesk& desk = house_.symbols[seat.desk];
    own_orders_.clear();
    for (const orders::OrderRecord* record : house_.ledger.live())
        if (record->strategy == seat.index && record->order.symbol == desk.view.symbol())
            own_orders_.push_back(own_order(*record));

    const orders::Position& position = house_.ledger.position(seat.index, desk.view.symbol());
    return strategy::View{
        .now = now.monotonic,
        .exchange_now = now.exchange,
        .rules = desk.rules,
        .market = desk.view,
        .holdings = {.inventory = position.inventory,
                     .bought = position.spent,
                     .sold = position.received,
                     .average_cost = position.average_cost().value_or(domain::Price{}),
                     .realized_profit = position.realised},
        .orders = own_orders_,
        .maker_fee = house_.maker_fee,
        .taker_fee = house_.taker_fee,
        .new_orders_allowed = house_.may_place(now) && desk.rules.status == domain::SymbolStatus::trading,
    };
}

void StrategyDesk::start_waiting(const Now& now) {
    for (Seat& seat : house_.seats) {
        if (seat.state != Seat::State::waiting) continue;
        const SymbolDesk& desk = house_.symbols[seat.desk];
        if (const auto need = seat.strategy->candle_need()) {
            const market::CandleSeries* series = desk.view.candles(need->interval);
            if (series == nullptr || series->wants_warm_up()) continue;
        }
        const auto checked = seat.strategy->check(view_of(seat, now));
        if (!checked && checked.error().kind == base::ErrorKind::unavailable) continue;
        if (!checked) {
            seat.state = Seat::State::refused;
            house_.outbox.tell(Event::strategy_refused, {field("strategy", seat.strategy->name()),
                                                         field("reason", checked.error().message)});
            continue;
        }
        if (seat.strategy->stopped()) {
            seat.state = Seat::State::stopped;
            house_.outbox.tell(Event::strategy_stopped, {field("strategy", seat.strategy->name()),
                                                         field("reason", "stopped in an earlier session")});
            continue;
        }
        seat.state = Seat::State::running;
        house_.outbox.tell(Event::strategy_started,
                           {field("strategy", seat.strategy->name()),
                            field("kind", strategy::to_string(seat.strategy->kind())),
                            field("symbol", seat.strategy->symbol())});
        ask(seat, now, [&](const strategy::View& view) { seat.strategy->on_timer(view, wishes_); });
    }
}

bool StrategyDesk::all_decided() const {
    for (const Seat& seat : house_.seats)
        if (seat.state == Seat::State::waiting) return false;
    return true;
}

template <class Call>
void StrategyDesk::ask(Seat& seat, const Now& now, Call&& call) {
    if (seat.state != Seat::State::running || house_.stopping || house_.risk.level() == risk::Level::halt)
        return;
    wishes_.clear();
    call(view_of(seat, now));
    carry_out(seat, now);
}

void StrategyDesk::carry_out(Seat& seat, const Now& now) {
    // Its state goes to the journal before the wishes of the same call, or a crash could repeat them.
    save(seat, now);
    for (const strategy::Wish& wish : wishes_.all()) {
        if (const auto* place = std::get_if<strategy::Place>(&wish)) {
            corridor_.place(seat, *place, now);
        } else if (const auto* cancel = std::get_if<strategy::Cancel>(&wish)) {
            if (const orders::OrderRecord* record = house_.ledger.in_slot(seat.index, cancel->slot))
                corridor_.cancel(*record, domain::Lane::cancel, cancel->reason, now);
        } else if (const auto* stop = std::get_if<strategy::Stop>(&wish)) {
            seat.state = Seat::State::stopped;
            house_.outbox.tell(Event::strategy_stopped,
                               {field("strategy", seat.strategy->name()), field("reason", stop->reason)});
        } else if (const auto* note = std::get_if<strategy::Note>(&wish)) {
            house_.outbox.tell(
                Event::strategy_decision,
                {field("strategy", seat.strategy->name()), field("symbol", seat.strategy->symbol()),
                 field("action", "note"), field("reason", note->text)});
        }
    }
}

void StrategyDesk::save(Seat& seat, const Now& now) {
    const std::uint64_t revision = seat.strategy->revision();
    if (revision == seat.saved_revision) return;
    seat.saved_revision = revision;
    house_.persist(journal::StrategyStateSaved{seat.strategy->name(), seat.strategy->save()}, now);
}

void StrategyDesk::on_market(SymbolDesk& desk, const Now& now) {
    for (const std::size_t place : desk.seats) {
        Seat& seat = house_.seats[place];
        ask(seat, now, [&](const strategy::View& view) { seat.strategy->on_market(view, wishes_); });
    }
}

void StrategyDesk::on_candle(SymbolDesk& desk, const domain::Candle& candle, const Now& now) {
    for (const std::size_t place : desk.seats) {
        Seat& seat = house_.seats[place];
        const auto need = seat.strategy->candle_need();
        if (!need || need->interval != candle.interval) continue;
        ask(seat, now, [&](const strategy::View& view) { seat.strategy->on_candle(view, candle, wishes_); });
    }
}

void StrategyDesk::on_tick(const Now& now) {
    for (Seat& seat : house_.seats) {
        if (seat.state != Seat::State::running) continue;
        const std::string_view obstacle = house_.obstacle(now);
        const bool allowed = obstacle.empty();
        const bool changed = std::exchange(seat.was_allowed, allowed) != allowed;
        if (changed) tell_pause(seat, obstacle, now);
        const auto timer = seat.strategy->next_timer();
        if (changed || (timer && *timer <= now.monotonic))
            ask(seat, now, [&](const strategy::View& view) { seat.strategy->on_timer(view, wishes_); });
    }
}

void StrategyDesk::tell_pause(Seat& seat, std::string_view obstacle, const Now& now) {
    if (house_.stopping) return;  // told as such
    const auto strategy = field("strategy", seat.strategy->name());
    if (!obstacle.empty()) {
        seat.paused_since = now.monotonic;
        house_.outbox.tell(Event::strategy_paused, {strategy, field("reason", obstacle)});
    } else if (const auto since = std::exchange(seat.paused_since, std::nullopt)) {
        house_.outbox.tell(Event::strategy_resumed, {strategy, field("paused_ms", now.monotonic - *since)});
    }
}

void StrategyDesk::tell(const Notice& notice, const Now& now) {
    Seat& seat = house_.seats[notice.seat];
    ask(seat, now,
        [&](const strategy::View& view) { seat.strategy->on_order(view, notice.change, wishes_); });
}

std::optional<base::MonotonicTime> StrategyDesk::next_due() const {
    std::optional<base::MonotonicTime> due;
    for (const Seat& seat : house_.seats) {
        if (seat.state != Seat::State::running) continue;
        const auto timer = seat.strategy->next_timer();
        if (timer && (!due || *timer < *due)) due = timer;
    }
    return due;
}

}  // namespace vigil::engine
