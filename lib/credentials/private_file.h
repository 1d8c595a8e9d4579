// Files that only their owner may read: the vault, the machine key.
//
// Opened without following a link, refused unless they are regular files of our own with mode 0600 or 0400,
// read up to a bound. Replaced by writing a new file beside, fsync, rename, fsync of the folder: a crash
// leaves the old or the new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/unique_fd.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// Whose file it may be.
enum class FileTrust {
    own,                ///< owned by the effective user, mode 0600 or 0400
    systemd_credential  ///< also owned by root, and readable by the group (how systemd grants a credential by
                        ///< ACL)
};

/// @return ErrorKind::not_found, denied (a symbolic link, a foreign owner, a mode that is named), invalid
/// (not a regular
///         file, larger than `size_bytes_max`), io
[[nodiscard]] base::Result<Secret> read_private_file(const std::filesystem::path& path,
                                                     std::size_t size_bytes_max,
                                                     FileTrust trust = FileTrust::own);

/// The errors of read_private_file that show without reading.
[[nodiscard]] base::Result<void> check_private_file(const std::filesystem::path& path);

/// Writes a file that must not exist yet. `mode` is 0400 or 0600.
[[nodiscard]] base::Result<void> create_private_file(const std::filesystem::path& path,
                                                     std::span<const std::uint8_t> bytes, unsigned mode);

/// Replaces a file atomically, keeping its mode. The caller holds the ChangeLock of `path`.
[[nodiscard]] base::Result<void> replace_private_file(const std::filesystem::path& path,
                                                      std::span<const std::uint8_t> bytes);

/// The right to change one file: an flock on "<file>.lock" beside it, held as long as the object lives.
class ChangeLock {
  public:
    /// Does not wait: ErrorKind::unavailable when another process changes the file just now.
    [[nodiscard]] static base::Result<ChangeLock> take(const std::filesystem::path& path);

  private:
    explicit ChangeLock(base::UniqueFd fd) : fd_{std::move(fd)} {}
    base::UniqueFd fd_;
};

}  // namespace vigil::credentials
