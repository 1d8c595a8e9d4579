#include "vigilctl/command_result.h"

#include <iostream>

#include "log/escape.h"

namespace vigil::vigilctl {

namespace {

ExitCode code_for(base::ErrorKind kind) {
    switch (kind) {
        case base::ErrorKind::invalid:
            return ExitCode::data;
        case base::ErrorKind::unavailable:
            return ExitCode::temporary;  // somebody else works on the file
        default:
            return runtime::exit_code_for(kind);
    }
}

}  // namespace

ExitCode report(const base::Error& error) {
    return report(error, code_for(error.kind));
}

ExitCode report(const base::Error& error, ExitCode code) {
    std::cerr << "vigilctl: " << log::with_controls_escaped(error.message) << '\n';
    return code;
}

}  // namespace vigil::vigilctl
