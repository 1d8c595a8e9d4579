#include "settings/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "base/date.h"

namespace vigil::settings {

using base::ErrorKind;
using base::fail;

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

/// What was given, for a message: shortened, and without characters that could play tricks on a terminal.
std::string quoted(std::string_view text) {
    constexpr std::size_t shown = 60;
    std::string out = "\"";
    for (const char c : text.substr(0, shown)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return out + (text.size() > shown ? "...\"" : "\"");
}

tl::unexpected<base::Error> bad(std::string_view text, std::string_view what) {
    return fail(ErrorKind::invalid, quoted(text) + " " + std::string{what});
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Letters that a name at the exchange may have: anything printable but lower case and what would need care
/// in a URL or on a terminal. Symbols may be non-ASCII.
bool is_exchange_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
    });
}

}  // namespace

base::Result<base::milliseconds> parse_duration(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view unit = text.substr(digits);
    if (digits == 0)
        return bad(text, "is no duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h, 7d");
    if (unit.empty())
        return bad(text, "has no unit: write " + std::string{text} + "ms, " + std::string{text} + "s, " +
                             std::string{text} + "m, " + std::string{text} + "h or " + std::string{text} +
                             "d");
    if (unit[0] == '.' || unit[0] == ',')
        return bad(text, "is no whole number: write 1500ms instead of 1.5s");
    for (const auto& [name, factor] : units) {
        if (unit != name) continue;
        const auto number = whole_number(text.substr(0, digits));
        if (!number || *number > std::numeric_limits<std::int64_t>::max() / 1'000'000 / factor)
            return bad(text, "is too long a time");
        return base::milliseconds{*number * factor};
    }
    return bad(text, "has an unknown unit: there are ms, s, m, h and d");
}

std::string format_duration(base::milliseconds duration) {
    const std::int64_t ms = duration.count();
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
        if (ms != 0 && ms % unit->second == 0)
            return std::to_string(ms / unit->second) + std::string{unit->first};
    return std::to_string(ms) + "ms";
}

base::Result<domain::Rate> parse_percent(std::string_view text) {
    if (text.empty() || text.back() != '%')
        return bad(text, "is no percentage: write it with its sign, such as 0.5%");
    const auto raw = domain::parse_decimal(text.substr(0, text.size() - 1));
    if (!raw) return bad(text, "is no percentage: write a decimal and %, such as 0.5%");
    if (*raw % 100 != 0) return bad(text, "has more than 6 decimal places");
    return domain::Rate::from_raw(*raw / 100);
}

base::Result<std::int64_t> parse_amount(std::string_view text) {
    if (const auto raw = domain::parse_decimal(text)) {
        if (*raw < 0) return bad(text, "must not be negative");
        return *raw;
    }
    if (text.find_first_of("eE") != std::string_view::npos && text.find_first_of("0123456789") == 0)
        return bad(text, "has an exponent: write the decimal out");
    if (text.find(',') != std::string_view::npos || text.find('_') != std::string_view::npos)
        return bad(text, "has a separator: write digits with a point, such as 61556.04");
    const std::size_t point = text.find('.');
    if (point != std::string_view::npos && is_digits(text.substr(0, point)) &&
        is_digits(text.substr(point + 1)) && text.size() - point - 1 > domain::decimal_places)
        return bad(text, "has more than 8 decimal places");
    if (is_digits(text)) return bad(text, "is too large");
    return bad(text, "is no decimal: write digits with a point, such as 61556.04");
}

base::Result<bool> parse_boolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return bad(text, "is neither true nor false");
}

base::Result<std::int64_t> parse_integer(std::string_view text) {
    if (is_digits(text) || (text.size() > 1 && text[0] == '-' && is_digits(text.substr(1)))) {
        if (const auto number = whole_number(text)) return *number;
        return bad(text, "is too large");
    }
    return bad(text, "is no whole number");
}

base::Result<domain::Symbol> parse_symbol(std::string_view text) {
    if (!is_exchange_name(text))
        return bad(text, "is no symbol: write it as the exchange does, such as BTCUSDT");
    const auto symbol = domain::Symbol::from(text);
    if (!symbol) return bad(text, "is too long for a symbol");
    return *symbol;
}

base::Result<domain::Asset> parse_asset(std::string_view text) {
    if (!is_exchange_name(text)) return bad(text, "is no asset: write it as the exchange does, such as USDT");
    const auto asset = domain::Asset::from(text);
    if (!asset) return bad(text, "is too long for an asset");
    return *asset;
}

base::Result<base::ExchangeTime> parse_instant(std::string_view text) {
    constexpr std::string_view pattern = "dddd-dd-ddTdd:dd:ddZ";
    bool fits = text.size() == pattern.size();
    for (std::size_t i = 0; fits && i < pattern.size(); ++i)
        fits = pattern[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == pattern[i];
    if (!fits) return bad(text, "is no instant: write it in UTC as 2026-08-01T12:00:00Z");
    const auto number = [text](std::size_t at, std::size_t size) {
        return static_cast<int>(*whole_number(text.substr(at, size)));
    };
    const auto day = base::parse_date(text.substr(0, 10));
    if (!day || number(0, 4) < 1970 || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59)
        return bad(text, "is no instant that exists");
    const auto since_epoch = day->time_since_epoch() + std::chrono::hours{number(11, 2)} +
                             std::chrono::minutes{number(14, 2)} + base::seconds{number(17, 2)};
    return base::ExchangeTime{std::chrono::duration_cast<base::microseconds>(since_epoch)};
}

base::Result<std::string> parse_url(std::string_view text, std::string_view scheme) {
    const std::string begin = std::string{scheme} + "://";
    if (!text.starts_with(begin)) return bad(text, "must begin with " + begin);
    if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
        return bad(text, "has a character that a URL does not have");
    if (text.find_first_of("@?#\\") != std::string_view::npos)
        return bad(text, "must be scheme, host, port and path only");
    const std::string_view authority = text.substr(begin.size(), text.find('/', begin.size()) - begin.size());
    const std::size_t colon = authority.find_last_of(":]");  // of a port, or the end of an IPv6 address
    const bool has_port = colon != std::string_view::npos && authority[colon] == ':';
    const std::string_view host = has_port ? authority.substr(0, colon) : authority;
    if (host.empty()) return bad(text, "names no host");
    if (has_port) {
        const auto port =
            is_digits(authority.substr(colon + 1)) ? whole_number(authority.substr(colon + 1)) : std::nullopt;
        if (!port || *port < 1 || *port > 65'535) return bad(text, "has a port that does not exist");
    }
    // A trailing slash would be doubled when a path is appended.
    std::string url{text};
    while (url.ends_with('/')) url.pop_back();
    return url;
}

base::Result<std::string> parse_address(std::string_view text) {
    const std::string address{text};
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    if (::inet_pton(AF_INET, address.c_str(), parsed.data()) == 1 ||
        ::inet_pton(AF_INET6, address.c_str(), parsed.data()) == 1)
        return address;
    return bad(text, "is no IP address");
}

}  // namespace vigil::settings
