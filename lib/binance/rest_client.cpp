// The only translation unit that sees cpprestsdk.
#include "binance/rest_client.h"

#define _TURN_OFF_PLATFORM_STRING  // its macro U() breaks other libraries
#include <cpprest/http_client.h>
#include <cpprest/http_msg.h>
#include <pplx/threadpool.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace vigil::binance {

namespace {

namespace http = web::http;

// cpprestsdk starts 40 threads if it is not told otherwise; two are enough for housekeeping.
constexpr std::size_t pool_threads = 2;
// What a single stage of a request may take; the overall deadline is kept by our own timer.
constexpr base::seconds stage_timeout{10};

void start_pool() {
    static const bool started = [] {
        crossplat::threadpool::initialize_with_threads(pool_threads);
        return true;
    }();
    static_cast<void>(started);
}

std::optional<base::seconds> parse_retry_after(const http::http_headers& headers) {
    const auto found = headers.find("Retry-After");
    if (found == headers.end()) return std::nullopt;
    std::int64_t value = 0;
    const std::string& text = found->second;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr std::int64_t longest_s = 7 * 86'400;  // a ban lasts three days at most
    if (failure != std::errc{} || end != text.data() + text.size() || value < 0 || value > longest_s)
        return std::nullopt;
    return base::seconds{value};
}

/// What cpprestsdk hands over as its native handle of an https connection.
using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

// cpprestsdk tells of a new connection before it connects, but not of the further ones that it tries when the
// first address of a host cannot be reached: those are not bound. So no connection of a bound client may
// shake hands before bind_to() allows it, and not a byte of a request leaves through another address.
constexpr long no_protocol = boost::asio::ssl::context::no_sslv3 | boost::asio::ssl::context::no_tlsv1 |
                             boost::asio::ssl::context::no_tlsv1_1 | boost::asio::ssl::context::no_tlsv1_2 |
                             boost::asio::ssl::context::no_tlsv1_3;
constexpr long old_protocols = boost::asio::ssl::context::no_sslv3 | boost::asio::ssl::context::no_tlsv1 |
                               boost::asio::ssl::context::no_tlsv1_1;

/// Called before each request. Throws when the address is not one of this machine: the request fails with it.
void bind_to(const boost::asio::ip::address& address, TlsStream& stream) {
    auto& socket = stream.next_layer();
    if (socket.is_open()) return;  // bound when it was new
    socket.open(address.is_v4() ? boost::asio::ip::tcp::v4() : boost::asio::ip::tcp::v6());
    socket.bind({address, 0});
    SSL_clear_options(stream.native_handle(), no_protocol & ~old_protocols);
}

http::http_request to_get(const RestRequest& request) {
    http::http_request get{http::methods::GET};
    get.set_request_uri(web::uri{request.target});
    if (!request.api_key.empty()) get.headers().add("X-MBX-APIKEY", request.api_key);
    return get;
}

base::Error describe(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const http::http_exception& thrown) {
        const std::string said = thrown.what();
        // The library does not say why a handshake failed; what fails in practice is this.
        if (said.find("handshake") != std::string::npos)
            return {base::ErrorKind::unavailable,
                    said + ": its certificate is not trusted, or not for this host (exchange.ca_file)"};
        return {base::ErrorKind::unavailable, said};
    } catch (const pplx::task_canceled&) {
        return {base::ErrorKind::timeout, "cancelled at its deadline"};
    } catch (const std::exception& thrown) {
        return {base::ErrorKind::corrupt, thrown.what()};
    }
}

}  // namespace

class RestClient::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(const std::string& url, const http::client::http_client_config& config, const base::Clock& clock)
        : client_{url, config}, clock_{clock} {}

    /// Starts a request; `done` is called once, on a thread of the pool.
    void start(const RestRequest& request, const pplx::cancellation_token& cancel,
               std::function<void(base::Result<RestAnswer>)> done) {
        const base::MonotonicTime sent = clock_.monotonic();
        {
            const std::scoped_lock lock{mutex_};
            ++under_way_;
        }
        auto self = shared_from_this();
        client_.request(to_get(request), cancel)
            .then(
                [](const http::http_response& response) {
                    return response.extract_string(true).then([response](const std::string& body) {
                        return std::pair{response, body};
                    });
                },
                cancel)
            .then([self, sent, done = std::move(done)](
                      const pplx::task<std::pair<http::http_response, std::string>>& task) {
                base::Result<RestAnswer> result;
                try {
                    auto [response, body] = task.get();
                    result = self->answer(response, std::move(body), sent);
                } catch (...) {
                    result = base::fail(describe(std::current_exception()));
                }
                done(std::move(result));
                self->ended();
            });
    }

    void stop() {
        stopped_ = true;
        cancel_all_.cancel();
        std::unique_lock lock{mutex_};
        // Bounded: every stage of every request has its own timeout.
        idle_.wait_for(lock, stage_timeout * 2, [this] { return under_way_ == 0; });
    }

    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] pplx::cancellation_token_source request_token() {
        return pplx::cancellation_token_source::create_linked_source(all_token_);
    }
    [[nodiscard]] const base::Clock& clock() const { return clock_; }

  private:
    [[nodiscard]] RestAnswer answer(const http::http_response& response, std::string body,
                                    base::MonotonicTime sent) const {
        RestAnswer answer;
        answer.status = response.status_code();
        answer.body = std::move(body);
        answer.retry_after = parse_retry_after(response.headers());
        answer.sent = sent;
        answer.received = clock_.monotonic();
        for (const auto& [name, value] : response.headers())
            if (const auto usage = parse_usage_header(name, value)) answer.usage.push_back(*usage);
        return answer;
    }
    void ended() {
        {
            const std::scoped_lock lock{mutex_};
            --under_way_;
        }
        idle_.notify_all();
    }

    http::client::http_client client_;
    const base::Clock& clock_;
    pplx::cancellation_token_source cancel_all_;
    pplx::cancellation_token all_token_{cancel_all_.get_token()};
    std::atomic<bool> stopped_{false};
    std::mutex mutex_;
    std::condition_variable idle_;
    int under_way_{0};
};

RestClient::RestClient(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
RestClient::~RestClient() {
    impl_->stop();
}
void RestClient::stop() {
    impl_->stop();
}

base::Result<std::unique_ptr<RestClient>> RestClient::make(RestClientOptions options,
                                                           const base::Clock& clock) {
    start_pool();
    if (!options.base_url.starts_with("https://"))
        return base::fail(base::ErrorKind::invalid, "REST URL " + options.base_url + " is not https://");
    http::client::http_client_config config;
    config.set_timeout(stage_timeout);
    config.set_max_redirects(0);
    config.set_validate_certificates(true);
    std::optional<boost::asio::ip::address> local;
    if (!options.local_address.empty()) {
        boost::system::error_code failure;
        local = boost::asio::ip::make_address(options.local_address, failure);
        if (failure)
            return base::fail(base::ErrorKind::invalid,
                              "local address " + options.local_address + " is no IP address");
        config.set_nativehandle_options([address = *local](http::client::native_handle handle) {
            bind_to(address, *static_cast<TlsStream*>(handle));
        });
    }
    config.set_ssl_context_callback(
        [file = options.ca_file, is_bound = local.has_value()](boost::asio::ssl::context& context) {
            if (!file.empty()) context.load_verify_file(file);
            if (is_bound) context.set_options(no_protocol);
        });
    try {
        return std::unique_ptr<RestClient>{
            new RestClient{std::make_shared<Impl>(options.base_url, config, clock)}};
    } catch (const std::exception& thrown) {
        return base::fail(base::ErrorKind::invalid,
                          "REST client for " + options.base_url + ": " + thrown.what());
    }
}

void RestClient::get(net::EventLoop& loop, const RestRequest& request, base::milliseconds deadline,
                     Done done) {
    /// Shared by the deadline's timer and the answer; touched on the loop's thread only.
    struct Pending {
        Done done;
        net::TimerId timer;
    };
    auto pending = std::make_shared<Pending>();
    pending->done = std::move(done);
    pplx::cancellation_token_source cancel = impl_->request_token();
    auto impl = impl_;
    pending->timer = loop.call_after(deadline, [pending, cancel, impl, deadline] {
        cancel.cancel();
        const Done call = std::exchange(pending->done, nullptr);
        if (call && !impl->stopped())
            call(base::fail(base::ErrorKind::timeout,
                            "no answer within " + std::to_string(deadline.count()) + " ms"));
    });
    impl_->start(request, cancel.get_token(), [pending, impl, &loop](base::Result<RestAnswer> result) {
        // A loop that takes no more tasks is reported by the deadline, which is armed on it already.
        static_cast<void>(loop.post([pending, impl, &loop, answer = std::move(result)]() mutable {
            loop.cancel(pending->timer);
            const Done call = std::exchange(pending->done, nullptr);
            if (call && !impl->stopped()) call(std::move(answer));
        }));
    });
}

base::Result<RestAnswer> RestClient::get_and_wait(const RestRequest& request, base::milliseconds deadline) {
    struct Waiting {
        std::mutex mutex;
        std::condition_variable arrived;
        std::optional<base::Result<RestAnswer>> result;
    };
    auto waiting = std::make_shared<Waiting>();
    const pplx::cancellation_token_source cancel = impl_->request_token();
    impl_->start(request, cancel.get_token(), [waiting](base::Result<RestAnswer> result) {
        {
            const std::scoped_lock lock{waiting->mutex};
            waiting->result = std::move(result);
        }
        waiting->arrived.notify_all();
    });
    std::unique_lock lock{waiting->mutex};
    if (waiting->arrived.wait_for(lock, deadline, [&] { return waiting->result.has_value(); }))
        return std::move(*waiting->result);
    lock.unlock();
    cancel.cancel();
    return base::fail(base::ErrorKind::timeout,
                      "no answer within " + std::to_string(deadline.count()) + " ms");
}

}  // namespace vigil::binance
