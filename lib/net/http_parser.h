// HTTP/1.1 messages out of a stream of bytes, by Beast's parser, within bounds. No socket, no clock.
#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "net/http_message.h"

namespace vigil::net {

struct HttpLimits {
    std::size_t header_bytes_max;
    std::size_t body_bytes_max;
};

/// Takes requests apart, one after another.
class HttpRequestParser {
  public:
    explicit HttpRequestParser(HttpLimits limits);
    ~HttpRequestParser();

    /// How many of these bytes are used up; the rest is offered again with more behind it, or belongs to the
    /// next message once done(). `corrupt`: not HTTP; `exhausted`: beyond the limits.
    [[nodiscard]] base::Result<std::size_t> feed(const char* bytes, std::size_t size);
    [[nodiscard]] bool done() const;
    /// The error of feed() was about the length of the body.
    [[nodiscard]] bool body_too_long() const { return body_too_long_; }
    /// Bytes of an unfinished message have been used up.
    [[nodiscard]] bool begun() const;

    // Of a done message:
    [[nodiscard]] bool keep_alive() const;
    /// The client asked for a WebSocket, and said everything that this takes (RFC 6455 section 4.2.1).
    [[nodiscard]] bool wants_websocket() const;
    /// Hands the message over and begins anew.
    [[nodiscard]] HttpRequest take();

  private:
    class Impl;
    HttpLimits limits_;
    bool body_too_long_{false};
    std::unique_ptr<Impl> impl_;
};

/// Takes responses apart; interim ones (1xx but 101) are skipped.
class HttpResponseParser {
  public:
    explicit HttpResponseParser(HttpLimits limits);
    ~HttpResponseParser();

    /// Before each response: whether it answers a HEAD, and so has no body.
    void begin(bool answers_head);
    [[nodiscard]] base::Result<std::size_t> feed(const char* bytes, std::size_t size);
    /// The peer has closed; a body without a length ends there, everything else is cut off (`corrupt`).
    [[nodiscard]] base::Result<void> feed_end();
    [[nodiscard]] bool done() const;
    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool keep_alive() const;
    /// From header_done on: the message as far as it has come.
    [[nodiscard]] HttpResponse take();

  private:
    class Impl;
    HttpLimits limits_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::net
