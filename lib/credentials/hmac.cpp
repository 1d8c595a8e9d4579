#include "credentials/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "base/check.h"
#include "credentials/secret_scope.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

base::Result<Hmac> Hmac::make(const Secret& secret) {
    if (secret.empty()) return fail(ErrorKind::invalid, "an HMAC secret must not be empty");
    const SecretScope scope;
    const MacPtr mac{EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr)};
    MacContextPtr context{mac ? EVP_MAC_CTX_new(mac.get()) : nullptr};
    if (!context) return fail(openssl_error(ErrorKind::unsupported, "HMAC"));
    std::string digest_name = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
        OSSL_PARAM_construct_end()};
    const int keyed = secret.use([&](std::span<const std::uint8_t> key) {
        return EVP_MAC_init(context.get(), key.data(), key.size(), parameters.data());
    });
    if (keyed != 1) return fail(openssl_error(ErrorKind::unsupported, "HMAC-SHA256"));
    return Hmac{std::move(context)};
}

Hmac::Digest Hmac::digest(std::span<const std::uint8_t> message) {
    Digest out{};
    std::size_t size = 0;
    // Init without a key starts over with the key schedule that is kept: that is what makes it quick. With
    // the key in place none of the three has a way to fail.
    const bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(context_.get(), message.data(), message.size()) == 1 &&
                      EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1;
    base::check(done && size == out.size(), "HMAC-SHA256 gives 32 bytes");
    return out;
}

Hmac::Digest Hmac::digest(std::string_view message) {
    return digest(std::span{reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
}

}  // namespace vigil::credentials
