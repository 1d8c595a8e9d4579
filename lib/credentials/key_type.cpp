#include "credentials/key_type.h"

#include "base/check.h"

namespace vigil::credentials {

std::string_view to_string(KeyType type) noexcept {
    switch (type) {
        case KeyType::hmac_sha256:
            return "hmac";
        case KeyType::ed25519:
            return "ed25519";
        case KeyType::rsa:
            return "rsa";
    }
    base::unreachable("key type");
}

std::optional<KeyType> key_type_from(std::string_view name) noexcept {
    for (const KeyType type : {KeyType::hmac_sha256, KeyType::ed25519, KeyType::rsa})
        if (name == to_string(type)) return type;
    return std::nullopt;
}

}  // namespace vigil::credentials
