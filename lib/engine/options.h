// What the engine is set up with. Defaults live here and in the rooms' own options; configuration overlays
// them.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "governor/governor.h"
#include "market/symbol_view.h"
#include "orders/client_order_ids.h"
#include "orders/ledger.h"
#include "orders/lookup_policy.h"
#include "risk/options.h"
#include "strategy/options.h"

namespace vigil::engine {

struct Options {
    orders::InstanceTag instance;
    orders::ClientOrderIdsOptions ids;
    orders::LookupOptions lookups;
    governor::Options governor;
    risk::Options risk;
    market::SymbolViewOptions market;
    std::vector<strategy::StrategyOptions>
        strategies;  ///< enabled ones; the place in the list is the StrategyIndex

    base::milliseconds order_patience{2'000};  ///< an order that cannot leave within this is not sent
    /// The same for cancels. Longer than the minute of a weight window: none is dropped because others have
    /// used up the address's weight.
    base::milliseconds cancel_patience{65'000};
    /// A question that cannot leave within this is not sent. Longer than the minute of a weight window, so
    /// that what merely waits for its budget gets through.
    base::milliseconds read_patience{65'000};
    base::milliseconds sign_retry{50};       ///< what waits for the exchange's time looks again after this
    base::milliseconds sweep_every{30'000};  ///< orders, trades and balances are compared with the exchange
    /// Share of the exchange's request weight that sweeps may use; each asks for the trades of one symbol in
    /// any case.
    int sweep_percent{5};
    base::milliseconds statement_every{60'000};  ///< the ledger's statement is journaled, if it has changed
    base::milliseconds rules_every{300'000};     ///< exchange rules are read again
    base::milliseconds snapshot_retry{1'000};    ///< between two order book snapshots of one symbol
    std::size_t waiting_max{512};                ///< orders that may wait for the governor; more are not sent
    std::size_t reads_max{512};                  ///< reads that may wait for the governor; more are dropped
    std::size_t notices_a_turn{256};  ///< order news told to strategies in one turn; the rest in the next
    int depth_limit{1000};
};

}  // namespace vigil::engine
