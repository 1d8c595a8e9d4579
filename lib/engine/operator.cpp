// What an operator asks of the engine: where it stands, and the ladder.
#include <algorithm>

#include "engine/engine.h"
#include "engine/parts.h"

namespace vigil::engine {

namespace {

/// The name, also of those that are configured no more.
std::string strategy_of(const std::vector<domain::StrategyName>& names, domain::StrategyIndex index) {
    return index.value < names.size() ? names[index.value].str() : std::string{"none"};
}

OrderStanding standing_of(const orders::OrderRecord& record, const std::vector<domain::StrategyName>& names) {
    return {record.id(), record.order.symbol, strategy_of(names, record.strategy), record.state};
}

}  // namespace

bool Engine::raise_ladder(risk::Level level, std::string_view by, std::string_view reason, const Now& now) {
    const bool has_changed = parts_->house.risk.raise(level, by, reason, now.exchange);
    pump(now);
    return has_changed;
}

base::Result<void> Engine::lower_ladder(risk::Level level, std::string_view by, std::string_view reason,
                                        const Now& now) {
    auto lowered = parts_->house.risk.lower(level, by, reason, now.exchange);
    pump(now);
    return lowered;
}

void Engine::kill(std::string_view by, std::string_view reason, const Now& now) {
    House& house = parts_->house;
    house.risk.kill(by, reason, now.exchange);
    // On its way to the journal before the first cancel.
    keep_risk_state(now);
    parts_->killed.clear();
    for (const orders::OrderRecord* record : house.ledger.live())
        if (!orders::is_final(record->state)) parts_->killed.push_back(record->id());
    house.outbox.tell(
        log::Event::risk_killed,
        {log::field("by", by), log::field("orders", parts_->killed.size()), log::field("reason", reason)});
    parts_->kill_done = false;
    parts_->cancel_again = now.monotonic;
    cancel_what_is_open(now);
    pump(now);
}

const risk::LadderState& Engine::ladder() const {
    return parts_->house.risk.ladder().state();
}

KillProgress Engine::kill_progress(const Now& now) const {
    const House& house = parts_->house;
    KillProgress progress;
    progress.orders = parts_->killed.size();
    for (const domain::ClientOrderId& id : parts_->killed) {
        const orders::OrderRecord* record = house.ledger.find(id);
        if (record != nullptr && !orders::is_final(record->state)) continue;
        if (record != nullptr && record->state == orders::OrderState::cancelled)
            ++progress.cancelled;
        else if (record != nullptr && record->state == orders::OrderState::filled)
            ++progress.filled;
        else
            ++progress.ended;
    }
    for (const orders::OrderRecord* record : house.ledger.live())
        if (!orders::is_final(record->state))
            progress.remaining.push_back(standing_of(*record, parts_->names));
    if (progress.remaining.empty()) return progress;
    if (!house.orders_connected)
        progress.waits_for = "the order session is down";
    else if (!now.may_sign)
        progress.waits_for = "the exchange's time is not known well enough";
    else if (!house.journal_well)
        progress.waits_for = "the journal cannot be written";
    else if (house.governor.banned_until(now.for_governor()))
        progress.waits_for = "the exchange wants to hear nothing (a ban)";
    else if (parts_->corridor.waiting() > 0)
        progress.waits_for =
            "the governor: the budget for this address is used up, also the part for cancels";
    return progress;
}

void Engine::tell_kill_done(const Now& now) {
    House& house = parts_->house;
    const bool is_killed = house.trading && house.risk.ladder().state().cancels_all;
    if (!is_killed || parts_->kill_done || house.ledger.open_orders() > 0) return;
    parts_->kill_done = true;
    const KillProgress progress = kill_progress(now);
    house.outbox.tell(log::Event::risk_kill_done,
                      {log::field("cancelled", progress.cancelled), log::field("filled", progress.filled),
                       log::field("ended", progress.ended)});
}

Standing Engine::standing(const Now& now) const {
    const House& house = parts_->house;
    Standing standing;
    standing.report = report();
    standing.ladder = house.risk.ladder().state();
    standing.obstacle = house.obstacle(now);
    standing.market_connected = house.market_connected;
    standing.orders_connected = house.orders_connected;
    standing.user_data_connected = house.user_data_connected;
    standing.journal_well = house.journal_well;
    standing.waiting = parts_->corridor.waiting();
    for (const orders::OrderRecord* record : house.ledger.live())
        if (record->state == orders::OrderState::unknown)
            standing.unknown.push_back(standing_of(*record, parts_->names));
    standing.limits = limits();
    for (const risk::DailyLossLimit& limit : house.options.risk.daily_loss) {
        const auto profit = house.risk.daily_loss().profit_today(limit.quote, now.exchange);
        standing.rules.push_back({"daily_loss", limit.quote.str(), (-profit.value_or(domain::Amount{})).str(),
                                  limit.loss_max.str(),
                                  house.risk.daily_loss().tripped(limit.quote, now.exchange) != nullptr});
    }
    for (const risk::LossLimit& limit : house.options.risk.losses) {
        const risk::LossWatch& losses = house.risk.losses();
        const auto rule = [&](std::string_view name, std::optional<domain::Amount> most,
                              std::optional<domain::Amount> used) {
            if (most)
                standing.rules.push_back({name, limit.quote.str(), used.value_or(domain::Amount{}).str(),
                                          most->str(), used.value_or(domain::Amount{}) >= *most});
        };
        rule("total_loss", limit.realised_max, losses.loss(limit.quote));
        rule("drawdown", limit.drawdown_max, losses.drawdown(limit.quote));
    }
    if (const auto most = house.options.risk.orders_a_minute) {
        const int used = house.risk.orders_a_minute(now.monotonic);
        standing.rules.push_back(
            {"orders_a_minute", "account", std::to_string(used), std::to_string(*most), used >= *most});
    }
    standing.rules.push_back({"open_orders", "account", std::to_string(house.ledger.open_orders()),
                              std::to_string(house.options.risk.open_orders_max),
                              house.ledger.open_orders() >= house.options.risk.open_orders_max});
    for (const SymbolDesk& desk : house.symbols)
        if (house.risk.breakers().is_open(desk.view.symbol()))
            standing.rules.push_back(
                {"breaker", desk.view.symbol().str(), "open",
                 "a probe every " +
                     std::to_string(
                         std::chrono::ceil<base::seconds>(house.options.risk.breaker_probe_every).count()) +
                     " s",
                 true});
    return standing;
}

}  // namespace vigil::engine
