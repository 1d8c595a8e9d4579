// A vault's entries as the bytes of its payload, and what an entry must look like. For this folder's .cpp
// files.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "credentials/vault.h"

namespace vigil::credentials {

/// ErrorKind::invalid with the field's name.
[[nodiscard]] base::Result<void> check_entry(const VaultEntry& entry);

/// Well-formed UTF-8 that does not draw on a terminal: no controls, no marks of reading direction.
[[nodiscard]] bool is_printable_utf8(std::string_view text);

[[nodiscard]] base::Result<Secret> encoded_entries(const std::vector<VaultEntry>& entries);
/// ErrorKind::corrupt when the bytes are not what encoded_entries writes.
[[nodiscard]] base::Result<std::vector<VaultEntry>> decoded_entries(const Secret& payload);

}  // namespace vigil::credentials
