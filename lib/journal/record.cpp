#include "journal/record.h"

namespace vigil::journal {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

std::string_view kind_of(const Record& record) noexcept {
    return std::visit(Overloaded{
                          [](const SessionStarted&) { return std::string_view{"session_started"}; },
                          [](const SessionStopped&) { return std::string_view{"session_stopped"}; },
                          [](const SymbolLearned&) { return std::string_view{"symbol"}; },
                          [](const CounterBlockReserved&) { return std::string_view{"counter_block"}; },
                          [](const DecisionMade&) { return std::string_view{"decision"}; },
                          [](const LedgerStated&) { return std::string_view{"ledger"}; },
                          [](const IntentPermitted&) { return std::string_view{"intent"}; },
                          [](const OutcomeReceived&) { return std::string_view{"outcome"}; },
                          [](const ExecutionReceived&) { return std::string_view{"execution"}; },
                          [](const FillsRead&) { return std::string_view{"fills"}; },
                          [](const OrderViewRead&) { return std::string_view{"order_view"}; },
                          [](const OrderNotFound&) { return std::string_view{"order_not_found"}; },
                          [](const ReconcileDone&) { return std::string_view{"reconcile"}; },
                          [](const StrategyStateSaved&) { return std::string_view{"strategy_state"}; },
                          [](const LadderStateSaved&) { return std::string_view{"ladder_state"}; },
                          [](const BanStateSaved&) { return std::string_view{"ban_state"}; },
                          [](const AccountRead&) { return std::string_view{"account"}; },
                          [](const AccountPositionReceived&) { return std::string_view{"account_position"}; },
                          [](const BalanceUpdateReceived&) { return std::string_view{"balance_update"}; },
                      },
                      record);
}

domain::ClientOrderId order_of(const Record& record) noexcept {
    return std::visit(Overloaded{
                          [](const DecisionMade& r) { return r.client_order_id; },
                          [](const IntentPermitted& r) { return r.intent.client_order_id(); },
                          [](const OutcomeReceived& r) { return r.outcome.client_order_id; },
                          [](const ExecutionReceived& r) { return r.report.client_order_id; },
                          [](const FillsRead& r) { return r.client_order_id; },
                          [](const OrderViewRead& r) { return r.view.client_order_id; },
                          [](const OrderNotFound& r) { return r.client_order_id; },
                          [](const auto&) { return domain::ClientOrderId{}; },
                      },
                      record);
}

}  // namespace vigil::journal
