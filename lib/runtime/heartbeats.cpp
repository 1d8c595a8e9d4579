#include "runtime/heartbeats.h"

#include <utility>

namespace vigil::runtime {

Heartbeat::Heartbeat(std::string name, base::milliseconds allowed_silence, base::MonotonicTime now)
    : name_{std::move(name)}, allowed_silence_{allowed_silence}, last_ns_{now.time_since_epoch().count()} {}

base::nanoseconds Heartbeat::silence(base::MonotonicTime now) const {
    return base::nanoseconds{now.time_since_epoch().count() - last_ns_.load(std::memory_order_relaxed)};
}

Heartbeat& Heartbeats::add(std::string name, base::milliseconds allowed_silence, base::MonotonicTime now) {
    const std::scoped_lock lock{mutex_};
    return beats_.emplace_back(std::move(name), allowed_silence, now);
}

std::vector<Heartbeats::Late> Heartbeats::late(base::MonotonicTime now) const {
    const std::scoped_lock lock{mutex_};
    std::vector<Late> late;
    for (const Heartbeat& beat : beats_)
        if (beat.is_late(now))
            late.push_back({beat.name(), std::chrono::duration_cast<base::milliseconds>(beat.silence(now))});
    return late;
}

}  // namespace vigil::runtime
