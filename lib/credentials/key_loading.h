// PEM to keys and back, for this folder's .cpp files.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/openssl_handles.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// A private key of the said type (not HMAC) from unencrypted PEM. ErrorKind::invalid otherwise.
[[nodiscard]] base::Result<KeyPtr> load_private_key(KeyType type, const Secret& pem);
[[nodiscard]] base::Result<KeyPtr> load_public_key(KeyType type, std::string_view pem);
[[nodiscard]] base::Result<std::string> public_key_pem(EVP_PKEY* key);
/// PKCS#8, unencrypted.
[[nodiscard]] base::Result<Secret> private_key_pem(EVP_PKEY* key);

}  // namespace vigil::credentials
