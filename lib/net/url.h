// An absolute URL of the four schemes that we speak, taken apart strictly: what is not certainly right is an
// error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vigil::net {

enum class Scheme { http, https, ws, wss };

std::string_view to_string(Scheme scheme) noexcept;

struct Url {
    Scheme scheme{Scheme::https};
    std::string host;         ///< lower case name or address literal, without the brackets of an IPv6 one
    std::uint16_t port{};     ///< given, or the scheme's own (80, 443); never 0
    std::string target{"/"};  ///< path and query as given, always beginning with '/'

    /// No user part, no fragment, no spaces or non-ASCII bytes, port 1 to 65535.
    [[nodiscard]] static base::Result<Url> parse(std::string_view text);

    [[nodiscard]] bool uses_tls() const { return scheme == Scheme::https || scheme == Scheme::wss; }
    /// Value of a Host header: the port is named only when it is not the scheme's own.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string str() const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// 127.0.0.0/8, ::1 or the name localhost: the only hosts that may be spoken to without TLS.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace vigil::net
