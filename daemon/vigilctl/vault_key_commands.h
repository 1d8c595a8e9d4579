// `vigilctl vault ...`: what concerns one exchange key in the vault. Nothing here prints a secret.
#pragma once

#include <string>

#include "vigilctl/command_result.h"
#include "vigilctl/vault_opening.h"

namespace vigil::vigilctl {

struct VaultAddArguments {
    VaultArguments vault;
    std::string api_key;
    std::string type{"hmac"};
    std::string environment{"simulator"};
    std::string note;
};

ExitCode vault_add(const VaultAddArguments& arguments);
/// Draws an Ed25519 pair inside the vault and prints its public key; the API key comes with vault_activate.
ExitCode vault_generate(const VaultAddArguments& arguments);
/// Enters the API key that the exchange gave for a generated key.
ExitCode vault_activate(const VaultAddArguments& arguments);
ExitCode vault_show(const VaultArguments& arguments);
/// The public key in PEM, for the exchange.
ExitCode vault_export_public(const VaultArguments& arguments);
/// Erases the secret; the entry stays as a record.
ExitCode vault_retire(const VaultArguments& arguments);
ExitCode vault_remove(const VaultArguments& arguments);

}  // namespace vigil::vigilctl
