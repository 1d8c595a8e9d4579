// Host names to addresses. getaddrinfo blocks for as long as it likes, so it runs on one helper thread, which
// is started with the first name that is not a literal. The resolver never waits for it: when the loop goes
// away in the middle of a look-up, the thread is left to end by itself, touching nothing but its own state.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/socket_address.h"

namespace vigil::net {

class EventLoop;

class Resolver {
  public:
    using Callback = std::function<void(base::Result<std::vector<SocketAddress>>)>;

    explicit Resolver(EventLoop& loop);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// Calls `done` once on the loop's thread, never from inside this call; the addresses are in the order of
    /// preference of the system, and at least one. No deadline of its own: the asker has one.
    void resolve(const std::string& host, std::uint16_t port, Callback done);

  private:
    struct Shared;
    EventLoop& loop_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace vigil::net
