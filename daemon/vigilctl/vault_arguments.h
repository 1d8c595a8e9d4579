// The arguments of `vigilctl vault ...`.
#pragma once

#include <functional>

#include "vigilctl/command_result.h"

namespace CLI {
class App;
}

namespace vigil::vigilctl {

/// A command is run after all arguments are known to be right.
using Command = std::function<ExitCode()>;

/// Adds the subcommand; parsing it puts what is to be run into `chosen`, which outlives the app.
void add_vault_commands(CLI::App& app, Command& chosen);

}  // namespace vigil::vigilctl
