#include "governor/ban.h"

#include <algorithm>
#include <chrono>

namespace vigil::governor {

std::optional<base::MonotonicTime> remaining_ban(const BanRecord& record, base::MonotonicTime now,
                                                 base::WallTime wall_now, const BootId& boot_id) {
    const bool same_boot = !boot_id.empty() && boot_id == record.boot_id && record.imposed <= now;
    if (same_boot) {
        const base::MonotonicTime until = std::min(record.until, record.imposed + longest_ban);
        if (until <= now) return std::nullopt;
        return until;
    }
    // A record whose wall times make no sense is taken as the longest ban rather than as none. (In
    // microseconds: its numbers may be anything, and nanoseconds would overflow.)
    constexpr auto longest = std::chrono::duration_cast<base::microseconds>(longest_ban);
    const bool sensible = record.wall_imposed.time_since_epoch() >= base::microseconds{0} &&
                          record.wall_until > record.wall_imposed &&
                          record.wall_until - record.wall_imposed <= longest;
    const base::microseconds length = sensible ? record.wall_until - record.wall_imposed : longest;
    if (!sensible || wall_now < record.wall_imposed) return now + length;
    if (wall_now >= record.wall_until) return std::nullopt;
    return now + (record.wall_until - wall_now);
}

}  // namespace vigil::governor
