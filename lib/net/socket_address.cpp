#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

namespace vigil::net {

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : size_{size} {
    base::check(size <= sizeof storage_, "an address fits its storage");
    std::memcpy(&storage_, address, size);
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& numeric, std::uint16_t port) {
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, numeric.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return SocketAddress{reinterpret_cast<const sockaddr*>(&v4), sizeof v4};
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, numeric.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return SocketAddress{reinterpret_cast<const sockaddr*>(&v6), sizeof v6};
    }
    return std::nullopt;
}

std::uint16_t SocketAddress::port() const {
    // sin_port and sin6_port lie at the same place.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

std::string SocketAddress::address() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* from =
        family() == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr)
            : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr);
    if (::inet_ntop(family(), from, text.data(), static_cast<socklen_t>(text.size())) == nullptr) return "?";
    return text.data();
}

bool SocketAddress::is_loopback() const {
    if (family() == AF_INET)
        return (ntohl(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr.s_addr) >> 24U) == 127;
    if (family() != AF_INET6) return false;
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr) != 0;
}

}  // namespace vigil::net
