// The exchange's own clock. It starts at this machine's date and then counts on the monotonic clock, so it
// runs at wall speed whatever is replayed, and a step of the machine's clock is not the exchange's.
//
// The core lives on core_now(), which never goes back. What clients see, and what their timestamps are held
// against, is shown(): core_now() and a shift that a fault may set, step or let drift. Loop thread only.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace vigil::exchange {

class ServerClock {
  public:
    /// `clock` must outlive it.
    explicit ServerClock(const base::Clock& clock)
        : clock_{clock},
          started_{clock.monotonic()},
          epoch_{clock.wall().time_since_epoch()},
          drift_since_{started_} {}

    [[nodiscard]] base::ExchangeTime core_now() const { return core_time(clock_.monotonic()); }
    [[nodiscard]] base::microseconds shift() const { return shift_at(clock_.monotonic()); }
    [[nodiscard]] base::ExchangeTime shown() const { return core_now() + shift(); }
    [[nodiscard]] base::MonotonicTime monotonic() const { return clock_.monotonic(); }

    /// From now on the shown clock is `offset` ahead (behind when negative), and gains `drift_ppm`
    /// microseconds a second.
    void set_fault(base::microseconds offset, std::int64_t drift_ppm) {
        offset_ = offset;
        drift_ppm_ = drift_ppm;
        drift_since_ = clock_.monotonic();
    }

  private:
    [[nodiscard]] base::ExchangeTime core_time(base::MonotonicTime at) const {
        return epoch_ + std::chrono::floor<base::microseconds>(at - started_);
    }
    [[nodiscard]] base::microseconds shift_at(base::MonotonicTime at) const {
        const auto elapsed_us = std::chrono::floor<base::microseconds>(at - drift_since_).count();
        return offset_ + base::microseconds{elapsed_us / 1000 * drift_ppm_ / 1000};
    }

    const base::Clock& clock_;
    base::MonotonicTime started_;
    base::ExchangeTime epoch_;
    base::microseconds offset_{0};
    std::int64_t drift_ppm_{0};
    base::MonotonicTime drift_since_;
};

}  // namespace vigil::exchange
