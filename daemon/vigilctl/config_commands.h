// `vigilctl config ...`.
#pragma once

#include <string>
#include <vector>

#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

/// Checks every file, vigild.yaml or a strategy's, and prints everything that is wrong.
/// @param overrides "key.path=value", for vigild.yaml
ExitCode config_check(const std::vector<std::string>& files, const std::vector<std::string>& overrides);

}  // namespace vigil::vigilctl
