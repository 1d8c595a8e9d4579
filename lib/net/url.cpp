#include "net/url.h"

#include <algorithm>
#include <charconv>

#include "net/socket_address.h"

namespace vigil::net {

namespace {

using base::ErrorKind;
using base::fail;

std::uint16_t default_port(Scheme scheme) {
    return scheme == Scheme::https || scheme == Scheme::wss ? 443 : 80;
}

bool is_host_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.';
}

/// A name of letters, digits, hyphens and dots without empty labels; RFC 1123 section 2.1.
bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
           host.back() != '-' && host.find("..") == std::string_view::npos &&
           std::all_of(host.begin(), host.end(), is_host_byte);
}

}  // namespace

std::string_view to_string(Scheme scheme) noexcept {
    switch (scheme) {
        case Scheme::http:
            return "http";
        case Scheme::https:
            return "https";
        case Scheme::ws:
            return "ws";
        case Scheme::wss:
            return "wss";
    }
    return "?";
}

base::Result<Url> Url::parse(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorKind::invalid,
                    "not a usable URL (" + std::string{why} + "): '" + std::string{text} + "'");
    };
    if (text.size() > 2048) return fail(ErrorKind::invalid, "not a usable URL (longer than 2048 bytes)");
    if (!std::all_of(text.begin(), text.end(), [](char byte) { return byte > ' ' && byte < 0x7f; }))
        return fail(ErrorKind::invalid, "not a usable URL (spaces, control or non-ASCII bytes)");

    Url url;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return refuse("no scheme");
    const std::string_view scheme = text.substr(0, colon);
    bool known = false;
    for (const Scheme candidate : {Scheme::http, Scheme::https, Scheme::ws, Scheme::wss})
        if (to_string(candidate) == scheme) {
            url.scheme = candidate;
            known = true;
        }
    if (!known) return refuse("the scheme is none of http, https, ws, wss");

    std::string_view rest = text.substr(colon + 3);
    if (rest.find('#') != std::string_view::npos) return refuse("a fragment");
    const auto path_at = rest.find_first_of("/?");
    std::string_view authority = rest.substr(0, path_at);
    if (path_at != std::string_view::npos) {
        if (rest[path_at] == '?') return refuse("a query without a path");
        url.target = rest.substr(path_at);
    }
    if (authority.find('@') != std::string_view::npos)
        return fail(ErrorKind::invalid, "not a usable URL (user part)");

    std::string_view port;
    bool has_port = false;
    if (!authority.empty() && authority.front() == '[') {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return refuse("an open bracket");
        url.host = authority.substr(1, end - 1);
        const std::string_view behind = authority.substr(end + 1);
        const auto literal = SocketAddress::parse(url.host, 1);
        if (!literal || url.host.find(':') == std::string::npos)
            return refuse("the brackets hold no IPv6 address");
        if (!behind.empty()) {
            if (behind.front() != ':') return refuse("junk behind the bracket");
            port = behind.substr(1);
            has_port = true;
        }
    } else {
        const auto port_at = authority.find(':');
        url.host = authority.substr(0, port_at);
        std::transform(url.host.begin(), url.host.end(), url.host.begin(), [](char byte) {
            return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
        });
        if (!is_host_name(url.host)) return refuse("the host");
        if (port_at != std::string_view::npos) {
            port = authority.substr(port_at + 1);
            has_port = true;
        }
    }

    url.port = default_port(url.scheme);
    if (has_port) {
        unsigned value = 0;
        const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), value);
        if (problem != std::errc{} || end != port.data() + port.size() || value == 0 || value > 65'535)
            return refuse("the port");
        url.port = static_cast<std::uint16_t>(value);
    }
    return url;
}

std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != default_port(scheme)) text += ":" + std::to_string(port);
    return text;
}

std::string Url::str() const {
    return std::string{to_string(scheme)} + "://" + authority() + target;
}

bool is_loopback(std::string_view host) {
    if (host == "localhost") return true;
    const auto literal = SocketAddress::parse(std::string{host}, 1);
    return literal && literal->is_loopback();
}

}  // namespace vigil::net
