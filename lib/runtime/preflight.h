// The checklist before trading: everything that a start does, and what only an operator wants to see done,
// against the configured environment. It places no order unless it is told to, and leaves open orders as they
// are.
//
// It is a session that does not trade: it holds the state folder's lock (so it is refused while the service
// runs), keeps to bans and budgets, and writes journal and events.jsonl like the service.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/exit_code.h"
#include "settings/settings.h"

namespace vigil::runtime {

enum class CheckOutcome : std::uint8_t { passed, warning, failed, skipped };
[[nodiscard]] std::string_view to_string(CheckOutcome outcome) noexcept;

struct Check {
    std::string name;
    CheckOutcome outcome{CheckOutcome::skipped};
    std::string detail;  ///< what was seen
    std::string remedy;  ///< what to do; empty when it passed
    /// Of a failure: says the exit code.
    std::optional<base::ErrorKind> kind{};
};

struct PreflightReport {
    std::string environment;
    std::vector<Check> checks;

    [[nodiscard]] bool has_passed() const;
    /// That of the first failure; ok when there is none.
    [[nodiscard]] ExitCode exit_code() const;
};

struct PreflightOptions {
    std::optional<std::filesystem::path> state;  ///< instead of the settings' state_dir
    std::string version;
    bool live_order{false};             ///< place an order that cannot fill, and cancel it
    std::function<bool()> interrupted;  ///< asked during waits
};

/// Blocks until all is checked; some seconds. Every wait has a deadline. Needs the SecureArena.
[[nodiscard]] PreflightReport run_preflight(settings::Settings settings, const PreflightOptions& options);

/// A table for people, ends with a line that sums it up.
[[nodiscard]] std::string to_table(const PreflightReport& report);
/// One JSON document.
[[nodiscard]] std::string to_json(const PreflightReport& report);

}  // namespace vigil::runtime
