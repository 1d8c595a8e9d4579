// The one way of a request, shared by REST and the WebSocket API:
//
//     weight charged -> faults -> key, timestamp, signature -> parameters -> handler -> weight refunded
//     -> faults
//
// The dispatcher writes a successful result to the caller's buffer; how an answer is framed, and how an error
// is written, is the front end's business. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "exchange/admin_faults.h"
#include "exchange/server_call.h"

namespace vigil::exchange {

struct Request {
    const MethodSpec* method{nullptr};
    const ParameterList* parameters{nullptr};
    std::optional<RequestError> malformed{};  ///< parameters that could not be read at all
    Credentials credentials{};
    ApiSession* session{nullptr};  ///< WebSocket API
    TimeFormat times{};
};

enum class Disposition : std::uint8_t {
    answer,      ///< deliver
    silence,     ///< say nothing
    disconnect,  ///< cut the connection
};

struct Answer {
    Disposition disposition{Disposition::answer};
    std::optional<RequestError> error{};
    bool html{false};  ///< the error as an HTML page (REST)
    bool shows_order_count{false};
    AccountId account{};  ///< meaningful with shows_order_count
    /// When it was counted. What the answer says of the limits is of this moment, and has the request in it,
    /// whatever window may have begun since. Nothing: it was not counted.
    std::optional<base::ExchangeTime> counted{};
    /// How it is delivered otherwise than it should be; valid until the next request.
    const Fault* delivery{nullptr};
};

class Dispatcher {
  public:
    explicit Dispatcher(ServerState& server) : server_{server} {}

    /// Appends the result to `out`; when the answer has an error, `out` is as it was.
    [[nodiscard]] Answer execute(const Request& request, std::string& out);

  private:
    [[nodiscard]] std::optional<RequestError> serve(const Request& request, Answer& answer, std::string& out,
                                                    std::int64_t weight);

    void fail_with(const Fault& fault, Answer& answer) const;

    ServerState& server_;
    Arguments arguments_;
};

/// The `rateLimits` array of the WebSocket API, and without the weight that of GET rateLimit/order.
/// @param account whose orders are counted; nothing: without orders
/// @param now     as the exchange's clock shows it: in the windows of this moment
void write_rate_limits(const ServerState& server, std::string_view address, std::optional<AccountId> account,
                       bool with_weight, base::ExchangeTime now, JsonWriter& out);

}  // namespace vigil::exchange
