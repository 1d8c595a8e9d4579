// A vault's entries as the bytes of its payload, and what an entry must look like. For this folder's .cpp
// files.
#pragma once

#include <vector>

#include "base/error.h"
#include "credentials/vault.h"

namespace vigil::credentials {

/// ErrorKind::invalid with the field's name.
[[nodiscard]] base::Result<void> check_entry(const VaultEntry& entry);

[[nodiscard]] base::Result<Secret> encoded_entries(const std::vector<VaultEntry>& entries);
/// ErrorKind::corrupt when the bytes are not what encoded_entries writes.
[[nodiscard]] base::Result<std::vector<VaultEntry>> decoded_entries(const Secret& payload);

}  // namespace vigil::credentials
