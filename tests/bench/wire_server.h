// The other end of the wire: a server of WebSocket API frames over TLS 1.3 on blocking sockets, with as
// little in it as an order's answer needs, so that what is measured is the client. Every client of this
// program, the floor too, is served by this same code.
//
// One thread for each connection, all on one core; they end when their client goes. Destroying the server
// waits for them, so clients are destroyed first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace vigil::bench {

class WireServer {
  public:
    /// @param core where its threads run; nothing: wherever
    /// @param realtime under SCHED_FIFO
    WireServer(std::optional<int> core, bool realtime);
    ~WireServer();
    WireServer(const WireServer&) = delete;
    WireServer& operator=(const WireServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// What a client must trust.
    [[nodiscard]] const std::string& ca_pem() const { return ca_pem_; }
    /// Orders that arrived on all connections so far.
    [[nodiscard]] std::int64_t orders() const { return orders_.load(); }
    /// TLS reads that brought at least one order: with a client that writes once, one for all its orders.
    [[nodiscard]] std::int64_t reads() const { return reads_.load(); }
    /// Bytes of the last answer, with its frame.
    [[nodiscard]] std::int64_t answer_bytes() const { return answer_bytes_.load(); }

  private:
    struct Context;
    class Session;
    void accept_all();

    std::unique_ptr<Context> context_;
    std::optional<int> core_;
    bool realtime_;
    int listener_{-1};
    std::uint16_t port_{0};
    std::string ca_pem_;
    std::atomic<std::int64_t> orders_{0};
    std::atomic<std::int64_t> reads_{0};
    std::atomic<std::int64_t> answer_bytes_{0};
    std::vector<std::thread> sessions_;
    std::thread acceptor_;
};

/// Puts the calling thread on a core and, if wished, under SCHED_FIFO. False when the system refuses.
bool settle_thread(std::optional<int> core, bool realtime);

}  // namespace vigil::bench
