// Stop orders of one symbol that wait for their price. A STOP_LOSS BUY or TAKE_PROFIT SELL waits for the last
// price to rise to its stop price, a STOP_LOSS SELL or TAKE_PROFIT BUY for it to fall there ("New order",
// rest-api.md).
#pragma once

#include <map>
#include <vector>

#include "domain/decimal.h"
#include "domain/order.h"
#include "exchange/live_order.h"

namespace vigil::exchange {

/// Whether the order waits for the price to rise.
[[nodiscard]] bool waits_for_rise(domain::OrderType type, domain::Side side);

class StopBook {
  public:
    void add(LiveOrder& order);
    void remove(LiveOrder& order);
    /// Takes out the orders that a trade at `last` triggers: those nearest to the old price first, at one
    /// price the oldest first.
    void take_triggered(domain::Price last, std::vector<LiveOrder*>& out);
    [[nodiscard]] bool empty() const { return rising_.empty() && falling_.empty(); }

  private:
    using Waiting = std::multimap<domain::Price, LiveOrder*>;
    Waiting rising_;
    Waiting falling_;
};

}  // namespace vigil::exchange
