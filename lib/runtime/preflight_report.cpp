#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/preflight.h"

namespace vigil::runtime {

std::string_view to_string(CheckOutcome outcome) noexcept {
    switch (outcome) {
        case CheckOutcome::passed:
            return "passed";
        case CheckOutcome::warning:
            return "warning";
        case CheckOutcome::failed:
            return "failed";
        case CheckOutcome::skipped:
            return "skipped";
    }
    return "unknown";
}

bool PreflightReport::has_passed() const {
    return std::none_of(checks.begin(), checks.end(),
                        [](const Check& each) { return each.outcome == CheckOutcome::failed; });
}

ExitCode PreflightReport::exit_code() const {
    for (const Check& each : checks)
        if (each.outcome == CheckOutcome::failed)
            return each.kind ? exit_code_for(*each.kind) : ExitCode::failure;
    return ExitCode::ok;
}

std::string to_table(const PreflightReport& report) {
    std::size_t width = 0;
    for (const Check& each : report.checks) width = std::max(width, each.name.size());
    std::string text = "preflight against " + report.environment + "\n";
    int failed = 0;
    int warnings = 0;
    for (const Check& each : report.checks) {
        failed += each.outcome == CheckOutcome::failed ? 1 : 0;
        warnings += each.outcome == CheckOutcome::warning ? 1 : 0;
        std::string line{to_string(each.outcome)};
        line.resize(9, ' ');
        line += each.name;
        line.resize(9 + width + 2, ' ');
        text += line + each.detail + "\n";
        if (!each.remedy.empty()) text += std::string(9 + width + 2, ' ') + "-> " + each.remedy + "\n";
    }
    text += failed == 0 ? "ready" : "not ready: " + std::to_string(failed) + " failed";
    if (warnings > 0) text += ", " + std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
    return text + "\n";
}

std::string to_json(const PreflightReport& report) {
    nlohmann::json document;
    document["environment"] = report.environment;
    document["passed"] = report.has_passed();
    document["exit_status"] = to_int(report.exit_code());
    document["checks"] = nlohmann::json::array();
    for (const Check& each : report.checks)
        document["checks"].push_back({{"name", each.name},
                                      {"outcome", std::string{to_string(each.outcome)}},
                                      {"detail", each.detail},
                                      {"remedy", each.remedy}});
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace vigil::runtime
