// The ledger: every own order, every own fill once, and what follows from them (inventory, profit, balances).
//
// It is told everything that is decided and everything that the exchange says, from whatever source, in any
// order and any number of times; it answers with the changes that were news. It never guesses: what is not
// certain stays Unknown, what is missing is said to be missing.
//
// Fills are told apart by order and trade id (when an own order trades with another own one, both orders have
// a fill with the same trade id). An order stays live until it is final and all its fills are known; a
// bounded number of finished ones is remembered for late and doubled news.
//
// Owned by the engine; called on the trading thread only. Pure: no clock, no I/O. In steady state it does not
// allocate (nodes are recycled).
#pragma once

#include <cstddef>
#include <deque>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "domain/account.h"
#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"
#include "domain/symbol_rules.h"
#include "orders/balances.h"
#include "orders/client_order_ids.h"
#include "orders/moment.h"
#include "orders/order_record.h"
#include "orders/position.h"

namespace vigil::orders {

struct LedgerOptions {
    InstanceTag instance;            ///< whose orders are own
    std::size_t finished_max{2048};  ///< finished orders remembered
};

/// What one strategy has on one symbol.
struct HoldingView {
    domain::StrategyIndex strategy;
    SymbolAssets assets;
    Position position;
    domain::Amount committed_quote;  ///< price * remaining of live buys, Unknown ones included, rounded up
    domain::Quantity reserved_base;  ///< remaining of live sells, Unknown ones included
    domain::Quantity sellable;       ///< inventory - reserved, floored to the step, not below zero
    domain::Quantity dust;           ///< part of the inventory below one step
    int live_orders{0};
    std::span<const AssetAmount> other_fees;  ///< fees in third assets; valid until the next input
};

class Ledger {
  public:
    explicit Ledger(LedgerOptions options);
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    ~Ledger() = default;

    /// Tells the assets and step of a symbol. Orders can only be placed on symbols that were told.
    /// False when it is known with other assets: then nothing changes.
    bool learn(const domain::SymbolRules& rules);
    bool learn(const SymbolAssets& assets);

    // ---- inputs: each appends what was news to `out` ----

    /// A decision that was approved: an order about to be sent, or a cancel about to be. From here on it
    /// counts for slot, budget and open orders. When it does not leave after all, say so with an outcome
    /// `never_sent`.
    /// @param reference price to value a MARKET order by base quantity with
    /// Fails (invalid) when the id is taken or the symbol was never told; then nothing changed.
    [[nodiscard]] base::Result<void> placing(const domain::Intent& intent, Moment now,
                                             std::optional<domain::Price> reference, OrderChanges& out);
    /// Its bytes were handed to the socket.
    void on_sent(const domain::ClientOrderId& id, Moment now);
    void on_outcome(const domain::OrderOutcome& outcome, Moment now, OrderChanges& out);
    void on_execution(const domain::ExecutionReport& report, Moment now, OrderChanges& out);
    /// myTrades of one order. Fills of another order among them are left alone.
    void on_fills(const domain::ClientOrderId& id, std::span<const domain::Fill> fills, Moment now,
                  OrderChanges& out);
    /// One order as a look-up or the list of open orders showed it.
    /// @param asked when the question was asked: a cancel asked for later is not thought refused by it
    void on_order_view(const domain::OrderView& view, Moment asked, Moment now, OrderChanges& out);
    /// The whole list of open orders, of one symbol or of all. Live orders that it ought to name and does not
    /// get `lookup_wanted`.
    void on_open_orders(const std::optional<domain::Symbol>& symbol, std::span<const domain::OrderView> views,
                        Moment asked, Moment now, OrderChanges& out);
    /// The look-up policy has proven that the order never happened.
    void on_not_found(const domain::ClientOrderId& id, Moment now, OrderChanges& out);
    /// After a restart: an order without any word may have been sent at any time up to now.
    void assume_sent(const domain::ClientOrderId& id, Moment now, OrderChanges& out);
    /// Takes an own-prefix order that the ledger does not know as its own. Its strategy and slot are those
    /// the id tells, unless `strategy` says better. Fails (invalid) when the prefix is not own, the order is
    /// known, or the symbol was never told.
    [[nodiscard]] base::Result<void> adopt(const domain::OrderView& view, Moment now, OrderChanges& out,
                                           std::optional<domain::StrategyIndex> strategy = std::nullopt);

    void on_account(const domain::AccountSnapshot& snapshot) { balances_.on_account(snapshot); }
    void on_account_position(const domain::AccountPosition& p) { balances_.on_account_position(p); }
    void on_balance_update(const domain::BalanceUpdate& update) { balances_.on_balance_update(update); }
    /// Accepts the differences up to this statement. False, and nothing changes: a newer one is here already.
    [[nodiscard]] bool accept_balances(const domain::AccountSnapshot& snapshot) {
        return balances_.open(snapshot);
    }

    // ---- questions ----

    [[nodiscard]] const OrderRecord* find(const domain::ClientOrderId& id) const;
    /// By the exchange's number; nothing when no remembered order is known to have it.
    [[nodiscard]] const OrderRecord* find(const domain::Symbol& symbol, domain::OrderId id) const;
    /// Orders that are not settled. Valid until the next input.
    [[nodiscard]] std::span<const OrderRecord* const> live() const { return live_; }
    /// The live order in a strategy's slot, or null.
    [[nodiscard]] const OrderRecord* in_slot(domain::StrategyIndex strategy, domain::Slot slot) const;
    /// Orders that are not final, those not yet sent and Unknown ones included.
    [[nodiscard]] int open_orders() const { return open_total_; }
    [[nodiscard]] int open_orders(const domain::Symbol& symbol) const;
    /// Live orders that were executed further than their fills tell.
    [[nodiscard]] std::vector<const OrderRecord*> missing_fills() const;

    /// Zero holding when the strategy never traded the symbol; assets empty when the symbol was never told.
    [[nodiscard]] HoldingView holding(domain::StrategyIndex strategy, const domain::Symbol& symbol) const;
    /// Of it the position alone, without a copy; valid until the next input.
    [[nodiscard]] const Position& position(domain::StrategyIndex strategy,
                                           const domain::Symbol& symbol) const;
    [[nodiscard]] std::vector<HoldingView> holdings() const;
    /// Over all strategies: inventory, and what live orders would add or take.
    [[nodiscard]] domain::Quantity inventory(const domain::Symbol& symbol) const;
    [[nodiscard]] domain::Quantity open_buys(const domain::Symbol& symbol) const;

    /// Greatest trade id seen on the symbol among own fills; nothing when there was none.
    [[nodiscard]] std::optional<domain::TradeId> last_trade(const domain::Symbol& symbol) const;
    [[nodiscard]] const Balances& balances() const { return balances_; }
    [[nodiscard]] std::vector<BalanceDifference> differences() const { return balances_.differences(); }
    [[nodiscard]] bool is_own(const domain::ClientOrderId& id) const;
    [[nodiscard]] const SymbolAssets* assets(const domain::Symbol& symbol) const;
    /// Every symbol that was told, in that order.
    [[nodiscard]] std::vector<domain::Symbol> symbols() const;

  private:
    struct Holding {
        domain::StrategyIndex strategy;
        std::size_t symbol{0};
        PositionHistory history;
        domain::Amount committed_quote;
        domain::Quantity reserved_base;
        domain::Quantity open_buys;
        int live_orders{0};
    };
    struct SymbolEntry {
        SymbolAssets assets;
        int open_orders{0};
        std::optional<domain::TradeId> last_trade;
        std::optional<domain::TradeId> forgotten_trade;  ///< greatest of a forgotten order
    };

    OrderRecord* find_mutable(const domain::ClientOrderId& id);
    OrderRecord& insert(const domain::NewOrder& order, domain::StrategyIndex strategy, domain::Slot slot,
                        Moment now);
    [[nodiscard]] std::optional<std::size_t> symbol_index(const domain::Symbol& symbol) const;
    std::size_t holding_index(domain::StrategyIndex strategy, std::size_t symbol);
    [[nodiscard]] const Holding* find_holding(domain::StrategyIndex strategy, std::size_t symbol) const;
    [[nodiscard]] HoldingView view(const Holding& holding) const;
    SymbolEntry& symbol_of(const OrderRecord& record);

    void placing_cancel(const domain::CancelOrder& cancel, Moment now, OrderChanges& out);
    void on_place_outcome(OrderRecord& record, const domain::OrderOutcome& outcome, Moment now,
                          OrderChanges& out);
    void on_cancel_outcome(OrderRecord& record, const domain::OrderOutcome& outcome, Moment now,
                           OrderChanges& out);
    /// False (and a contradiction told) when symbol or side are not the order's.
    bool is_same_order(const OrderRecord& record, const domain::Symbol& symbol, domain::Side side,
                       OrderChanges& out) const;
    void take_view(OrderRecord& record, const domain::OrderView& view, OrderChanges& out);
    void take_executed(OrderRecord& record, domain::Quantity executed, domain::Amount executed_quote,
                       OrderChanges& out);
    void take_fill(OrderRecord& record, const domain::Fill& fill, OrderChanges& out);

    /// Computes the state anew and tells a change that is not final.
    void restate(OrderRecord& record, OrderChanges& out, Words words = {});
    /// Ends every input: state, sums, missing fills, the final word.
    void conclude(OrderRecord& record, OrderChanges& out, Words words = {});
    void make_live(OrderRecord& record);
    /// A settled order is live again: what was thought final was not, or fills are missing after all.
    void revive(OrderRecord& record);
    void know_as(OrderRecord& record, domain::OrderId id);
    void forget_exchange_id(const OrderRecord& record);
    void leave_live(OrderRecord& record);
    void recount(OrderRecord& record);
    void forget_oldest();
    void tell(const OrderRecord& record, OrderChangeKind kind, OrderChanges& out, Words words = {}) const;
    void tell_stranger(const domain::OrderView& view, OrderChanges& out) const;

    LedgerOptions options_;
    std::pmr::unsynchronized_pool_resource memory_;
    std::pmr::unordered_map<domain::ClientOrderId, OrderRecord> orders_;
    std::vector<const OrderRecord*> live_;
    std::pmr::deque<domain::ClientOrderId> finished_;  ///< in the order in which they settled
    std::pmr::unordered_map<std::uint64_t, const OrderRecord*> slots_;
    /// The exchange's numbers are unique within a symbol.
    struct ExchangeKey {
        std::size_t symbol{0};
        domain::OrderId id;
        friend bool operator==(const ExchangeKey&, const ExchangeKey&) = default;
    };
    struct ExchangeKeyHash {
        std::size_t operator()(const ExchangeKey& key) const noexcept;
    };
    std::pmr::unordered_map<ExchangeKey, const OrderRecord*, ExchangeKeyHash> by_exchange_id_;
    std::vector<SymbolEntry> symbols_;
    std::vector<Holding> holdings_;
    Balances balances_;
    int open_total_{0};
};

}  // namespace vigil::orders
