// Decodes the frames of the WebSocket API (web-socket-api.md, "Response format", "Event format"): answers to
// requests, and the events of the user data stream, which go straight to the listener (user-data-stream.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "binance/rest_answers.h"
#include "domain/exchange_port.h"

namespace vigil::binance {

/// One answer. `order` and `fills` are read when `result` is an order (place and cancel).
struct ApiAnswer {
    std::optional<std::int64_t> id;  ///< nothing: null, or not a number of ours
    int status{0};
    std::optional<ApiError> error;
    std::optional<base::ExchangeTime> retry_after;     ///< error.data.retryAfter
    std::optional<base::seconds> retry_after_seconds;  ///< of HTTP's Retry-After
    std::optional<domain::OrderView> order;
    std::vector<domain::Fill> fills;
    std::optional<std::string> problem;  ///< what of `result` or `error` could not be understood
    domain::RateLimitReport limits;      ///< `received` is filled in by tell_side_news
};

struct ApiNote {
    enum class Kind {
        answer,      ///< see ApiDecoder::answer
        event,       ///< the listener has been told
        terminated,  ///< eventStreamTerminated: no more user data on this subscription
        shutdown,    ///< the server is about to go
        ignored,     ///< an event that is of no concern here, or not known
        malformed,   ///< `message` says what could not be understood
    };
    Kind kind{Kind::malformed};
    std::string message;
};

/// Keeps its buffers between frames. One thread.
class ApiDecoder {
  public:
    ApiDecoder();
    ~ApiDecoder();
    ApiDecoder(const ApiDecoder&) = delete;
    ApiDecoder& operator=(const ApiDecoder&) = delete;

    /// @param text one frame, with net::text_padding_bytes of readable memory behind it
    [[nodiscard]] ApiNote decode(std::string_view text, domain::ExchangeListener& listener);

    /// Of the last frame, when it was an answer.
    [[nodiscard]] ApiAnswer& answer();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The body of a REST answer to placing or cancelling, as the fallback for orders gets it.
/// @return the answer with `order` and `fills`, or with `problem` set
[[nodiscard]] ApiAnswer parse_order_answer(std::string_view body);

}  // namespace vigil::binance
