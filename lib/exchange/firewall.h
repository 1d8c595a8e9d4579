// The web application firewall before the REST API: requests that hold SQL are refused with a page of HTML,
// status 403, before the API sees them ("Please avoid SQL keywords in requests", rest-api.md, "General
// Information on Endpoints"; "HTTP Return Codes"). The exchange does not publish its rules; these are
// statements that no legal parameter needs: SELECT .. FROM, UPDATE .. SET, UNION SELECT, UNION ALL, INSERT
// INTO, DELETE FROM, DROP TABLE.
//
// A pure function of the request. Loop thread.
#pragma once

#include <span>
#include <string_view>

#include "exchange/server_params.h"

namespace vigil::exchange {

/// Whether the words of `text` (letters, digits and _, in either case; all else divides them) are such a
/// statement.
[[nodiscard]] bool looks_like_sql(std::string_view text);

/// Whether the firewall lets none of it through: a name or a value, decoded, looks like SQL.
[[nodiscard]] bool is_firewalled(std::span<const ReceivedParameter> parameters);

}  // namespace vigil::exchange
