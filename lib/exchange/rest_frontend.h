// The REST API: one HTTP request in, one answer out (rest-api.md). What is not an endpoint is answered as the
// exchange's own web server does: 404 and 410 as plain pages.
//
// Owned by ExchangeServer. Loop thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exchange/server_dispatch.h"
#include "net/http_message.h"
#include "net/server.h"

namespace vigil::exchange {

class RestFrontend {
  public:
    RestFrontend(ServerState& server, Dispatcher& dispatcher) : server_{server}, dispatcher_{dispatcher} {}

    void handle(net::ServerRequest request, net::Responder responder);

  private:
    [[nodiscard]] net::HttpResponse error_response(const RequestError& error, bool html);
    void add_limit_headers(net::HttpResponse& response, std::string_view path, std::string_view address,
                           const Answer& answer);

    ServerState& server_;
    Dispatcher& dispatcher_;
    ParameterList parameters_;
    std::string payload_;
};

/// The web server's own page for a status ("404 Not Found").
[[nodiscard]] net::HttpResponse plain_page(int status);

/// `{"code":..,"msg":".."}` with its status and, for 418 and 429, Retry-After as seen at `now`.
[[nodiscard]] net::HttpResponse json_error(const RequestError& error, base::ExchangeTime now);

/// "MICROSECOND" or "microsecond", "MILLISECOND" or "millisecond"; nothing otherwise (-1194).
[[nodiscard]] std::optional<TimeUnit> parse_time_unit(std::string_view word);

}  // namespace vigil::exchange
