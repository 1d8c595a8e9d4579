// Hex and base64, as signatures are written. For this folder's .cpp files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigil::credentials {

void append_hex(std::string& out, std::span<const std::uint8_t> bytes);
/// Either case; nothing for an odd length or another character.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> hex_decoded(std::string_view text);
/// The value of one hex digit, or nothing.
[[nodiscard]] std::optional<unsigned> hex_digit(char digit);

void append_base64(std::string& out, std::span<const std::uint8_t> bytes);
/// Padded base64 without line breaks and without stray bits; nothing otherwise.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64_decoded(std::string_view text);

}  // namespace vigil::credentials
