#include "domain/decimal.h"

namespace vigil::domain {

namespace {

__extension__ using Wide = __int128;

std::optional<std::int64_t> divide_rounded(Wide numerator, Wide denominator, Rounding rounding) noexcept {
    if (denominator == 0) return std::nullopt;
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    // Most values fit 64 bits, whose division is a single instruction and not a call.
    constexpr Wide narrow_max = std::numeric_limits<std::int64_t>::max();
    const bool is_narrow = numerator <= narrow_max && numerator >= -narrow_max && denominator <= narrow_max;
    Wide quotient = is_narrow ? static_cast<std::int64_t>(numerator) / static_cast<std::int64_t>(denominator)
                              : numerator / denominator;
    const Wide rest = numerator - quotient * denominator;
    if (rest != 0) {
        const Wide magnitude = rest < 0 ? -rest : rest;
        const bool away =
            rounding == Rounding::up || (rounding == Rounding::nearest && magnitude * 2 >= denominator);
        if (away) quotient += numerator < 0 ? -1 : 1;
    }
    if (quotient > std::numeric_limits<std::int64_t>::max() ||
        quotient < std::numeric_limits<std::int64_t>::min())
        return std::nullopt;
    return static_cast<std::int64_t>(quotient);
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;

    // Collected as a negative number, whose range is the larger one.
    std::int64_t value = 0;
    std::size_t at = 0;
    const auto add_digit = [&value](char c) noexcept {
        return !__builtin_mul_overflow(value, std::int64_t{10}, &value) &&
               !__builtin_sub_overflow(value, static_cast<std::int64_t>(c - '0'), &value);
    };
    const auto is_digit = [](char c) noexcept { return c >= '0' && c <= '9'; };

    const std::size_t integer_begin = at;
    for (; at < text.size() && is_digit(text[at]); ++at)
        if (!add_digit(text[at])) return std::nullopt;
    if (at == integer_begin) return std::nullopt;

    int places = 0;
    if (at < text.size()) {
        if (text[at] != '.') return std::nullopt;
        const std::size_t fraction_begin = ++at;
        for (; at < text.size() && is_digit(text[at]); ++at) {
            if (places == decimal_places) {
                if (text[at] != '0') return std::nullopt;
                continue;
            }
            if (!add_digit(text[at])) return std::nullopt;
            ++places;
        }
        if (at == fraction_begin || at != text.size()) return std::nullopt;
    }
    for (; places < decimal_places; ++places)
        if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
    if (negative) return value;
    if (value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return -value;
}

std::size_t format_decimal(std::int64_t scaled, bool trim, char* out) noexcept {
    const bool negative = scaled < 0;
    // Two's complement negation in unsigned arithmetic is right for the smallest value too.
    auto magnitude = static_cast<std::uint64_t>(scaled);
    if (negative) magnitude = ~magnitude + 1;
    const auto scale = static_cast<std::uint64_t>(decimal_scale);
    std::uint64_t whole = magnitude / scale;
    std::uint64_t fraction = magnitude % scale;

    char* cursor = out;
    if (negative) *cursor++ = '-';
    char digits[20];
    int count = 0;
    do {
        digits[count++] = static_cast<char>('0' + whole % 10);
        whole /= 10;
    } while (whole != 0);
    while (count > 0) *cursor++ = digits[--count];

    if (trim && fraction == 0) return static_cast<std::size_t>(cursor - out);
    *cursor++ = '.';
    char* const fraction_begin = cursor;
    for (int place = decimal_places - 1; place >= 0; --place) {
        fraction_begin[place] = static_cast<char>('0' + fraction % 10);
        fraction /= 10;
    }
    cursor += decimal_places;
    if (trim)
        while (cursor[-1] == '0') --cursor;
    return static_cast<std::size_t>(cursor - out);
}

std::optional<std::int64_t> multiply_scaled(std::int64_t a, std::int64_t b, Rounding rounding) noexcept {
    return divide_rounded(static_cast<Wide>(a) * b, decimal_scale, rounding);
}

std::optional<std::int64_t> divide_scaled(std::int64_t a, std::int64_t b, Rounding rounding) noexcept {
    return divide_rounded(static_cast<Wide>(a) * decimal_scale, b, rounding);
}

}  // namespace vigil::domain
