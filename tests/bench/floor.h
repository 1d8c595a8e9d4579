// The floor: a raw OpenSSL socket that sends prebuilt bytes and looks at nothing of what comes back. What any
// client over TLS on this machine has to pay.
#pragma once

#include <cstdint>
#include <string>

struct ssl_st;

namespace vigil::bench {

class Floor {
  public:
    /// @param request the text of one order.place; it goes out as one frame, always the same bytes
    /// @param at_once so many of them with each write
    /// @param with_epoll waits in epoll_wait for the answer, as an event loop does, instead of in read
    Floor(std::uint16_t port, const std::string& ca_pem, const std::string& request, int at_once,
          bool with_epoll);
    ~Floor();
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;

    /// Sends, and returns when the answer is there.
    void exchange();
    [[nodiscard]] std::size_t request_bytes() const { return bytes_.size(); }

  private:
    void wait_until_readable() const;

    int socket_{-1};
    int epoll_{-1};
    ssl_st* tls_{nullptr};
    std::string bytes_;
};

}  // namespace vigil::bench
