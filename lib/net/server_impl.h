// What stands behind Server: the listener and its connections. Only for this folder's .cpp files.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.h"
#include "net/event_loop.h"
#include "net/http_parser.h"
#include "net/server.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "net/ws_peer_impl.h"

namespace vigil::net {

class ServerConnection;

class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
  public:
    Impl(EventLoop& loop, std::optional<ServerTls> tls, ServerHandlers handlers, ServerOptions options);
    [[nodiscard]] base::Result<void> start();
    void shut_down();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void set_tls(ServerTls tls) { tls_ = std::move(tls); }
    void set_accept_mode(AcceptMode mode) { accept_mode_ = mode; }
    void drop_all(bool reset);
    [[nodiscard]] std::size_t connections() const { return http_.size() + ws_.size() + muted_.size(); }

    // For ServerConnection:
    [[nodiscard]] EventLoop& loop() { return loop_; }
    [[nodiscard]] const ServerHandlers& handlers() const { return handlers_; }
    [[nodiscard]] const ServerOptions& options() const { return options_; }
    void forget(std::uint64_t connection) { http_.erase(connection); }
    [[nodiscard]] std::shared_ptr<WsPeerImpl> upgrade(std::uint64_t connection,
                                                      const std::shared_ptr<Stream>& stream);

  private:
    void accept_all();
    void accepted(base::UniqueFd socket, const SocketAddress& remote);
    void pause_accepting();

    EventLoop& loop_;
    std::optional<ServerTls> tls_;
    const ServerHandlers handlers_;
    const ServerOptions options_;
    AcceptMode accept_mode_{AcceptMode::normal};
    base::UniqueFd listener_;
    WatchId watch_;
    Timer accept_again_;
    std::uint16_t port_{0};
    std::uint64_t next_connection_{1};
    std::unordered_map<std::uint64_t, std::shared_ptr<ServerConnection>> http_;
    std::unordered_map<std::uint64_t, std::shared_ptr<WsPeerImpl>> ws_;
    std::vector<base::UniqueFd> muted_;  ///< taken in AcceptMode::mute, held open
};

/// One connection that speaks HTTP, until it is upgraded or goes.
class ServerConnection final : public StreamUser, public std::enable_shared_from_this<ServerConnection> {
  public:
    ServerConnection(const std::shared_ptr<Server::Impl>& server, std::uint64_t number,
                     const SocketAddress& remote);
    [[nodiscard]] base::Result<void> start(base::UniqueFd socket, const ServerTls* tls);

    // For Responder; `answer` names one of the requests.
    void answer(std::uint64_t answer, HttpResponse response, Delivery delivery);
    void answer_raw(std::uint64_t answer, std::string bytes, Delivery delivery);
    [[nodiscard]] bool connected() const { return !gone_; }
    /// Ends it without further callbacks.
    void drop(bool reset);

    void on_stream_ready() override;
    void on_stream_bytes() override;
    void on_stream_end(const base::Error& error, bool orderly) override;

  private:
    struct Answer {
        std::uint64_t number;
        bool keep_alive;
        bool without_body;
        bool ready{false};
        std::string bytes;
        Delivery delivery;
    };

    void handle_request();
    bool upgrade(const ServerRequest& request);
    void refuse(int status);
    [[nodiscard]] Answer* find(std::uint64_t number);
    void deliver_next();
    void deliver_part(std::size_t from);
    void delivered();
    void forget();
    void read_on();
    void arm_timer();

    const std::weak_ptr<Server::Impl> server_;
    EventLoop& loop_;
    const std::uint64_t number_;
    const SocketAddress remote_;
    const ServerOptions options_;
    std::shared_ptr<Stream> stream_;
    HttpRequestParser parser_;
    std::deque<Answer> answers_;  ///< one for each request, in their order
    std::uint64_t next_answer_{1};
    bool delivering_{false};
    bool last_request_seen_{false};  ///< nothing more is read from this client
    bool gone_{false};
    bool paused_{false};
    bool handshaken_{false};
    bool in_request_{false};
    Timer timer_;     ///< of a slow or idle client
    Timer delivery_;  ///< of delays in answering
};

}  // namespace vigil::net
