// How the vault's commands get at it: the ways to open it, and the passphrase as an operator gives it.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "credentials/secret_input.h"
#include "credentials/vault.h"

namespace vigil::vigilctl {

/// How a command opens the vault: with a machine key, or with the passphrase when that is empty.
struct VaultArguments {
    std::filesystem::path vault;
    std::filesystem::path machine_key;
    std::string label;
};

/// The UTC date, YYYY-MM-DD.
[[nodiscard]] std::string today();

/// At a terminal it is asked for twice.
[[nodiscard]] base::Result<credentials::Passphrase> new_passphrase(credentials::SecretInput& input);

/// Asks for the passphrase when the arguments name no machine key.
[[nodiscard]] base::Result<credentials::UnlockKey> unlock_key(const VaultArguments& arguments,
                                                              credentials::SecretInput& input);

/// unlock_key and Vault::open, for a vault that is looked at before anybody is asked for a passphrase.
[[nodiscard]] base::Result<credentials::Vault> open_vault(const VaultArguments& arguments,
                                                          credentials::VaultAccess access,
                                                          credentials::SecretInput& input);

}  // namespace vigil::vigilctl
