#include "orders/reconcile.h"

#include <algorithm>

namespace vigil::orders {

namespace {

using domain::ClientOrderId;
using domain::Fill;
using domain::OrderView;

std::vector<ClientOrderId> live_ids(const Ledger& ledger) {
    std::vector<ClientOrderId> ids;
    ids.reserve(ledger.live().size());
    for (const OrderRecord* record : ledger.live()) ids.push_back(record->id());
    std::sort(ids.begin(), ids.end());
    return ids;
}

void adopt_orphans(Ledger& ledger, const std::vector<OrderView>& views, Moment now, ReconcileReport& report,
                   OrderChanges& out) {
    for (const OrderView& view : views) {
        if (ledger.find(view.client_order_id) != nullptr) continue;
        if (!ledger.is_own(view.client_order_id)) {
            ++report.foreign_orders;
            continue;
        }
        if (ledger.adopt(view, now, out))
            report.orphans.push_back(view.client_order_id);
        else
            report.not_adoptable.push_back(view.client_order_id);
    }
}

void apply_trades(Ledger& ledger, const ReconcileInput::Trades& trades, Moment now, ReconcileReport& report,
                  OrderChanges& out) {
    for (const Fill& fill : trades.fills) {
        const OrderRecord* record = ledger.find(trades.symbol, fill.order_id);
        if (record == nullptr) {
            ++report.foreign_trades;
            continue;
        }
        const std::size_t before = record->fills.size();
        const ClientOrderId id = record->id();
        ledger.on_fills(id, {&fill, 1}, now, out);
        const OrderRecord* after = ledger.find(id);
        if (after != nullptr && after->fills.size() > before) ++report.fills_applied;
    }
}

/// What the strategies hold of each base asset against what the account has.
std::vector<BalanceDifference> find_uncovered(const Ledger& ledger) {
    std::vector<BalanceDifference> held;
    for (const HoldingView& holding : ledger.holdings()) {
        if (!holding.position.inventory.is_positive()) continue;
        const domain::Amount amount = domain::as_amount(holding.position.inventory);
        const auto at = std::find_if(held.begin(), held.end(), [&holding](const BalanceDifference& each) {
            return each.asset == holding.assets.base;
        });
        if (at == held.end())
            held.push_back({holding.assets.base, amount, {}});
        else
            at->expected += amount;
    }
    for (BalanceDifference& each : held) {
        const auto stated = ledger.balances().stated(each.asset);
        if (!stated) continue;
        const auto total = stated->free.checked_add(stated->locked);
        each.stated = total.value_or(stated->free);
    }
    std::erase_if(held, [](const BalanceDifference& each) { return each.stated >= each.expected; });
    return held;
}

}  // namespace

ReconcileQuestions reconcile_questions(const Ledger& ledger) {
    ReconcileQuestions questions;
    for (const domain::Symbol& symbol : ledger.symbols()) {
        std::optional<domain::TradeId> from = ledger.last_trade(symbol);
        if (from) ++from->value;
        questions.trades.push_back({symbol, from, std::nullopt});
    }
    for (const OrderRecord* record : ledger.live()) {
        questions.orders.push_back({record->order.symbol, record->id()});
        // A missing fill may be older than the last known trade of the symbol.
        if (record->fills_missing() && record->exchange_id)
            questions.trades.push_back({record->order.symbol, std::nullopt, record->exchange_id});
    }
    return questions;
}

ReconcileReport reconcile(Ledger& ledger, const ReconcileInput& input, Moment now, OrderChanges& out) {
    ReconcileReport report;
    const std::size_t first_change = out.size();
    const std::vector<ClientOrderId> live_before = live_ids(ledger);

    ledger.on_account(input.account);
    adopt_orphans(ledger, input.open_orders, now, report, out);
    ledger.on_open_orders(std::nullopt, input.open_orders, input.asked, now, out);
    for (const OrderView& view : input.orders) ledger.on_order_view(view, input.asked, now, out);
    for (const ReconcileInput::NotFound& absent : input.not_found)
        if (absent.proven) ledger.on_not_found(absent.id, now, out);
    for (const ReconcileInput::Trades& trades : input.trades) apply_trades(ledger, trades, now, report, out);

    const std::vector<ClientOrderId> live_after = live_ids(ledger);
    std::set_difference(live_before.begin(), live_before.end(), live_after.begin(), live_after.end(),
                        std::back_inserter(report.resolved));
    for (const OrderRecord* record : ledger.live()) {
        if (record->fills_missing()) report.fills_missing.push_back(record->id());
        if (record->state == OrderState::unknown || record->lookup_wanted)
            report.unresolved.push_back(record->id());
    }
    report.contradictions = static_cast<int>(
        std::count_if(out.begin() + static_cast<std::ptrdiff_t>(first_change), out.end(),
                      [](const OrderChange& c) { return c.kind == OrderChangeKind::contradiction; }));
    report.differences = ledger.differences();
    report.uncovered = find_uncovered(ledger);
    report.can_trade = input.account.can_trade;
    return report;
}

bool ReconcileReport::is_sound() const {
    return unresolved.empty() && fills_missing.empty() && not_adoptable.empty() && uncovered.empty() &&
           contradictions == 0 && !differences_unconfirmed && !balances_overtaken;
}

std::string ReconcileReport::summary() const {
    std::string text = is_sound() ? "sound" : "not sound";
    const auto count = [&text](std::size_t number, std::string_view what) {
        if (number == 0) return;
        text += ", ";
        text += std::to_string(number);
        text += ' ';
        text += what;
    };
    count(resolved.size(), "resolved");
    count(static_cast<std::size_t>(fills_applied), "fills applied");
    count(orphans.size(), "adopted");
    count(unresolved.size(), "unresolved");
    count(fills_missing.size(), "with fills missing");
    count(not_adoptable.size(), "own orders on symbols that are not configured");
    count(static_cast<std::size_t>(contradictions), "contradictions");
    count(static_cast<std::size_t>(foreign_orders), "foreign orders");
    count(static_cast<std::size_t>(foreign_trades), "foreign trades");
    const auto list = [&text](const std::vector<BalanceDifference>& differing, std::string_view what) {
        for (const BalanceDifference& each : differing) {
            text += ", ";
            text += each.asset.view();
            text += ' ';
            text += what;
            text += " (expected " + each.expected.str() + ", stated " + each.stated.str() + ")";
        }
    };
    if (balances_overtaken) text += ", balances changed while they were asked for";
    list(differences, "changed from outside");
    list(uncovered, "not covered");
    return text;
}

}  // namespace vigil::orders
