// vigild: the service. Arguments, and nothing else; see lib/runtime/service.h.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "runtime/service.h"

int main(int argc, char** argv) {
    vigil::runtime::Arguments arguments;
    arguments.version = VIGIL_VERSION;
    std::string state;

    CLI::App app{"Vigil: trades Binance Spot, supervised and accountable"};
    app.set_version_flag("--version", VIGIL_VERSION);
    app.add_option("--config", arguments.config, "configuration file (vigild.yaml)")->required();
    app.add_option("--state", state, "state folder, instead of the file's state_dir");
    app.add_option("--set", arguments.overrides,
                   "key.path=value: overrides one value of the file; may be repeated")
        ->allow_extra_args(false);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : vigil::runtime::to_int(vigil::runtime::ExitCode::usage);
    }
    if (!state.empty()) arguments.state = state;
    const int code = vigil::runtime::to_int(vigil::runtime::run_service(arguments));
    // All that has to end in order has ended. The standard library's own end flushes standard error, and
    // would wait for ever for a log worker that is left behind in a write to it, because nobody reads there.
    std::_Exit(code);
}
