#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace vigil::base {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::corrupt:
            return "corrupt";
        case ErrorKind::io:
            return "io";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::rejected:
            return "rejected";
        case ErrorKind::exhausted:
            return "exhausted";
        case ErrorKind::unsupported:
            return "unsupported";
        case ErrorKind::stale:
            return "stale";
    }
    return "unknown";
}

Error Error::within(std::string_view context) const {
    std::string text{context};
    text += ": ";
    text += message;
    return Error{kind, std::move(text)};
}

Error system_error(std::string_view what, int errno_value) {
    ErrorKind kind = ErrorKind::io;
    if (errno_value == EACCES || errno_value == EPERM) kind = ErrorKind::denied;
    if (errno_value == ENOENT) kind = ErrorKind::not_found;
    if (errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EMFILE || errno_value == ENFILE)
        kind = ErrorKind::exhausted;
    std::string text{what};
    text += ": ";
    text += std::generic_category().message(errno_value);
    return Error{kind, std::move(text)};
}

}  // namespace vigil::base
