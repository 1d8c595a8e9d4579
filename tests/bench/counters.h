// Exact counts of what the calling thread does: allocations through operator new (replaced in this program),
// the system calls of the network path (wrapped by the linker), and waits that gave the processor away.
#pragma once

#include <cstdint>

namespace vigil::bench {

struct Counters {
    std::int64_t allocations{0};
    std::int64_t sends{0};
    std::int64_t receives{0};
    std::int64_t waits{0};   ///< epoll_wait and epoll_pwait2
    std::int64_t others{0};  ///< epoll_ctl
    std::int64_t voluntary_switches{0};

    [[nodiscard]] std::int64_t system_calls() const { return sends + receives + waits + others; }
    friend Counters operator-(const Counters& a, const Counters& b) {
        return {a.allocations - b.allocations, a.sends - b.sends,
                a.receives - b.receives,       a.waits - b.waits,
                a.others - b.others,           a.voluntary_switches - b.voluntary_switches};
    }
};

/// Of the calling thread since it began.
[[nodiscard]] Counters counters_now();
/// The allocations alone, without asking the system.
[[nodiscard]] std::int64_t allocations_now();

}  // namespace vigil::bench
