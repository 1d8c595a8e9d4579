// What opens a vault, from files and systemd credentials.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "credentials/private_file.h"
#include "credentials/vault_format.h"

namespace vigil::credentials {

/// A file of exactly 32 bytes. Errors as read_private_file, and invalid for another size.
[[nodiscard]] base::Result<MachineKey> read_machine_key(const std::filesystem::path& path,
                                                        FileTrust trust = FileTrust::own);

/// A file with the passphrase as its only line; the line end does not count.
[[nodiscard]] base::Result<Passphrase> read_passphrase(const std::filesystem::path& path,
                                                       FileTrust trust = FileTrust::own);

/// Draws a machine key and writes it to a new file of mode 0400.
[[nodiscard]] base::Result<MachineKey> create_machine_key(const std::filesystem::path& path);

/// Where systemd put the credential `name` for this process (systemd.exec(5), "LoadCredential=").
/// @param directory the value of $CREDENTIALS_DIRECTORY, or null when it is not set
/// @return ErrorKind::not_found when systemd gave no credentials at all
[[nodiscard]] base::Result<std::filesystem::path> credential_path(const char* directory,
                                                                  const std::string& name);

}  // namespace vigil::credentials
