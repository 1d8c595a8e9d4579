// The text of one file that somebody has named.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "settings/place.h"

namespace vigil::settings {

/// The whole of a regular file of at most file_bytes_max; nothing (and a problem at `asked_at`) when that
/// cannot be.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path, const Place& asked_at,
                                                   Problems& problems);

}  // namespace vigil::settings
