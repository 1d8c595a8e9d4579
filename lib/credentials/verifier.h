// The other side of signer.h, for the simulated exchange: does this signature belong to these bytes and that
// key?
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// Keeps mutable state between calls: one thread at a time.
class Verifier {
  public:
    Verifier() = default;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;
    virtual ~Verifier() = default;

    /// For HMAC keys: the shared secret's text.
    [[nodiscard]] static base::Result<std::unique_ptr<Verifier>> from_shared_secret(const Secret& secret);
    /// For Ed25519 and RSA keys: the public key in PEM ("BEGIN PUBLIC KEY").
    [[nodiscard]] static base::Result<std::unique_ptr<Verifier>> from_public_key(
        KeyType type, std::string_view public_key_pem);

    [[nodiscard]] virtual KeyType type() const noexcept = 0;

    /// @param signature as text: hex in either case for HMAC (compared in constant time), base64 for the
    /// others;
    ///                  already percent-decoded
    [[nodiscard]] virtual bool verify(std::string_view payload, std::string_view signature) = 0;
};

}  // namespace vigil::credentials
