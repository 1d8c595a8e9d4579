#include "credentials/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace vigil::credentials {

std::array<std::byte, 32> sha256(std::span<const std::byte> bytes) {
    std::array<std::byte, 32> digest{};
    unsigned int size = 0;
    const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                                &size, EVP_sha256(), nullptr);
    base::check(done == 1 && size == digest.size(), "SHA-256 is available");
    return digest;
}

std::string to_hex(const std::array<std::byte, 32>& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const std::byte each : digest) {
        hex += digits[std::to_integer<std::size_t>(each >> 4U)];
        hex += digits[std::to_integer<std::size_t>(each & std::byte{15})];
    }
    return hex;
}

std::string sha256_hex(std::string_view text) {
    return to_hex(sha256(std::as_bytes(std::span{text.data(), text.size()})));
}

}  // namespace vigil::credentials
