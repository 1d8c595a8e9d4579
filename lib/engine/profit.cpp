#include "engine/profit.h"

namespace vigil::engine {

Profit profit_in(const House& house, const domain::Asset& quote) {
    Profit profit;
    domain::Amount unrealised;
    bool has_prices = true;
    for (const SymbolDesk& desk : house.symbols) {
        if (desk.rules.quote != quote) continue;
        const auto mark = desk.view.mid();
        for (const std::size_t place : desk.seats) {
            const orders::Position& position =
                house.ledger.position(house.seats[place].index, desk.view.symbol());
            profit.realised += position.realised;
            if (position.inventory.is_zero()) continue;
            // No price, no judgement.
            const auto part = mark ? position.unrealised(*mark) : std::nullopt;
            has_prices = has_prices && part.has_value();
            if (part) unrealised += *part;
        }
    }
    if (has_prices) profit.total = profit.realised + unrealised;
    return profit;
}

void watch_losses(House& house, const Now& now) {
    for (const risk::DailyLossLimit& limit : house.options.risk.daily_loss)
        if (const auto total = profit_in(house, limit.quote).total)
            house.risk.observe_profit(limit.quote, *total, now.exchange);
    for (const risk::LossLimit& limit : house.options.risk.losses) {
        const Profit profit = profit_in(house, limit.quote);
        if (const auto trip =
                house.risk.observe_losses(limit.quote, profit.realised, profit.total, now.exchange))
            house.outbox.tell(log::Event::risk_loss_limit,
                              {log::field("rule", trip->rule), log::field("loss", trip->loss),
                               log::field("limit", trip->limit), log::field("asset", limit.quote)});
    }
}

}  // namespace vigil::engine
