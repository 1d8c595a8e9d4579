// The three kinds of time, as types that cannot be mixed, and the interface that tells them.
//
// MonotonicTime never jumps: every deadline, age and duration is measured on it. WallTime is this machine's
// idea of the date: for file names and logs only. ExchangeTime is Binance's clock, known only as an estimate
// that lib/timesync keeps: timestamps of requests and of market events are of this kind.
#pragma once

#include <chrono>
#include <cstdint>

namespace vigil::base {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct MonotonicTag {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = nanoseconds;
    static constexpr bool is_steady = true;
};
struct WallTag {
    using rep = std::int64_t;
    using period = std::micro;
    using duration = microseconds;
    static constexpr bool is_steady = false;
};
struct ExchangeTag {
    using rep = std::int64_t;
    using period = std::micro;
    using duration = microseconds;
    static constexpr bool is_steady = false;
};

/// Nanoseconds on a clock that counts on through suspend (CLOCK_BOOTTIME) and never steps.
using MonotonicTime = std::chrono::time_point<MonotonicTag, nanoseconds>;
/// Microseconds since 1970-01-01 UTC by this machine.
using WallTime = std::chrono::time_point<WallTag, microseconds>;
/// Microseconds since 1970-01-01 UTC by the exchange.
using ExchangeTime = std::chrono::time_point<ExchangeTag, microseconds>;

[[nodiscard]] constexpr ExchangeTime exchange_time_ms(std::int64_t since_epoch_ms) {
    return ExchangeTime{milliseconds{since_epoch_ms}};
}
[[nodiscard]] constexpr std::int64_t to_ms(ExchangeTime time) {
    return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}

/// Where the shell (never the pure rooms) reads time. Safe to call from every thread.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] MonotonicTime monotonic() const override;
    [[nodiscard]] WallTime wall() const override;
};

}  // namespace vigil::base
