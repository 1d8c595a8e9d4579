// REST: whatever bytes arrive on a connection, and signed requests with whatever parameters, through the HTTP
// server to the answer.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "exchange/rest_frontend.h"
#include "fuzz/exchange_world.h"
#include "fuzz/target.h"
#include "net/event_loop.h"
#include "net/http_parser.h"
#include "net/server.h"

namespace vigil::fuzz {

namespace {

using Json = nlohmann::json;

constexpr auto patience = std::chrono::seconds{5};

/// The exchange's REST on a free port, and a client that sends bytes.
class World {
  public:
    World() : world_{no_limits()} {
        net::ServerHandlers handlers;
        handlers.on_http = [this](net::ServerRequest request, net::Responder responder) {
            rest_.handle(std::move(request), std::move(responder));
        };
        auto server = net::Server::listen(loop_, std::nullopt, std::move(handlers));
        base::check(server.has_value(), "a server listens");
        server_ = *std::move(server);
    }

    /// Sends `bytes`, says that no more come, and returns all that is answered.
    std::string exchange_bytes(std::string_view bytes) {
        const base::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server_->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* const place = reinterpret_cast<const sockaddr*>(&address);
        // libFuzzer's timer may interrupt it; it goes on nevertheless.
        while (::connect(socket.get(), place, sizeof address) != 0 && errno != EISCONN)
            base::check(errno == EINTR || errno == EALREADY, "the server can be reached");
        base::check(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                        static_cast<ssize_t>(bytes.size()),
                    "an input fits the socket's buffer");
        base::check(::shutdown(socket.get(), SHUT_WR) == 0, "the end can be said");
        std::string answer;
        const bool ended = loop_.run_until(
            [&] {
                std::array<char, 65536> buffer;
                for (;;) {
                    const auto count = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
                    if (count <= 0) return count == 0 || errno != EAGAIN;
                    answer.append(buffer.data(), static_cast<std::size_t>(count));
                }
            },
            patience);
        base::check(ended, "every connection comes to its end");
        return answer;
    }
    /// The request with timestamp, signature and key.
    std::string signed_request(std::string_view verb, std::string_view path, std::string_view query) {
        return std::string{verb} + ' ' + std::string{path} + '?' + world_.signed_query(query) +
               " HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: " + exchange::ServerWorld::alice_key +
               "\r\nConnection: close\r\n\r\n";
    }

  private:
    exchange::ServerWorld world_;
    net::EventLoop loop_;
    exchange::RestFrontend rest_{world_.state, world_.dispatcher};
    std::unique_ptr<net::Server> server_;
};

void check_answer(const net::HttpResponse& answer) {
    const bool json = answer.headers.find("Content-Type").value_or("").starts_with("application/json");
    if (!json) {
        base::check(answer.status == 400 || answer.status == 404 || answer.status == 410 ||
                        answer.status == 413 || answer.status == 431 || answer.status == 501 ||
                        answer.status == 505,
                    "pages are for requests that are no requests of the API");
        return;
    }
    const Json body = Json::parse(answer.body);
    if (answer.status == 200) {
        base::check(!body.is_object() || !body.contains("code"), "a success is no error");
        return;
    }
    base::check(answer.status == 400 || answer.status == 401 || answer.status == 403 || answer.status == 409,
                "a refusal has its status");
    if (answer.status != 409) check_error(body.at("code").get<int>(), body.at("msg").get<std::string>());
}

/// Whether the first of these answers ends with its header: what HEAD is answered with has no body.
bool has_no_body(std::string_view bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const std::string_view behind = bytes.substr(end + 4);
    return behind.empty() || behind.starts_with("HTTP/1.");
}

// Whatever was answered is a row of whole HTTP answers.
void check_answers(std::string_view bytes, bool heads_asked) {
    net::HttpResponseParser parser{{64 << 10, 64 << 20}};
    while (!bytes.empty()) {
        const bool is_head = heads_asked && has_no_body(bytes);
        parser.begin(is_head);
        while (!bytes.empty() && !parser.done()) {
            const auto used = parser.feed(bytes.data(), bytes.size());
            base::check(used.has_value(), "answers are HTTP");
            bytes.remove_prefix(*used);
        }
        base::check(parser.done(), "answers are whole");
        const net::HttpResponse answer = parser.take();
        if (!is_head) check_answer(answer);
    }
}

}  // namespace

// "VERB PATH QUERY" behind an 's' is signed and sent as a request; bytes behind anything else are sent as
// they are.
std::vector<std::string> seeds() {
    const std::string tail = " HTTP/1.1\r\nHost: x\r\n\r\n";
    std::vector<std::string> all;
    for (const exchange::MethodSpec& method : exchange::all_methods()) {
        if (method.path.empty()) continue;
        const std::string start = std::string{method.verb} + ' ' + std::string{method.path};
        all.push_back("s" + start + " symbol=BTCUSDT");
        all.push_back("r" + start + "?symbol=BTCUSDT" + tail);
    }
    for (const std::string_view query :
         {"side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=99.5&newClientOrderId=mine",
          "side=SELL&type=MARKET&quoteOrderQty=25.5&newOrderRespType=FULL",
          "side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.01&price=90&stopPrice=91&icebergQty=0."
          "001",
          "side=BUY&type=TAKE_PROFIT&quantity=0.01&trailingDelta=100&selfTradePreventionMode=EXPIRE_BOTH"})
        all.push_back("sPOST /api/v3/order symbol=BTCUSDT&" + std::string{query});
    all.push_back("sDELETE /api/v3/order symbol=BTCUSDT&origClientOrderId=mine");
    all.push_back("sGET /api/v3/order symbol=BTCUSDT&orderId=1");
    all.push_back("rGET /api/v3/klines?symbol=BTCUSDT&interval=1m&limit=3&startTime=1723161600000" + tail);
    all.push_back("rGET /api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22BNBUSDT%22%5D" + tail);
    all.push_back(
        "rPOST /api/v3/order HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\nX-MBX-TIME-UNIT: "
        "MICROSECOND\r\n\r\n"
        "symbol=BTCUSDT&side=%42UY&");
    all.push_back("rGET /api/v3/time" + tail + "GET /api/v3/ping" + tail);
    all.push_back("sHEAD /api/v3/order symbol=BTCUSDT&side=SELL");
    all.push_back("rHEAD /api/v3/time" + tail + "GET /api/v3/ping" + tail);
    return all;
}

void run(std::string_view input) {
    constexpr std::size_t input_bytes_max = 32 << 10;
    if (input.empty() || input.size() > input_bytes_max) return;
    static Reused<World> reused;
    World& world = reused.get();
    const bool sign = input.front() == 's';
    input.remove_prefix(1);
    if (!sign) {
        check_answers(world.exchange_bytes(input), input.find("HEAD") != std::string_view::npos);
        return;
    }
    const auto verb_end = std::min(input.find(' '), input.size());
    const std::string_view behind = input.substr(std::min(verb_end + 1, input.size()));
    const auto path_end = std::min(behind.find(' '), behind.size());
    const std::string_view query = behind.substr(std::min(path_end + 1, behind.size()));
    const std::string_view verb = input.substr(0, verb_end);
    // A verb may have line ends in it, and so be several requests.
    check_answers(world.exchange_bytes(world.signed_request(verb, behind.substr(0, path_end), query)),
                  input.find("HEAD") != std::string_view::npos);
}

}  // namespace vigil::fuzz
