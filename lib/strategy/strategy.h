// A strategy: one symbol's market and its own orders in, wishes out. The engine owns one object for each
// entry of the configuration and calls it on the trading thread, one call at a time:
//
//   make_strategy(options) -> restore(saved) if there is something saved -> check(view), once the market is
//   known, orders are reconciled and warm-up candles are in -> on_* for every event of its symbol, orders or
//   timer, until it wishes for Stop or the daemon stops.
//
// A strategy never places into a slot whose order is live, pending or unknown, never places while the book is
// not whole, and never trusts its memory where orders and holdings can be looked at: after a restart it goes
// on from what View shows. What cannot be derived (a consumed schedule slot, an exit that has begun) is in
// `save()`. The engine stores it whenever `revision()` has changed, durably and before the wishes of the same
// call leave the house; otherwise a crash could repeat a purchase.
//
// Pure: no clock, no I/O, no logging.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "domain/strategy_state.h"
#include "strategy/options.h"
#include "strategy/view.h"
#include "strategy/wishes.h"

namespace vigil::strategy {

/// Candles a strategy wants: followed from the start, and warmed up with so many closed ones before check().
struct CandleNeed {
    domain::CandleInterval interval;
    int warm_up{0};
};

class Strategy {
  public:
    Strategy() = default;
    Strategy(const Strategy&) = delete;
    Strategy& operator=(const Strategy&) = delete;
    virtual ~Strategy() = default;

    [[nodiscard]] virtual const domain::StrategyName& name() const = 0;
    [[nodiscard]] virtual const domain::Symbol& symbol() const = 0;
    [[nodiscard]] virtual StrategyKind kind() const = 0;
    [[nodiscard]] virtual std::optional<CandleNeed> candle_need() const { return std::nullopt; }

    /// Whether it can run on this market, with these fees and filters: kind `invalid` and the figures when it
    /// never can with these options, `unavailable` when the market is not known well enough yet. Called
    /// before any on_*; may be called again.
    [[nodiscard]] virtual base::Result<void> check(const View& view) = 0;

    /// Top of book or book changed.
    virtual void on_market(const View& view, Wishes& wishes) = 0;
    /// One of its orders changed.
    virtual void on_order(const View& view, const OrderChange& change, Wishes& wishes) = 0;
    /// A candle of candle_need() closed; it is already the last of the series in `view.market`.
    virtual void on_candle(const View& view, const domain::Candle& candle, Wishes& wishes) = 0;
    /// next_timer() has come, or something else changed that no other call tells (new_orders_allowed).
    virtual void on_timer(const View& view, Wishes& wishes) = 0;
    /// When it wants to be called without an event; asked after each call.
    [[nodiscard]] virtual std::optional<base::MonotonicTime> next_timer() const = 0;

    /// True once it has wished for Stop (also when that was before a restart).
    [[nodiscard]] virtual bool stopped() const = 0;
    /// One line of text; see above. Changes exactly when revision() does.
    [[nodiscard]] virtual domain::StrategyState save() const = 0;
    [[nodiscard]] virtual std::uint64_t revision() const = 0;
    /// Takes what save() gave, of this version or an older one; kind `corrupt` when it is not that, and then
    /// the strategy is as new. Before check().
    [[nodiscard]] virtual base::Result<void> restore(std::string_view saved) = 0;
};

/// Kind `invalid` with every problem of the options, when there is one.
[[nodiscard]] base::Result<std::unique_ptr<Strategy>> make_strategy(const StrategyOptions& options);

}  // namespace vigil::strategy
