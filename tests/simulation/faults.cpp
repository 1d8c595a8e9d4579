#include "simulation/faults.h"

namespace vigil::simulation {

namespace {

constexpr std::array<std::string_view, fault_count> fault_names{
    "lost request",  "lost answer",   "late request",   "late answer",    "unknown answer", "rejection",
    "rate limit",    "lost event",    "doubled event",  "late event",     "failed read",    "late read",
    "lagging read",  "orders down",   "user data down", "market down",    "foreign order",  "balance change",
    "symbol status", "clock unknown", "clock reset",    "journal failed", "journal late",   "crash"};

constexpr std::array<std::string_view, mutant_count + 1> mutant_names{
    "none",         "resend",           "absent-at-once", "early-acknowledge",
    "lying-disk",   "swallowed-fill",   "lost-journal",   "renumbered-double",
    "unasked-send", "pretended-cancel", "altered-record", "cheap-commission"};

}  // namespace

std::string_view name_of(Fault fault) noexcept {
    return fault_names[static_cast<std::size_t>(fault)];
}

std::string_view name_of(Mutant mutant) noexcept {
    return mutant_names[static_cast<std::size_t>(mutant)];
}

std::optional<Mutant> parse_mutant(std::string_view name) noexcept {
    for (std::size_t each = 0; each < mutant_names.size(); ++each)
        if (mutant_names[each] == name) return static_cast<Mutant>(each);
    return std::nullopt;
}

}  // namespace vigil::simulation
