#include "engine/rebuild.h"

#include <variant>

namespace vigil::engine {

namespace {

struct Rebuild {
    orders::Ledger& ledger;
    orders::Recovery& recovery;
    base::ExchangeTime at;

    void operator()(const journal::SessionStarted& r) const { recovery.session(r.strategies); }
    void operator()(const journal::SessionStopped&) const {}
    void operator()(const journal::SymbolLearned& r) const {
        ledger.learn(orders::SymbolAssets{r.symbol, r.base, r.quote, r.step});
    }
    void operator()(const journal::CounterBlockReserved& r) const {
        recovery.block_reserved({r.first, r.count});
    }
    void operator()(const journal::DecisionMade&) const {}  // counts from its intent on
    void operator()(const journal::LedgerStated&) const {}
    void operator()(const journal::IntentPermitted& r) const { recovery.intent(r.intent, at); }
    void operator()(const journal::OutcomeReceived& r) const { recovery.outcome(r.outcome, at); }
    void operator()(const journal::ExecutionReceived& r) const { recovery.execution(r.report, at); }
    void operator()(const journal::FillsRead& r) const { recovery.fills(r.client_order_id, r.fills, at); }
    void operator()(const journal::OrderViewRead& r) const {
        if (r.adopted)
            recovery.adopted(r.view, at);
        else
            recovery.order_view(r.view, at);
    }
    void operator()(const journal::OrderNotFound& r) const { recovery.not_found(r.client_order_id, at); }
    void operator()(const journal::ReconcileDone&) const {}
    void operator()(const journal::StrategyStateSaved&) const {}
    void operator()(const journal::LadderStateSaved&) const {}
    void operator()(const journal::BanStateSaved&) const {}
    void operator()(const journal::AccountRead& r) const {
        recovery.account(r.account, r.accepted_differences);
    }
    void operator()(const journal::AccountPositionReceived& r) const {
        recovery.account_position(r.position);
    }
    void operator()(const journal::BalanceUpdateReceived& r) const { recovery.balance_update(r.update); }
};

}  // namespace

void rebuild(const journal::StoredRecord& stored, orders::Ledger& ledger, orders::Recovery& recovery) {
    std::visit(Rebuild{ledger, recovery, stored.stamp.exchange}, stored.record);
}

}  // namespace vigil::engine
