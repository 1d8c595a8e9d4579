// How a record reads: the human message, the console line and the JSON line. Used by the sinks, by whoever
// shows a log, and by tests.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "log/record.h"

namespace vigil::log {

/// The catalogue's message with the fields filled in; control characters escaped; a field that the record
/// lacks reads "?". Durations are given a fitting unit ("12.5 ms").
[[nodiscard]] std::string message(const Record& record);

/// One field's value for machines: durations as an integer in the unit that ends the field's name, booleans
/// as "true"/"false", decimals as they are. Not escaped.
[[nodiscard]] std::string value_text(const Field& field);

/// One JSON object, no line end: time, event, severity, message, fields, source. Valid UTF-8 whatever the
/// fields hold.
[[nodiscard]] std::string json_line(const Record& record);

/// "12:34:56.789 WARNING order.rejected BTCUSDT: ...", with the remedy on the same line for errors and above.
[[nodiscard]] std::string console_line(const Record& record);

/// RFC 3339 in UTC with microseconds: "2024-08-08T23:54:13.000123Z".
[[nodiscard]] std::string rfc3339(base::WallTime time);

}  // namespace vigil::log
