// A TCP connection to a host name: resolves, then tries address after address, each with its share of the
// time left.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace vigil::net {

class EventLoop;

class Connector {
  public:
    using Callback = std::function<void(base::Result<base::UniqueFd>)>;

    /// @param local_address numeric address to bind to, or empty
    /// @param deadline when it is over: `timeout`
    /// @param done called once on the loop's thread, never from inside this call; the socket is connected,
    ///        non-blocking and has TCP_NODELAY
    Connector(EventLoop& loop, const std::string& host, std::uint16_t port, const std::string& local_address,
              base::MonotonicTime deadline, Callback done);
    /// Gives up; `done` is not called any more. Safe from inside `done`.
    ~Connector();
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace vigil::net
