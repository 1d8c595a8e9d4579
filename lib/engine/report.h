// The session in figures, for the summary and the status line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/account.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "governor/waits.h"
#include "orders/position.h"

namespace vigil::engine {

struct StrategyReport {
    domain::StrategyName name;
    std::string kind;
    domain::Symbol symbol;
    std::string state;       ///< "waiting", "running", "refused", "stopped"
    std::int64_t orders{0};  ///< sent
    std::int64_t fills{0};
    domain::Asset quote;
    domain::Amount realised;                   ///< quote asset
    std::optional<domain::Amount> unrealised;  ///< at the middle of the book; nothing without one
    std::vector<orders::AssetAmount> fees;
    int open_orders{0};
    domain::Quantity inventory;                 ///< of the symbol's base asset
    std::optional<domain::Price> average_cost;  ///< of the inventory; nothing when there is none
};

/// How requests of one lane have fared at the governor.
struct LaneReport {
    std::string_view lane;
    governor::LaneWaits waits;
};

struct Report {
    std::vector<StrategyReport> strategies;
    std::vector<domain::Balance>
        balances;  ///< the ledger's: expected totals, locked as the exchange states it
    std::vector<orders::AssetAmount> fees;  ///< all strategies together
    std::int64_t orders{0};
    std::int64_t fills{0};
    int open_orders{0};
    std::size_t unknown_orders{0};
    bool balances_agree{false};  ///< expected and stated are equal to the last digit
    std::int64_t weight_used{0};
    std::int64_t weight_peak{0};
    std::int64_t weight_budget{0};
    std::vector<LaneReport> lanes;  ///< highest priority first
    std::string risk_level;
};

}  // namespace vigil::engine
