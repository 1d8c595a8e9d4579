// What can go wrong, as a value.
//
// Operating errors (a file, the network, an operator's YAML, the exchange) travel as `Result<T>`; a broken
// invariant of our own is a bug and goes through base/check.h instead, which ends the process. An Error
// carries one of a few kinds, so that a caller can decide, and a message for a person, which every layer may
// prefix with what it was trying to do.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace vigil::base {

enum class ErrorKind {
    invalid,      ///< what was given is wrong (syntax, range, combination); trying again cannot help
    not_found,    ///< what was named does not exist
    denied,       ///< ownership, mode, key permission, wrong passphrase
    corrupt,      ///< stored or received bytes do not hold together
    io,           ///< the operating system said no
    timeout,      ///< a deadline passed
    unavailable,  ///< the other side cannot be reached, or will not serve now; later may be better
    rejected,     ///< the other side understood, and said no
    exhausted,    ///< a bound (queue, budget, disk) is reached
    unsupported,  ///< understood, but not offered here
    stale,        ///< refused for its time alone; nothing was done, and made anew it may succeed
};

/// Short lower-case name of a kind, for messages and logs.
std::string_view to_string(ErrorKind kind) noexcept;

struct Error {
    ErrorKind kind;
    std::string message;  ///< one line, no trailing full stop, never a secret

    /// The same error seen from one layer up: "context: message".
    [[nodiscard]] Error within(std::string_view context) const;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorKind::invalid, "...")` from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// Hands an error on unchanged, or with context in front.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

/// A failed system call: "<what>: <strerror(errno_value)>", kind io (denied for EACCES/EPERM, not_found for
/// ENOENT, exhausted for ENOSPC/EDQUOT/EMFILE).
[[nodiscard]] Error system_error(std::string_view what, int errno_value);

}  // namespace vigil::base
