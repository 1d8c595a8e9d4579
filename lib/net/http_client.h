// One kept-alive HTTP/1.1 connection, for requests that must not be repeated: it never sends anything twice,
// follows no redirect, and says of each failure whether a byte of the request may have left.
//
// One request is on the wire at a time; others wait in a bounded queue, each with its own deadline. A failed
// request ends the connection; what waits goes on a new one. An idle connection that the peer closes is not
// an error.
//
// Owner: anyone; the loop must outlive it. All calls and callbacks on the loop's thread. Destroying it, from
// inside a callback too, drops the connection and calls no callback any more.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "net/event_loop.h"
#include "net/http_message.h"
#include "net/tls.h"
#include "net/url.h"

namespace vigil::net {

struct HttpClientOptions {
    base::nanoseconds connect_timeout = std::chrono::seconds{10};  ///< resolve, TCP and TLS together
    std::size_t body_bytes_max = 8U << 20U;
    std::size_t header_bytes_max = 64U << 10U;
    std::size_t queue_max = 32;  ///< requests that wait or are on the wire
    std::string local_address;   ///< numeric address to bind to; empty: the system's choice
};

struct HttpFailure {
    base::Error error;
    /// False: no byte of the request was handed to the socket, so the other side cannot have seen it.
    bool may_have_left{false};
};

using HttpResult = tl::expected<HttpResponse, HttpFailure>;

class HttpClient {
  public:
    using Callback = std::function<void(HttpResult)>;

    /// @param origin scheme, host and port; https, or http to a loopback address only (a request to any other
    /// fails)
    HttpClient(EventLoop& loop, Url origin, const ClientTls& tls, HttpClientOptions options = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Connects and shakes hands, so that the next request pays neither. Without effect when connected or
    /// connecting; a failure shows in connected() and in the next request.
    void warm();
    [[nodiscard]] bool connected() const;

    /// Exactly one call of `done`, never from inside this call. All of connecting, waiting, sending and
    /// receiving has to be over within `deadline`. Names and values of headers with control characters are
    /// refused (invalid).
    void request(HttpRequest request, base::nanoseconds deadline, Callback done);

    /// Drops the connection; what waits or is on the wire fails with `unavailable`.
    void close();

    [[nodiscard]] std::uint64_t socket_writes() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace vigil::net
