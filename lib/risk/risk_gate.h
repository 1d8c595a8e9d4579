// The risk gate: the only maker of Approved. An Intent passes whole or is refused with the name of the rule
// and the figures; nothing is ever trimmed to fit.
//
// Cancels pass in every state. Placements are checked in this order, and the first rule that is broken is
// told:
//
//   ladder           CANCEL_ONLY and HALT: nothing; REDUCE: only sales of the strategy's own inventory
//   unknown_symbol, symbol_status, order_type, order_shape
//   breaker          a rejection loop on the symbol
//   slot             the strategy's slot has a live order
//   daily_loss       reached today: only sales of the strategy's own inventory
//   LOT_SIZE, ...    the exchange's filters, by their names (domain/order_check.h)
//   book             not whole, one-sided, or too old for a MARKET order
//   price_collar     a limit price too far beyond mid
//   slippage         a MARKET order would reach too far into the book, or more than it holds
//   orders_a_minute, orders_a_minute_symbol, orders_a_minute_strategy
//   order_notional, open_orders, open_orders_symbol, position, budget, inventory, balance
//
// Owned by the engine; called on the trading thread only. Pure. The passing path does not allocate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/stages.h"
#include "risk/breaker.h"
#include "risk/context.h"
#include "risk/daily_loss.h"
#include "risk/ladder.h"
#include "risk/loss_watch.h"
#include "risk/options.h"
#include "risk/order_rate.h"
#include "risk/refusal.h"

namespace vigil::risk {

/// What must outlive a restart.
struct RiskState {
    LadderState ladder;
    std::vector<DayState> days;
    std::vector<LossState> losses;

    friend bool operator==(const RiskState&, const RiskState&) = default;
};
/// As text for the journal (lines of `key value`), and back. Errors: corrupt.
[[nodiscard]] std::string to_text(const RiskState& state);
[[nodiscard]] base::Result<RiskState> parse_risk_state(std::string_view text);

class RiskGate {
  public:
    explicit RiskGate(Options options, RiskState state = {});

    [[nodiscard]] std::variant<domain::Approved, Refusal> check(domain::Intent intent,
                                                                const RiskContext& context);

    /// Says whether an order passed here tells the exchange something: see Breakers. True when the breaker
    /// opened (closed).
    bool on_rejection(const domain::Symbol& symbol, int code, std::string_view message,
                      base::MonotonicTime now);
    bool on_accepted(const domain::Symbol& symbol);
    /// See DailyLoss::observe. True when the day's limit was reached now; the ladder has then gone where the
    /// options say. `check` does the same with `context.profit`.
    bool observe_profit(const domain::Asset& quote, domain::Amount profit, base::ExchangeTime now);

    /// See LossWatch::observe; the ladder has then gone where the options say.
    std::optional<LossWatch::Trip> observe_losses(const domain::Asset& quote, domain::Amount realised,
                                                  std::optional<domain::Amount> total,
                                                  base::ExchangeTime now);

    [[nodiscard]] Level level() const { return ladder_.level(); }
    [[nodiscard]] const Ladder& ladder() const { return ladder_; }
    [[nodiscard]] const DailyLoss& daily_loss() const { return daily_loss_; }
    [[nodiscard]] const LossWatch& losses() const { return losses_; }
    [[nodiscard]] const Breakers& breakers() const { return breakers_; }
    /// Orders that passed in the last minute.
    [[nodiscard]] int orders_a_minute(base::MonotonicTime now) const;
    bool raise(Level level, std::string_view by, std::string_view reason, base::ExchangeTime now);
    void kill(std::string_view by, std::string_view reason, base::ExchangeTime now);
    [[nodiscard]] base::Result<void> lower(Level level, std::string_view operator_name,
                                           std::string_view reason, base::ExchangeTime now);

    [[nodiscard]] RiskState state() const;
    /// Grows whenever `state()` changes in a way that must be journaled (ladder, a day opened or tripped).
    [[nodiscard]] std::uint64_t state_version() const {
        return ladder_version_ + daily_loss_.version() + losses_.version();
    }

  private:
    [[nodiscard]] std::optional<Refusal> refuse(const domain::Intent& intent, const RiskContext& context);
    [[nodiscard]] std::optional<Refusal> refuse_rate(const domain::Intent& intent, base::MonotonicTime now);
    void count(const domain::Intent& intent, base::MonotonicTime now);
    [[nodiscard]] const SymbolLimits& limits(const domain::Symbol& symbol) const;

    Options options_;
    Ladder ladder_;
    DailyLoss daily_loss_;
    LossWatch losses_;
    Breakers breakers_;
    std::optional<RecentOrders> recent_;
    RecentOrdersBy<domain::Symbol> recent_by_symbol_;
    RecentOrdersBy<domain::StrategyIndex> recent_by_strategy_;
    std::uint64_t ladder_version_{0};
};

}  // namespace vigil::risk
