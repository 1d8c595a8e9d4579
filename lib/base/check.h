// Always-on checks of our own invariants. A failed check is a bug: it prints where and what to standard error
// and aborts, in release builds too, because going on with money in an impossible state is worse than
// stopping. Never for input from outside: that is an Error (base/error.h).
#pragma once

#include <string_view>

namespace vigil::base {

/// Where a check stands. Not std::source_location: clang 14 does not know it with this C++ library.
struct CheckPlace {
    const char* file;
    int line;
    const char* function;

    static constexpr CheckPlace here(const char* file = __builtin_FILE(), int line = __builtin_LINE(),
                                     const char* function = __builtin_FUNCTION()) {
        return {file, line, function};
    }
};

[[noreturn]] void check_failed(std::string_view what, const CheckPlace& place) noexcept;

/// @param holds what must be true here
/// @param what  the invariant in words, for the person who reads the core or the journal
constexpr void check(bool holds, std::string_view what, const CheckPlace& place = CheckPlace::here()) {
    if (!holds) [[unlikely]]
        check_failed(what, place);
}

/// For a switch that has handled every enumerator, or a state that cannot be.
[[noreturn]] inline void unreachable(std::string_view what, const CheckPlace& place = CheckPlace::here()) {
    check_failed(what, place);
}

}  // namespace vigil::base
