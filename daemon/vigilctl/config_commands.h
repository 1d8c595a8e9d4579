// `vigilctl config ...`.
#pragma once

#include <string>
#include <vector>

#include "settings/place.h"
#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

/// Prints the problems of a configuration, and says by the code how bad they are.
ExitCode report(const settings::Problems& problems);

/// Checks every file, vigild.yaml or a strategy's, and prints everything that is wrong.
/// @param overrides "key.path=value", for vigild.yaml
ExitCode config_check(const std::vector<std::string>& files, const std::vector<std::string>& overrides);

}  // namespace vigil::vigilctl
