// `vigilctl status, halt, kill, resume`: over the control socket of a running service.
//
// The exit status: 0; 64 the command is refused (a level that is not lower); 69 no service listens there, or
// it does not answer in time; 74 the journal could not make it durable; 75 orders are still open after a
// kill, or too many are connected; 77 this user may not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

struct ControlArguments {
    std::filesystem::path socket{"/run/vigil/control"};
    std::filesystem::path state;  ///< its socket is meant, instead of `socket`; empty: not given
    std::string reason;
    std::string level{"normal"};  ///< resume
    std::int64_t wait_s{10};      ///< kill: for the cancels
    bool json{false};
};

/// A table, or with `json` one JSON object.
ExitCode control_status(const ControlArguments& arguments);
ExitCode control_halt(const ControlArguments& arguments);
/// Says how many orders were cancelled, and which remain.
ExitCode control_kill(const ControlArguments& arguments);
ExitCode control_resume(const ControlArguments& arguments);

}  // namespace vigil::vigilctl
