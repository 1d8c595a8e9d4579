// Opens the vault as the configuration says and takes the one key out of it that this daemon trades with.
//
// The highest generation of the vault is kept in the state folder: an older copy of the file that somebody
// put back is refused, since it may hold a key that was taken out for a reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "binance/signing_key.h"
#include "credentials/key_type.h"
#include "credentials/secret_input.h"
#include "credentials/vault.h"
#include "runtime/state_folder.h"
#include "settings/settings.h"

namespace vigil::runtime {

/// The key, ready to sign; the vault is closed and the passphrase wiped again.
struct TradingKey {
    std::string label;
    credentials::KeyType type{credentials::KeyType::hmac_sha256};
    std::string created;          ///< the vault's date, YYYY-MM-DD
    binance::KeyInUse signing;    ///< of the trading thread
    std::uint64_t generation{0};  ///< of the vault
};

/// The file in the state folder that says which generations were seen (credentials/seen_generations.h).
inline constexpr std::string_view seen_vaults_file_name = "vaults";

/// The vault, opened for reading as the configuration says; what generation it has is not looked at.
/// @param terminal where credentials.passphrase_prompt asks; null: nobody can be asked any more
/// Errors: denied, not_found, corrupt, io; of a prompt: unsupported (no terminal, or nobody to ask), timeout,
/// invalid (interrupted).
[[nodiscard]] base::Result<credentials::Vault> open_vault(const settings::CredentialSettings& credentials,
                                                          credentials::SecretInput* terminal);

/// The key that the configuration names, out of a vault that is open. Durably remembers the vault's
/// generation in `state` before anything of the vault is used. Errors: denied (wrong key or passphrase, a
/// file that others may read, an older generation), not_found (vault, credential, label), corrupt (vault, or
/// what is kept of generations), invalid (the key is for another environment), io.
[[nodiscard]] base::Result<TradingKey> take_key(const credentials::Vault& vault,
                                                const settings::CredentialSettings& credentials,
                                                settings::Environment environment, const StateFolder& state);

/// open_vault and take_key.
[[nodiscard]] base::Result<TradingKey> unlock(const settings::CredentialSettings& credentials,
                                              settings::Environment environment, const StateFolder& state,
                                              credentials::SecretInput* terminal);

}  // namespace vigil::runtime
