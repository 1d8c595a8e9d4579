// Rebuilds ledger and counter from what was journaled, one input after the other, in the journal's order.
// Whoever reads the journal turns each record into one of the calls below; they carry domain types only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/account.h"
#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"
#include "orders/ledger.h"

namespace vigil::orders {

struct RecoverySummary {
    std::int64_t inputs{0};
    std::int64_t refused{
        0};  ///< inputs that the ledger could not take (symbol no longer configured, id doubled)
    int live{0};
    int unknown{0};
    int fills_missing{0};
};

class Recovery {
  public:
    /// @param strategies_now names of the loaded configuration, in its order
    Recovery(Ledger& ledger, std::span<const domain::StrategyName> strategies_now);

    /// A session began with these strategies: its indices mean these names until the next session.
    void session(std::span<const domain::StrategyName> strategies);
    /// The journal keeps symbols with their assets, because it is read before the exchange's rules are.
    void symbol(const SymbolAssets& assets);
    void block_reserved(CounterBlock block);
    void intent(const domain::Intent& intent, base::ExchangeTime at);
    void outcome(const domain::OrderOutcome& outcome, base::ExchangeTime at);
    void execution(const domain::ExecutionReport& report, base::ExchangeTime at);
    void fills(const domain::ClientOrderId& id, std::span<const domain::Fill> fills, base::ExchangeTime at);
    void order_view(const domain::OrderView& view, base::ExchangeTime at);
    void adopted(const domain::OrderView& view, base::ExchangeTime at);
    void not_found(const domain::ClientOrderId& id, base::ExchangeTime at);
    void account(const domain::AccountSnapshot& snapshot, bool accepted_differences);
    void account_position(const domain::AccountPosition& position);
    void balance_update(const domain::BalanceUpdate& update);

    /// After the last record: orders without definite word become Unknown.
    RecoverySummary finish(Moment now);

    /// One past the highest counter ever reserved.
    [[nodiscard]] std::uint64_t reserved_end() const { return reserved_end_; }
    /// The strategies of now, followed by those that the journal knows and the configuration no longer has;
    /// the ledger's StrategyIndex is a place in this list.
    [[nodiscard]] const std::vector<domain::StrategyName>& strategies() const { return strategies_; }

  private:
    [[nodiscard]] domain::StrategyIndex translated(domain::StrategyIndex index);
    Moment begin(base::ExchangeTime at);
    [[nodiscard]] domain::StrategyIndex index_of(const domain::StrategyName& name);

    Ledger& ledger_;
    std::vector<domain::StrategyName> strategies_;
    std::vector<domain::StrategyIndex> session_;  ///< index of that session -> index now
    std::uint64_t reserved_end_{0};
    OrderChanges changes_;
    RecoverySummary summary_;
};

}  // namespace vigil::orders
