// A keyed HMAC-SHA256 that is reused for many messages. For this folder's .cpp files.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "credentials/openssl_handles.h"
#include "credentials/secret.h"

namespace vigil::credentials {

class Hmac {
  public:
    using Digest = std::array<std::uint8_t, 32>;

    /// ErrorKind::invalid for an empty secret.
    [[nodiscard]] static base::Result<Hmac> make(const Secret& secret);

    [[nodiscard]] Digest digest(std::span<const std::uint8_t> message);
    [[nodiscard]] Digest digest(std::string_view message);

  private:
    explicit Hmac(MacContextPtr context) : context_{std::move(context)} {}
    MacContextPtr context_;
};

}  // namespace vigil::credentials
