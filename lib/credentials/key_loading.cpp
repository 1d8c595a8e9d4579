#include "credentials/key_loading.h"

#include <openssl/pem.h>

#include <limits>

#include "base/check.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

namespace {

// Without this OpenSSL would ask on the terminal for the passphrase of an encrypted PEM.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
    return -1;
}

base::Result<BioPtr> reading(std::string_view text) {
    // OpenSSL takes no empty buffer.
    if (text.empty()) return fail(ErrorKind::invalid, "the key is empty");
    base::check(text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
                "a PEM text is small");
    BioPtr bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    if (!bio) return fail(openssl_error(ErrorKind::exhausted, "memory for a key"));
    return bio;
}

base::Result<KeyPtr> of_type(KeyType type, KeyPtr key, std::string_view what) {
    if (!key) return fail(openssl_error(ErrorKind::invalid, std::string{what} + " cannot be read as PEM"));
    const int id = EVP_PKEY_get_base_id(key.get());
    if (type == KeyType::ed25519 && id != EVP_PKEY_ED25519)
        return fail(ErrorKind::invalid, std::string{what} + " is not an Ed25519 key");
    if (type == KeyType::rsa) {
        if (id != EVP_PKEY_RSA) return fail(ErrorKind::invalid, std::string{what} + " is not an RSA key");
        const int bits = EVP_PKEY_get_bits(key.get());
        if (bits < 2048 || bits > 4096)
            return fail(ErrorKind::invalid, std::string{what} + " is an RSA key of " + std::to_string(bits) +
                                                " bits; the exchange takes 2048 to 4096");
    }
    return key;
}

}  // namespace

base::Result<KeyPtr> load_private_key(KeyType type, const Secret& pem) {
    base::check(type != KeyType::hmac_sha256, "an HMAC secret is no PEM");
    return pem.use_text([type](std::string_view text) -> base::Result<KeyPtr> {
        auto bio = reading(text);
        if (!bio) return fail(bio.error());
        KeyPtr key{PEM_read_bio_PrivateKey(bio->get(), nullptr, no_passphrase, nullptr)};
        return of_type(type, std::move(key), "the private key");
    });
}

base::Result<KeyPtr> load_public_key(KeyType type, std::string_view pem) {
    base::check(type != KeyType::hmac_sha256, "an HMAC secret is no PEM");
    auto bio = reading(pem);
    if (!bio) return fail(bio.error());
    KeyPtr key{PEM_read_bio_PUBKEY(bio->get(), nullptr, no_passphrase, nullptr)};
    return of_type(type, std::move(key), "the public key");
}

base::Result<std::string> public_key_pem(EVP_PKEY* key) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    if (!bio || PEM_write_bio_PUBKEY(bio.get(), key) != 1)
        return fail(openssl_error(ErrorKind::exhausted, "writing a public key"));
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string{text, static_cast<std::size_t>(size)};
}

base::Result<Secret> private_key_pem(EVP_PKEY* key) {
    // BIO_s_secmem keeps the text in the secure heap too.
    const BioPtr bio{BIO_new(BIO_s_secmem())};
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(openssl_error(ErrorKind::exhausted, "writing a private key"));
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return Secret::copy_of(std::string_view{text, static_cast<std::size_t>(size)});
}

}  // namespace vigil::credentials
