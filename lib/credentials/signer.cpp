#include "credentials/signer.h"

#include <array>

#include "base/check.h"
#include "credentials/hmac.h"
#include "credentials/key_loading.h"
#include "credentials/openssl_handles.h"
#include "credentials/secret_scope.h"
#include "credentials/text_codes.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

namespace {

class HmacSigner final : public Signer {
  public:
    explicit HmacSigner(Hmac hmac) : hmac_{std::move(hmac)} {}

    [[nodiscard]] KeyType type() const noexcept override { return KeyType::hmac_sha256; }

    void append_signature(std::string_view payload, std::string& out) override {
        const Hmac::Digest digest = hmac_.digest(payload);  // before `out` grows: payload may lie in it
        append_hex(out, digest);
    }

  private:
    Hmac hmac_;
};

class PrivateKeySigner final : public Signer {
  public:
    PrivateKeySigner(KeyType type, KeyPtr key, DigestContextPtr context)
        : type_{type}, key_{std::move(key)}, context_{std::move(context)} {}

    [[nodiscard]] KeyType type() const noexcept override { return type_; }

    void append_signature(std::string_view payload, std::string& out) override {
        std::size_t size = 0;
        base::check(compute(payload, size), "a key that was tried when it was loaded can sign");
        append_base64(out, std::span{signature_}.first(size));
    }

    /// False when the key cannot sign; called once while loading, to find out then and not with an order in
    /// hand.
    [[nodiscard]] bool compute(std::string_view payload, std::size_t& size) {
        // Ed25519 hashes by itself; RSA is PKCS#1 v1.5 by default.
        const EVP_MD* digest = type_ == KeyType::rsa ? EVP_sha256() : nullptr;
        size = signature_.size();
        return EVP_MD_CTX_reset(context_.get()) == 1 &&
               EVP_DigestSignInit(context_.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
               EVP_DigestSign(context_.get(), signature_.data(), &size,
                              reinterpret_cast<const unsigned char*>(payload.data()), payload.size()) == 1;
    }

  private:
    KeyType type_;
    KeyPtr key_;
    DigestContextPtr context_;
    std::array<std::uint8_t, 512> signature_{};  // RSA-4096, the longest
};

}  // namespace

base::Result<std::unique_ptr<Signer>> Signer::make(KeyType type, const Secret& secret) {
    const SecretScope
        scope;  // also around the trial: what a key computes once to be quicker later is as secret
    if (type == KeyType::hmac_sha256) {
        auto hmac = Hmac::make(secret);
        if (!hmac) return fail(hmac.error());
        return std::make_unique<HmacSigner>(std::move(*hmac));
    }
    auto key = load_private_key(type, secret);
    if (!key) return fail(key.error());
    DigestContextPtr context{EVP_MD_CTX_new()};
    if (!context) return fail(openssl_error(ErrorKind::exhausted, "memory for a signer"));
    auto signer = std::make_unique<PrivateKeySigner>(type, std::move(*key), std::move(context));
    if (std::size_t size = 0; !signer->compute("trial", size))
        return fail(openssl_error(ErrorKind::invalid, "the private key cannot sign"));
    return signer;
}

}  // namespace vigil::credentials
