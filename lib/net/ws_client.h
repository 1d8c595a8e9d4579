// A WebSocket client (RFC 6455) on an event loop, without extensions (no permessage-deflate).
//
// The way of an order: send() frames the text into the connection's output buffer. When the callback in which
// it was called returns, or at flush(), everything that was buffered is encrypted and written: ten sends of
// one callback are one TLS record and one system call. There is no further loop turn in between.
//
// What may have reached the other side: each send has a number, growing over the life of the object. At the
// end of a connection WsClosed::last_handed names the newest message of which a byte was handed to the
// socket; what is newer was surely never sent, what is up to it and unanswered is unknown. Nothing is ever
// carried over to the next connection or sent twice.
//
// Owner: anyone; the loop must outlive it. All calls and callbacks on the loop's thread. Destroying it, from
// inside its own callbacks too, drops the connection without a callback. No callback comes from inside a call
// of the owner.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "net/event_loop.h"
#include "net/http_message.h"
#include "net/tls.h"
#include "net/url.h"

namespace vigil::net {

/// Number of a sent message; 0 is before the first.
using SendSeq = std::uint64_t;

/// on_text's view may be read this far behind its end (the bytes there mean nothing), as simdjson wants.
inline constexpr std::size_t text_padding_bytes = 64;

struct WsClientOptions {
    base::nanoseconds connect_timeout = std::chrono::seconds{10};  ///< resolve, TCP, TLS and upgrade together
    /// No byte received for so long ends the connection with ErrorKind::timeout. Zero: never.
    base::nanoseconds idle_timeout{0};
    std::size_t message_bytes_max = 8U << 20U;  ///< a longer message ends the connection
    /// Messages and bytes that may wait for the socket; a send beyond is refused.
    std::size_t queue_messages_max = 1024;
    std::size_t queue_bytes_max = 4U << 20U;
    std::string local_address;  ///< numeric address to bind to; empty: the system's choice
    Headers headers;            ///< more fields of the upgrade request
};

/// Why and how a connection, or the attempt at one, ended.
struct WsClosed {
    base::Error error;  ///< unavailable: closed or dropped by the peer or the net; timeout; corrupt: protocol
                        ///< or garbage
    bool clean{false};  ///< close frames were exchanged
    bool was_open{false};    ///< on_open had been called
    std::uint16_t code{0};   ///< the peer's close code, 0 if it gave none
    std::string reason;      ///< the peer's close reason, at most 123 bytes
    SendSeq last_handed{0};  ///< newest message of which a byte may have left
    /// What the server answered instead of upgrading (429, 418, 403 ...), its body as far as it had come.
    std::optional<HttpResponse> refusal;
};

struct WsHandlers {
    std::function<void()> on_open;
    /// The view is valid only during the call.
    std::function<void(std::string_view)> on_text;
    /// Once for each connect() that returned no error.
    std::function<void(const WsClosed&)> on_closed;
    /// Optional. A ping has been answered already when it is told.
    std::function<void(std::string_view)> on_ping;
    std::function<void(std::string_view)> on_pong;
};

class WsClient {
  public:
    enum class State { idle, connecting, open, closing };

    WsClient(EventLoop& loop, WsHandlers handlers, WsClientOptions options = {});
    ~WsClient();
    WsClient(const WsClient&) = delete;
    WsClient& operator=(const WsClient&) = delete;

    /// Begins to connect. wss, or ws to a loopback address only. An error when not idle, or when the URL, the
    /// local address or a header cannot be used. May be called again after on_closed, from inside it too.
    [[nodiscard]] base::Result<void> connect(const Url& url, const ClientTls& tls);

    /// Queues one text message (UTF-8). `exhausted` when a bound of the queue is reached, `unavailable` when
    /// not open; then nothing of it will be sent.
    [[nodiscard]] base::Result<SendSeq> send(std::string_view text);

    /// Writes at once what is queued, as far as the socket takes it. Only needed when the caller does more
    /// work before its callback returns.
    void flush();

    /// A ping with up to 125 bytes; no error when it cannot be sent now, since its only answer is a pong.
    void ping(std::string_view payload = {});

    /// Sends what is queued and a close frame; on_closed comes when the peer has answered, and at the latest
    /// after `patience`. Without effect when idle.
    void close(base::nanoseconds patience, std::uint16_t code = 1000);

    [[nodiscard]] State state() const;
    /// Newest message of which a byte was handed to the socket.
    [[nodiscard]] SendSeq last_handed() const;
    /// When the last byte came in; the loop's start of time when none has.
    [[nodiscard]] base::MonotonicTime last_received() const;
    /// write system calls of the present or last connection; for the tests and benches that count them.
    [[nodiscard]] std::uint64_t socket_writes() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace vigil::net
