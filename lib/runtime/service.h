// The daemon: everything it is made of, started in order and stopped in the mirrored order.
//
//   settings -> state folder (locked) -> log -> vault -> journal replayed -> clock synchronised -> permission
//   gate -> exchange rules -> connected -> reconciled -> READY=1 -> strategies
//
// Settings come before the lock, because they say where the state folder is; a broken configuration leaves
// nothing behind. The daemon may be killed at any line of it: nothing leaves for the exchange but reads
// before it is reconciled.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/exit_code.h"

namespace vigil::runtime {

struct Arguments {
    std::filesystem::path config;                ///< vigild.yaml
    std::optional<std::filesystem::path> state;  ///< instead of state_dir of the file
    std::vector<std::string> overrides;          ///< key.path=value, see settings::load
    std::string version;
};

/// Runs until SIGTERM or SIGINT, or until the start fails. Call once, from main, before any other thread is
/// started. SIGHUP checks the configuration on disk and takes the key
/// that it names.
[[nodiscard]] ExitCode run_service(const Arguments& arguments);

}  // namespace vigil::runtime
