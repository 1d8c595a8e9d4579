#include "runtime/unlock.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "credentials/private_file.h"
#include "credentials/seen_generations.h"
#include "credentials/unlock.h"
#include "credentials/vault.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using settings::UnlockWith;

base::Result<credentials::UnlockKey> ask_passphrase(const std::filesystem::path& vault,
                                                    credentials::SecretInput* terminal) {
    constexpr const char* unattended =
        "machine_key_credential or passphrase_credential (systemd), machine_key_file or passphrase_file "
        "(a mounted file)";
    if (terminal == nullptr)
        return base::fail(ErrorKind::unsupported,
                          "the passphrase was typed at the start and is not kept, so the vault is not opened "
                          "again: restart the service, or let it open its vault by " +
                              std::string{unattended});
    if (!terminal->is_terminal())
        return base::fail(ErrorKind::unsupported,
                          "credentials.passphrase_prompt wants a terminal, and standard input is none: an "
                          "unattended service opens its vault by " +
                              std::string{unattended});
    // What is no vault is told before anybody types.
    if (auto good = credentials::check_private_file(vault); !good) return base::fail(std::move(good.error()));
    auto text = terminal->line("Passphrase of " + vault.string() + ": ");
    if (!text) return base::fail(text.error().within("at the terminal"));
    return credentials::UnlockKey{credentials::Passphrase{std::move(*text)}};
}

base::Result<credentials::UnlockKey> read_unlock_key(const settings::CredentialSettings& credentials,
                                                     credentials::SecretInput* terminal) {
    if (credentials.unlock_with == UnlockWith::passphrase_prompt)
        return ask_passphrase(credentials.vault, terminal);
    const bool is_file = credentials.unlock_with == UnlockWith::machine_key_file ||
                         credentials.unlock_with == UnlockWith::passphrase_file;
    const bool is_machine_key = credentials.unlock_with == UnlockWith::machine_key_file ||
                                credentials.unlock_with == UnlockWith::machine_key_credential;
    std::filesystem::path path = credentials.unlock_file;
    if (!is_file) {
        const char* directory =
            std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): nobody sets any
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

/// Refuses a vault that is older than one that was opened before; remembers a newer one.
base::Result<void> check_generation(const credentials::Vault& vault, const StateFolder& state) {
    const std::string file = state.file(seen_vaults_file_name).string();
    credentials::SeenGenerations seen;
    if (const auto text = state.read(seen_vaults_file_name)) {
        auto parsed = credentials::SeenGenerations::parse(*text);
        if (!parsed)
            return base::fail(parsed.error().kind,
                              file +
                                  ": the record of vault generations is damaged: make sure that the vault is "
                                  "the newest, then delete this file");
        seen = std::move(*parsed);
    } else if (text.error().kind != ErrorKind::not_found) {
        return base::fail(text.error());
    }
    const std::uint64_t highest = seen.highest(vault.id());
    switch (seen.see(vault.id(), vault.generation())) {
        case credentials::SeenGenerations::Verdict::older:
            return base::fail(ErrorKind::denied, "is an older copy: generation " +
                                                     std::to_string(vault.generation()) +
                                                     ", but generation " + std::to_string(highest) +
                                                     " was opened before; put the newest file back (" + file +
                                                     " keeps what was seen)");
        case credentials::SeenGenerations::Verdict::known:
            return {};
        case credentials::SeenGenerations::Verdict::newer:
            break;
    }
    return state.replace(seen_vaults_file_name, seen.text());
}

}  // namespace

base::Result<credentials::Vault> open_vault(const settings::CredentialSettings& credentials,
                                            credentials::SecretInput* terminal) {
    auto key = read_unlock_key(credentials, terminal);
    if (!key) return base::fail(std::move(key.error()));
    return credentials::Vault::open(credentials.vault, *key, credentials::VaultAccess::read);
}

base::Result<TradingKey> take_key(const credentials::Vault& vault,
                                  const settings::CredentialSettings& credentials,
                                  settings::Environment environment, const StateFolder& state) {
    if (auto newest = check_generation(vault, state); !newest) return base::fail(std::move(newest.error()));
    const auto entry = vault.find_usable(credentials.label);
    if (!entry) return base::fail(entry.error());
    if ((*entry)->environment != settings::to_string(environment))
        return base::fail(ErrorKind::invalid, "key " + credentials.label + " is for " +
                                                  (*entry)->environment + ", but exchange.environment is " +
                                                  std::string{settings::to_string(environment)});
    auto signer = credentials::Signer::make((*entry)->type, (*entry)->secret);
    if (!signer) return base::fail(signer.error().within("key " + credentials.label));
    auto signing = std::make_shared<const binance::SigningKey>(
        binance::SigningKey{(*entry)->api_key, std::move(*signer)});
    return TradingKey{credentials.label, (*entry)->type, (*entry)->created, std::move(signing),
                      vault.generation()};
}

base::Result<TradingKey> unlock(const settings::CredentialSettings& credentials,
                                settings::Environment environment, const StateFolder& state,
                                credentials::SecretInput* terminal) {
    const auto vault = open_vault(credentials, terminal);
    if (!vault) return base::fail(vault.error());
    return take_key(*vault, credentials, environment, state);
}

}  // namespace vigil::runtime
