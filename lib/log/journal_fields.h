// A record as native journal fields: NAME=value each, as sd_journal_sendv(3) takes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "log/record.h"

namespace vigil::log {

/// MESSAGE, MESSAGE_ID, PRIORITY, SYSLOG_IDENTIFIER, CODE_FILE, CODE_LINE, CODE_FUNC, VIGIL_EVENT, and
/// VIGIL_<FIELD> for each field. Values hold no control characters, so `journalctl` shows them as text.
[[nodiscard]] std::vector<std::string> journal_fields(const Record& record, std::string_view identifier);

/// The journal's name of a field: "client_order_id" -> "VIGIL_CLIENT_ORDER_ID".
[[nodiscard]] std::string journal_name(std::string_view field_name);

}  // namespace vigil::log
