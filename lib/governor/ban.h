// Rests that the exchange has ordered (429, 418), and how they outlive a restart.
//
// A ban is kept on the monotonic clock, which cannot be set back. Only that clock starts anew when the
// machine boots; so the record that the shell writes to the state folder also holds the wall clock's
// deadline, the length of the ban, and the boot it was made in. After a restart in the same boot the
// monotonic deadline is exact; after a reboot the wall clock decides, but never for longer than the ban's
// length, and for the whole length when the wall clock has gone back behind the moment the ban was made.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/short_text.h"
#include "base/time.h"

namespace vigil::governor {

/// /proc/sys/kernel/random/boot_id, as the shell reads it; empty when it cannot be read.
using BootId = base::ShortText<40, struct BootIdTag>;

/// Bans last at most 3 days (rest-api.md, "IP Limits"); whatever an answer or a file says, we wait no longer
/// than this.
inline constexpr base::nanoseconds longest_ban{std::chrono::hours{4 * 24}};

/// What the shell persists whenever the governor says that it changed (Governor::ban_record), before anything
/// else is sent. Plain numbers; how they are written is the shell's business.
struct BanRecord {
    std::int32_t status{0};       ///< 429 or 418
    std::int32_t offences{0};     ///< in a row, for waits that the exchange did not name
    base::MonotonicTime until{};  ///< of the boot below
    base::MonotonicTime imposed{};
    base::WallTime wall_until{};
    base::WallTime wall_imposed{};
    BootId boot_id;

    friend bool operator==(const BanRecord&, const BanRecord&) = default;
};

/// Until when a persisted ban still holds, by the rules above; nothing when it is over.
[[nodiscard]] std::optional<base::MonotonicTime> remaining_ban(const BanRecord& record,
                                                               base::MonotonicTime now,
                                                               base::WallTime wall_now,
                                                               const BootId& boot_id);

}  // namespace vigil::governor
