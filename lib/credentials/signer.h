// Request signing (rest-api.md "SIGNED Endpoint security", web-socket-api.md "SIGNED request security").
//
// A Signer holds one private key ready for use: an HMAC signer keeps its keyed MAC context, so that signing
// an order costs some 300 ns. What to sign is request_form.h's business.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// Keeps mutable state between calls: one thread at a time. Threads that both sign make a Signer each.
class Signer {
  public:
    Signer() = default;
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;
    virtual ~Signer() = default;

    /// @param secret the HMAC secret's text, or a private key in PEM; not needed any more once this returns
    /// @return ErrorKind::invalid when the secret is not a key of that type (RSA: 2048 to 4096 bits)
    [[nodiscard]] static base::Result<std::unique_ptr<Signer>> make(KeyType type, const Secret& secret);

    [[nodiscard]] virtual KeyType type() const noexcept = 0;

    /// Appends the signature's text of `payload` to `out`: lower-case hex for HMAC, base64 (not
    /// percent-encoded) for the others. `payload` may be a view into `out`. Allocates nothing for HMAC beyond
    /// `out`'s own growth.
    virtual void append_signature(std::string_view payload, std::string& out) = 0;

    /// The same, replacing `out`; `payload` must not be a view into `out`.
    void sign(std::string_view payload, std::string& out) {
        out.clear();
        append_signature(payload, out);
    }
};

}  // namespace vigil::credentials
