#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http_write.h"
#include "net/server_impl.h"
#include "net/ws_primitives.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::seconds goodbye_patience{2};

}  // namespace

class Responder::Impl {
  public:
    Impl(std::weak_ptr<ServerConnection> connection, std::uint64_t number)
        : connection_{std::move(connection)}, number_{number} {}
    ~Impl() {
        if (const auto connection = take()) connection->drop(false);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Null when it has been used, or the connection is no more.
    [[nodiscard]] std::shared_ptr<ServerConnection> take() { return std::exchange(connection_, {}).lock(); }
    [[nodiscard]] bool connected() const {
        const auto connection = connection_.lock();
        return connection && connection->connected();
    }
    [[nodiscard]] std::uint64_t number() const { return number_; }

  private:
    std::weak_ptr<ServerConnection> connection_;
    const std::uint64_t number_;
};

ServerConnection::ServerConnection(const std::shared_ptr<Server::Impl>& server, std::uint64_t number,
                                   const SocketAddress& remote)
    : server_{server},
      loop_{server->loop()},
      number_{number},
      remote_{remote},
      options_{server->options()},
      parser_{{options_.header_bytes_max, options_.body_bytes_max}},
      timer_{loop_},
      delivery_{loop_} {}

base::Result<void> ServerConnection::start(base::UniqueFd socket, const ServerTls* tls) {
    auto stream = Stream::server(loop_, std::move(socket), *this, tls);
    if (!stream) return base::fail(stream.error());
    stream_ = std::move(*stream);
    handshaken_ = tls == nullptr;
    arm_timer();
    return {};
}

void ServerConnection::on_stream_ready() {
    handshaken_ = true;
    arm_timer();
}

void ServerConnection::on_stream_end(const Error&, bool) {
    const auto self = shared_from_this();
    forget();
}

void ServerConnection::on_stream_bytes() {
    const auto self = shared_from_this();
    while (!gone_ && !paused_ && !last_request_seen_) {
        ReceiveBuffer& input = stream_->input();
        if (input.empty()) break;
        const auto used = parser_.feed(input.data(), input.size());
        if (!used)
            return refuse(used.error().kind != ErrorKind::exhausted ? 400
                          : parser_.body_too_long()                 ? 413
                                                                    : 431);
        input.consume(*used);
        if (!parser_.done()) break;
        handle_request();
    }
    if (gone_) return;
    if (last_request_seen_) stream_->input().consume(stream_->input().size());
    arm_timer();
}

void ServerConnection::handle_request() {
    const auto server = server_.lock();
    if (!server) return drop(false);
    in_request_ = false;
    const bool keep_alive = parser_.keep_alive();
    ServerRequest request;
    request.wants_websocket = parser_.wants_websocket();
    static_cast<HttpRequest&>(request) = parser_.take();
    request.remote_address = remote_.address();
    request.remote_port = remote_.port();
    request.connection = number_;

    const auto& handlers = server->handlers();
    if (request.wants_websocket && handlers.accept_websocket && handlers.on_websocket &&
        handlers.accept_websocket(request)) {
        if (gone_) return;
        if (!answers_.empty()) return refuse(400);  // an upgrade behind unanswered requests
        timer_.cancel();
        if (upgrade(request)) return;
        return refuse(400);
    }
    if (gone_) return;

    const std::uint64_t number = next_answer_++;
    answers_.push_back({number, keep_alive, request.method == "HEAD", false, {}, {}});
    if (!keep_alive) last_request_seen_ = true;
    if (answers_.size() >= options_.pipeline_max) {
        paused_ = true;
        stream_->pause_reading(true);
    }
    handlers.on_http(std::move(request),
                     Responder{std::make_unique<Responder::Impl>(weak_from_this(), number)});
}

bool ServerConnection::upgrade(const ServerRequest& request) {
    const auto server = server_.lock();
    const auto key = request.headers.find("Sec-WebSocket-Key");
    if (!server || !key) return false;
    stream_->write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        ws_accept_of(*key) + "\r\n\r\n");
    gone_ = true;
    const auto stream = std::exchange(stream_, nullptr);
    const auto peer = server->upgrade(number_, stream);
    server->handlers().on_websocket(request, peer);
    if (!stream->input().empty() && stream->is_open()) peer->on_stream_bytes();
    return true;
}

/// The last answer of this connection: what the client sends is no request of HTTP.
void ServerConnection::refuse(int status) {
    last_request_seen_ = true;
    const std::uint64_t number = next_answer_++;
    answers_.push_back({number, false, false, false, {}, {}});
    HttpResponse response;
    response.status = status;
    answer(number, std::move(response), {});
}

ServerConnection::Answer* ServerConnection::find(std::uint64_t number) {
    const auto found = std::find_if(answers_.begin(), answers_.end(),
                                    [&](const Answer& one) { return one.number == number; });
    return found == answers_.end() ? nullptr : &*found;
}

void ServerConnection::answer(std::uint64_t number, HttpResponse response, Delivery delivery) {
    Answer* const slot = gone_ ? nullptr : find(number);
    if (slot == nullptr) return;
    slot->bytes = write_response(response, slot->keep_alive && !delivery.close, slot->without_body);
    slot->delivery = delivery;
    if (delivery.missing_bytes > 0)
        slot->delivery.cut_after = slot->bytes.size() - std::min(delivery.missing_bytes, slot->bytes.size());
    slot->ready = true;
    deliver_next();
}

void ServerConnection::answer_raw(std::uint64_t number, std::string bytes, Delivery delivery) {
    Answer* const slot = gone_ ? nullptr : find(number);
    if (slot == nullptr) return;
    slot->bytes = std::move(bytes);
    slot->delivery = delivery;
    slot->ready = true;
    deliver_next();
}

void ServerConnection::deliver_next() {
    const auto self = shared_from_this();
    while (!gone_ && !delivering_ && !answers_.empty() && answers_.front().ready) {
        delivering_ = true;
        Answer& front = answers_.front();
        if (front.delivery.cut_after && *front.delivery.cut_after < front.bytes.size())
            front.bytes.resize(*front.delivery.cut_after);
        if (front.delivery.delay > base::nanoseconds{0})
            delivery_.after(front.delivery.delay, [self] { self->deliver_part(0); });
        else
            deliver_part(0);
    }
}

void ServerConnection::deliver_part(std::size_t from) {
    if (gone_) return;
    const Answer& front = answers_.front();
    const std::string_view rest = std::string_view{front.bytes}.substr(from);
    if (front.delivery.chunk_bytes == 0 || rest.size() <= front.delivery.chunk_bytes) {
        stream_->write(rest);
        return delivered();
    }
    stream_->write(rest.substr(0, front.delivery.chunk_bytes));
    stream_->flush();
    delivery_.after(
        front.delivery.chunk_interval,
        [self = shared_from_this(), next = from + front.delivery.chunk_bytes] { self->deliver_part(next); });
}

void ServerConnection::delivered() {
    const auto self = shared_from_this();
    const Answer done = std::move(answers_.front());
    answers_.pop_front();
    delivering_ = false;
    if (done.delivery.cut_after) {
        stream_->flush();
        return drop(false);
    }
    if (!done.keep_alive || done.delivery.close) {
        stream_->finish(goodbye_patience);
        return forget();
    }
    if (paused_ && answers_.size() < options_.pipeline_max) {
        paused_ = false;
        stream_->pause_reading(false);
        loop_.call_after(base::nanoseconds{0}, [self] { self->read_on(); });
    }
    arm_timer();
    // Answers that were given early follow; from a timer, nobody else asks for them.
    deliver_next();
}

/// What came in before reading was paused.
void ServerConnection::read_on() {
    if (!gone_) on_stream_bytes();
}

void ServerConnection::drop(bool reset) {
    if (gone_) return;
    const auto self = shared_from_this();
    stream_->abort(reset);
    forget();
}

void ServerConnection::forget() {
    if (std::exchange(gone_, true)) return;
    timer_.cancel();
    delivery_.cancel();
    answers_.clear();
    if (const auto server = server_.lock()) server->forget(number_);
}

/// A client must finish its handshake, and a request that it has begun, in good time, and may be idle only so
/// long. While an answer is due the client waits for us, and not the other way round.
void ServerConnection::arm_timer() {
    if (gone_) return;
    const bool begun = handshaken_ && parser_.begun();
    if (begun && in_request_) return;  // its time runs already
    in_request_ = begun;
    if (!begun && handshaken_ && !answers_.empty()) return timer_.cancel();
    const auto patience = begun || !handshaken_ ? options_.request_timeout : options_.keep_alive_timeout;
    timer_.after(patience, [self = shared_from_this()] { self->drop(false); });
}

Responder::Responder(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Responder::Responder(Responder&&) noexcept = default;
Responder& Responder::operator=(Responder&&) noexcept = default;
Responder::~Responder() = default;

void Responder::respond(HttpResponse response, Delivery delivery) {
    if (const auto connection = impl_->take())
        connection->answer(impl_->number(), std::move(response), delivery);
}
void Responder::respond_raw(std::string bytes, Delivery delivery) {
    if (const auto connection = impl_->take())
        connection->answer_raw(impl_->number(), std::move(bytes), delivery);
}
void Responder::drop(bool reset) {
    if (const auto connection = impl_->take()) connection->drop(reset);
}
bool Responder::connected() const {
    return impl_ && impl_->connected();
}

}  // namespace vigil::net
