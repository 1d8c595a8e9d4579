#include "vigilctl/vault_commands.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <optional>

#include "base/time.h"
#include "credentials/unlock.h"
#include "credentials/vault.h"
#include "vigilctl/secret_input.h"

namespace vigil::vigilctl {

using base::ErrorKind;
using base::fail;
using base::Result;
using credentials::KeyType;
using credentials::MachineKey;
using credentials::Passphrase;
using credentials::UnlockKey;
using credentials::Vault;
using credentials::VaultAccess;
using credentials::VaultEntry;

namespace {

std::string today() {
    const auto now = base::SystemClock{}.wall().time_since_epoch();
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::floor<std::chrono::days>(now)}};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

/// At a terminal it is typed twice.
Result<Passphrase> new_passphrase(SecretInput& input) {
    auto first = input.line("New passphrase: ");
    if (!first) return fail(first.error());
    if (first->size() < Passphrase::size_bytes_min)
        return fail(ErrorKind::invalid, "a passphrase has at least " +
                                            std::to_string(Passphrase::size_bytes_min) + " characters");
    if (input.is_terminal()) {
        const auto second = input.line("The same again: ");
        if (!second) return fail(second.error());
        if (!first->same_as(*second)) return fail(ErrorKind::invalid, "the two passphrases differ");
    }
    return Passphrase{std::move(*first)};
}

Result<UnlockKey> unlock_key(const VaultArguments& arguments, SecretInput& input) {
    if (!arguments.machine_key.empty()) {
        auto key = credentials::read_machine_key(arguments.machine_key);
        if (!key) return fail(key.error());
        return UnlockKey{std::move(*key)};
    }
    auto text = input.line("Passphrase: ");
    if (!text) return fail(text.error());
    return UnlockKey{Passphrase{std::move(*text)}};
}

Result<Vault> open(const VaultArguments& arguments, VaultAccess access, SecretInput& input) {
    // Before anybody is asked for a passphrase.
    if (std::error_code error; !std::filesystem::exists(arguments.vault, error))
        return fail(ErrorKind::not_found, arguments.vault.string() + ": there is no such vault");
    const auto key = unlock_key(arguments, input);
    if (!key) return fail(key.error());
    return Vault::open(arguments.vault, *key, access);
}

void print(const VaultEntry& entry) {
    std::cout << "label:       " << entry.label << '\n'
              << "environment: " << entry.environment << '\n'
              << "type:        " << credentials::to_string(entry.type) << '\n'
              << "api key:     " << credentials::shortened_api_key(entry.api_key) << '\n'
              << "created:     " << entry.created << '\n'
              << "note:        " << entry.note << '\n';
}

Result<void> create(const VaultCreateArguments& arguments, const std::optional<MachineKey>& machine_key) {
    SecretInput input{STDIN_FILENO};
    std::optional<Passphrase> passphrase;
    if (!arguments.no_passphrase) {
        auto given = new_passphrase(input);
        if (!given) return fail(given.error());
        passphrase = std::move(*given);
    }
    const auto vault = Vault::create(
        arguments.vault, {machine_key ? &*machine_key : nullptr, passphrase ? &*passphrase : nullptr, {}});
    if (!vault) return fail(vault.error());
    return {};
}

}  // namespace

ExitCode vault_create(const VaultCreateArguments& arguments) {
    std::error_code error;
    for (const auto& path : {arguments.vault, arguments.machine_key})
        if (!path.empty() && std::filesystem::exists(std::filesystem::symlink_status(path, error)))
            return report({ErrorKind::invalid, path.string() + ": exists already"}, ExitCode::cannot_create);
    std::optional<MachineKey> machine_key;
    if (!arguments.machine_key.empty()) {
        auto made = credentials::create_machine_key(arguments.machine_key);
        if (!made) return report(made.error());
        machine_key = std::move(*made);
    }
    if (const auto created = create(arguments, machine_key); !created) {
        if (machine_key) std::filesystem::remove(arguments.machine_key, error);
        return report(created.error());
    }
    std::cout << arguments.vault.string() << ": made, empty\n";
    if (machine_key)
        std::cout << arguments.machine_key.string() << ": made; keep it out of backups of the vault\n";
    return ExitCode::ok;
}

ExitCode vault_add(const VaultAddArguments& arguments) {
    const auto type = credentials::key_type_from(arguments.type);
    if (!type) return report({ErrorKind::invalid, "the key type is hmac, ed25519 or rsa"}, ExitCode::usage);
    SecretInput input{STDIN_FILENO};
    auto vault = open(arguments.vault, VaultAccess::change, input);
    if (!vault) return report(vault.error());
    if (vault->find(arguments.vault.label))
        return report(
            {ErrorKind::invalid, "there is a key with label \"" + arguments.vault.label + "\" already"});
    // A pasted PEM has many lines, an HMAC secret one. From a pipe all that is left is the secret.
    const bool one_line = *type == KeyType::hmac_sha256 && input.is_terminal();
    auto secret = one_line ? input.line("Secret key: ") : input.block("Private key (PEM):\n");
    if (!secret) return report(secret.error());
    VaultEntry entry{arguments.vault.label, arguments.environment, *type,
                     arguments.api_key,     std::move(*secret),    today(),
                     arguments.note};
    if (const auto added = vault->add(std::move(entry)); !added) return report(added.error());
    if (const auto saved = vault->save(); !saved) return report(saved.error());
    std::cout << arguments.vault.vault.string() << ": key \"" << arguments.vault.label << "\" added\n";
    return ExitCode::ok;
}

ExitCode vault_list(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    std::size_t width = 5;
    for (const VaultEntry& entry : vault->entries()) width = std::max(width, entry.label.size());
    const auto row = [width](std::string_view label, std::string_view environment, std::string_view type,
                             std::string_view api_key, std::string_view created, std::string_view note) {
        std::cout << std::left << std::setw(static_cast<int>(width) + 2) << label << std::setw(13)
                  << environment << std::setw(9) << type << std::setw(13) << api_key << std::setw(12)
                  << created << note << '\n';
    };
    row("LABEL", "ENVIRONMENT", "TYPE", "API KEY", "CREATED", "NOTE");
    for (const VaultEntry& entry : vault->entries())
        row(entry.label, entry.environment, credentials::to_string(entry.type),
            credentials::shortened_api_key(entry.api_key), entry.created, entry.note);
    return ExitCode::ok;
}

ExitCode vault_show(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    const auto entry = vault->find(arguments.label);
    if (!entry) return report(entry.error());
    print(**entry);
    return ExitCode::ok;
}

ExitCode vault_remove(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    auto vault = open(arguments, VaultAccess::change, input);
    if (!vault) return report(vault.error());
    if (const auto removed = vault->remove(arguments.label); !removed) return report(removed.error());
    if (const auto saved = vault->save(); !saved) return report(saved.error());
    std::cout << arguments.vault.string() << ": key \"" << arguments.label << "\" removed\n";
    return ExitCode::ok;
}

}  // namespace vigil::vigilctl
