#include "vigilctl/control_commands.h"

#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "control/answer.h"
#include "control/client.h"
#include "control/request.h"
#include "control/snapshot.h"
#include "log/escape.h"

namespace vigil::vigilctl {

namespace {

using base::ErrorKind;
using Json = nlohmann::json;

constexpr base::milliseconds answer_patience{10'000};

ExitCode code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return ExitCode::usage;
        case ErrorKind::denied:
            return ExitCode::no_permission;
        case ErrorKind::exhausted:
            return ExitCode::temporary;
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
            return ExitCode::unavailable;
        default:
            return ExitCode::io_error;
    }
}

/// For the log of the service; who it really is, the kernel tells there.
std::string user_name() {
    const passwd* const entry = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe): no other thread
    const std::string name = entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
    return name.substr(0, control::name_max);
}

std::string safe(const std::string& text) {
    std::string escaped;
    log::escape_controls(text, escaped);
    return escaped;
}

/// The result of a request.
base::Result<std::string> asked(const ControlArguments& arguments, control::Request request,
                                base::milliseconds patience = answer_patience) {
    request.operator_name = user_name();
    const std::string line = control::to_line(request);
    // What the service would refuse is refused here, with the same words.
    if (const auto good = control::parse_request(line); !good) return base::fail(good.error());
    const auto path = arguments.state.empty() ? arguments.socket : arguments.state / "control";
    const auto answer = control::ask(path, line, patience);
    if (!answer) return base::fail(answer.error());
    return control::parse_answer(*answer);
}

ExitCode told(const base::Error& error) {
    return report(base::Error{error.kind, safe(error.message)}, code_of(error.kind));
}

std::string text_of(const Json& object, const char* name) {
    return object.contains(name) && object[name].is_string() ? safe(object[name].get<std::string>()) : "?";
}

ExitCode if_durable(const Json& result) {
    if (result.value("durable", false)) return ExitCode::ok;
    return report(base::Error{ErrorKind::io,
                              "it is in force, but the journal has not made it durable: a restart "
                              "would not know of it"},
                  ExitCode::io_error);
}

ExitCode moved(const base::Result<std::string>& answer, std::string_view unchanged) {
    if (!answer) return told(answer.error());
    const Json result = Json::parse(*answer, nullptr, false);
    if (!result.is_object() || !result.contains("ladder") || !result["ladder"].is_object())
        return told({ErrorKind::corrupt, "the service's answer is not understood"});
    const Json& ladder = result["ladder"];
    if (!result.value("changed", false)) std::cout << unchanged << '\n';
    std::cout << "ladder: " << text_of(ladder, "level") << ", since " << text_of(ladder, "since") << " by "
              << text_of(ladder, "by") << ": " << text_of(ladder, "reason") << '\n';
    return if_durable(result);
}

}  // namespace

ExitCode control_status(const ControlArguments& arguments) {
    const auto answer = asked(arguments, {{}, control::Status{}});
    if (!answer) return told(answer.error());
    if (arguments.json) {
        std::cout << *answer << '\n';
    } else {
        const auto table = control::to_table(*answer);
        if (!table) return told(table.error());
        std::cout << *table;
    }
    return std::cout.flush().good() ? ExitCode::ok : ExitCode::io_error;
}

ExitCode control_halt(const ControlArguments& arguments) {
    return moved(asked(arguments, {{}, control::Halt{arguments.reason}}), "it was halted already");
}

ExitCode control_resume(const ControlArguments& arguments) {
    return moved(asked(arguments, {{}, control::Resume{arguments.reason, arguments.level}}),
                 "nothing changed");
}

ExitCode control_kill(const ControlArguments& arguments) {
    const base::milliseconds wait{arguments.wait_s * 1'000};
    const auto answer = asked(arguments, {{}, control::Kill{arguments.reason, wait}}, wait + answer_patience);
    if (!answer) return told(answer.error());
    const Json result = Json::parse(*answer, nullptr, false);
    if (!result.is_object() || !result.contains("remaining") || !result["remaining"].is_array())
        return told({ErrorKind::corrupt, "the service's answer is not understood"});
    if (arguments.json) {
        std::cout << *answer << '\n';
    } else {
        std::cout << "halted; of " << result.value("orders", 0) << " open orders "
                  << result.value("cancelled", 0) << " were cancelled, " << result.value("filled", 0)
                  << " filled before, " << result.value("ended", 0) << " ended otherwise, "
                  << result["remaining"].size() << " remain (after " << result.value("took_ms", 0)
                  << " ms)\n";
        for (const Json& each : result["remaining"])
            std::cout << "  " << text_of(each, "client_order_id") << ' ' << text_of(each, "symbol") << " of "
                      << text_of(each, "strategy") << ": " << text_of(each, "state") << '\n';
    }
    if (!result["remaining"].empty()) {
        const std::string why = text_of(result, "waits_for");
        return report(
            base::Error{ErrorKind::unavailable, std::to_string(result["remaining"].size()) +
                                                    " own orders are not closed yet" +
                                                    (why.empty() ? "" : " (" + why + ")") +
                                                    "; the service goes on cancelling: see vigilctl status"},
            ExitCode::temporary);
    }
    return if_durable(result);
}

}  // namespace vigil::vigilctl
