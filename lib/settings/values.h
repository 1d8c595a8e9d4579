// Values as an operator writes them: durations, percentages, decimals, symbols, URLs. Each says what is wrong
// and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::settings {

/// A whole number and its unit: 250ms, 5s, 10m, 1h, 7d.
[[nodiscard]] base::Result<base::milliseconds> parse_duration(std::string_view text);
/// As short as exact: "250ms", "5s", "1h".
[[nodiscard]] std::string format_duration(base::milliseconds duration);

/// "0.5%" -> 0.005, exactly: at most 6 decimal places.
[[nodiscard]] base::Result<domain::Rate> parse_percent(std::string_view text);

/// A decimal with at most 8 places, without exponent, sign or unit, as scaled integer.
[[nodiscard]] base::Result<std::int64_t> parse_amount(std::string_view text);

[[nodiscard]] base::Result<bool> parse_boolean(std::string_view text);
[[nodiscard]] base::Result<std::int64_t> parse_integer(std::string_view text);

/// As the exchange writes it: no lower case letters, blanks or control characters.
[[nodiscard]] base::Result<domain::Symbol> parse_symbol(std::string_view text);
[[nodiscard]] base::Result<domain::Asset> parse_asset(std::string_view text);

/// UTC: 2026-08-01T12:00:00Z.
[[nodiscard]] base::Result<base::ExchangeTime> parse_instant(std::string_view text);

/// `scheme` is "https" or "wss": the only ones, since certificates are always verified. No user, query or
/// fragment.
[[nodiscard]] base::Result<std::string> parse_url(std::string_view text, std::string_view scheme);

/// An IPv4 or IPv6 address.
[[nodiscard]] base::Result<std::string> parse_address(std::string_view text);

}  // namespace vigil::settings
