// The files of a journal before SQLite sees them: the lock, owner and mode, and whether it is a journal at
// all. Internal to lib/journal.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"

namespace vigil::journal {

/// Locks `<folder>/journal.lock` for as long as the descriptor lives. Errors: unavailable when another
/// process holds it (and its process id, when it can be read), io, denied.
[[nodiscard]] base::Result<base::UniqueFd> lock_journal(const std::filesystem::path& folder);

/// Makes an empty file of mode 0600 when there is none (`create`), and checks that what is there is a regular
/// file of our own that nobody else can touch. Errors: denied, not_found, io, exhausted.
[[nodiscard]] base::Result<void> check_journal_file(const std::filesystem::path& path, bool create);

/// Makes the names of new files durable. Errors: io.
[[nodiscard]] base::Result<void> sync_folder(const std::filesystem::path& folder);

/// 16 random bytes in hex. Errors: io.
[[nodiscard]] base::Result<std::string> random_id();

}  // namespace vigil::journal
