// An order inside the core: what clients see of it, and what matching needs beside. Owned by the OrderStore
// of its account and symbol, at a stable address for as long as it is kept.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "domain/decimal.h"
#include "exchange/order_record.h"

namespace vigil::exchange {

struct LiveOrder {
    OrderRecord record;
    /// Of the asset to be paid (quote of a buy, base of a sell): what is still reserved for this order.
    domain::Amount locked;
    /// What the book shows of it while it rests: all of its rest, of an iceberg the current part.
    domain::Quantity shown;
    /// Outside quantity at its price that stands before it.
    domain::Quantity queue_ahead;
    /// Its place among the own orders of its price; valid while `on_book`.
    std::list<LiveOrder*>::iterator place;
    bool on_book{false};
    /// A market order by quote amount that the book could not fill: all its quantity traded is not all it
    /// wanted.
    bool wants_more{false};
    bool is_waiting_stop{false};
    /// Of a trailing stop that follows the price: the best price since it began to.
    std::optional<domain::Price> trail_extreme;
    std::int64_t amends{0};
    std::vector<AmendmentRecord> amendments;  ///< the latest, oldest first
};

}  // namespace vigil::exchange
