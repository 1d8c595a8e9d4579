#include "wire_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "base/time.h"
#include "credentials/certificate.h"
#include "domain/decimal.h"
#include "net/ws_codec.h"
#include "net/ws_primitives.h"

namespace vigil::bench {

struct WireServer::Context {
    SSL_CTX* tls{SSL_CTX_new(TLS_server_method())};
    ~Context() { SSL_CTX_free(tls); }
};

namespace {

/// The text behind `"name":"`, up to the next quote; empty when it is not there.
std::string_view member(std::string_view json, std::string_view quoted_name) {
    const std::size_t found = json.find(quoted_name);
    if (found == std::string_view::npos) return {};
    const std::size_t begin = found + quoted_name.size();
    return json.substr(begin, json.find('"', begin) - begin);
}

}  // namespace

bool settle_thread(std::optional<int> core, bool realtime) {
    bool well = true;
    if (core) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(static_cast<unsigned>(*core), &cores);
        well = pthread_setaffinity_np(pthread_self(), sizeof cores, &cores) == 0;
    }
    if (realtime) {
        sched_param parameters{};
        parameters.sched_priority = 1;
        well = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0 && well;
    }
    return well;
}

/// One connection: upgrade, then an answer for each frame; answers to frames that came together go together.
class WireServer::Session {
  public:
    Session(WireServer& server, int socket) : server_{server}, socket_{socket} {}
    ~Session() {
        SSL_free(tls_);
        ::close(socket_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void run() {
        tls_ = SSL_new(server_.context_->tls);
        SSL_set_fd(tls_, socket_);
        if (SSL_accept(tls_) != 1) return;
        if (!upgrade()) return;
        while (fill()) {
            out_.clear();
            const std::int64_t before = orders_;
            while (take_frame()) {
            }
            if (orders_ != before) {
                server_.orders_ += orders_ - before;
                ++server_.reads_;
            }
            if (!out_.empty() && SSL_write(tls_, out_.data(), static_cast<int>(out_.size())) <= 0) return;
            if (closing_) return;
        }
    }

  private:
    bool fill() {
        const int count = SSL_read(tls_, block_.data(), static_cast<int>(block_.size()));
        if (count <= 0) return false;
        in_.append(block_.data(), static_cast<std::size_t>(count));
        return true;
    }

    bool upgrade() {
        while (in_.find("\r\n\r\n") == std::string::npos)
            if (!fill()) return false;
        constexpr std::string_view field = "Sec-WebSocket-Key: ";
        const std::size_t found = in_.find(field);
        if (found == std::string::npos) return false;
        const std::size_t begin = found + field.size();
        const std::string answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            net::ws_accept_of(std::string_view{in_}.substr(begin, in_.find("\r\n", begin) - begin)) +
            "\r\n\r\n";
        in_.erase(0, in_.find("\r\n\r\n") + 4);
        return SSL_write(tls_, answer.data(), static_cast<int>(answer.size())) > 0;
    }

    /// False when no whole frame is left.
    bool take_frame() {
        if (in_.size() < 8) return false;
        const auto second = static_cast<unsigned char>(in_[1]);
        std::size_t size = second & 0x7FU;
        std::size_t head = 2;
        if (size == 126) {
            size = static_cast<std::size_t>(static_cast<unsigned char>(in_[2])) << 8U |
                   static_cast<unsigned char>(in_[3]);
            head = 4;
        }
        if (in_.size() < head + 4 + size) return false;
        std::array<char, 4> mask;
        std::memcpy(mask.data(), in_.data() + head, 4);
        char* payload = in_.data() + head + 4;
        for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i & 3U]);
        if ((static_cast<unsigned char>(in_[0]) & 0x0FU) == 8)
            closing_ = true;
        else
            answer({payload, size});
        in_.erase(0, head + 4 + size);
        return true;
    }

    void answer(std::string_view request) {
        constexpr std::string_view id_begin = "{\"id\":";
        base::check(request.substr(0, id_begin.size()) == id_begin, "a request begins with its number");
        const std::string_view id = request.substr(id_begin.size(), request.find(',') - id_begin.size());
        text_.assign("{\"id\":").append(id).append(",\"status\":200,\"result\":{");
        const std::string_view own_id = member(request, "\"newClientOrderId\":\"");
        if (own_id.empty())
            text_ += "\"subscriptionId\":0";
        else
            order(request, own_id);
        text_ +=
            "},\"rateLimits\":[{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,"
            "\"limit\":100,\"count\":1},{\"rateLimitType\":\"ORDERS\",\"interval\":\"DAY\",\"intervalNum\":1,"
            "\"limit\":200000,\"count\":1},{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\","
            "\"intervalNum\":1,\"limit\":6000,\"count\":4}]}";
        const std::size_t place = out_.size();
        out_.resize(place + net::ws_frame_bytes(net::WsRole::server, text_.size()));
        net::ws_write_frame(out_.data() + place, net::WsRole::server, net::WsOpcode::text, text_, 0);
        server_.answer_bytes_.store(static_cast<std::int64_t>(out_.size() - place),
                                    std::memory_order_relaxed);
    }

    /// The whole order was filled at once, at its price.
    void order(std::string_view request, std::string_view own_id) {
        ++orders_;
        const std::string_view price = member(request, "\"price\":\"");
        const std::string_view quantity = member(request, "\"quantity\":\"");
        if (price != price_ || quantity != quantity_) {
            price_ = price;
            quantity_ = quantity;
            quote_ = domain::notional(domain::Price::literal(price), domain::Quantity::literal(quantity),
                                      domain::Rounding::down)
                         .value()
                         .str8();
        }
        const std::string number = std::to_string(12'569'099'453 + server_.orders_.load() + orders_);
        text_.append("\"symbol\":\"BTCUSDT\",\"orderId\":").append(number);
        text_.append(",\"orderListId\":-1,\"clientOrderId\":\"").append(own_id);
        text_.append("\",\"transactTime\":1723161255208,\"price\":\"").append(price);
        text_.append("\",\"origQty\":\"").append(quantity);
        text_.append("\",\"executedQty\":\"").append(quantity);
        text_.append("\",\"origQuoteOrderQty\":\"0.00000000\",\"cummulativeQuoteQty\":\"").append(quote_);
        text_.append(
            "\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\","
            "\"workingTime\":1723161255208,\"fills\":[{\"price\":\"");
        text_.append(price).append("\",\"qty\":\"").append(quantity);
        text_.append("\",\"commission\":\"0.00000100\",\"commissionAsset\":\"BTC\",\"tradeId\":");
        text_.append(number).append("}],\"selfTradePreventionMode\":\"NONE\"");
    }

    WireServer& server_;
    int socket_;
    SSL* tls_{nullptr};
    std::array<char, 16'384> block_;
    std::string in_;
    std::string out_;
    std::string text_;
    std::string price_;
    std::string quantity_;
    std::string quote_;
    std::int64_t orders_{0};
    bool closing_{false};
};

WireServer::WireServer(std::optional<int> core, bool realtime)
    : context_{std::make_unique<Context>()}, core_{core}, realtime_{realtime} {
    const base::WallTime now = base::SystemClock{}.wall();
    const credentials::Validity validity{now - std::chrono::hours{1}, now + std::chrono::hours{24}};
    auto authority = credentials::CertificateAuthority::make("bench authority", validity);
    base::check(authority.has_value(), "an authority can be made");
    ca_pem_ = authority->certificate_pem();
    const auto made = authority->issue({"localhost", {"localhost"}, {"127.0.0.1"}}, validity);
    base::check(made.has_value(), "a certificate can be made");

    BIO* chain = BIO_new_mem_buf(made->certificate_pem.data(), -1);
    X509* certificate = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
    BIO* secret = BIO_new_mem_buf(made->private_key_pem.data(), -1);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(secret, nullptr, nullptr, nullptr);
    base::check(SSL_CTX_use_certificate(context_->tls, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context_->tls, key) == 1,
                "the certificate can be used");
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(chain);
    BIO_free(secret);
    SSL_CTX_set_min_proto_version(context_->tls, TLS1_3_VERSION);
    SSL_CTX_set_read_ahead(context_->tls, 1);

    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    base::check(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::listen(listener_, 16) == 0 &&
                    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
                "a port of loopback can be listened on");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread{[this] { accept_all(); }};
}

WireServer::~WireServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& session : sessions_) session.join();
    ::close(listener_);
}

void WireServer::accept_all() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sessions_.emplace_back([this, socket] {
            settle_thread(core_, realtime_);
            Session{*this, socket}.run();
        });
    }
}

}  // namespace vigil::bench
