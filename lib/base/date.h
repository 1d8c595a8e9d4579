// Days of the calendar as they are written in files: YYYY-MM-DD.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vigil::base {

/// Nothing for what is not written so, with four, two and two digits, or is no day of the calendar.
[[nodiscard]] std::optional<std::chrono::sys_days> parse_date(std::string_view text) noexcept;

/// @param day of the years 0 to 9999
[[nodiscard]] std::string format_date(std::chrono::sys_days day);

}  // namespace vigil::base
