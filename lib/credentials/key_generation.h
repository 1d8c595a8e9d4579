// New keys: for the simulated exchange's accounts, for tests, and for `vigilctl vault create`.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// `length` characters of A-Z a-z 0-9, uniformly random. The exchange's API keys and HMAC secrets have 64.
[[nodiscard]] base::Result<std::string> random_alphanumeric(std::size_t length = 64);

/// A key as its owner and the exchange hold it.
struct GeneratedKey {
    KeyType type;
    Secret private_key;      ///< HMAC: the shared secret's text; otherwise PKCS#8 PEM
    std::string public_key;  ///< "BEGIN PUBLIC KEY" PEM; empty for HMAC
};

/// @param rsa_bits 2048 to 4096; ignored for the other types
[[nodiscard]] base::Result<GeneratedKey> generate_key(KeyType type, unsigned rsa_bits = 2048);

/// The public half, as PEM, of a private key in PEM.
[[nodiscard]] base::Result<std::string> public_key_of(KeyType type, const Secret& private_key_pem);

}  // namespace vigil::credentials
