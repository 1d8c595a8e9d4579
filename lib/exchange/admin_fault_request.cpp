#include "exchange/admin_fault_request.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "exchange/server_call.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

namespace {

using base::ErrorKind;
using Json = nlohmann::json;

struct Kind {
    std::string_view name;
    FaultAction action;
    FaultKind fault;
};

constexpr std::array<Kind, 13> kinds{{{"drop_before", FaultAction::arm, FaultKind::drop_before},
                                      {"drop_after", FaultAction::arm, FaultKind::drop_after},
                                      {"error_before", FaultAction::arm, FaultKind::error_before},
                                      {"error_after", FaultAction::arm, FaultKind::error_after},
                                      {"delay", FaultAction::arm, FaultKind::delay},
                                      {"silent_user_stream", FaultAction::arm, FaultKind::silent_user_stream},
                                      {"disconnect", FaultAction::disconnect, {}},
                                      {"mute", FaultAction::mute, {}},
                                      {"ban", FaultAction::ban, {}},
                                      {"foreign_weight", FaultAction::foreign_weight, {}},
                                      {"clock", FaultAction::clock, {}},
                                      {"refuse_connections", FaultAction::refuse_connections, {}},
                                      {"announce_shutdown", FaultAction::announce_shutdown, {}}}};

// The documented text and status of the codes that tests ask for most; others get a text of their own.
RequestError error_of(int code) {
    const std::array known{
        errors::unknown(),
        errors::timeout(),
        errors::outside_window(),
        errors::bad_signature(),
        errors::bad_key_format(),
        errors::rejected_key(),
        errors::no_such_order(),
        errors::bad_symbol(),
        errors::unsupported(),
        RequestError{-1001, "Internal error; unable to process your request. Please try again.", 500},
        RequestError{-1006,
                     "An unexpected response was received from the message bus. Execution "
                     "status unknown.",
                     500},
        RequestError{-1008,
                     "Server is currently overloaded with other requests. Please try again "
                     "in a few minutes.",
                     503},
        RequestError{-1003, "Too many requests queued.", 429},
        RequestError{-1016, "This service is no longer available.", 503},
        RequestError{-2010, "Account has insufficient balance for requested action."},
        RequestError{-2011, "Unknown order sent."}};
    for (const RequestError& error : known) {
        if (error.code == code) return error;
    }
    return RequestError{code, "Injected error."};
}

// Reads members, and remembers the first that is wrong and those that nobody asked for.
class Reader {
  public:
    explicit Reader(const Json& object) : object_{object} {}

    std::optional<std::int64_t> number(const char* name, std::int64_t min, std::int64_t max) {
        const Json* value = find(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_number_integer() || value->get<std::int64_t>() < min ||
            value->get<std::int64_t>() > max) {
            complain(name,
                     "is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
            return std::nullopt;
        }
        return value->get<std::int64_t>();
    }
    std::optional<bool> flag(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_boolean()) {
            complain(name, "is not true or false");
            return std::nullopt;
        }
        return value->get<bool>();
    }
    std::optional<std::string> text(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_string()) {
            complain(name, "is not a string");
            return std::nullopt;
        }
        return value->get<std::string>();
    }
    void complain(std::string_view name, const std::string& what) {
        if (error_.empty()) error_ = "'" + std::string{name} + "' " + what;
    }
    std::string error() {
        for (const auto& [name, value] : object_.items()) {
            if (!asked_.contains(name)) complain(name, "does not belong here");
        }
        return error_;
    }

  private:
    const Json* find(const char* name) {
        asked_.insert(name);
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    const Json& object_;
    std::set<std::string> asked_;
    std::string error_;
};

bool is_route(const std::string& route) {
    if (route == "*" || find_websocket_method(route) != nullptr || is_rest_path(route)) return true;
    const std::size_t space = route.find(' ');
    if (space != std::string::npos)
        return find_rest_method(route.substr(0, space), route.substr(space + 1)) != nullptr;
    for (const MethodSpec& method : all_methods()) {
        if (method.name == route) return true;
    }
    return false;
}

void read_armed(Reader& reader, Fault& fault) {
    constexpr std::int64_t many = 1'000'000'000;
    const bool user_stream = fault.kind == FaultKind::silent_user_stream;
    fault.remaining = reader.number("count", -1, many).value_or(user_stream ? -1 : 1);
    fault.skip = reader.number("skip", 0, many).value_or(0);
    if (user_stream) return;
    fault.route = reader.text("route").value_or("*");
    if (!is_route(fault.route)) reader.complain("route", "names no method");
    if (fault.kind == FaultKind::delay)
        fault.delay = base::milliseconds{reader.number("delay_ms", 1, 3'600'000).value_or(1000)};
    if (fault.kind == FaultKind::drop_before || fault.kind == FaultKind::drop_after)
        fault.disconnect = reader.flag("disconnect").value_or(true);
    if (fault.kind == FaultKind::error_before || fault.kind == FaultKind::error_after) {
        const auto code = reader.number("code", -100'000, 0);
        const RequestError error = error_of(static_cast<int>(code.value_or(-1000)));
        fault.code = error.code;
        fault.message = reader.text("message").value_or(error.message);
        fault.status =
            static_cast<int>(reader.number("status", 400, 599).value_or(code ? error.status : 503));
        // Without a code, a 5xx is the web server's own page.
        fault.html = reader.flag("html").value_or(!code && fault.status >= 500);
    }
}

void read_immediate(Reader& reader, FaultRequest& request) {
    constexpr std::int64_t day_ms = 86'400'000;
    switch (request.action) {
        case FaultAction::disconnect:
            request.rest = reader.flag("rest").value_or(false);
            request.reset = reader.flag("reset").value_or(false);
            [[fallthrough]];
        case FaultAction::mute:
            request.streams = reader.flag("streams").value_or(true);
            request.api = reader.flag("ws_api").value_or(true);
            break;
        case FaultAction::ban:
            request.length = base::seconds{reader.number("seconds", 1, 3 * 86'400).value_or(120)};
            request.address = reader.text("address").value_or(request.address);
            break;
        case FaultAction::foreign_weight:
            request.weight = reader.number("weight", 1, 1'000'000).value_or(1000);
            request.address = reader.text("address").value_or(request.address);
            break;
        case FaultAction::clock:
            request.offset = base::milliseconds{reader.number("offset_ms", -day_ms, day_ms).value_or(0)};
            request.drift_ppm = reader.number("drift_ppm", -100'000, 100'000).value_or(0);
            break;
        case FaultAction::arm:
        case FaultAction::refuse_connections:
        case FaultAction::announce_shutdown:
            break;
    }
}

}  // namespace

base::Result<FaultRequest> parse_fault(const std::string& json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object()) return base::fail(ErrorKind::invalid, "the body is not a JSON object");
    Reader reader{object};
    const auto name = reader.text("kind");
    const Kind* kind = nullptr;
    for (const Kind& one : kinds) {
        if (name && *name == one.name) kind = &one;
    }
    if (kind == nullptr) {
        std::string all;
        for (const Kind& one : kinds) all += (all.empty() ? "" : ", ") + std::string{one.name};
        return base::fail(ErrorKind::invalid, "'kind' is one of " + all);
    }
    FaultRequest request;
    request.action = kind->action;
    request.fault.kind = kind->fault;
    if (request.action == FaultAction::arm) {
        read_armed(reader, request.fault);
    } else {
        read_immediate(reader, request);
    }
    if (std::string error = reader.error(); !error.empty())
        return base::fail(ErrorKind::invalid, std::move(error));
    return request;
}

}  // namespace vigil::exchange
