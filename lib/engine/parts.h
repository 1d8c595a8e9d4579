// What an Engine is made of; private to the sources of lib/engine.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "domain/own_request.h"
#include "engine/corridor.h"
#include "engine/engine.h"
#include "engine/house.h"
#include "engine/order_desk.h"
#include "engine/read_desk.h"
#include "engine/strategy_desk.h"

namespace vigil::engine {

struct Engine::Parts {
    explicit Parts(const Options& options)
        : house{options}, corridor{house}, reads{house}, orders{house, reads}, strategies{house, corridor} {}

    House house;
    Corridor corridor;
    ReadDesk reads;
    OrderDesk orders;
    StrategyDesk strategies;
    std::vector<domain::StrategyName> names;  ///< of the journal's strategies, those of now first
    std::uint64_t saved_risk_version{0};
    risk::Level told_level{risk::Level::normal};
    std::map<std::string, std::int64_t> told_losses;  ///< quote asset: day whose loss was told
    std::optional<std::vector<orders::BalanceDifference>>
        reconciled_differences;  ///< of the round before, at start
    bool cancel_open{false};     ///< while stopping
    base::MonotonicTime statement_due{};
    std::string stated;  ///< the ledger's last statement that went to the journal
    base::MonotonicTime cancel_again{};
    base::MonotonicTime losses_due{};
    std::vector<domain::ClientOrderId> killed;  ///< what was open when the last kill came
    bool kill_done{false};                      ///< told: nothing is open any more
    /// Since when each kind of own request waits for its leave.
    std::array<std::optional<base::MonotonicTime>, domain::own_request_kinds> leave_asked;
};

}  // namespace vigil::engine
