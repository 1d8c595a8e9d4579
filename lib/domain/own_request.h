// What the exchange port sends of its own accord, beside the orders and reads that it is handed: connections
// and the messages that set them up. Each is asked for right before its first byte leaves, so that nothing
// reaches the exchange past the governor, and during a ban nothing at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.h"

namespace vigil::domain {

enum class OwnRequest : std::uint8_t {
    stream_connection,  ///< a WebSocket to the market streams
    stream_message,     ///< SUBSCRIBE on one of them
    order_connection,   ///< a WebSocket to the WebSocket API
    logon,              ///< session.logon
    user_data,          ///< userDataStream.subscribe, .subscribe.signature
    https_connection,   ///< the spare connection for orders: TCP and TLS, no request
};
inline constexpr std::size_t own_request_kinds = 6;

/// Leave for one such request. Nothing: it is charged and has to be sent now. Else the moment to ask again;
/// nothing may be sent before it. On the trading thread.
using AskLeave = std::function<std::optional<base::MonotonicTime>(OwnRequest)>;

}  // namespace vigil::domain
