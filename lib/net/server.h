// An HTTP/1.1 and WebSocket server on an event loop, made for the simulated exchange: it can do every wrong
// that a server does to its clients (late, slow, cut, silent, gone), and takes whatever hostile clients send.
//
// Owner: anyone; the loop must outlive it. All calls and callbacks on the loop's thread. Destroying the
// server, from inside a callback too, drops all its connections without further callbacks; Responders and
// WsPeers that are still held then do nothing. One server listens on one port; several may share a loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "net/event_loop.h"
#include "net/http_message.h"
#include "net/tls.h"
#include "net/ws_peer.h"

namespace vigil::net {

/// A request as it came in; a plain value that the handler owns.
struct ServerRequest : HttpRequest {
    std::string remote_address;  ///< numeric
    std::uint16_t remote_port{};
    std::uint64_t connection{};  ///< number of the connection in this server
    bool wants_websocket{
        false};  ///< a well-formed upgrade request (that accept_websocket did not take, in on_http)
};

/// How an answer is delivered; as it should be, by default.
struct Delivery {
    base::nanoseconds delay{0};              ///< wait before the first byte
    std::size_t chunk_bytes = 0;             ///< 0: all at once; else so many bytes a time ...
    base::nanoseconds chunk_interval{0};     ///< ... with this pause between
    std::optional<std::size_t> cut_after{};  ///< drop the connection after so many bytes of the whole answer
    std::size_t missing_bytes = 0;           ///< or before the last so many bytes of it
    bool close = false;                      ///< say Connection: close, and close after it
};

/// The right to answer one request, once, now or later. Answers of one connection go out in the order of its
/// requests, whatever the order they are given in. Destroyed without an answer, it drops the connection.
class Responder {
  public:
    Responder(Responder&&) noexcept;
    Responder& operator=(Responder&&) noexcept;
    ~Responder();

    /// Content-Length, Connection and Date are added.
    void respond(HttpResponse response, Delivery delivery = {});
    /// Sends these bytes instead of an answer (hostile server); `delivery` applies.
    void respond_raw(std::string bytes, Delivery delivery = {});
    /// Drops the connection without an answer; `reset` with a TCP reset instead of an orderly end.
    void drop(bool reset = false);
    /// False when the client has gone: the answer would not be delivered.
    [[nodiscard]] bool connected() const;

    class Impl;
    explicit Responder(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

struct ServerHandlers {
    /// Every request that is not upgraded.
    std::function<void(ServerRequest, Responder)> on_http;
    /// True: upgrade this request to a WebSocket. Unset: none is.
    std::function<bool(const ServerRequest&)> accept_websocket;
    /// A WebSocket is open; set its handlers before returning, and keep the pointer as long as it is of use.
    std::function<void(ServerRequest, std::shared_ptr<WsPeer>)> on_websocket;
};

struct ServerOptions {
    std::string address{"127.0.0.1"};  ///< numeric address to listen on
    std::uint16_t port{0};             ///< 0: a free one, see Server::port
    int backlog = 512;
    std::size_t connections_max = 2000;  ///< one more is closed at once
    std::size_t header_bytes_max = 16U << 10U;
    std::size_t body_bytes_max = 1U << 20U;
    std::size_t pipeline_max = 64;  ///< unanswered requests of one connection; beyond, it is not read on
    std::size_t ws_message_bytes_max = 1U << 20U;
    std::size_t ws_queue_bytes_max = 16U << 20U;  ///< outgoing; a peer that reads slower is disconnected
    base::nanoseconds request_timeout =
        std::chrono::seconds{15};  ///< TLS handshake; first to last byte of a request
    base::nanoseconds keep_alive_timeout = std::chrono::seconds{120};  ///< idle HTTP connection
};

/// What happens to new TCP connections.
enum class AcceptMode {
    normal,
    refuse,  ///< closed at once
    mute,    ///< accepted, and never a byte said
};

class Server {
  public:
    /// Listens from here on. Without `tls` it speaks plain HTTP, which is allowed on a loopback address only.
    [[nodiscard]] static base::Result<std::unique_ptr<Server>> listen(EventLoop& loop,
                                                                      std::optional<ServerTls> tls,
                                                                      ServerHandlers handlers,
                                                                      ServerOptions options = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// New connections get the new certificate.
    void set_tls(ServerTls tls);
    void set_accept_mode(AcceptMode mode);
    /// Drops every present connection; `reset` with TCP resets.
    void drop_all(bool reset = false);
    [[nodiscard]] std::size_t connections() const;

    class Impl;

  private:
    explicit Server(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace vigil::net
