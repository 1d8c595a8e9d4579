// How long to wait before the next attempt to connect: doubling from a first wait to a longest one, each
// spread by jitter so that many clients do not come back at once. The exchange allows 300 attempts in 5
// minutes (web-socket-streams.md).
#pragma once

#include <algorithm>
#include <random>

#include "base/time.h"

namespace vigil::binance {

class Backoff {
  public:
    Backoff(base::milliseconds first, base::milliseconds longest)
        : first_{first}, longest_{longest}, wait_{first} {}

    /// The next wait: between half and all of the current step, which then doubles.
    [[nodiscard]] base::milliseconds next() {
        std::uniform_int_distribution<std::int64_t> spread{wait_.count() / 2, wait_.count()};
        const base::milliseconds wait{spread(random_)};
        wait_ = std::min(wait_ * 2, longest_);
        return wait;
    }
    /// A connection has proved itself.
    void reset() { wait_ = first_; }

  private:
    base::milliseconds first_;
    base::milliseconds longest_;
    base::milliseconds wait_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace vigil::binance
