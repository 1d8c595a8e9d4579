// The kinds of API key that the exchange offers (faqs/api_key_types.md).
#pragma once

#include <optional>
#include <string_view>

namespace vigil::credentials {

enum class KeyType {
    hmac_sha256,  ///< shared secret text; signature in hex
    ed25519,  ///< private key in PEM (PKCS#8); signature in base64; the only kind that can `session.logon`
    rsa,  ///< private key in PEM (PKCS#8), 2048 or 4096 bits, PKCS#1 v1.5 with SHA-256; signature in base64
};

/// "hmac", "ed25519" or "rsa".
[[nodiscard]] std::string_view to_string(KeyType type) noexcept;
[[nodiscard]] std::optional<KeyType> key_type_from(std::string_view name) noexcept;

}  // namespace vigil::credentials
