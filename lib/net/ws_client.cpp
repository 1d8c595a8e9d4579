#include "net/ws_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "net/connector.h"
#include "net/http_parser.h"
#include "net/http_write.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "net/ws_link.h"
#include "net/ws_primitives.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;
using base::fail;

constexpr HttpLimits upgrade_limits{32U << 10U, 256U << 10U};
/// How long a close frame of ours may take to get out after we are done.
constexpr std::chrono::seconds goodbye_patience{1};

/// True when one of the comma-separated words of a header is `word`.
bool has_word(std::optional<std::string_view> list, std::string_view word) {
    while (list && !list->empty()) {
        const auto comma = list->find(',');
        std::string_view one = list->substr(0, comma);
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
        if (equal_without_case(one, word)) return true;
        if (comma == std::string_view::npos) break;
        list->remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace

class WsClient::Impl final : public StreamUser, public std::enable_shared_from_this<WsClient::Impl> {
  public:
    Impl(EventLoop& loop, WsHandlers handlers, WsClientOptions options)
        : loop_{loop},
          handlers_{std::move(handlers)},
          options_{std::move(options)},
          deadline_{loop},
          watchdog_{loop},
          last_received_{loop.turn_time()} {
        base::check(handlers_.on_open && handlers_.on_text && handlers_.on_closed,
                    "a WebSocket client tells opening, texts and closing");
    }
    ~Impl() = default;

    base::Result<void> connect(const Url& url, const ClientTls& tls) {
        if (state_ != State::idle) return fail(ErrorKind::invalid, "the WebSocket is in use");
        if (url.scheme != Scheme::wss && url.scheme != Scheme::ws)
            return fail(ErrorKind::invalid, "not a WebSocket URL: " + url.str());
        if (!url.uses_tls() && !is_loopback(url.host))
            return fail(ErrorKind::denied, "a WebSocket without TLS to another machine: " + url.str());
        if (!options_.local_address.empty() && !SocketAddress::parse(options_.local_address, 0))
            return fail(ErrorKind::invalid, "not a numeric local address: " + options_.local_address);
        if (auto usable = check_headers(options_.headers); !usable) return usable;

        url_ = url;
        tls_ = tls;
        state_ = State::connecting;
        was_open_ = false;
        refusal_.reset();
        unsent_.clear();
        const auto deadline = loop_.now() + options_.connect_timeout;
        deadline_.at(deadline, [self = shared_from_this()] {
            self->finish({ErrorKind::timeout, "no WebSocket to " + self->url_.authority() + " in time"});
        });
        connector_.emplace(loop_, url.host, url.port, options_.local_address, deadline,
                           [weak = weak_from_this()](auto socket) {
                               if (const auto self = weak.lock()) self->connected(std::move(socket));
                           });
        return {};
    }

    base::Result<SendSeq> send(std::string_view text) {
        if (state_ != State::open) return fail(ErrorKind::unavailable, "the WebSocket is not open");
        forget_handed();
        Stream& stream = link_->stream();
        if (unsent_.size() >= options_.queue_messages_max ||
            stream.bytes_waiting() + text.size() > options_.queue_bytes_max)
            return fail(ErrorKind::exhausted, "the WebSocket's outgoing queue is full");
        unsent_.push_back({++last_seq_, stream.bytes_written()});
        link_->put(WsOpcode::text, text);
        return last_seq_;
    }

    void flush() {
        if (link_) link_->stream().flush();
    }

    void ping(std::string_view payload) {
        if (state_ == State::open) link_->put(WsOpcode::ping, payload.substr(0, ws_control_bytes_max));
    }

    void close(base::nanoseconds patience, std::uint16_t code) {
        if (state_ == State::idle || state_ == State::closing) return;
        const bool connecting = state_ == State::connecting;
        state_ = State::closing;
        if (connecting) {
            connector_.reset();
            patience = base::nanoseconds{0};
        } else {
            link_->put_close(code, {});
        }
        deadline_.after(patience, [self = shared_from_this(), connecting] {
            self->finish({ErrorKind::unavailable, connecting
                                                      ? "closed by us before it was open"
                                                      : "closed by us; the peer did not answer in time"});
        });
    }

    /// The owner has gone.
    void abandon() {
        abandoned_ = true;
        let_go();
        if (stream_) stream_->close();
        stream_.reset();
    }

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] SendSeq last_handed() {
        forget_handed();
        return last_handed_;
    }
    [[nodiscard]] base::MonotonicTime last_received() const {
        return stream_ ? stream_->last_received() : last_received_;
    }
    [[nodiscard]] std::uint64_t socket_writes() const {
        return stream_ ? stream_->socket_writes() : socket_writes_;
    }

    void on_stream_ready() override {
        ws_key_ = ws_make_key();
        HttpRequest request;
        request.target = url_.target;
        request.headers = Headers{{"Upgrade", "websocket"},
                                  {"Connection", "Upgrade"},
                                  {"Sec-WebSocket-Key", ws_key_},
                                  {"Sec-WebSocket-Version", "13"},
                                  {"User-Agent", "vigil"}};
        for (const auto& [name, value] : options_.headers.fields()) request.headers.add(name, value);
        stream_->write(write_request(request, url_.authority()));
        parser_.emplace(upgrade_limits);
    }

    void on_stream_bytes() override {
        const auto self = shared_from_this();
        if (!link_ && !read_upgrade()) return;
        read_messages();
    }

    void on_stream_end(const Error& error, bool) override {
        const auto self = shared_from_this();
        // A refusal whose body ends with the connection is whole now.
        if (!link_ && parser_ && parser_->header_done()) return refuse_upgrade();
        finish(error);
    }

  private:
    void connected(base::Result<base::UniqueFd> socket) {
        if (!socket) return finish(socket.error());
        auto stream = Stream::client(loop_, std::move(*socket), *this, url_.uses_tls() ? &*tls_ : nullptr,
                                     url_.host, url_.port);
        if (!stream) return finish(stream.error());
        stream_ = std::move(*stream);
    }

    /// True once the connection speaks WebSocket.
    bool read_upgrade() {
        ReceiveBuffer& input = stream_->input();
        const auto used = parser_->feed(input.data(), input.size());
        if (!used) {
            finish(used.error().within("the answer to the upgrade"));
            return false;
        }
        input.consume(*used);
        if (!parser_->done()) return false;
        const HttpResponse answer = parser_->take();
        if (answer.status != 101) {
            refuse_upgrade();
            return false;
        }
        const auto& headers = answer.headers;
        if (!has_word(headers.find("Upgrade"), "websocket") ||
            !has_word(headers.find("Connection"), "upgrade") ||
            headers.find("Sec-WebSocket-Accept") != ws_accept_of(ws_key_) ||
            headers.find("Sec-WebSocket-Extensions") || headers.find("Sec-WebSocket-Protocol")) {
            finish({ErrorKind::corrupt, "the answer to the upgrade is not one of RFC 6455"});
            return false;
        }
        parser_.reset();
        deadline_.cancel();
        link_.emplace(WsRole::client, stream_);
        reader_.emplace(WsRole::client, options_.message_bytes_max);
        if (state_ == State::closing) return false;  // close() came while we connected; its timer ends it
        state_ = State::open;
        was_open_ = true;
        watch_for_silence();
        handlers_.on_open();
        return is_live();
    }

    void refuse_upgrade() {
        refusal_ = parser_->take();
        finish(
            {ErrorKind::rejected, "the upgrade is refused with status " + std::to_string(refusal_->status)});
    }

    [[nodiscard]] bool is_live() const { return !abandoned_ && link_ && stream_ && stream_->is_open(); }

    void read_messages() {
        while (is_live()) {
            const auto incoming = reader_->next(stream_->input());
            if (!incoming) return refuse(incoming.error());
            if (!*incoming) return;
            const WsIncoming& got = **incoming;
            switch (got.opcode) {
                case WsOpcode::text:
                    handlers_.on_text(got.payload);
                    break;
                case WsOpcode::ping:
                    if (!link_->close_sent()) link_->pong(got.payload);
                    if (handlers_.on_ping) handlers_.on_ping(got.payload);
                    break;
                case WsOpcode::pong:
                    if (handlers_.on_pong) handlers_.on_pong(got.payload);
                    break;
                case WsOpcode::close:
                    return closed_by_peer(got);
                case WsOpcode::continuation:
                case WsOpcode::binary:
                    base::unreachable("the reader gives whole texts and control frames");
            }
        }
    }

    void closed_by_peer(const WsIncoming& got) {
        const bool ours = link_->close_sent();
        code_ = got.close_code;
        reason_ = got.payload;
        link_->put_close(got.close_code == 0 ? ws_close::normal : got.close_code, {});
        std::string text = ours ? "closed by us" : "closed by the peer";
        if (code_ != 0) text += ", code " + std::to_string(code_);
        finish({ErrorKind::unavailable, text}, true);
    }

    void refuse(const WsViolation& violation) {
        link_->put_close(violation.close_code, violation.what);
        finish({violation.close_code == ws_close::too_big ? ErrorKind::exhausted : ErrorKind::corrupt,
                "the peer sent " + violation.what});
    }

    void watch_for_silence() {
        if (options_.idle_timeout <= base::nanoseconds{0}) return;
        const auto silent_at = stream_->last_received() + options_.idle_timeout;
        if (loop_.now() >= silent_at)
            return finish({ErrorKind::timeout, "nothing received from the peer for too long"});
        watchdog_.at(silent_at, [self = shared_from_this()] { self->watch_for_silence(); });
    }

    /// Drops from the queue what was handed to the socket.
    void forget_handed() {
        if (!link_) return;
        const std::uint64_t handed = link_->stream().bytes_handed();
        std::size_t count = 0;
        while (count < unsent_.size() && unsent_[count].begins_at < handed) ++count;
        if (count == 0) return;
        last_handed_ = unsent_[count - 1].seq;
        unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(count));
    }

    void let_go() {
        deadline_.cancel();
        watchdog_.cancel();
        connector_.reset();
    }

    void finish(Error error, bool clean = false) {
        if (state_ == State::idle || abandoned_) return;
        const auto self = shared_from_this();
        let_go();
        WsClosed closed{std::move(error),
                        clean,
                        was_open_,
                        std::exchange(code_, std::uint16_t{0}),
                        std::exchange(reason_, {}),
                        last_handed_,
                        std::exchange(refusal_, std::nullopt)};
        if (stream_) {
            forget_handed();
            // Our close frame should still get out; but a text that waits is never sent from here on, since
            // we say so.
            if (unsent_.empty()) stream_->flush();
            last_received_ = stream_->last_received();
            if (unsent_.empty() && stream_->bytes_waiting() == 0)
                stream_->finish(goodbye_patience);
            else
                stream_->abort(false);
            socket_writes_ = stream_->socket_writes();
        }
        closed.last_handed = last_handed_;
        unsent_.clear();
        stream_.reset();
        link_.reset();
        reader_.reset();
        parser_.reset();
        state_ = State::idle;
        handlers_.on_closed(closed);
    }

    EventLoop& loop_;
    const WsHandlers handlers_;
    const WsClientOptions options_;
    State state_{State::idle};
    bool abandoned_{false};
    bool was_open_{false};
    Url url_;
    std::optional<ClientTls> tls_;
    std::optional<Connector> connector_;
    std::shared_ptr<Stream> stream_;
    std::string ws_key_;
    std::optional<HttpResponseParser> parser_;  ///< while the upgrade is not answered
    std::optional<WsLink> link_;                ///< from the upgrade on
    std::optional<WsReader> reader_;
    std::optional<HttpResponse> refusal_;
    std::uint16_t code_{0};
    std::string reason_;
    SendSeq last_seq_{0};
    SendSeq last_handed_{0};
    struct Unsent {
        SendSeq seq;
        std::uint64_t begins_at;  ///< in the stream's output
    };
    std::vector<Unsent> unsent_;  ///< messages not known to be handed to the socket, oldest first
    Timer deadline_;              ///< of connecting, then of closing
    Timer watchdog_;
    base::MonotonicTime last_received_;
    std::uint64_t socket_writes_{0};
};

WsClient::WsClient(EventLoop& loop, WsHandlers handlers, WsClientOptions options)
    : impl_{std::make_shared<Impl>(loop, std::move(handlers), std::move(options))} {}
WsClient::~WsClient() {
    impl_->abandon();
}
base::Result<void> WsClient::connect(const Url& url, const ClientTls& tls) {
    return impl_->connect(url, tls);
}
base::Result<SendSeq> WsClient::send(std::string_view text) {
    return impl_->send(text);
}
void WsClient::flush() {
    impl_->flush();
}
void WsClient::ping(std::string_view payload) {
    impl_->ping(payload);
}
void WsClient::close(base::nanoseconds patience, std::uint16_t code) {
    impl_->close(patience, code);
}
WsClient::State WsClient::state() const {
    return impl_->state();
}
SendSeq WsClient::last_handed() const {
    return impl_->last_handed();
}
base::MonotonicTime WsClient::last_received() const {
    return impl_->last_received();
}
std::uint64_t WsClient::socket_writes() const {
    return impl_->socket_writes();
}

}  // namespace vigil::net
