// What the service answers: one JSON object a line.
//
//   {"ok": true, "result": { ... }}
//   {"ok": false, "error": {"kind": "invalid", "message": "reason is missing"}}
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vigil::control {

/// Bytes that a client takes before it gives up on an answer.
inline constexpr std::size_t answer_max = 4U << 20U;

/// One line with its end. @param json the text of one JSON value, without line ends
[[nodiscard]] std::string answer_line(std::string_view json);
[[nodiscard]] std::string answer_line(const base::Error& error);
/// The text of the result, or the error that was told. Errors of its own: corrupt.
[[nodiscard]] base::Result<std::string> parse_answer(std::string_view line);

}  // namespace vigil::control
