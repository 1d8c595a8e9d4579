// Records as compact JSON text, readable with `sqlite3` and `jq`. Decimals are strings, as on the wire; times
// are integers with their unit in the name. Unknown members are ignored when reading; missing or mistyped
// ones are an error.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "journal/record.h"

namespace vigil::journal {

[[nodiscard]] std::string encode(const Record& record);
/// Errors: corrupt (says what is missing or wrong), unsupported (a kind of a later version).
[[nodiscard]] base::Result<Record> decode(std::string_view kind, std::string_view body);

}  // namespace vigil::journal
