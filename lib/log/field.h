// Fields: the typed values that travel with an event.
//
// `field("symbol", symbol)` makes one; it refers to the caller's memory and lives for the one call it is
// passed to (Record copies it). There is an overload for each kind of value that may be logged and for
// nothing else: a secret has none of the shapes below, so handing one over does not compile.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "log/event.h"

namespace vigil::log {

/// The name of a field: a string literal, so that its storage outlives every record. It must be one that the
/// catalogue declares for the event.
struct FieldName {
    consteval FieldName(const char* literal) : text{literal} {}  // NOLINT: implicit by intent
    std::string_view text;
};

/// One value, as a view.
struct Field {
    std::string_view name;  ///< static storage
    FieldType type;
    std::int64_t number;    ///< integer; boolean as 0 or 1; duration in nanoseconds; decimal: see `text`
    std::string_view text;  ///< text, decimal; an empty decimal has its value in `number`, counted in 1e-8
};

/// Anything that shows itself as UTF-8 through `view()`: base::ShortText and the names made from it.
template <class T>
concept ShortName = requires(const T& value) {
    { value.view() } -> std::same_as<std::string_view>;
};

/// An exact decimal that counts 1e-8: the prices, quantities and amounts of lib/domain.
template <class T>
concept ScaledDecimal = requires(const T& value) {
    { value.raw() } -> std::same_as<std::int64_t>;
    { value.str8() } -> std::same_as<std::string>;
};

/// A number that names something: base::StrongId.
template <class T>
concept NumberedId = requires(const T& value) {
    { value.value } -> std::convertible_to<std::int64_t>;
    requires std::integral<decltype(T::value)>;
};

/// Unsigned values above the 64-bit signed range saturate: a log shows them, nobody computes with them.
template <std::integral T>
requires(!std::same_as<T, bool> && !std::same_as<T, char>) [[nodiscard]] constexpr Field
    field(FieldName name, T value) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(std::int64_t)) {
        constexpr auto most = static_cast<T>(std::numeric_limits<std::int64_t>::max());
        return {name.text, FieldType::integer, static_cast<std::int64_t>(value > most ? most : value), {}};
    } else {
        return {name.text, FieldType::integer, static_cast<std::int64_t>(value), {}};
    }
}

template <std::same_as<bool> T>
[[nodiscard]] constexpr Field field(FieldName name, T value) {
    return {name.text, FieldType::boolean, value ? 1 : 0, {}};
}

[[nodiscard]] constexpr Field field(FieldName name, std::string_view value) {
    return {name.text, FieldType::text, 0, value};
}

template <ShortName T>
requires(!std::convertible_to<T, std::string_view>) [[nodiscard]] constexpr Field
    field(FieldName name, const T& value) {
    return {name.text, FieldType::text, 0, value.view()};
}

template <NumberedId T>
[[nodiscard]] constexpr Field field(FieldName name, const T& id) {
    return {name.text, FieldType::integer, static_cast<std::int64_t>(id.value), {}};
}

template <ScaledDecimal T>
[[nodiscard]] constexpr Field field(FieldName name, const T& value) {
    return {name.text, FieldType::decimal, value.raw(), {}};
}

template <class Rep, class Period>
[[nodiscard]] constexpr Field field(FieldName name, std::chrono::duration<Rep, Period> value) {
    return {name.text,
            FieldType::duration,
            std::chrono::duration_cast<std::chrono::nanoseconds>(value).count(),
            {}};
}

/// An exact decimal, already printed ("0.00010000"). The text must live until the call that takes the field
/// returns.
[[nodiscard]] constexpr Field decimal(FieldName name, std::string_view printed) {
    return {name.text, FieldType::decimal, 0, printed};
}

/// What may be handed to `field`. Checked for secret types in their own tests:
/// static_assert(!Loggable<Secret>).
template <class T>
concept Loggable = requires(const T& value) {
    field(FieldName{"x"}, value);
};

}  // namespace vigil::log
