#include "orders/recovery.h"

#include <algorithm>
#include <string>

namespace vigil::orders {

Recovery::Recovery(Ledger& ledger, std::span<const domain::StrategyName> strategies_now)
    : ledger_{ledger}, strategies_{strategies_now.begin(), strategies_now.end()} {}

domain::StrategyIndex Recovery::index_of(const domain::StrategyName& name) {
    const auto at = std::find(strategies_.begin(), strategies_.end(), name);
    const auto index = static_cast<std::uint16_t>(at - strategies_.begin());
    if (at == strategies_.end()) strategies_.push_back(name);
    return domain::StrategyIndex{index};
}

domain::StrategyIndex Recovery::translated(domain::StrategyIndex index) {
    if (index.value < session_.size()) return session_[index.value];
    // The session did not name it: a name that no configuration file can hold keeps it apart.
    const auto name = domain::StrategyName::from("?" + std::to_string(index.value));
    return index_of(*name);
}

Moment Recovery::begin(base::ExchangeTime at) {
    changes_.clear();
    ++summary_.inputs;
    return Moment{base::MonotonicTime{}, at};
}

void Recovery::session(std::span<const domain::StrategyName> strategies) {
    session_.clear();
    for (const domain::StrategyName& name : strategies) session_.push_back(index_of(name));
    // A cancel without an answer lost it with the session that sent it, as finish() said then. (An order of
    // which there was no word at all is left to finish(), which knows when it may have been sent.)
    std::vector<domain::ClientOrderId> ids;
    for (const OrderRecord* record : ledger_.live())
        if (record->exchange_id) ids.push_back(record->id());
    changes_.clear();
    for (const domain::ClientOrderId& id : ids) ledger_.assume_sent(id, Moment{}, changes_);
}

void Recovery::symbol(const SymbolAssets& assets) {
    if (!ledger_.learn(assets)) ++summary_.refused;
}

void Recovery::block_reserved(CounterBlock block) {
    reserved_end_ = std::max(reserved_end_, block.first + block.count);
}

void Recovery::intent(const domain::Intent& intent, base::ExchangeTime at) {
    const Moment moment = begin(at);
    domain::Intent now_named = intent;
    now_named.strategy = translated(intent.strategy);
    if (!ledger_.placing(now_named, moment, std::nullopt, changes_)) ++summary_.refused;
}

void Recovery::outcome(const domain::OrderOutcome& outcome, base::ExchangeTime at) {
    const Moment moment = begin(at);
    ledger_.on_outcome(outcome, moment, changes_);
}

void Recovery::execution(const domain::ExecutionReport& report, base::ExchangeTime at) {
    const Moment moment = begin(at);
    ledger_.on_execution(report, moment, changes_);
}

void Recovery::fills(const domain::ClientOrderId& id, std::span<const domain::Fill> fills,
                     base::ExchangeTime at) {
    const Moment moment = begin(at);
    ledger_.on_fills(id, fills, moment, changes_);
}

void Recovery::order_view(const domain::OrderView& view, base::ExchangeTime at) {
    const Moment moment = begin(at);
    ledger_.on_order_view(view, moment, moment, changes_);
}

void Recovery::adopted(const domain::OrderView& view, base::ExchangeTime at) {
    if (ledger_.find(view.client_order_id) != nullptr) {
        // Told once more of an order that was adopted before.
        order_view(view, at);
        return;
    }
    const Moment moment = begin(at);
    const auto parsed = parse_client_order_id(view.client_order_id.view());
    const auto strategy = parsed ? std::optional{translated(parsed->strategy)} : std::nullopt;
    if (!ledger_.adopt(view, moment, changes_, strategy)) ++summary_.refused;
}

void Recovery::not_found(const domain::ClientOrderId& id, base::ExchangeTime at) {
    const Moment moment = begin(at);
    ledger_.on_not_found(id, moment, changes_);
}

void Recovery::account(const domain::AccountSnapshot& snapshot, bool accepted_differences) {
    begin({});
    if (!accepted_differences)
        ledger_.on_account(snapshot);
    else if (!ledger_.accept_balances(snapshot))
        ++summary_.refused;
}

void Recovery::account_position(const domain::AccountPosition& position) {
    begin({});
    ledger_.on_account_position(position);
}

void Recovery::balance_update(const domain::BalanceUpdate& update) {
    begin({});
    ledger_.on_balance_update(update);
}

RecoverySummary Recovery::finish(Moment now) {
    changes_.clear();
    std::vector<domain::ClientOrderId> ids;
    for (const OrderRecord* record : ledger_.live()) ids.push_back(record->id());
    for (const domain::ClientOrderId& id : ids) ledger_.assume_sent(id, now, changes_);
    for (const OrderRecord* record : ledger_.live()) {
        ++summary_.live;
        if (record->state == OrderState::unknown) ++summary_.unknown;
        if (record->fills_missing()) ++summary_.fills_missing;
    }
    return summary_;
}

}  // namespace vigil::orders
