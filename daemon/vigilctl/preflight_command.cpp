#include "vigilctl/preflight_command.h"

#include <iostream>
#include <utility>

#include "runtime/diagnose.h"
#include "runtime/preflight.h"
#include "runtime/signals.h"
#include "settings/load.h"
#include "vigilctl/config_commands.h"

namespace vigil::vigilctl {

namespace {

/// Options that end the waits at SIGTERM and SIGINT.
class Interruptible {
  public:
    explicit Interruptible(const PreflightArguments& arguments) {
        if (!arguments.state.empty()) options_.state = arguments.state;
        options_.version = VIGIL_VERSION;
        options_.live_order = arguments.live_order;
        options_.interrupted = [this] {
            const int number = signals_.wait(base::milliseconds{0});
            interrupted_ = interrupted_ || (number != 0 && number != SIGHUP);
            return interrupted_;
        };
    }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
    ~Interruptible() = default;

    [[nodiscard]] const runtime::PreflightOptions& options() const { return options_; }
    [[nodiscard]] bool interrupted() const { return interrupted_; }

  private:
    const runtime::Signals signals_;
    runtime::PreflightOptions options_;
    bool interrupted_{false};
};

}  // namespace

ExitCode preflight(const PreflightArguments& arguments) {
    const Interruptible run{arguments};
    auto settings = settings::load(arguments.config, arguments.overrides);
    if (!settings) return report(settings.error());
    const runtime::PreflightReport found = runtime::run_preflight(std::move(*settings), run.options());
    std::cout << (arguments.json ? to_json(found) : to_table(found)) << std::flush;
    if (run.interrupted() && found.has_passed()) return ExitCode::temporary;
    return std::cout.good() ? found.exit_code() : ExitCode::io_error;
}

ExitCode diagnose_signature(const PreflightArguments& arguments) {
    const Interruptible run{arguments};
    auto settings = settings::load(arguments.config, arguments.overrides);
    if (!settings) return report(settings.error());
    const runtime::SignatureDiagnosis found =
        runtime::diagnose_signature(std::move(*settings), run.options());
    std::cout << to_string(found.cause) << ": " << found.detail << '\n';
    if (!found.remedy.empty()) std::cout << "-> " << found.remedy << '\n';
    return found.cause == runtime::SignatureCause::none ? ExitCode::ok : runtime::exit_code_for(found.kind);
}

}  // namespace vigil::vigilctl
