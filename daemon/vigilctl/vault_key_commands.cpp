#include "vigilctl/vault_key_commands.h"

#include <unistd.h>

#include <iostream>
#include <utility>

#include "credentials/key_generation.h"
#include "credentials/secret_input.h"
#include "credentials/vault.h"

namespace vigil::vigilctl {

using base::ErrorKind;
using base::fail;
using base::Result;
using credentials::KeyType;
using credentials::SecretInput;
using credentials::Vault;
using credentials::VaultAccess;
using credentials::VaultEntry;

namespace {

/// Before a secret is asked for: the vault, open for change, with no such label in it yet.
Result<Vault> open_for_new_key(const VaultArguments& arguments, SecretInput& input) {
    auto vault = open_vault(arguments, VaultAccess::change, input);
    if (vault && vault->find(arguments.label))
        return fail(ErrorKind::invalid, "there is a key with label \"" + arguments.label + "\" already");
    return vault;
}

Result<void> put(Vault& vault, const VaultAddArguments& arguments, KeyType type, credentials::Secret secret) {
    VaultEntry entry{arguments.vault.label, arguments.environment, type,
                     arguments.api_key,     std::move(secret),     today(),
                     arguments.note};
    if (auto added = vault.add(std::move(entry)); !added) return added;
    return vault.save();
}

/// Opens the vault, changes it, saves it, and says so.
template <class Change>
ExitCode change(const VaultArguments& arguments, std::string_view outcome, Change&& apply) {
    SecretInput input{STDIN_FILENO};
    auto vault = open_vault(arguments, VaultAccess::change, input);
    if (!vault) return report(vault.error());
    if (const Result<void> done = apply(*vault); !done) return report(done.error());
    if (const auto saved = vault->save(); !saved) return report(saved.error());
    std::cout << arguments.vault.string() << ": key \"" << arguments.label << "\" " << outcome << '\n';
    return ExitCode::ok;
}

}  // namespace

ExitCode vault_add(const VaultAddArguments& arguments) {
    const auto type = credentials::key_type_from(arguments.type);
    if (!type) return report({ErrorKind::invalid, "the key type is hmac, ed25519 or rsa"}, ExitCode::usage);
    if (arguments.api_key.empty()) return report({ErrorKind::invalid, "an API key is not empty"});
    SecretInput input{STDIN_FILENO};
    auto vault = open_for_new_key(arguments.vault, input);
    if (!vault) return report(vault.error());
    // A pasted PEM has many lines, an HMAC secret one. From a pipe all that is left is the secret.
    const bool one_line = *type == KeyType::hmac_sha256 && input.is_terminal();
    auto secret = one_line ? input.line("Secret key: ") : input.block("Private key (PEM):\n");
    if (!secret) return report(secret.error());
    if (const auto done = put(*vault, arguments, *type, std::move(*secret)); !done)
        return report(done.error());
    std::cout << arguments.vault.vault.string() << ": key \"" << arguments.vault.label << "\" added\n";
    return ExitCode::ok;
}

ExitCode vault_generate(const VaultAddArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    auto vault = open_for_new_key(arguments.vault, input);
    if (!vault) return report(vault.error());
    auto pair = credentials::generate_key(KeyType::ed25519);
    if (!pair) return report(pair.error());
    if (const auto done = put(*vault, arguments, KeyType::ed25519, std::move(pair->private_key)); !done)
        return report(done.error());
    std::cout << pair->public_key;
    return ExitCode::ok;
}

ExitCode vault_activate(const VaultAddArguments& arguments) {
    return change(arguments.vault, "has its API key and can be used",
                  [&](Vault& vault) { return vault.set_api_key(arguments.vault.label, arguments.api_key); });
}

ExitCode vault_show(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open_vault(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    const auto found = vault->find(arguments.label);
    if (!found) return report(found.error());
    const VaultEntry& entry = **found;
    std::cout << "label:       " << entry.label << '\n'
              << "environment: " << entry.environment << '\n'
              << "type:        " << credentials::to_string(entry.type) << '\n'
              << "api key:     "
              << (entry.api_key.empty() ? "none yet" : credentials::shortened_api_key(entry.api_key)) << '\n'
              << "created:     " << entry.created << '\n';
    if (entry.is_retired()) std::cout << "retired:     " << entry.retired << '\n';
    std::cout << "note:        " << entry.note << '\n';
    return ExitCode::ok;
}

ExitCode vault_export_public(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open_vault(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    const auto entry = vault->find(arguments.label);
    if (!entry) return report(entry.error());
    if ((*entry)->type == KeyType::hmac_sha256)
        return report({ErrorKind::invalid, "an HMAC key has no public half"});
    if ((*entry)->is_retired())
        return report(
            {ErrorKind::invalid, "key \"" + arguments.label + "\" is retired: its secret is erased"});
    const auto pem = credentials::public_key_of((*entry)->type, (*entry)->secret);
    if (!pem) return report(pem.error());
    std::cout << *pem;
    return ExitCode::ok;
}

ExitCode vault_retire(const VaultArguments& arguments) {
    return change(arguments, "retired, its secret erased; delete it at the exchange too",
                  [&](Vault& vault) { return vault.retire(arguments.label, today()); });
}

ExitCode vault_remove(const VaultArguments& arguments) {
    return change(arguments, "removed", [&](Vault& vault) { return vault.remove(arguments.label); });
}

}  // namespace vigil::vigilctl
