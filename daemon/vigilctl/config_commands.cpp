#include "vigilctl/config_commands.h"

#include <algorithm>
#include <iostream>

#include "log/escape.h"
#include "settings/load.h"

namespace vigil::vigilctl {

ExitCode report(const settings::Problems& problems) {
    for (const settings::Problem& problem : problems)
        std::cerr << log::with_controls_escaped(problem.str()) << '\n';
    std::cerr << problems.size() << (problems.size() == 1 ? " error\n" : " errors\n");
    const auto kind = problems.size() == 1 ? problems.front().kind : base::ErrorKind::invalid;
    return runtime::exit_code_for(kind);
}

namespace {

ExitCode check_file(const std::string& file, const std::vector<std::string>& overrides) {
    const auto kind = settings::kind_of(file);
    if (!kind) return report(kind.error());
    if (*kind == settings::FileKind::strategy) {
        const auto loaded = settings::load_strategy(file);
        if (!loaded) return report(loaded.error());
        std::cout << file << ": good, strategy \"" << loaded->options.name.view() << "\" on "
                  << loaded->options.symbol.view() << (loaded->options.enabled ? "" : ", not enabled")
                  << '\n';
        return ExitCode::ok;
    }
    const auto loaded = settings::load(file, overrides);
    if (!loaded) return report(loaded.error());
    const auto enabled = std::count_if(loaded->strategies.begin(), loaded->strategies.end(),
                                       [](const auto& strategy) { return strategy.options.enabled; });
    std::cout << file << ": good, " << settings::to_string(loaded->exchange.environment) << ", "
              << loaded->strategies.size()
              << (loaded->strategies.size() == 1 ? " strategy, " : " strategies, ") << enabled
              << " enabled\n";
    return ExitCode::ok;
}

}  // namespace

ExitCode config_check(const std::vector<std::string>& files, const std::vector<std::string>& overrides) {
    ExitCode worst = ExitCode::ok;
    for (const std::string& file : files) {
        const ExitCode code = check_file(file, overrides);
        // A wrong configuration says more than a file that is not there.
        if (code != ExitCode::ok && worst != ExitCode::config) worst = code;
    }
    return worst;
}

}  // namespace vigil::vigilctl
