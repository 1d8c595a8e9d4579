#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "net/connector.h"
#include "net/http_parser.h"
#include "net/http_write.h"
#include "net/socket_address.h"
#include "net/stream.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;

}  // namespace

class HttpClient::Impl final : public StreamUser, public std::enable_shared_from_this<HttpClient::Impl> {
  public:
    Impl(EventLoop& loop, Url origin, ClientTls tls, HttpClientOptions options)
        : loop_{loop},
          origin_{std::move(origin)},
          tls_{std::move(tls)},
          options_{std::move(options)},
          parser_{{options_.header_bytes_max, options_.body_bytes_max}},
          connect_timer_{loop},
          deadline_timer_{loop} {}
    ~Impl() = default;

    void warm() {
        if (connector_ || stream_ || check_origin()) return;
        connect();
    }

    [[nodiscard]] bool connected() const { return ready_; }

    void request(HttpRequest request, base::nanoseconds patience, Callback done) {
        base::check(static_cast<bool>(done), "someone waits for the answer");
        std::optional<Error> refusal = check_origin();
        if (const auto usable = check_request(request); !usable) refusal = usable.error();
        if (waiting_.size() >= options_.queue_max)
            refusal = Error{ErrorKind::exhausted, "too many requests wait for " + origin_.authority()};
        if (refusal) {
            fail_soon(std::move(done), {*std::move(refusal), false});
            return;
        }
        waiting_.push_back({std::move(request), loop_.now() + patience, std::move(done)});
        arm_deadline();
        start_next();
    }

    void close() {
        const auto gone = std::exchange(waiting_, {});
        for (std::size_t i = 0; i < gone.size(); ++i) {
            const bool may_have_left = i == 0 && front_may_have_left();
            fail_soon(gone[i].done,
                      {{ErrorKind::unavailable, "the connection was closed by us"}, may_have_left});
        }
        deadline_timer_.cancel();
        disconnect();
    }

    /// The owner has gone.
    void abandon() {
        abandoned_ = true;
        waiting_.clear();
        deadline_timer_.cancel();
        disconnect();
    }

    [[nodiscard]] std::uint64_t socket_writes() const {
        return stream_ ? stream_->socket_writes() : socket_writes_;
    }

    void on_stream_ready() override {
        ready_ = true;
        connect_timer_.cancel();
        connector_.reset();
        start_next();
    }

    void on_stream_bytes() override {
        const auto self = shared_from_this();
        ReceiveBuffer& input = stream_->input();
        if (!in_flight_)
            return drop_and_go_on();  // an answer to nothing: this connection is not to be trusted
        const auto used = parser_.feed(input.data(), input.size());
        if (!used) return front_failed(used.error().within("the answer of " + origin_.authority()));
        input.consume(*used);
        if (parser_.done()) front_answered();
    }

    void on_stream_end(const Error& error, bool orderly) override {
        const auto self = shared_from_this();
        if (!ready_) return connect_failed(error);
        if (!in_flight_) return drop_and_go_on();
        if (orderly && parser_.header_done() && parser_.feed_end()) return front_answered();
        front_failed(parser_.header_done() ? error.within("the answer is cut off") : error);
    }

  private:
    struct Waiting {
        HttpRequest request;
        base::MonotonicTime deadline;
        Callback done;
    };

    [[nodiscard]] std::optional<Error> check_origin() const {
        if (origin_.scheme != Scheme::https && origin_.scheme != Scheme::http)
            return Error{ErrorKind::invalid, "not an HTTP URL: " + origin_.str()};
        if (!origin_.uses_tls() && !is_loopback(origin_.host))
            return Error{ErrorKind::denied, "HTTP without TLS to another machine: " + origin_.str()};
        if (!options_.local_address.empty() && !SocketAddress::parse(options_.local_address, 0))
            return Error{ErrorKind::invalid, "not a numeric local address: " + options_.local_address};
        return std::nullopt;
    }

    void fail_soon(Callback done, HttpFailure failure) {
        loop_.call_after(base::nanoseconds{0},
                         [weak = weak_from_this(), done = std::move(done), failure = std::move(failure)] {
                             const auto self = weak.lock();
                             if (self && !self->abandoned_) done(tl::unexpected<HttpFailure>(failure));
                         });
    }

    void connect() {
        const auto deadline = loop_.now() + options_.connect_timeout;
        connect_timer_.at(deadline, [self = shared_from_this()] {
            self->connect_failed(
                {ErrorKind::timeout, "no connection to " + self->origin_.authority() + " in time"});
        });
        connector_.emplace(loop_, origin_.host, origin_.port, options_.local_address, deadline,
                           [weak = weak_from_this()](auto socket) {
                               if (const auto self = weak.lock()) self->socket_connected(std::move(socket));
                           });
    }

    void socket_connected(base::Result<base::UniqueFd> socket) {
        if (!socket) return connect_failed(socket.error());
        auto stream = Stream::client(loop_, std::move(*socket), *this, origin_.uses_tls() ? &tls_ : nullptr,
                                     origin_.host, origin_.port);
        if (!stream) return connect_failed(stream.error());
        stream_ = std::move(*stream);
    }

    /// Nobody who waits now has sent anything.
    void connect_failed(const Error& error) {
        const auto self = shared_from_this();
        disconnect();
        auto gone = std::exchange(waiting_, {});
        deadline_timer_.cancel();
        for (Waiting& one : gone) {
            if (abandoned_) return;
            one.done(tl::unexpected<HttpFailure>({error, false}));
        }
    }

    void disconnect() {
        connector_.reset();
        connect_timer_.cancel();
        ready_ = false;
        in_flight_ = false;
        if (stream_) {
            socket_writes_ = stream_->socket_writes();
            stream_->close();
            stream_.reset();
        }
    }

    void drop_and_go_on() {
        disconnect();
        start_next();
    }

    void start_next() {
        if (in_flight_ || waiting_.empty() || abandoned_) return;
        if (!ready_) {
            if (!connector_ && !stream_) connect();
            return;
        }
        const HttpRequest& request = waiting_.front().request;
        in_flight_ = true;
        front_begins_at_ = stream_->bytes_written();
        parser_.begin(request.method == "HEAD");
        stream_->write(write_request(request, origin_.authority()));
    }

    [[nodiscard]] bool front_may_have_left() const {
        return in_flight_ && stream_ && stream_->bytes_handed() > front_begins_at_;
    }

    [[nodiscard]] Waiting take_front() {
        Waiting front = std::move(waiting_.front());
        waiting_.pop_front();
        in_flight_ = false;
        arm_deadline();
        return front;
    }

    void front_answered() {
        const auto self = shared_from_this();
        const bool keep = parser_.keep_alive() && stream_->is_open() && stream_->input().empty();
        HttpResponse response = parser_.take();
        const Waiting front = take_front();
        if (!keep) disconnect();
        front.done(std::move(response));
        if (!abandoned_) start_next();
    }

    void front_failed(const Error& error) {
        const auto self = shared_from_this();
        const bool may_have_left = front_may_have_left();
        const Waiting front = take_front();
        disconnect();
        front.done(tl::unexpected<HttpFailure>({error, may_have_left}));
        if (!abandoned_) start_next();
    }

    void arm_deadline() {
        if (waiting_.empty()) return deadline_timer_.cancel();
        const auto first =
            std::min_element(waiting_.begin(), waiting_.end(),
                             [](const auto& a, const auto& b) { return a.deadline < b.deadline; });
        deadline_timer_.at(first->deadline, [self = shared_from_this()] { self->out_of_time(); });
    }

    void out_of_time() {
        const auto self = shared_from_this();
        const auto now = loop_.now();
        const Error error{ErrorKind::timeout, "no answer of " + origin_.authority() + " in time"};
        if (in_flight_ && waiting_.front().deadline <= now) front_failed(error);
        std::vector<Waiting> late;
        for (std::size_t i = in_flight_ ? 1 : 0; i < waiting_.size();) {
            if (waiting_[i].deadline > now) {
                ++i;
                continue;
            }
            late.push_back(std::move(waiting_[i]));
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        arm_deadline();
        for (const Waiting& one : late) {
            if (abandoned_) return;
            one.done(tl::unexpected<HttpFailure>({error, false}));
        }
    }

    EventLoop& loop_;
    const Url origin_;
    const ClientTls tls_;
    const HttpClientOptions options_;
    std::deque<Waiting> waiting_;  ///< the front one is on the wire if in_flight_
    bool in_flight_{false};
    bool ready_{false};  ///< stream_ can be written to
    bool abandoned_{false};
    std::uint64_t front_begins_at_{0};
    std::optional<Connector> connector_;
    std::shared_ptr<Stream> stream_;
    HttpResponseParser parser_;
    Timer connect_timer_;
    Timer deadline_timer_;  ///< of the request with the least time left
    std::uint64_t socket_writes_{0};
};

HttpClient::HttpClient(EventLoop& loop, Url origin, const ClientTls& tls, HttpClientOptions options)
    : impl_{std::make_shared<Impl>(loop, std::move(origin), tls, std::move(options))} {}
HttpClient::~HttpClient() {
    impl_->abandon();
}
void HttpClient::warm() {
    impl_->warm();
}
bool HttpClient::connected() const {
    return impl_->connected();
}
void HttpClient::request(HttpRequest request, base::nanoseconds deadline, Callback done) {
    impl_->request(std::move(request), deadline, std::move(done));
}
void HttpClient::close() {
    impl_->close();
}
std::uint64_t HttpClient::socket_writes() const {
    return impl_->socket_writes();
}

}  // namespace vigil::net
