// A numeric address with its port, as the kernel takes it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigil::net {

class SocketAddress {
  public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t size);

    /// Nothing when `numeric` is not an IPv4 or IPv6 address literal.
    [[nodiscard]] static std::optional<SocketAddress> parse(const std::string& numeric, std::uint16_t port);

    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string address() const;  ///< without the port
    [[nodiscard]] bool is_loopback() const;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    [[nodiscard]] socklen_t size() const { return size_; }

  private:
    sockaddr_storage storage_{};
    socklen_t size_{0};
};

}  // namespace vigil::net
