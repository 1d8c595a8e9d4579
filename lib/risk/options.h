// Limits of the risk gate, with their defaults. lib/settings overlays what the operator's file says.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "risk/ladder.h"

namespace vigil::risk {

/// In the symbol's quote asset. An absent limit does not restrict.
struct SymbolLimits {
    domain::Symbol symbol;
    std::optional<domain::Amount> order_notional_max;
    std::optional<domain::Amount> position_max;  ///< value of inventory and open buys at the mark
    std::optional<int> open_orders_max;
    std::optional<int> orders_a_minute;
};

struct DailyLossLimit {
    domain::Asset quote;
    domain::Amount loss_max;  ///< positive; realised and unrealised together, since 00:00 UTC
};

/// Limits without a day's end; see loss_watch.h. Levels are above normal: only an operator's resume begins
/// the counts anew.
struct LossLimit {
    domain::Asset quote;
    std::optional<domain::Amount> realised_max;  ///< positive
    Level realised_level{Level::cancel_only};
    std::optional<domain::Amount> drawdown_max;  ///< positive; down from the highest realised + unrealised
    Level drawdown_level{Level::cancel_only};
};

struct Options {
    SymbolLimits defaults{
        {}, std::nullopt, std::nullopt, 50, std::nullopt};  ///< for symbols not in `symbols`
    std::vector<SymbolLimits> symbols;
    int open_orders_max{200};                     ///< over all symbols
    std::optional<int> orders_a_minute;           ///< over all symbols
    std::optional<int> orders_a_minute_strategy;  ///< of each strategy
    /// A buy may be priced above, a sell below, the book's mid by at most this fraction.
    domain::Rate price_collar{domain::Rate::from_raw(5'000'000)};  // 0.05
    /// A MARKET order may reach at most this fraction away from mid, by the levels of the book.
    domain::Rate slippage_max{domain::Rate::from_raw(500'000)};  // 0.005
    base::milliseconds book_age_max{5'000};  ///< an older book is not fresh enough for a MARKET order
    /// A MARKET sale of the strategy's own inventory (stop-loss, wind-down) is not held to
    /// order_notional_max: an exit must not be refused because the position had become larger than one order.
    bool market_exits_unlimited{true};
    std::vector<DailyLossLimit> daily_loss;
    /// Where the ladder goes when a daily loss limit is reached. `normal`: nowhere, the rule alone refuses
    /// until midnight; any other level stays until an operator lowers it.
    Level daily_loss_level{Level::normal};
    std::vector<LossLimit> losses;
    int rejections_to_break{3};                      ///< the same rejection this many times opens the breaker
    base::milliseconds breaker_probe_every{60'000};  ///< at most one order in this time while it is open
};

}  // namespace vigil::risk
