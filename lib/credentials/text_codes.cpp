#include "credentials/text_codes.h"

#include <openssl/evp.h>

#include <limits>

#include "base/check.h"

namespace vigil::credentials {

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::size_t at = out.size();
    out.resize(at + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        out[at++] = digits[byte >> 4U];
        out[at++] = digits[byte & 15U];
    }
}

std::optional<unsigned> hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
    return std::nullopt;
}

std::optional<std::vector<std::uint8_t>> hex_decoded(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = hex_digit(text[i]);
        const auto low = hex_digit(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(*high * 16 + *low));
    }
    return bytes;
}

void append_base64(std::string& out, std::span<const std::uint8_t> bytes) {
    base::check(bytes.size() <= 1U << 20U, "a signature is small");
    const std::size_t before = out.size();
    // EVP_EncodeBlock writes a terminating zero after the text.
    out.resize(before + (bytes.size() + 2) / 3 * 4 + 1);
    const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + before), bytes.data(),
                                        static_cast<int>(bytes.size()));
    out.resize(before + static_cast<std::size_t>(written));
}

std::optional<std::vector<std::uint8_t>> base64_decoded(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 1U << 16U) return std::nullopt;
    std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
    const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    // EVP_DecodeBlock skips white space and ignores unused bits: one text only may stand for these bytes.
    std::string again;
    append_base64(again, bytes);
    if (again != text) return std::nullopt;
    return bytes;
}

}  // namespace vigil::credentials
