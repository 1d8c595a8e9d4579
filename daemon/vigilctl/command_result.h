// How a command of vigilctl ends: one line on standard error, and an exit code after sysexits(3).
#pragma once

#include "base/error.h"
#include "runtime/exit_code.h"

namespace vigil::vigilctl {

using runtime::ExitCode;

/// Prints "vigilctl: <message>" and returns the code that fits.
ExitCode report(const base::Error& error);

/// The same with a code of the caller's choice.
ExitCode report(const base::Error& error, ExitCode code);

}  // namespace vigil::vigilctl
