// Owners of OpenSSL's objects, and its last error as ours. Included by this folder's .cpp files only.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vigil::credentials {

template <auto free_function>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        free_function(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, FreeWith<EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

/// OpenSSL's queue of errors, emptied into one of ours. Its texts name reasons, never data.
[[nodiscard]] inline base::Error openssl_error(base::ErrorKind kind, std::string_view what) {
    std::string message{what};
    if (const unsigned long code = ERR_peek_last_error(); code != 0) {
        if (const char* reason = ERR_reason_error_string(code); reason != nullptr) {
            message += ": ";
            message += reason;
        }
    }
    ERR_clear_error();
    return base::Error{kind, std::move(message)};
}

}  // namespace vigil::credentials
