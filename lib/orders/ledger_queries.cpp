// The ledger's answers about symbols and holdings.
#include "base/check.h"
#include "orders/ledger.h"

namespace vigil::orders {

using domain::Quantity;

std::optional<std::size_t> Ledger::symbol_index(const domain::Symbol& symbol) const {
    for (std::size_t i = 0; i < symbols_.size(); ++i)
        if (symbols_[i].assets.symbol == symbol) return i;
    return std::nullopt;
}

const Ledger::Holding* Ledger::find_holding(domain::StrategyIndex strategy, std::size_t symbol) const {
    for (const Holding& holding : holdings_)
        if (holding.strategy == strategy && holding.symbol == symbol) return &holding;
    return nullptr;
}

std::size_t Ledger::holding_index(domain::StrategyIndex strategy, std::size_t symbol) {
    for (std::size_t i = 0; i < holdings_.size(); ++i)
        if (holdings_[i].strategy == strategy && holdings_[i].symbol == symbol) return i;
    holdings_.push_back(Holding{strategy, symbol, PositionHistory{symbols_[symbol].assets}, {}, {}, {}, 0});
    return holdings_.size() - 1;
}

Ledger::SymbolEntry& Ledger::symbol_of(const OrderRecord& record) {
    return symbols_[holdings_[record.holding].symbol];
}

HoldingView Ledger::view(const Holding& holding) const {
    HoldingView view;
    view.strategy = holding.strategy;
    view.assets = symbols_[holding.symbol].assets;
    view.position = holding.history.position();
    view.committed_quote = holding.committed_quote;
    view.reserved_base = holding.reserved_base;
    view.live_orders = holding.live_orders;
    view.other_fees = holding.history.other_fees();
    const Quantity inventory = view.position.inventory;
    if (inventory.is_positive()) view.dust = inventory - inventory.floor_to(view.assets.step);
    const Quantity unreserved = inventory - view.reserved_base;
    if (unreserved.is_positive()) view.sellable = unreserved.floor_to(view.assets.step);
    return view;
}

HoldingView Ledger::holding(domain::StrategyIndex strategy, const domain::Symbol& symbol) const {
    const auto index = symbol_index(symbol);
    if (const Holding* known = index ? find_holding(strategy, *index) : nullptr) return view(*known);
    HoldingView none;
    none.strategy = strategy;
    none.assets.symbol = symbol;
    if (index) none.assets = symbols_[*index].assets;
    return none;
}

const Position& Ledger::position(domain::StrategyIndex strategy, const domain::Symbol& symbol) const {
    static const Position none;
    const auto index = symbol_index(symbol);
    const Holding* known = index ? find_holding(strategy, *index) : nullptr;
    return known != nullptr ? known->history.position() : none;
}

std::vector<HoldingView> Ledger::holdings() const {
    std::vector<HoldingView> all;
    all.reserve(holdings_.size());
    for (const Holding& holding : holdings_) all.push_back(view(holding));
    return all;
}

Quantity Ledger::inventory(const domain::Symbol& symbol) const {
    Quantity sum;
    const auto index = symbol_index(symbol);
    for (const Holding& holding : holdings_)
        if (index && holding.symbol == *index) sum += holding.history.position().inventory;
    return sum;
}

Quantity Ledger::open_buys(const domain::Symbol& symbol) const {
    Quantity sum;
    const auto index = symbol_index(symbol);
    for (const Holding& holding : holdings_)
        if (index && holding.symbol == *index) sum += holding.open_buys;
    return sum;
}

int Ledger::open_orders(const domain::Symbol& symbol) const {
    const auto index = symbol_index(symbol);
    return index ? symbols_[*index].open_orders : 0;
}

std::vector<const OrderRecord*> Ledger::missing_fills() const {
    std::vector<const OrderRecord*> missing;
    for (const OrderRecord* record : live_)
        if (record->fills_missing()) missing.push_back(record);
    return missing;
}

std::optional<domain::TradeId> Ledger::last_trade(const domain::Symbol& symbol) const {
    const auto index = symbol_index(symbol);
    return index ? symbols_[*index].last_trade : std::nullopt;
}

bool Ledger::is_own(const domain::ClientOrderId& id) const {
    const auto parsed = parse_client_order_id(id.view());
    return parsed && parsed->instance == options_.instance;
}

const SymbolAssets* Ledger::assets(const domain::Symbol& symbol) const {
    const auto index = symbol_index(symbol);
    return index ? &symbols_[*index].assets : nullptr;
}

std::vector<domain::Symbol> Ledger::symbols() const {
    std::vector<domain::Symbol> names;
    names.reserve(symbols_.size());
    for (const SymbolEntry& entry : symbols_) names.push_back(entry.assets.symbol);
    return names;
}

}  // namespace vigil::orders
