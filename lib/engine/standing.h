// How the house stands at one moment, for whoever operates it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decimal.h"
#include "domain/names.h"
#include "engine/report.h"
#include "governor/governor.h"
#include "orders/order_state.h"
#include "risk/ladder.h"

namespace vigil::engine {

/// One own order, as far as an operator wants to know it.
struct OrderStanding {
    domain::ClientOrderId id;
    domain::Symbol symbol;
    std::string strategy;
    orders::OrderState state{orders::OrderState::journaled};
};

/// What a rule of the risk gate allows, and how much of it is used.
struct RuleStanding {
    std::string_view rule;
    std::string scope;  ///< an asset, a symbol, or "account"
    std::string used;
    std::string limit;
    bool is_reached{false};
};

struct Standing {
    Report report;
    risk::LadderState ladder;
    std::string obstacle;  ///< what keeps every placement from leaving; empty: nothing does
    bool market_connected{false};
    bool orders_connected{false};
    bool user_data_connected{false};
    bool journal_well{false};
    std::size_t waiting{0};  ///< orders and cancels that wait for the governor
    std::vector<OrderStanding> unknown;
    std::vector<governor::Usage> limits;
    std::vector<RuleStanding> rules;
};

/// How far a kill has come.
struct KillProgress {
    std::size_t orders{0};                 ///< own orders that were open when it came
    std::size_t cancelled{0};              ///< of them
    std::size_t filled{0};                 ///< filled before they could be cancelled
    std::size_t ended{0};                  ///< ended otherwise: never sent, rejected, expired
    std::vector<OrderStanding> remaining;  ///< own orders that are not final yet
    std::string waits_for;                 ///< why cancels cannot leave now; empty: nothing known
};

}  // namespace vigil::engine
