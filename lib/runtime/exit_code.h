// Exit codes after sysexits(3), so that systemd and scripts can tell "mend the configuration" (no restart)
// from "try again".
#pragma once

#include "base/error.h"

namespace vigil::runtime {

enum class ExitCode : int {
    ok = 0,
    failure = 1,         ///< a session that ended unsoundly
    usage = 64,          ///< EX_USAGE: arguments
    data = 65,           ///< EX_DATAERR: a damaged vault or journal
    no_input = 66,       ///< EX_NOINPUT: a file that is named does not exist
    unavailable = 69,    ///< EX_UNAVAILABLE: the exchange cannot be reached, or would not serve
    software = 70,       ///< EX_SOFTWARE: a bug, caught
    os_error = 71,       ///< EX_OSERR
    cannot_create = 73,  ///< EX_CANTCREAT: state folder
    io_error = 74,       ///< EX_IOERR: disk
    temporary = 75,      ///< EX_TEMPFAIL: another instance runs, reconciliation failed
    no_permission = 77,  ///< EX_NOPERM: wrong passphrase, file mode, key permissions
    config = 78,         ///< EX_CONFIG
};

[[nodiscard]] constexpr int to_int(ExitCode code) {
    return static_cast<int>(code);
}

/// The code that fits an error of no better-known cause.
[[nodiscard]] constexpr ExitCode exit_code_for(base::ErrorKind kind) {
    switch (kind) {
        case base::ErrorKind::invalid:
            return ExitCode::config;
        case base::ErrorKind::not_found:
            return ExitCode::no_input;
        case base::ErrorKind::denied:
            return ExitCode::no_permission;
        case base::ErrorKind::corrupt:
            return ExitCode::data;
        case base::ErrorKind::io:
            return ExitCode::io_error;
        case base::ErrorKind::timeout:
            return ExitCode::unavailable;
        case base::ErrorKind::unavailable:
            return ExitCode::unavailable;
        case base::ErrorKind::rejected:
            return ExitCode::unavailable;
        case base::ErrorKind::exhausted:
            return ExitCode::temporary;
        case base::ErrorKind::unsupported:
            return ExitCode::config;
        case base::ErrorKind::stale:
            return ExitCode::temporary;
    }
    return ExitCode::software;
}

}  // namespace vigil::runtime
