#include "net/http_parser.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "base/check.h"

namespace vigil::net {

namespace {

namespace http = boost::beast::http;
using base::ErrorKind;
using boost::beast::error_code;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

base::Error parse_error(error_code problem) {
    const bool limit = problem == http::error::header_limit || problem == http::error::body_limit ||
                       problem == http::error::buffer_overflow;
    return {limit ? ErrorKind::exhausted : ErrorKind::corrupt,
            "not a usable HTTP message: " + problem.message()};
}

template <class Fields>
Headers headers_of(const Fields& fields) {
    Headers headers;
    for (const auto& field : fields)
        headers.add(std::string{view(field.name_string())}, std::string{view(field.value())});
    return headers;
}

template <class Parser>
void set_limits(Parser& parser, HttpLimits limits) {
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser.body_limit(limits.body_bytes_max);
    parser.eager(true);
}

template <class Parser>
base::Result<std::size_t> feed_parser(Parser& parser, HttpLimits limits, const char* bytes, std::size_t size,
                                      bool& body_too_long) {
    // Every chunk's header is followed by this much at least: "0", two line ends. Beast asserts that it is
    // there when it comes back to the last chunk, although it may have asked for a single byte more.
    constexpr std::size_t end_of_chunks_bytes = 5;
    if (parser.is_header_done() && parser.chunked() && size < end_of_chunks_bytes) return std::size_t{0};
    error_code problem;
    const std::size_t used = parser.put(boost::asio::const_buffer{bytes, size}, problem);
    if (problem == http::error::need_more) {
        // What Beast leaves over is a line or header without an end: that is bounded here.
        if (size - used > limits.header_bytes_max)
            return base::fail(ErrorKind::exhausted,
                              "not a usable HTTP message: a header or line without an end");
        return used;
    }
    body_too_long = problem == http::error::body_limit;
    if (problem) return base::fail(parse_error(problem));
    return used;
}

}  // namespace

class HttpRequestParser::Impl {
  public:
    explicit Impl(HttpLimits limits) { set_limits(parser, limits); }
    http::request_parser<http::string_body> parser;
};

HttpRequestParser::HttpRequestParser(HttpLimits limits)
    : limits_{limits}, impl_{std::make_unique<Impl>(limits)} {}
HttpRequestParser::~HttpRequestParser() = default;

base::Result<std::size_t> HttpRequestParser::feed(const char* bytes, std::size_t size) {
    base::check(!done(), "a finished message is taken before more is parsed");
    return feed_parser(impl_->parser, limits_, bytes, size, body_too_long_);
}

bool HttpRequestParser::done() const {
    return impl_->parser.is_done();
}
bool HttpRequestParser::begun() const {
    return impl_->parser.got_some();
}
bool HttpRequestParser::keep_alive() const {
    return impl_->parser.keep_alive();
}

bool HttpRequestParser::wants_websocket() const {
    const auto& message = impl_->parser.get();
    const auto key = message[http::field::sec_websocket_key];
    return boost::beast::websocket::is_upgrade(message) && !key.empty() && key.size() <= 64 &&
           message[http::field::sec_websocket_version] == "13";
}

HttpRequest HttpRequestParser::take() {
    base::check(done(), "only a finished message is taken");
    auto message = impl_->parser.release();
    HttpRequest request;
    request.method = view(message.method_string());
    request.target = view(message.target());
    request.headers = headers_of(message);
    request.body = std::move(message.body());
    impl_ = std::make_unique<Impl>(limits_);
    return request;
}

class HttpResponseParser::Impl {
  public:
    Impl(HttpLimits limits, bool answers_head) : head{answers_head} {
        set_limits(parser, limits);
        parser.skip(answers_head);
    }
    http::response_parser<http::string_body> parser;
    const bool head;
};

HttpResponseParser::HttpResponseParser(HttpLimits limits)
    : limits_{limits}, impl_{std::make_unique<Impl>(limits, false)} {}
HttpResponseParser::~HttpResponseParser() = default;

void HttpResponseParser::begin(bool answers_head) {
    impl_ = std::make_unique<Impl>(limits_, answers_head);
}

base::Result<std::size_t> HttpResponseParser::feed(const char* bytes, std::size_t size) {
    std::size_t used = 0;
    while (used < size && !done()) {
        bool body_too_long = false;
        const auto more = feed_parser(impl_->parser, limits_, bytes + used, size - used, body_too_long);
        if (!more) return more;
        used += *more;
        const bool interim =
            done() && impl_->parser.get().result_int() < 200 && impl_->parser.get().result_int() != 101;
        if (interim)
            begin(impl_->head);
        else if (*more == 0)
            break;
    }
    return used;
}

base::Result<void> HttpResponseParser::feed_end() {
    if (!impl_->parser.got_some())
        return base::fail(ErrorKind::unavailable, "the peer closed without an answer");
    error_code problem;
    impl_->parser.put_eof(problem);
    if (problem) return base::fail(ErrorKind::corrupt, "the answer is cut off");
    return {};
}

bool HttpResponseParser::done() const {
    return impl_->parser.is_done();
}
bool HttpResponseParser::header_done() const {
    return impl_->parser.is_header_done();
}
bool HttpResponseParser::keep_alive() const {
    return impl_->parser.keep_alive();
}

HttpResponse HttpResponseParser::take() {
    base::check(header_done(), "a response is taken once its header is there");
    const auto& message = impl_->parser.get();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    response.headers = headers_of(message);
    response.body = message.body();
    return response;
}

}  // namespace vigil::net
