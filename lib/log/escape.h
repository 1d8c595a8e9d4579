// Text from anywhere, made safe for one line of output.
#pragma once

#include <string>
#include <string_view>

namespace vigil::log {

/// Makes text safe for a line on a terminal or in the journal: control characters (C0, DEL, C1, line and
/// bidirectional marks) become \n, \t, \xNN or \u{NNNN}, and bytes that are not UTF-8 become \xNN. Appends to
/// `out`.
void escape_controls(std::string_view text, std::string& out);
[[nodiscard]] std::string with_controls_escaped(std::string_view text);

/// A JSON string with its quotes (RFC 8259): controls as \uNNNN, bytes that are not UTF-8 as U+FFFD. Appends
/// to `out`.
void append_json_string(std::string_view text, std::string& out);

}  // namespace vigil::log
