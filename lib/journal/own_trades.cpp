#include "journal/own_trades.h"

#include <variant>

namespace vigil::journal {

void OwnTrades::take(const StoredRecord& stored) {
    if (const auto* started = std::get_if<SessionStarted>(&stored.record)) {
        strategies_ = started->strategies;
    } else if (const auto* intent = std::get_if<IntentPermitted>(&stored.record)) {
        const std::size_t index = intent->intent.strategy.value;
        if (intent->intent.placement() != nullptr && index < strategies_.size())
            strategy_of_.emplace(intent->intent.client_order_id(), strategies_[index].str());
    } else if (const auto* outcome = std::get_if<OutcomeReceived>(&stored.record)) {
        if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome->outcome.result))
            for (const domain::Fill& fill : accepted->fills)
                add(outcome->outcome.symbol, outcome->outcome.client_order_id, fill);
    } else if (const auto* execution = std::get_if<ExecutionReceived>(&stored.record)) {
        if (execution->report.fill)
            add(execution->report.symbol, execution->report.client_order_id, *execution->report.fill);
    } else if (const auto* read = std::get_if<FillsRead>(&stored.record)) {
        for (const domain::Fill& fill : read->fills) add(read->symbol, read->client_order_id, fill);
    }
}

void OwnTrades::add(const domain::Symbol& symbol, const domain::ClientOrderId& id, const domain::Fill& fill) {
    const auto [place, is_new] = trades_.try_emplace({symbol, fill.trade_id.value});
    if (!is_new) return;
    const auto strategy = strategy_of_.find(id);
    place->second = {symbol, fill, id, strategy == strategy_of_.end() ? std::string{} : strategy->second};
}

std::vector<OwnTrade> OwnTrades::all() const {
    std::vector<OwnTrade> all;
    all.reserve(trades_.size());
    for (const auto& [key, trade] : trades_) all.push_back(trade);
    return all;
}

}  // namespace vigil::journal
