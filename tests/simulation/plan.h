// One session of the campaign, drawn from its seed: what trades, in which market, and what goes wrong. And
// its course, from the first start to the last question.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace vigil::simulation {

/// A session's world, its faults already drawn: each class is on in some of all sessions.
[[nodiscard]] WorldOptions options_for(std::uint64_t seed, Mutant mutant);

struct SessionResult {
    std::uint64_t seed{0};
    FaultTable faults;  ///< which were on
    std::array<int, fault_count> injected{};
    std::vector<std::string> violations;
    int orders{0};
    int fills{0};
    int starts{0};
    std::int64_t records{0};
    std::uint64_t steps{0};
    std::map<std::string, int> told;  ///< events of the log, by name
    /// Of the journal and of what was told: two runs of one seed have the same.
    std::uint64_t fingerprint{0};
};

/// Runs it to its end.
[[nodiscard]] SessionResult run_session(std::uint64_t seed, Mutant mutant = Mutant::none);

}  // namespace vigil::simulation
