// Exact decimals: a 64-bit integer that counts 1e-8, as the exchange prints every price, quantity and
// balance.
//
// Price, Quantity and Amount are different types, so a price cannot be added to a quantity; a product of the
// two is an Amount of the quote asset and says how it was rounded. Rate is a plain fraction (a fee of 0.001,
// a percentage as 0.05). Nothing here is ever a double. Sums and differences of our own values abort on
// overflow (a bug: the exchange's own ceilings fit with room to spare); everything that comes from outside is
// parsed, and multiplied, with a check.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/error.h"

namespace vigil::domain {

inline constexpr std::int64_t decimal_scale = 100'000'000;
inline constexpr int decimal_places = 8;
/// Longest text of a decimal: sign, 11 integer digits, point, 8 fraction digits.
inline constexpr std::size_t decimal_text_max = 21;

enum class Rounding {
    down,
    up,
    nearest
};  ///< down: toward zero; up: away from zero; nearest: half away from zero

/// `text` -> scaled integer. Accepts `-?digits[.digits]` with at most 8 significant fraction digits (further
/// zeros are accepted), no exponent, no plus, no blanks. Nothing when it is anything else or out of range.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept;

/// Writes `scaled` without an exponent and returns the number of characters; `trim` leaves trailing zeros
/// (and a bare point) away, otherwise exactly 8 places are printed. `out` has room for decimal_text_max
/// characters.
std::size_t format_decimal(std::int64_t scaled, bool trim, char* out) noexcept;

/// a * b / scale and a * scale / b with 128-bit intermediates; nothing on overflow or division by zero.
[[nodiscard]] std::optional<std::int64_t> multiply_scaled(std::int64_t a, std::int64_t b,
                                                          Rounding rounding) noexcept;
[[nodiscard]] std::optional<std::int64_t> divide_scaled(std::int64_t a, std::int64_t b,
                                                        Rounding rounding) noexcept;

template <class Tag>
class Fixed {
  public:
    constexpr Fixed() = default;

    [[nodiscard]] static constexpr Fixed from_raw(std::int64_t raw_1e8) { return Fixed{raw_1e8}; }
    /// Whole units; for constants.
    [[nodiscard]] static constexpr Fixed of(std::int64_t units) {
        base::check(units <= std::numeric_limits<std::int64_t>::max() / decimal_scale &&
                        units >= std::numeric_limits<std::int64_t>::min() / decimal_scale,
                    "whole units fit a decimal");
        return Fixed{units * decimal_scale};
    }
    /// Text from outside; see parse_decimal.
    [[nodiscard]] static std::optional<Fixed> parse(std::string_view text) noexcept {
        const auto raw = parse_decimal(text);
        if (!raw) return std::nullopt;
        return Fixed{*raw};
    }
    /// Text that is known to be right (constants in tests and tables); aborts otherwise.
    [[nodiscard]] static Fixed literal(std::string_view text) {
        const auto raw = parse_decimal(text);
        base::check(raw.has_value(), "a literal is a decimal");
        return Fixed{*raw};
    }

    [[nodiscard]] constexpr std::int64_t raw() const { return raw_; }
    [[nodiscard]] constexpr bool is_zero() const { return raw_ == 0; }
    [[nodiscard]] constexpr bool is_positive() const { return raw_ > 0; }
    [[nodiscard]] constexpr bool is_negative() const { return raw_ < 0; }

    /// "0.001", "61556.04": as short as exact.
    [[nodiscard]] std::string str() const { return text(true); }
    /// "0.00100000": as the exchange prints it.
    [[nodiscard]] std::string str8() const { return text(false); }

    [[nodiscard]] std::optional<Fixed> checked_add(Fixed other) const noexcept {
        std::int64_t sum = 0;
        if (__builtin_add_overflow(raw_, other.raw_, &sum)) return std::nullopt;
        return Fixed{sum};
    }

    friend constexpr Fixed operator+(Fixed a, Fixed b) {
        std::int64_t sum = 0;
        base::check(!__builtin_add_overflow(a.raw_, b.raw_, &sum), "a sum of decimals fits");
        return Fixed{sum};
    }
    friend constexpr Fixed operator-(Fixed a, Fixed b) {
        std::int64_t difference = 0;
        base::check(!__builtin_sub_overflow(a.raw_, b.raw_, &difference), "a difference of decimals fits");
        return Fixed{difference};
    }
    friend constexpr Fixed operator-(Fixed a) { return Fixed{} - a; }
    Fixed& operator+=(Fixed other) { return *this = *this + other; }
    Fixed& operator-=(Fixed other) { return *this = *this - other; }
    /// Times a whole number.
    friend constexpr Fixed operator*(Fixed a, std::int64_t n) {
        std::int64_t product = 0;
        base::check(!__builtin_mul_overflow(a.raw_, n, &product), "a multiple of a decimal fits");
        return Fixed{product};
    }
    friend constexpr bool operator==(Fixed, Fixed) = default;
    friend constexpr std::strong_ordering operator<=>(Fixed, Fixed) = default;

    /// The largest multiple of `step` not above this (the value itself when step is zero: the rule is off).
    [[nodiscard]] constexpr Fixed floor_to(Fixed step) const {
        if (step.raw_ <= 0) return *this;
        std::int64_t rest = raw_ % step.raw_;
        if (rest < 0) rest += step.raw_;
        return Fixed{raw_} - Fixed{rest};
    }
    [[nodiscard]] constexpr Fixed ceil_to(Fixed step) const {
        const Fixed floor = floor_to(step);
        return floor == *this ? floor : floor + step;
    }
    [[nodiscard]] constexpr bool is_multiple_of(Fixed step) const {
        return step.raw_ <= 0 || raw_ % step.raw_ == 0;
    }

  private:
    explicit constexpr Fixed(std::int64_t raw) : raw_{raw} {}
    [[nodiscard]] std::string text(bool trim) const {
        char buffer[decimal_text_max];
        const std::size_t size = format_decimal(raw_, trim, buffer);
        return std::string{buffer, size};
    }

    std::int64_t raw_{0};
};

using Price = Fixed<struct PriceTag>;        ///< quote asset for one unit of the base asset
using Quantity = Fixed<struct QuantityTag>;  ///< of the base asset
using Amount = Fixed<struct AmountTag>;      ///< of any asset: notional, balance, commission, profit
using Rate = Fixed<struct RateTag>;          ///< a fraction: 0.001 is 0.1 %

/// price * quantity. Nothing on overflow.
[[nodiscard]] inline std::optional<Amount> notional(Price price, Quantity quantity,
                                                    Rounding rounding) noexcept {
    const auto raw = multiply_scaled(price.raw(), quantity.raw(), rounding);
    if (!raw) return std::nullopt;
    return Amount::from_raw(*raw);
}
/// How much of the base asset `amount` buys at `price`. Nothing on overflow or a price of zero.
[[nodiscard]] inline std::optional<Quantity> quantity_for(Amount amount, Price price,
                                                          Rounding rounding) noexcept {
    const auto raw = divide_scaled(amount.raw(), price.raw(), rounding);
    if (!raw) return std::nullopt;
    return Quantity::from_raw(*raw);
}
/// value * rate for any kind of value. Nothing on overflow.
template <class Tag>
[[nodiscard]] std::optional<Fixed<Tag>> scaled_by(Fixed<Tag> value, Rate rate, Rounding rounding) noexcept {
    const auto raw = multiply_scaled(value.raw(), rate.raw(), rounding);
    if (!raw) return std::nullopt;
    return Fixed<Tag>::from_raw(*raw);
}
/// amount / quantity, for average prices. Nothing on overflow or a quantity of zero.
[[nodiscard]] inline std::optional<Price> price_of(Amount amount, Quantity quantity,
                                                   Rounding rounding) noexcept {
    const auto raw = divide_scaled(amount.raw(), quantity.raw(), rounding);
    if (!raw) return std::nullopt;
    return Price::from_raw(*raw);
}

/// A quantity of the base asset seen as an amount of that asset (for balances), and back.
[[nodiscard]] constexpr Amount as_amount(Quantity quantity) {
    return Amount::from_raw(quantity.raw());
}
[[nodiscard]] constexpr Quantity as_quantity(Amount amount) {
    return Quantity::from_raw(amount.raw());
}

}  // namespace vigil::domain
