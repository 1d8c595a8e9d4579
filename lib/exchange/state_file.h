// One file with the state of an exchange (`vigil-exchange --state FOLDER`). It holds keys, so it is its
// owner's alone (0600); it is replaced as a whole, so that whatever ends the process, the last or the one
// before is there, never half of one. A checksum tells a damaged file from a whole one.
//
//     vigil-exchange-state <version> <bytes of the JSON> <SHA-256 of the JSON>\n<JSON>
//
// One process at a time: the folder is locked as long as the object lives. Loop thread only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "credentials/private_file.h"

namespace vigil::exchange {

class StateFile {
  public:
    static constexpr int version = 1;
    static constexpr std::size_t bytes_max = std::size_t{1} << 30U;

    /// Makes the folder (0700) when there is none. unavailable when another exchange uses it.
    [[nodiscard]] static base::Result<StateFile> open(const std::filesystem::path& folder);

    /// Nothing when there is no state yet. corrupt for a damaged one, unsupported for another version's.
    [[nodiscard]] base::Result<std::optional<std::string>> read() const;
    /// Durable when it returns. An error leaves the last state in place.
    [[nodiscard]] base::Result<void> write(std::string_view json) const;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    StateFile(std::filesystem::path path, credentials::ChangeLock lock)
        : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::filesystem::path path_;
    credentials::ChangeLock lock_;
};

}  // namespace vigil::exchange
