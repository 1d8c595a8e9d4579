// HTTP/1.1 messages as bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http_message.h"

namespace vigil::net {

/// Method and names are tokens, target and values hold no control characters or spaces where there must be
/// none: what a request carries cannot be mistaken for more than one request.
[[nodiscard]] base::Result<void> check_request(const HttpRequest& request);
[[nodiscard]] base::Result<void> check_headers(const Headers& headers);

/// A whole request; Host first, Content-Length when there is a body or the method expects one.
[[nodiscard]] std::string write_request(const HttpRequest& request, std::string_view authority);

/// A whole response with Content-Length, Date and Connection; `without_body` for the answer to HEAD.
[[nodiscard]] std::string write_response(const HttpResponse& response, bool keep_alive, bool without_body);

}  // namespace vigil::net
