// The rest that the exchange ordered, as a small text in the state folder: written before the next request,
// read at the next start. `name value` lines, times in nanoseconds (monotonic) and microseconds (wall).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "governor/ban.h"

namespace vigil::runtime {

inline constexpr std::string_view ban_file_name = "ban";

[[nodiscard]] std::string to_text(const governor::BanRecord& ban);
/// Errors: corrupt.
[[nodiscard]] base::Result<governor::BanRecord> parse_ban(std::string_view text);
/// /proc/sys/kernel/random/boot_id; empty when it cannot be read.
[[nodiscard]] governor::BootId read_boot_id();

}  // namespace vigil::runtime
