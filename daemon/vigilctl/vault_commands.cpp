#include "vigilctl/vault_commands.h"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <optional>

#include "credentials/private_file.h"
#include "credentials/secret_input.h"
#include "credentials/unlock.h"
#include "credentials/vault.h"

namespace vigil::vigilctl {

using base::ErrorKind;
using base::fail;
using base::Result;
using credentials::MachineKey;
using credentials::Passphrase;
using credentials::SecretInput;
using credentials::Vault;
using credentials::VaultAccess;
using credentials::VaultEntry;

namespace {

ExitCode exists_already(const std::filesystem::path& path) {
    return report({ErrorKind::invalid, path.string() + ": exists already"}, ExitCode::cannot_create);
}

bool is_there(const std::filesystem::path& path) {
    std::error_code error;  // what cannot be looked at cannot be made either, and that will be reported
    return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

Result<void> create(const VaultCreateArguments& arguments, const std::optional<MachineKey>& machine_key) {
    SecretInput input{STDIN_FILENO};
    std::optional<Passphrase> passphrase;
    if (!arguments.no_passphrase) {
        if (input.is_terminal())
            std::cerr
                << "A lost passphrase cannot be recovered, by nobody: write it down, and keep it apart from "
                   "the vault.\n";
        auto given = new_passphrase(input);
        if (!given) return fail(given.error());
        passphrase = std::move(*given);
    }
    const auto vault = Vault::create(
        arguments.vault, {machine_key ? &*machine_key : nullptr, passphrase ? &*passphrase : nullptr, {}});
    if (!vault) return fail(vault.error());
    return {};
}

std::string state_of(const VaultEntry& entry) {
    if (entry.is_retired()) return "retired";
    return entry.api_key.empty() ? "no API key" : "in use";
}

/// Opens the same vault with its passphrase, so that the passphrase is known to be the right one.
Result<Passphrase> proven_passphrase(const std::filesystem::path& vault, SecretInput& input) {
    auto text = input.line("Passphrase: ");
    if (!text) return fail(text.error());
    credentials::UnlockKey key{Passphrase{std::move(*text)}};
    const auto opened = Vault::open(vault, key, VaultAccess::read);
    if (!opened) return fail(opened.error());
    return std::get<Passphrase>(std::move(key));
}

Result<void> rotate(const VaultFileArguments& arguments, const MachineKey& fresh) {
    SecretInput input{STDIN_FILENO};
    auto vault = open_vault(arguments.vault, VaultAccess::change, input);
    if (!vault) return fail(vault.error());
    if (auto set = vault->set_machine_key(fresh); !set) return set;
    return vault->save();
}

Result<void> rekey(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    if (auto good = credentials::check_private_file(arguments.vault); !good) return good;
    auto key = unlock_key(arguments, input);
    if (!key) return fail(key.error());
    auto vault = Vault::open(arguments.vault, *key, VaultAccess::change);
    if (!vault) return fail(vault.error());
    credentials::VaultCreation ways;
    std::optional<Passphrase> passphrase;
    if (const auto* machine_key = std::get_if<MachineKey>(&*key)) {
        ways.machine_key = machine_key;
        if (vault->opens_with_passphrase()) {
            auto given = proven_passphrase(arguments.vault, input);
            if (!given) return fail(given.error());
            passphrase = std::move(*given);
            ways.passphrase = &*passphrase;
        }
    } else {
        if (vault->opens_with_machine_key())
            return fail(ErrorKind::invalid,
                        "the vault opens with a machine key too: give it (--machine-key)");
        ways.passphrase = std::get_if<Passphrase>(&*key);
    }
    if (auto done = vault->rekey(ways); !done) return done;
    return vault->save();
}

}  // namespace

ExitCode vault_create(const VaultCreateArguments& arguments) {
    for (const auto& path : {arguments.vault, arguments.machine_key})
        if (!path.empty() && is_there(path)) return exists_already(path);
    std::optional<MachineKey> machine_key;
    if (!arguments.machine_key.empty()) {
        auto made = credentials::create_machine_key(arguments.machine_key);
        if (!made) return report(made.error());
        machine_key = std::move(*made);
    }
    if (const auto created = create(arguments, machine_key); !created) {
        std::error_code error;
        if (machine_key) std::filesystem::remove(arguments.machine_key, error);
        return report(created.error());
    }
    std::cout << arguments.vault.string() << ": made, empty\n";
    if (machine_key)
        std::cout << arguments.machine_key.string() << ": made; keep it out of backups of the vault\n";
    std::cout << (arguments.no_passphrase
                      ? "There is no passphrase: when the machine key is lost, the vault is lost.\n"
                      : "A lost passphrase cannot be recovered: keep it apart from the vault.\n");
    return ExitCode::ok;
}

ExitCode vault_list(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open_vault(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    std::size_t width = 5;
    for (const VaultEntry& entry : vault->entries()) width = std::max(width, entry.label.size());
    const auto row = [width](std::string_view label, std::string_view environment, std::string_view type,
                             std::string_view state, std::string_view api_key, std::string_view created,
                             std::string_view note) {
        std::cout << std::left << std::setw(static_cast<int>(width) + 2) << label << std::setw(13)
                  << environment << std::setw(9) << type << std::setw(12) << state << std::setw(13) << api_key
                  << std::setw(12) << created << note << '\n';
    };
    row("LABEL", "ENVIRONMENT", "TYPE", "STATE", "API KEY", "CREATED", "NOTE");
    for (const VaultEntry& entry : vault->entries())
        row(entry.label, entry.environment, credentials::to_string(entry.type), state_of(entry),
            credentials::shortened_api_key(entry.api_key), entry.created, entry.note);
    return ExitCode::ok;
}

ExitCode vault_verify(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    const auto vault = open_vault(arguments, VaultAccess::read, input);
    if (!vault) return report(vault.error());
    if (const auto good = vault->verify(); !good)
        return report(good.error().within(arguments.vault.string()));
    const bool both = vault->opens_with_machine_key() && vault->opens_with_passphrase();
    std::cout << arguments.vault.string() << ": sound, generation " << vault->generation() << ", "
              << vault->entries().size() << (vault->entries().size() == 1 ? " key" : " keys")
              << "; opens with "
              << (both                             ? "machine key or passphrase"
                  : vault->opens_with_passphrase() ? "its passphrase only"
                                                   : "its machine key only")
              << '\n';
    return ExitCode::ok;
}

ExitCode vault_rotate(const VaultFileArguments& arguments) {
    if (is_there(arguments.file)) return exists_already(arguments.file);
    // The key is on disk before the vault needs it; the vault is replaced whole or not at all.
    const auto fresh = credentials::create_machine_key(arguments.file);
    if (!fresh) return report(fresh.error());
    if (const auto done = rotate(arguments, *fresh); !done) {
        std::error_code error;
        std::filesystem::remove(arguments.file, error);
        return report(done.error());
    }
    std::cout << arguments.file.string() << ": made, opens " << arguments.vault.vault.string()
              << " from now on\n"
                 "The machine key before opens older copies only: delete it, and seal the new one for the "
                 "service.\n"
                 "If somebody may have had it, follow with: vigilctl vault rekey\n";
    return ExitCode::ok;
}

ExitCode vault_passwd(const VaultArguments& arguments) {
    SecretInput input{STDIN_FILENO};
    auto vault = open_vault(arguments, VaultAccess::change, input);
    if (!vault) return report(vault.error());
    if (input.is_terminal())
        std::cerr
            << "A lost passphrase cannot be recovered: write it down, and keep it apart from the vault.\n";
    const auto passphrase = new_passphrase(input);
    if (!passphrase) return report(passphrase.error());
    if (const auto set = vault->set_passphrase(*passphrase); !set) return report(set.error());
    if (const auto saved = vault->save(); !saved) return report(saved.error());
    std::cout << arguments.vault.string()
              << ": has a new passphrase; older copies still open with the one before\n";
    return ExitCode::ok;
}

ExitCode vault_rekey(const VaultArguments& arguments) {
    if (const auto done = rekey(arguments); !done) return report(done.error());
    std::cout << arguments.vault.string() << ": encrypted anew with a new data key\n";
    return ExitCode::ok;
}

ExitCode vault_backup(const VaultFileArguments& arguments) {
    if (is_there(arguments.file)) return exists_already(arguments.file);
    SecretInput input{STDIN_FILENO};
    if (auto good = credentials::check_private_file(arguments.vault.vault); !good)
        return report(good.error());
    const auto key = unlock_key(arguments.vault, input);
    if (!key) return report(key.error());
    // One reading: what is proven to open is what is copied, whatever happens to the file meanwhile.
    const auto bytes =
        credentials::read_private_file(arguments.vault.vault, credentials::vault_file_bytes_max);
    if (!bytes) return report(bytes.error());
    const auto generation = bytes->use([&](std::span<const std::uint8_t> file) -> Result<std::uint64_t> {
        const auto opened = credentials::open_vault(file, *key);
        if (!opened) return fail(opened.error().within(arguments.vault.vault.string()));
        if (auto written = credentials::create_private_file(arguments.file, file, 0600); !written)
            return fail(written.error());
        return opened->header.generation;
    });
    if (!generation) return report(generation.error());
    std::cout << arguments.file.string() << ": a copy of generation " << *generation
              << "; keep the machine key and the passphrase elsewhere\n";
    return ExitCode::ok;
}

}  // namespace vigil::vigilctl
