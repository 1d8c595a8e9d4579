// Three small things of RFC 6455 for which Beast is used.
#pragma once

#include <string>
#include <string_view>

namespace vigil::net {

/// A fresh Sec-WebSocket-Key (section 4.1).
[[nodiscard]] std::string ws_make_key();

/// The Sec-WebSocket-Accept that answers a key (section 4.2.2).
[[nodiscard]] std::string ws_accept_of(std::string_view key);

/// Valid UTF-8 as a whole (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace vigil::net
