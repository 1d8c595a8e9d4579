// What a method may ask of the WebSocket API connection that it came on: who is logged on, and the
// connection's user data stream subscriptions (web-socket-api.md, "Session Authentication", "User Data Stream
// requests").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "exchange/core_types.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

struct ApiKey;

/// Implemented by the WebSocket API's connections. Loop thread only.
class ApiSession {
  public:
    ApiSession() = default;
    ApiSession(const ApiSession&) = delete;
    ApiSession& operator=(const ApiSession&) = delete;
    virtual ~ApiSession() = default;

    /// The key of session.logon, if any.
    [[nodiscard]] virtual const ApiKey* logged_on() const = 0;
    virtual void log_on(const ApiKey& key) = 0;
    /// Ends the subscription of userDataStream.subscribe, if there is one (eventStreamTerminated follows).
    virtual void log_out() = 0;
    /// As the clock showed it then.
    [[nodiscard]] virtual base::ExchangeTime authorized_since() const = 0;
    [[nodiscard]] virtual base::ExchangeTime connected_since() const = 0;
    [[nodiscard]] virtual bool returns_rate_limits() const = 0;

    /// @param by_logon made by userDataStream.subscribe, and so ended by log_out
    /// @returns the new subscription's id; -2035 when the account has one here already, -2042 when no id is
    /// left
    [[nodiscard]] virtual RequestResult<std::int64_t> subscribe(AccountId account, bool by_logon) = 0;
    /// One subscription, or all; -2036 when there is none.
    [[nodiscard]] virtual std::optional<RequestError> unsubscribe(std::optional<std::int64_t> id) = 0;
    [[nodiscard]] virtual std::vector<std::int64_t> subscriptions() const = 0;
};

}  // namespace vigil::exchange
