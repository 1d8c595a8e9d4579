#include "log/escape.h"

#include <cstddef>
#include <cstdint>

namespace vigil::log {

namespace {

/// Length of the well-formed UTF-8 character at the begin of `text` and its code point; length 0 when there
/// is none.
struct Character {
    std::size_t size{0};
    std::uint32_t code{0};
};

Character decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {1, first};
    std::size_t size = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if ((first & 0xE0U) == 0xC0U) size = 2, code = first & 0x1FU, least = 0x80;
    if ((first & 0xF0U) == 0xE0U) size = 3, code = first & 0x0FU, least = 0x800;
    if ((first & 0xF8U) == 0xF0U) size = 4, code = first & 0x07U, least = 0x10000;
    if (size == 0 || text.size() < size) return {};
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least || code > 0x10FFFF || surrogate) return {};
    return {size, code};
}

/// Characters that move the cursor, break the line or turn the reading direction.
bool is_control(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

void append_hex(std::uint32_t value, int digits, std::string& out) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex[(value >> shift) & 0xFU];
}

}  // namespace

void escape_controls(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const Character character = decode(text);
        if (character.size == 0) {
            out += "\\x";
            append_hex(static_cast<unsigned char>(text.front()), 2, out);
            text.remove_prefix(1);
            continue;
        }
        if (!is_control(character.code)) {
            out += text.substr(0, character.size);
        } else if (character.code == '\n') {
            out += "\\n";
        } else if (character.code == '\t') {
            out += "\\t";
        } else if (character.code < 0x100) {
            out += "\\x";
            append_hex(character.code, 2, out);
        } else {
            out += "\\u{";
            append_hex(character.code, 4, out);
            out += '}';
        }
        text.remove_prefix(character.size);
    }
}

std::string with_controls_escaped(std::string_view text) {
    std::string out;
    escape_controls(text, out);
    return out;
}

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    while (!text.empty()) {
        const Character character = decode(text);
        if (character.size == 0) {
            out += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        if (is_control(character.code)) {
            out += "\\u";
            append_hex(character.code, 4, out);
        } else {
            if (character.code == '"' || character.code == '\\') out += '\\';
            out += text.substr(0, character.size);
        }
        text.remove_prefix(character.size);
    }
    out += '"';
}

}  // namespace vigil::log
