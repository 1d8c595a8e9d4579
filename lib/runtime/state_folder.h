// The folder that holds everything which must outlive the process: journal, event log, ban ledger, summary.
// One daemon owns it at a time: it is locked for the life of this object.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"

namespace vigil::runtime {

class StateFolder {
  public:
    /// Makes the folder (mode 0700) when it is missing, checks that it is ours and closed to others, and
    /// locks it. Errors: denied (owner or mode), exhausted (another instance holds the lock), io.
    [[nodiscard]] static base::Result<StateFolder> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path file(std::string_view name) const { return path_ / name; }

    /// Replaces `name` whole or not at all: temporary file, fsync, rename, fsync of the folder. Mode 0600.
    [[nodiscard]] base::Result<void> replace(std::string_view name, std::string_view text) const;
    /// Takes `name` away for good: unlink, fsync of the folder. That it is not there is no error.
    [[nodiscard]] base::Result<void> remove(std::string_view name) const;
    /// The whole of a small file (at most 1 MiB). Kind not_found when it does not exist.
    [[nodiscard]] base::Result<std::string> read(std::string_view name) const;

  private:
    StateFolder(std::filesystem::path path, base::UniqueFd folder, base::UniqueFd lock);
    std::filesystem::path path_;
    base::UniqueFd folder_;
    base::UniqueFd lock_;
};

}  // namespace vigil::runtime
