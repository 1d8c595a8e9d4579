#include "runtime/unlock.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "credentials/private_file.h"
#include "credentials/vault.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using settings::UnlockWith;

constexpr std::size_t passphrase_file_bytes_max = 1024;

base::Result<std::filesystem::path> credential_path(const std::string& name) {
    // systemd.exec(5), "CREDENTIALS": the folder's path comes in the environment, the secret does not.
    const char* folder =
        std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): before threads
    if (folder == nullptr)
        return base::fail(
            ErrorKind::not_found,
            "credential " + name + ": not started by systemd with it (no CREDENTIALS_DIRECTORY)");
    return std::filesystem::path{folder} / name;
}

/// An editor leaves a line end behind; it is no part of a passphrase.
void drop_line_end(credentials::Secret& text) {
    const std::size_t size = text.use_text([](std::string_view view) {
        while (!view.empty() && (view.back() == '\n' || view.back() == '\r')) view.remove_suffix(1);
        return view.size();
    });
    if (size < text.size()) text.truncate(size);
}

base::Result<credentials::UnlockKey> read_unlock_key(const settings::CredentialSettings& credentials) {
    const bool is_file = credentials.unlock_with == UnlockWith::machine_key_file ||
                         credentials.unlock_with == UnlockWith::passphrase_file;
    const bool is_machine_key = credentials.unlock_with == UnlockWith::machine_key_file ||
                                credentials.unlock_with == UnlockWith::machine_key_credential;
    std::filesystem::path path = credentials.unlock_file;
    if (!is_file) {
        auto found = credential_path(credentials.unlock_credential);
        if (!found) return base::fail(std::move(found.error()));
        path = std::move(*found);
    }
    auto secret = credentials::read_private_file(
        path, is_machine_key ? credentials::MachineKey::size_bytes : passphrase_file_bytes_max,
        is_file ? credentials::FileTrust::own : credentials::FileTrust::systemd_credential);
    if (!secret) return base::fail(std::move(secret.error()));
    if (is_machine_key) {
        if (secret->size() != credentials::MachineKey::size_bytes)
            return base::fail(ErrorKind::invalid, path.string() + ": a machine key has 32 bytes");
        return credentials::MachineKey{std::move(*secret)};
    }
    drop_line_end(*secret);
    return credentials::Passphrase{std::move(*secret)};
}

}  // namespace

base::Result<TradingKey> unlock(const settings::CredentialSettings& credentials,
                                settings::Environment environment) {
    auto key = read_unlock_key(credentials);
    if (!key) return base::fail(std::move(key.error()));
    auto vault = credentials::Vault::open(credentials.vault, *key, credentials::VaultAccess::read);
    if (!vault) return base::fail(std::move(vault.error()));
    const auto entry = vault->find(credentials.label);
    if (!entry) return base::fail(entry.error());
    if ((*entry)->environment != settings::to_string(environment))
        return base::fail(ErrorKind::invalid, "key " + credentials.label + " is for " +
                                                  (*entry)->environment + ", but exchange.environment is " +
                                                  std::string{settings::to_string(environment)});
    auto signer = credentials::Signer::make((*entry)->type, (*entry)->secret);
    if (!signer) return base::fail(signer.error().within("key " + credentials.label));
    return TradingKey{credentials.label, (*entry)->api_key, (*entry)->type, std::move(*signer),
                      vault->generation()};
}

}  // namespace vigil::runtime
