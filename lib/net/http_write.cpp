#include "net/http_write.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace vigil::net {

namespace {

using base::ErrorKind;
using base::fail;

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
               marks.find(byte) != std::string_view::npos;
    });
}

bool is_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return byte == '\t' || static_cast<unsigned char>(byte) >= 0x20; }) &&
           text.find('\x7f') == std::string_view::npos;
}

bool is_target(std::string_view text) {
    return !text.empty() && text.front() == '/' &&
           std::all_of(text.begin(), text.end(), [](char byte) { return byte > ' ' && byte < 0x7f; });
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 418:
            return "I'm a teapot";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

/// RFC 9110 section 5.6.7, of now; written anew once a second.
const std::string& date() {
    thread_local std::time_t written_at = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now == written_at && !text.empty()) return text;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    // Not strftime's %a and %b: those follow the locale.
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> digits{};
    text = days[static_cast<std::size_t>(parts.tm_wday)];
    std::strftime(digits.data(), digits.size(), ", %d ", &parts);
    text += digits.data();
    text += months[static_cast<std::size_t>(parts.tm_mon)];
    std::strftime(digits.data(), digits.size(), " %Y %H:%M:%S GMT", &parts);
    text += digits.data();
    written_at = now;
    return text;
}

void append_headers(std::string& out, const Headers& headers) {
    for (const auto& [name, value] : headers.fields()) {
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
}

}  // namespace

base::Result<void> check_headers(const Headers& headers) {
    for (const auto& [name, value] : headers.fields())
        if (!is_token(name) || !is_value(value))
            return fail(ErrorKind::invalid, "a header field that cannot be sent (its name has " +
                                                std::to_string(name.size()) + " bytes)");
    return {};
}

base::Result<void> check_request(const HttpRequest& request) {
    if (!is_token(request.method)) return fail(ErrorKind::invalid, "not an HTTP method");
    if (!is_target(request.target))
        return fail(ErrorKind::invalid, "a request target that is not percent-encoded");
    return check_headers(request.headers);
}

std::string write_request(const HttpRequest& request, std::string_view authority) {
    std::string out;
    out.reserve(256 + request.target.size() + request.body.size());
    out += request.method;
    out += ' ';
    out += request.target;
    out += " HTTP/1.1\r\nHost: ";
    out += authority;
    out += "\r\n";
    append_headers(out, request.headers);
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    out += "\r\n";
    out += request.body;
    return out;
}

std::string write_response(const HttpResponse& response, bool keep_alive, bool without_body) {
    std::string out;
    out.reserve(256 + response.body.size());
    out += "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += reason_of(response.status);
    out += "\r\nDate: ";
    out += date();
    out += "\r\n";
    append_headers(out, response.headers);
    const bool never_body = response.status < 200 || response.status == 204 || response.status == 304;
    if (!never_body) out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (!never_body && !without_body) out += response.body;
    return out;
}

}  // namespace vigil::net
