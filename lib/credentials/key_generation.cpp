#include "credentials/key_generation.h"

#include <openssl/rand.h>

#include <array>

#include "base/check.h"
#include "credentials/key_loading.h"
#include "credentials/openssl_handles.h"
#include "credentials/secret_scope.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

base::Result<std::string> random_alphanumeric(std::size_t length) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // 248 = 4 * 62: bytes from there on are drawn again, or the first letters would come up more often.
    constexpr unsigned fair_bytes = 248;
    std::string text;
    text.reserve(length);
    std::array<unsigned char, 64> pool{};
    while (text.size() < length) {
        if (RAND_priv_bytes(pool.data(), static_cast<int>(pool.size())) != 1)
            return fail(openssl_error(ErrorKind::io, "the random generator gave nothing"));
        for (const unsigned char byte : pool)
            if (byte < fair_bytes && text.size() < length) text.push_back(letters[byte % letters.size()]);
    }
    return text;
}

base::Result<GeneratedKey> generate_key(KeyType type, unsigned rsa_bits) {
    if (type == KeyType::hmac_sha256) {
        auto text = random_alphanumeric();
        if (!text) return fail(text.error());
        auto secret = Secret::take(*text);
        if (!secret) return fail(secret.error());
        return GeneratedKey{type, std::move(*secret), {}};
    }
    base::check(rsa_bits >= 2048 && rsa_bits <= 4096, "the exchange takes RSA keys of 2048 to 4096 bits");
    const SecretScope scope;
    const KeyPtr key{type == KeyType::rsa ? EVP_RSA_gen(rsa_bits)
                                          : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    if (!key) return fail(openssl_error(ErrorKind::unsupported, "generating a key"));
    auto private_pem = private_key_pem(key.get());
    if (!private_pem) return fail(private_pem.error());
    auto public_pem = public_key_pem(key.get());
    if (!public_pem) return fail(public_pem.error());
    return GeneratedKey{type, std::move(*private_pem), std::move(*public_pem)};
}

base::Result<std::string> public_key_of(KeyType type, const Secret& private_key_pem) {
    const SecretScope scope;
    const auto key = load_private_key(type, private_key_pem);
    if (!key) return fail(key.error());
    return public_key_pem(key->get());
}

}  // namespace vigil::credentials
