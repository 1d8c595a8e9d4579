#include "exchange/server_json.h"

#include <algorithm>

#include "log/escape.h"

namespace vigil::exchange {

void append_escaped(std::string& out, std::string_view text) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80U; };
    if (!std::all_of(text.begin(), text.end(), is_ascii)) {
        // Errors repeat what a request said, and that need not be UTF-8.
        std::string quoted;
        log::append_json_string(text, quoted);
        out.append(quoted, 1, quoted.size() - 2);
        return;
    }
    static constexpr char hex[] = "0123456789abcdef";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default: {
                const auto byte = static_cast<unsigned char>(c);
                if (byte < 0x20U) {
                    out += "\\u00";
                    out += hex[byte >> 4U];
                    out += hex[byte & 0xFU];
                } else {
                    out += c;
                }
            }
        }
    }
}

}  // namespace vigil::exchange
