// `vigilctl vault ...`. Nothing here prints a secret.
#pragma once

#include <filesystem>
#include <string>

#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

struct VaultCreateArguments {
    std::filesystem::path vault;
    std::filesystem::path machine_key;  ///< file to make; empty: none
    bool no_passphrase{false};
};

/// How the other commands open the vault: with a machine key, or the passphrase when that is empty.
struct VaultArguments {
    std::filesystem::path vault;
    std::filesystem::path machine_key;
    std::string label;
};

struct VaultAddArguments {
    VaultArguments vault;
    std::string api_key;
    std::string type{"hmac"};
    std::string environment{"simulator"};
    std::string note;
};

/// Makes a vault, and the machine key's file if wanted. Leaves nothing behind when it fails.
ExitCode vault_create(const VaultCreateArguments& arguments);
ExitCode vault_add(const VaultAddArguments& arguments);
ExitCode vault_list(const VaultArguments& arguments);
ExitCode vault_show(const VaultArguments& arguments);
ExitCode vault_remove(const VaultArguments& arguments);

}  // namespace vigil::vigilctl
