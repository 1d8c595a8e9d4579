// Always-on checks of our own invariants. A failed check is a bug: it prints where and what to standard error
// and aborts, in release builds too, because going on with money in an impossible state is worse than
// stopping. Never for input from outside: that is an Error (base/error.h).
#pragma once

#include <source_location>
#include <string_view>

namespace vigil::base {

[[noreturn]] void check_failed(std::string_view what, const std::source_location& where) noexcept;

/// @param holds what must be true here
/// @param what  the invariant in words, for the person who reads the core or the journal
constexpr void check(bool holds, std::string_view what,
                     const std::source_location& where = std::source_location::current()) {
    if (!holds) [[unlikely]]
        check_failed(what, where);
}

/// For a switch that has handled every enumerator, or a state that cannot be.
[[noreturn]] inline void unreachable(std::string_view what,
                                     const std::source_location& where = std::source_location::current()) {
    check_failed(what, where);
}

}  // namespace vigil::base
