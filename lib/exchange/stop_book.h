// Stop orders of one symbol that wait for their price. A STOP_LOSS BUY or TAKE_PROFIT SELL waits for the last
// price to rise to its stop price, a STOP_LOSS SELL or TAKE_PROFIT BUY for it to fall there ("New order",
// rest-api.md). A trailing stop begins to follow the price when its stop price is reached (at once, when it
// has none), and is triggered when the price comes back by its delta from the best since then
// (faqs/trailing-stop-faq.md).
#pragma once

#include <map>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/order.h"
#include "exchange/live_order.h"

namespace vigil::exchange {

/// Whether the order waits for the price to rise.
[[nodiscard]] bool waits_for_rise(domain::OrderType type, domain::Side side);

class StopBook {
  public:
    /// @param last the last price, from which a trailing stop without a stop price follows; zero: unknown
    void add(LiveOrder& order, domain::Price last, base::ExchangeTime now);
    void remove(LiveOrder& order);
    /// Takes out the orders that a trade at `last` triggers: those nearest to the old price first, at one
    /// price the oldest first; then trailing stops, the oldest first.
    void take_triggered(domain::Price last, base::ExchangeTime now, std::vector<LiveOrder*>& out);
    /// All of them, such that put_back() in this order makes the same again.
    [[nodiscard]] std::vector<const LiveOrder*> waiting() const;
    /// As add(), of an order that waited before a restart: whether it follows the price it knows itself.
    void put_back(LiveOrder& order);
    [[nodiscard]] bool empty() const { return rising_.empty() && falling_.empty() && trailing_.empty(); }

  private:
    using Waiting = std::multimap<domain::Price, LiveOrder*>;
    /// Whether a trade at `last` triggers it; follows the price otherwise.
    static bool follow(LiveOrder& order, domain::Price last, base::ExchangeTime now);

    std::vector<LiveOrder*> trailing_;  ///< oldest first
    Waiting rising_;
    Waiting falling_;
};

}  // namespace vigil::exchange
