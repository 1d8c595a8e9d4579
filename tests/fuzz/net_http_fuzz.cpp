// HTTP requests as the simulated exchange reads them, and answers as the daemon does, in pieces of any size.
#include <algorithm>

#include "base/check.h"
#include "fuzz/target.h"
#include "net/http_parser.h"

namespace vigil::fuzz {

namespace {

constexpr net::HttpLimits limits{1024, 2048};

/// Feeds `input` as it would arrive, in pieces, with what was left unused before each; whole messages one
/// after the other, until all is used up or refused.
template <class Parser, class Begin, class Done>
void feed(Parser& parser, std::string_view input, std::size_t piece, Begin begin, Done done) {
    std::string unused;
    begin();
    while (!input.empty()) {
        const std::size_t size = std::min(piece, input.size());
        unused += input.substr(0, size);
        input.remove_prefix(size);
        while (!unused.empty()) {
            const auto used = parser.feed(unused.data(), unused.size());
            if (!used) {
                base::check(!used.error().message.empty(), "a refusal says why");
                return;
            }
            base::check(*used <= unused.size(), "no more is used than was given");
            unused.erase(0, *used);
            if (parser.done()) {
                done();
                begin();
            } else if (*used == 0) {
                base::check(unused.size() <= limits.header_bytes_max + limits.body_bytes_max,
                            "no more is asked for than is allowed");
                break;
            }
        }
    }
}

void check_headers(const net::Headers& headers) {
    for (const auto& [name, value] : headers.fields())
        base::check(name.size() + value.size() <= limits.header_bytes_max, "headers are bounded");
}

void requests(std::string_view input, std::size_t piece) {
    net::HttpRequestParser parser{limits};
    feed(
        parser, input, piece, [] {},
        [&] {
            (void)parser.keep_alive();
            (void)parser.wants_websocket();
            const net::HttpRequest request = parser.take();
            check_headers(request.headers);
            base::check(request.body.size() <= limits.body_bytes_max, "bodies are bounded");
            base::check(request.path().size() + request.query().size() <= request.target.size(),
                        "path and query are of the target");
        });
}

void answers(std::string_view input, std::size_t piece, bool to_head) {
    net::HttpResponseParser parser{limits};
    bool finished = false;
    feed(
        parser, input, piece, [&] { parser.begin(to_head); },
        [&] {
            (void)parser.keep_alive();
            const net::HttpResponse answer = parser.take();
            check_headers(answer.headers);
            base::check(answer.body.size() <= limits.body_bytes_max, "bodies are bounded");
            base::check(answer.status >= 0 && answer.status <= 999, "a status has three digits");
            finished = true;
        });
    if (!finished && !parser.done()) (void)parser.feed_end();
}

}  // namespace

// The first byte says what is parsed and how many bytes come at a time.
std::vector<std::string> seeds() {
    return {
        "\x40GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x04POST /api/v3/order?symbol=BTCUSDT HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na=1&bGET / "
        "HTTP/1.0\r\n\r\n",
        "\x40GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "\x40POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "\x41HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-MBX-USED-WEIGHT-1M: 4\r\n\r\n{}",
        "\x11HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nTransfer-Encoding: "
        "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        // The last chunk in pieces.
        "\x01HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\x11HTTP/1.1 429 Too  3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{}h\r\n\r\n3\r\n{}\r\n0\r\n\r\n",
        "\x43HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n",
        "\x41HTTP/1.0 200 OK\r\n\r\nuntil the end",
        "\x41HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    };
}

void run(std::string_view input) {
    if (input.empty()) return;
    const auto control = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const std::size_t piece = 1 + (control >> 2U);
    if ((control & 1U) == 0) {
        requests(input, piece);
    } else {
        answers(input, piece, (control & 2U) != 0);
    }
}

}  // namespace vigil::fuzz
