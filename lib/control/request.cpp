#include "control/request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace vigil::control {

namespace {

using base::ErrorKind;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' '; });
}

/// Reads the members of one object; the first that is wrong is kept.
class Members {
  public:
    explicit Members(const nlohmann::json& object) : object_{object} {}

    std::string text(const char* name, std::size_t most) {
        asked_.push_back(name);
        const auto at = object_.find(name);
        if (at == object_.end()) return wrong(name, "is missing");
        if (!at->is_string()) return wrong(name, "must be a text");
        const auto& value = at->get_ref<const std::string&>();
        if (value.size() > most) return wrong(name, "is longer than " + std::to_string(most) + " bytes");
        if (std::any_of(value.begin(), value.end(), is_control))
            return wrong(name, "has control characters in it");
        if (is_blank(value)) return wrong(name, "is blank");
        return value;
    }
    std::int64_t integer(const char* name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
        asked_.push_back(name);
        const auto at = object_.find(name);
        if (at == object_.end()) return otherwise;
        const bool is_whole =
            at->is_number_integer() && !(at->is_number_unsigned() && at->get<std::uint64_t>() > INT64_MAX);
        if (!is_whole || at->get<std::int64_t>() < least || at->get<std::int64_t>() > most) {
            wrong(name,
                  "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
            return otherwise;
        }
        return at->get<std::int64_t>();
    }
    std::string wrong(const std::string& name, const std::string& what) {
        if (problem_.empty()) problem_ = name + " " + what;
        return {};
    }
    /// What is wrong; members that nobody asked for are.
    [[nodiscard]] std::string finish() {
        for (const auto& [name, value] : object_.items())
            if (std::find(asked_.begin(), asked_.end(), name) == asked_.end())
                wrong("a member", "is unknown to this command");
        return problem_;
    }

  private:
    const nlohmann::json& object_;
    std::vector<std::string> asked_;
    std::string problem_;
};

}  // namespace

std::string_view name_of(const Request& request) noexcept {
    static constexpr std::array<std::string_view, 4> names{"status", "halt", "kill", "resume"};
    return names[request.command.index()];
}

base::Result<Request> parse_request(std::string_view line) {
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    if (line.size() >= request_max)
        return base::fail(ErrorKind::invalid,
                          "a request is shorter than " + std::to_string(request_max) + " bytes");
    const auto object = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    if (!object.is_object())
        return base::fail(ErrorKind::invalid, "a request is one JSON object on one line");
    Members members{object};
    const std::int64_t version = members.integer("v", 0, 1, 1'000'000);
    if (version != protocol_version)
        members.wrong("v", "must be " + std::to_string(protocol_version) +
                               ": the tool and the service are of different versions");
    Request request;
    request.operator_name = members.text("operator", name_max);
    const std::string command = members.text("command", name_max);
    if (command == "status") {
        request.command = Status{};
    } else if (command == "halt") {
        request.command = Halt{members.text("reason", reason_max)};
    } else if (command == "kill") {
        Kill kill{members.text("reason", reason_max)};
        kill.wait =
            base::milliseconds{members.integer("wait_ms", kill_wait.count(), 0, kill_wait_most.count())};
        request.command = std::move(kill);
    } else if (command == "resume") {
        Resume resume{members.text("reason", reason_max)};
        resume.level = members.text("level", name_max);
        request.command = std::move(resume);
    } else {
        members.wrong("command", "must be status, halt, kill or resume");
    }
    if (std::string problem = members.finish(); !problem.empty())
        return base::fail(ErrorKind::invalid, std::move(problem));
    return request;
}

std::string to_line(const Request& request) {
    nlohmann::ordered_json object{{"v", protocol_version},
                                  {"operator", request.operator_name},
                                  {"command", std::string{name_of(request)}}};
    if (const auto* halt = std::get_if<Halt>(&request.command)) object["reason"] = halt->reason;
    if (const auto* kill = std::get_if<Kill>(&request.command)) {
        object["reason"] = kill->reason;
        object["wait_ms"] = kill->wait.count();
    }
    if (const auto* resume = std::get_if<Resume>(&request.command)) {
        object["reason"] = resume->reason;
        object["level"] = resume->level;
    }
    // What is not UTF-8 becomes U+FFFD.
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vigil::control
