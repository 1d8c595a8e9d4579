#include "vigilctl/preflight_command.h"

#include <iostream>
#include <utility>

#include "runtime/preflight.h"
#include "runtime/signals.h"
#include "settings/load.h"
#include "vigilctl/config_commands.h"

namespace vigil::vigilctl {

ExitCode preflight(const PreflightArguments& arguments) {
    const runtime::Signals signals;
    auto settings = settings::load(arguments.config, arguments.overrides);
    if (!settings) return report(settings.error());
    runtime::PreflightOptions options;
    if (!arguments.state.empty()) options.state = arguments.state;
    options.version = VIGIL_VERSION;
    options.live_order = arguments.live_order;
    bool interrupted = false;
    options.interrupted = [&] {
        const int number = signals.wait(base::milliseconds{0});
        interrupted = interrupted || (number != 0 && number != SIGHUP);
        return interrupted;
    };
    const runtime::PreflightReport found = runtime::run_preflight(std::move(*settings), options);
    std::cout << (arguments.json ? to_json(found) : to_table(found)) << std::flush;
    if (interrupted && found.has_passed()) return ExitCode::temporary;
    return std::cout.good() ? found.exit_code() : ExitCode::io_error;
}

}  // namespace vigil::vigilctl
