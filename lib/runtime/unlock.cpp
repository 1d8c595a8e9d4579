#include "runtime/unlock.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "credentials/private_file.h"
#include "credentials/unlock.h"
#include "credentials/vault.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using settings::UnlockWith;

base::Result<credentials::UnlockKey> read_unlock_key(const settings::CredentialSettings& credentials) {
    const bool is_file = credentials.unlock_with == UnlockWith::machine_key_file ||
                         credentials.unlock_with == UnlockWith::passphrase_file;
    const bool is_machine_key = credentials.unlock_with == UnlockWith::machine_key_file ||
                                credentials.unlock_with == UnlockWith::machine_key_credential;
    std::filesystem::path path = credentials.unlock_file;
    if (!is_file) {
        const char* directory =
            std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): before threads
        auto found = credentials::credential_path(directory, credentials.unlock_credential);
        if (!found) return base::fail(std::move(found.error()));
        path = std::move(*found);
    }
    const auto trust = is_file ? credentials::FileTrust::own : credentials::FileTrust::systemd_credential;
    if (is_machine_key) {
        auto key = credentials::read_machine_key(path, trust);
        if (!key) return base::fail(std::move(key.error()));
        return credentials::UnlockKey{std::move(*key)};
    }
    auto passphrase = credentials::read_passphrase(path, trust);
    if (!passphrase) return base::fail(std::move(passphrase.error()));
    return credentials::UnlockKey{std::move(*passphrase)};
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
