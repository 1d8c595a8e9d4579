#include "engine/trade_watch.h"

#include <algorithm>

#include "engine/house.h"
#include "orders/lookup_policy.h"

namespace vigil::engine {

namespace {

/// Between the placing of an order and the first word on it, its fills carry a number that nobody knows here.
bool might_be_own(const orders::Ledger& ledger, const domain::Symbol& symbol, const domain::Fill& fill) {
    return std::any_of(ledger.live().begin(), ledger.live().end(), [&](const orders::OrderRecord* record) {
        return record->order.symbol == symbol && !record->exchange_id &&
               orders::could_be_fill_of(fill, record->order);
    });
}

}  // namespace

std::optional<domain::TradeId> TradeWatch::from() const {
    if (!through_) return std::nullopt;
    return domain::TradeId{through_->value + 1};
}

std::vector<domain::Fill> TradeWatch::look(const orders::Ledger& ledger, const domain::Symbol& symbol,
                                           std::span<const domain::Fill> fills) {
    std::vector<domain::Fill> found;
    if (!through_) {
        // An account without a trade so far: whatever comes is news.
        through_ = domain::TradeId{-1};
        for (const domain::Fill& fill : fills) through_ = std::max(*through_, fill.trade_id);
        return found;
    }
    // Two orders of the account that traded with each other have a fill each, of the same id.
    const domain::TradeId known = *through_;
    for (const domain::Fill& fill : fills) {
        if (fill.trade_id <= known) continue;
        if (ledger.find(symbol, fill.order_id) == nullptr) {
            if (might_be_own(ledger, symbol, fill)) break;
            found.push_back(fill);
        }
        through_ = fill.trade_id;
    }
    return found;
}

void House::watch_trades(const domain::Symbol& symbol, std::span<const domain::Fill> fills) {
    SymbolDesk* at = desk(symbol);
    if (at == nullptr) return;
    for (const domain::Fill& fill : at->trades.look(ledger, symbol, fills))
        outbox.tell(log::Event::order_trade_unaccounted,
                    {log::field("symbol", symbol), log::field("trade_id", fill.trade_id),
                     log::field("order_id", fill.order_id), log::field("side", domain::to_string(fill.side)),
                     log::field("quantity", fill.quantity), log::field("price", fill.price)});
}

}  // namespace vigil::engine
