#include "control/answer.h"

#include <nlohmann/json.hpp>

#include "log/escape.h"

namespace vigil::control {

namespace {

base::ErrorKind kind_of(std::string_view name) {
    using base::ErrorKind;
    for (const ErrorKind kind :
         {ErrorKind::invalid, ErrorKind::not_found, ErrorKind::denied, ErrorKind::corrupt, ErrorKind::io,
          ErrorKind::timeout, ErrorKind::unavailable, ErrorKind::rejected, ErrorKind::exhausted,
          ErrorKind::unsupported, ErrorKind::stale})
        if (base::to_string(kind) == name) return kind;
    return ErrorKind::corrupt;
}

}  // namespace

std::string answer_line(std::string_view json) {
    std::string line = "{\"ok\":true,\"result\":";
    line += json;
    line += "}\n";
    return line;
}

std::string answer_line(const base::Error& error) {
    std::string line = "{\"ok\":false,\"error\":{\"kind\":";
    log::append_json_string(base::to_string(error.kind), line);
    line += ",\"message\":";
    log::append_json_string(error.message, line);
    line += "}}\n";
    return line;
}

base::Result<std::string> parse_answer(std::string_view line) {
    const auto object = nlohmann::ordered_json::parse(line.begin(), line.end(), nullptr, false);
    const auto corrupt = [] {
        return base::fail(base::ErrorKind::corrupt, "the service's answer is not understood");
    };
    if (!object.is_object() || !object.contains("ok") || !object["ok"].is_boolean()) return corrupt();
    if (object["ok"].get<bool>()) {
        if (!object.contains("result")) return corrupt();
        return object["result"].dump();
    }
    if (!object.contains("error") || !object["error"].is_object()) return corrupt();
    const auto& error = object["error"];
    if (!error.contains("kind") || !error["kind"].is_string() || !error.contains("message") ||
        !error["message"].is_string())
        return corrupt();
    return base::fail(kind_of(error["kind"].get<std::string>()), error["message"].get<std::string>());
}

}  // namespace vigil::control
