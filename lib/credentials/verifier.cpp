#include "credentials/verifier.h"

#include <openssl/crypto.h>

#include "base/check.h"
#include "credentials/hmac.h"
#include "credentials/key_loading.h"
#include "credentials/openssl_handles.h"
#include "credentials/text_codes.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

namespace {

class HmacVerifier final : public Verifier {
  public:
    explicit HmacVerifier(Hmac hmac) : hmac_{std::move(hmac)} {}

    [[nodiscard]] KeyType type() const noexcept override { return KeyType::hmac_sha256; }

    [[nodiscard]] bool verify(std::string_view payload, std::string_view signature) override {
        const auto given = hex_decoded(signature);
        if (!given) return false;
        const Hmac::Digest expected = hmac_.digest(payload);
        return given->size() == expected.size() &&
               CRYPTO_memcmp(given->data(), expected.data(), expected.size()) == 0;
    }

  private:
    Hmac hmac_;
};

class PublicKeyVerifier final : public Verifier {
  public:
    PublicKeyVerifier(KeyType type, KeyPtr key, DigestContextPtr context)
        : type_{type}, key_{std::move(key)}, context_{std::move(context)} {}

    [[nodiscard]] KeyType type() const noexcept override { return type_; }

    [[nodiscard]] bool verify(std::string_view payload, std::string_view signature) override {
        const auto given = base64_decoded(signature);
        if (!given) return false;
        const EVP_MD* digest = type_ == KeyType::rsa ? EVP_sha256() : nullptr;
        const bool good =
            EVP_MD_CTX_reset(context_.get()) == 1 &&
            EVP_DigestVerifyInit(context_.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
            EVP_DigestVerify(context_.get(), given->data(), given->size(),
                             reinterpret_cast<const unsigned char*>(payload.data()), payload.size()) == 1;
        if (!good) ERR_clear_error();
        return good;
    }

  private:
    KeyType type_;
    KeyPtr key_;
    DigestContextPtr context_;
};

}  // namespace

base::Result<std::unique_ptr<Verifier>> Verifier::from_shared_secret(const Secret& secret) {
    auto hmac = Hmac::make(secret);
    if (!hmac) return fail(hmac.error());
    return std::make_unique<HmacVerifier>(std::move(*hmac));
}

base::Result<std::unique_ptr<Verifier>> Verifier::from_public_key(KeyType type,
                                                                  std::string_view public_key_pem) {
    base::check(type != KeyType::hmac_sha256, "an HMAC key has no public half");
    auto key = load_public_key(type, public_key_pem);
    if (!key) return fail(key.error());
    DigestContextPtr context{EVP_MD_CTX_new()};
    if (!context) return fail(openssl_error(ErrorKind::exhausted, "memory for a verifier"));
    return std::make_unique<PublicKeyVerifier>(type, std::move(*key), std::move(context));
}

}  // namespace vigil::credentials
