// `vigilctl preflight`.
#pragma once

#include <string>
#include <vector>

#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

struct PreflightArguments {
    std::string config;
    std::string state;  ///< empty: as the configuration says
    std::vector<std::string> overrides;
    bool json{false};
    bool live_order{false};
};
/// Prints the table, or JSON; the code is that of the first check that failed.
ExitCode preflight(const PreflightArguments& arguments);

/// `vigilctl diagnose signature`: one line with the cause, one with what to do.
ExitCode diagnose_signature(const PreflightArguments& arguments);

}  // namespace vigil::vigilctl
