// Proof of life. Every thread of the daemon owns a Heartbeat and beats it at least as often as it promised;
// the main thread feeds the systemd watchdog only while none is late, so that one hung thread brings a
// restart.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"

namespace vigil::runtime {

/// Written by its thread, read by the main thread.
class Heartbeat {
  public:
    Heartbeat(std::string name, base::milliseconds allowed_silence, base::MonotonicTime now);
    void beat(base::MonotonicTime now) {
        last_ns_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] base::nanoseconds silence(base::MonotonicTime now) const;
    [[nodiscard]] bool is_late(base::MonotonicTime now) const { return silence(now) > allowed_silence_; }

  private:
    std::string name_;
    base::nanoseconds allowed_silence_;
    std::atomic<std::int64_t> last_ns_;
};

/// Owned by the service; outlives every thread. add() before the thread starts.
class Heartbeats {
  public:
    /// @param allowed_silence how long the thread may go without a beat before it counts as stalled
    [[nodiscard]] Heartbeat& add(std::string name, base::milliseconds allowed_silence,
                                 base::MonotonicTime now);
    struct Late {
        std::string name;
        base::milliseconds silence;
    };
    [[nodiscard]] std::vector<Late> late(base::MonotonicTime now) const;

  private:
    mutable std::mutex mutex_;
    std::deque<Heartbeat> beats_;  // a deque: addresses stay
};

}  // namespace vigil::runtime
