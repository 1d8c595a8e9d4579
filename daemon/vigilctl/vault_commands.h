// `vigilctl vault ...`: what concerns the vault as a whole. Nothing here prints a secret.
#pragma once

#include <filesystem>
#include <string>

#include "vigilctl/command_result.h"
#include "vigilctl/vault_opening.h"

namespace vigil::vigilctl {

struct VaultCreateArguments {
    std::filesystem::path vault;
    std::filesystem::path machine_key;  ///< file to make; empty: none
    bool no_passphrase{false};
};

/// A command that makes one more file.
struct VaultFileArguments {
    VaultArguments vault;
    std::filesystem::path file;  ///< must not exist
};

/// Makes a vault, and the machine key's file if wanted. Leaves nothing behind when it fails.
ExitCode vault_create(const VaultCreateArguments& arguments);
ExitCode vault_list(const VaultArguments& arguments);
/// Opens the vault and tries every key in it.
ExitCode vault_verify(const VaultArguments& arguments);
/// A new machine key, in a new file: the one before opens the vault no more. Undone when it fails.
ExitCode vault_rotate(const VaultFileArguments& arguments);
/// A new passphrase; the data key stays, and is wrapped again.
ExitCode vault_passwd(const VaultArguments& arguments);
/// A new data key, wrapped for the same machine key and passphrase; everything is encrypted anew.
ExitCode vault_rekey(const VaultArguments& arguments);
/// A copy, byte for byte, once it has been opened.
ExitCode vault_backup(const VaultFileArguments& arguments);

}  // namespace vigil::vigilctl
