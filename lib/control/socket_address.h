// The address of a Unix socket in the file system. Private to the sources of lib/control.
#pragma once

#include <sys/un.h>

#include <filesystem>

#include "base/error.h"

namespace vigil::control {

/// Errors: invalid (the kernel takes at most 107 bytes, see unix(7)).
[[nodiscard]] base::Result<sockaddr_un> socket_address(const std::filesystem::path& path);

}  // namespace vigil::control
