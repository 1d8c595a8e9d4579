// Opens the vault as the configuration says and takes the one key out of it that this daemon trades with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/signer.h"
#include "settings/settings.h"

namespace vigil::runtime {

/// The key, ready to sign; the vault is closed and the passphrase wiped again.
struct TradingKey {
    std::string label;
    std::string api_key;
    credentials::KeyType type{credentials::KeyType::hmac_sha256};
    std::unique_ptr<credentials::Signer> signer;  ///< of the trading thread
    std::uint64_t generation{0};                  ///< of the vault
};

/// Errors: denied (wrong key or passphrase, a file that others may read), not_found (vault, credential,
/// label), corrupt, invalid (the key is for another environment).
[[nodiscard]] base::Result<TradingKey> unlock(const settings::CredentialSettings& credentials,
                                              settings::Environment environment);

}  // namespace vigil::runtime
