// The exchange's own clock. It starts at this machine's date and then counts on the monotonic clock, so it
// runs at wall speed whatever is replayed, and a step of the machine's clock is not the exchange's. (Both may
// be a VirtualClock's, which moves only when it is told to.)
//
// Two readings. The core lives on core_now(), which never goes back, and stands still while the market is
// paused. What clients see, and what their timestamps are held against, is shown(): it runs through a pause,
// and a fault may set it ahead, back, or let it drift. shift() is the difference; every time that is written
// to a client is a core time plus shift(). Loop thread only.
#pragma once

#include <cstdint>
#include <optional>

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

    [[nodiscard]] base::ExchangeTime core_now() const {
        return core_time(paused_at_ ? *paused_at_ : clock_.monotonic());
    }
    [[nodiscard]] base::microseconds shift() const {
        const base::MonotonicTime now = clock_.monotonic();
        const auto pause = paused_ + (paused_at_ ? now - *paused_at_ : base::nanoseconds{0});
        return std::chrono::floor<base::microseconds>(pause) + fault_at(now);
    }
    [[nodiscard]] base::ExchangeTime shown() const {
        const base::MonotonicTime now = clock_.monotonic();
        return epoch_ + std::chrono::floor<base::microseconds>(now - started_) + fault_at(now);
    }
    [[nodiscard]] base::MonotonicTime monotonic() const { return clock_.monotonic(); }
    /// Since the start, whatever was paused or set off.
    [[nodiscard]] base::nanoseconds elapsed() const { return clock_.monotonic() - started_; }
    /// Since the start, without the pauses: how long the market has run.
    [[nodiscard]] base::nanoseconds core_elapsed() const {
        return (paused_at_ ? *paused_at_ : clock_.monotonic()) - started_ - paused_;
    }

    /// From now on the shown clock is `offset` ahead (behind when negative), and gains `drift_ppm`
    /// microseconds a second.
    void set_fault(base::microseconds offset, std::int64_t drift_ppm) {
        offset_ = offset;
        drift_ppm_ = drift_ppm;
        drift_since_ = clock_.monotonic();
    }

    void pause() {
        if (!paused_at_) paused_at_ = clock_.monotonic();
    }
    void resume() {
        if (!paused_at_) return;
        paused_ += clock_.monotonic() - *paused_at_;
        paused_at_.reset();
    }
    [[nodiscard]] bool paused() const { return paused_at_.has_value(); }

  private:
    [[nodiscard]] base::ExchangeTime core_time(base::MonotonicTime at) const {
        return epoch_ + std::chrono::floor<base::microseconds>(at - started_ - paused_);
    }
    [[nodiscard]] base::microseconds fault_at(base::MonotonicTime at) const {
        const auto elapsed_us = std::chrono::floor<base::microseconds>(at - drift_since_).count();
        return offset_ + base::microseconds{elapsed_us / 1000 * drift_ppm_ / 1000};
    }

    const base::Clock& clock_;
    base::MonotonicTime started_;
    base::ExchangeTime epoch_;
    base::nanoseconds paused_{0};
    std::optional<base::MonotonicTime> paused_at_;
    base::microseconds offset_{0};
    std::int64_t drift_ppm_{0};
    base::MonotonicTime drift_since_;
};

}  // namespace vigil::exchange
