#include "base/time.h"

#include <ctime>

namespace vigil::base {

namespace {

nanoseconds read(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

}  // namespace

MonotonicTime SystemClock::monotonic() const {
    return MonotonicTime{read(CLOCK_BOOTTIME)};
}

WallTime SystemClock::wall() const {
    return WallTime{std::chrono::floor<microseconds>(read(CLOCK_REALTIME))};
}

}  // namespace vigil::base
