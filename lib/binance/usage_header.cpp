#include <algorithm>
#include <cctype>
#include <charconv>

#include "binance/rest_client.h"

namespace vigil::binance {

namespace {

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) ==
                      std::tolower(static_cast<unsigned char>(b));
           });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

}  // namespace

std::optional<domain::RateLimitUsage> parse_usage_header(std::string_view name, std::string_view value) {
    constexpr std::string_view weight = "X-MBX-USED-WEIGHT-";
    constexpr std::string_view orders = "X-MBX-ORDER-COUNT-";
    domain::RateLimitUsage usage;
    if (starts_with_no_case(name, weight)) {
        usage.type = domain::RateLimitType::request_weight;
        name.remove_prefix(weight.size());
    } else if (starts_with_no_case(name, orders)) {
        usage.type = domain::RateLimitType::orders;
        name.remove_prefix(orders.size());
    } else {
        return std::nullopt;
    }
    if (name.size() < 2) return std::nullopt;
    const auto count = whole_number(value);
    const auto units = whole_number(name.substr(0, name.size() - 1));
    constexpr std::int64_t units_max = 1000;
    if (!count || !units || *units < 1 || *units > units_max) return std::nullopt;
    switch (std::toupper(static_cast<unsigned char>(name.back()))) {
        case 'S':
            usage.window = base::seconds{*units};
            break;
        case 'M':
            usage.window = base::seconds{*units * 60};
            break;
        case 'H':
            usage.window = base::seconds{*units * 3600};
            break;
        case 'D':
            usage.window = base::seconds{*units * 86400};
            break;
        default:
            return std::nullopt;
    }
    usage.count = *count;
    return usage;
}

}  // namespace vigil::binance
