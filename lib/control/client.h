// The operator's side of the control socket.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace vigil::control {

/// Sends one line and returns the line that comes back, without its end. Blocks for `patience` at most.
/// Errors: unavailable (nobody listens there), denied (the file's mode), timeout, corrupt, io, invalid.
[[nodiscard]] base::Result<std::string> ask(const std::filesystem::path& socket, std::string_view line,
                                            base::milliseconds patience);

}  // namespace vigil::control
