// Ways to damage a JSON text that a client expects to be whole and known: what a new version of the exchange,
// or a bad day of it, sends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigil::exchange {

enum class TextDamage : std::uint8_t {
    truncate,       ///< the second half is missing
    invalid_json,   ///< the last character is another one
    unknown_field,  ///< every object has one member more, `unknownField`
    unknown_enum,   ///< every word of an enumeration (status, type, side ...) is one that is not documented
};

[[nodiscard]] std::string damaged(std::string_view json, TextDamage damage);

/// The text of the first string member `name` in `json`, wherever it is; empty when there is none. For our
/// own compact JSON, without escapes in names.
[[nodiscard]] std::string_view member_text(std::string_view json, std::string_view name);

}  // namespace vigil::exchange
