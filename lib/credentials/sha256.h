// SHA-256, for what is chained or told apart by its hash (journal, configuration). Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vigil::credentials {

[[nodiscard]] std::array<std::byte, 32> sha256(std::span<const std::byte> bytes);
/// In lower-case hex.
[[nodiscard]] std::string to_hex(const std::array<std::byte, 32>& digest);
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace vigil::credentials
