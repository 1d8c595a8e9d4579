#include "exchange/admin_fault_request.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "exchange/server_call.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

namespace {

using Json = nlohmann::json;

/// What a name of `kind` means before its other members are read.
struct Kind {
    std::string_view name;
    FaultAction action;
    FaultKind fault{FaultKind::drop_after};
    FaultScope scope{FaultScope::answers};
    std::int64_t count{1};
    std::string_view route{"*"};
};

using enum FaultAction;
constexpr auto user = FaultScope::user_events;
constexpr auto market = FaultScope::market_events;

constexpr std::array kinds{Kind{"drop_before", arm, FaultKind::drop_before},
                           Kind{"drop_after", arm, FaultKind::drop_after},
                           Kind{"error_before", arm, FaultKind::error_before},
                           Kind{"error_after", arm, FaultKind::error_after},
                           Kind{"delay", arm, FaultKind::delay},
                           Kind{"slow_bytes", arm, FaultKind::slow_bytes},
                           Kind{"truncate", arm, FaultKind::truncate},
                           Kind{"invalid_json", arm, FaultKind::invalid_json},
                           Kind{"unknown_field", arm, FaultKind::unknown_field},
                           Kind{"unknown_enum", arm, FaultKind::unknown_enum},
                           Kind{"missing", arm, FaultKind::missing, user},
                           Kind{"duplicate", arm, FaultKind::duplicate, user},
                           Kind{"reorder", arm, FaultKind::reorder, user},
                           Kind{"silent_user_stream", arm, FaultKind::missing, user, -1},
                           Kind{"silent_stream", arm, FaultKind::missing, market, -1},
                           Kind{"depth_gap", arm, FaultKind::missing, market, 1, "depth"},
                           Kind{"disconnect", disconnect},
                           Kind{"mute", mute},
                           Kind{"ban", ban},
                           Kind{"foreign_weight", foreign_weight},
                           Kind{"clock", FaultAction::clock},
                           Kind{"refuse_connections", refuse_connections},
                           Kind{"announce_shutdown", announce_shutdown},
                           Kind{"certificate", certificate},
                           Kind{"symbol_status", symbol_status},
                           Kind{"filter", filter},
                           Kind{"delist", delist},
                           Kind{"balance", balance},
                           Kind{"foreign_order", foreign_order},
                           Kind{"foreign_cancel", foreign_cancel}};

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

FaultWindow read_window(FaultMembers& members) {
    constexpr std::int64_t month_ms = 31LL * 86'400'000;
    FaultWindow window;
    window.start = base::milliseconds{members.number("start_ms", 0, month_ms).value_or(0)};
    if (const auto end = members.number("end_ms", 1, month_ms)) {
        window.end = base::milliseconds{*end};
        if (*window.end <= window.start) members.complain("end_ms", "is not after 'start_ms'");
    }
    if (const auto time = members.text("time")) {
        window.in_market_time = *time == "market";
        if (!window.in_market_time && *time != "wall") members.complain("time", "is wall or market");
    }
    return window;
}

void read_error(FaultMembers& members, Fault& fault) {
    constexpr int too_many = 429;
    constexpr int banned = 418;
    const auto code = members.number("code", -100'000, 0);
    const auto status = members.number("status", 400, 599);
    const bool limited = status && (*status == too_many || *status == banned);
    const int otherwise = limited ? -1003 : -1000;
    const RequestError error = error_of(static_cast<int>(code.value_or(otherwise)));
    fault.code = error.code;
    fault.message = members.text("message").value_or(error.message);
    fault.status = static_cast<int>(status.value_or(code ? error.status : 503));
    // Without a code, these are the web server's own pages.
    fault.html = members.flag("html").value_or(
        !code && (fault.status >= 500 || fault.status == 403 || fault.status == 410));
    const auto wait = members.number("retry_after_s", 1, 3 * 86'400);
    if (wait || fault.status == too_many || fault.status == banned)
        fault.retry_after = base::seconds{wait.value_or(fault.status == banned ? 120 : 10)};
}

void read_scope(FaultMembers& members, const Kind& kind, Fault& fault) {
    const bool of_events_only = kind.fault == FaultKind::missing || kind.fault == FaultKind::duplicate ||
                                kind.fault == FaultKind::reorder;
    const bool of_answers_only =
        kind.fault == FaultKind::drop_before || kind.fault == FaultKind::drop_after ||
        kind.fault == FaultKind::error_before || kind.fault == FaultKind::error_after;
    fault.scope = kind.scope;
    if (of_answers_only) return;
    if (const auto on = members.text("on")) {
        if (*on == "user_events") {
            fault.scope = user;
        } else if (*on == "market_events") {
            fault.scope = market;
        } else if (*on != "answers" || of_events_only) {
            members.complain("on", of_events_only ? "is user_events or market_events"
                                                  : "is answers, user_events or market_events");
        }
    }
}

void read_armed(FaultMembers& members, const Kind& kind, Fault& fault) {
    constexpr std::int64_t many = 1'000'000'000;
    constexpr std::int64_t hour_ms = 3'600'000;
    fault.kind = kind.fault;
    fault.window = read_window(members);
    // What has an end is not counted, unless it is asked for.
    fault.remaining = members.number("count", -1, many).value_or(fault.window.end ? -1 : kind.count);
    fault.skip = members.number("skip", 0, many).value_or(0);
    if (const auto chance = members.decimal<domain::Rate>("probability")) {
        constexpr std::int64_t raw_per_ppm = domain::decimal_scale / 1'000'000;
        if (chance->is_negative() || *chance > domain::Rate::of(1))
            members.complain("probability", "is not from 0 to 1");
        else
            fault.chance_ppm = static_cast<std::uint64_t>(chance->raw() / raw_per_ppm);
    }
    if (const auto symbol = members.symbol("symbol", false)) fault.symbol = symbol->str();
    read_scope(members, kind, fault);
    fault.route = kind.route;
    if (fault.scope == FaultScope::answers) {
        if (auto route = members.text("route")) fault.route = *std::move(route);
        if (!is_route(fault.route)) members.complain("route", "names no method");
    } else if (auto event = members.text("event")) {
        fault.route = *std::move(event);
    }
    switch (fault.kind) {
        case FaultKind::delay:
        case FaultKind::reorder:
            fault.delay = base::milliseconds{members.number("delay_ms", 1, hour_ms).value_or(1000)};
            break;
        case FaultKind::drop_before:
        case FaultKind::drop_after:
            fault.disconnect = members.flag("disconnect").value_or(true);
            break;
        case FaultKind::truncate:
            fault.disconnect =
                fault.scope == FaultScope::answers && members.flag("disconnect").value_or(false);
            break;
        case FaultKind::error_before:
        case FaultKind::error_after:
            read_error(members, fault);
            break;
        case FaultKind::slow_bytes:
            fault.chunk_bytes =
                static_cast<std::size_t>(members.number("chunk_bytes", 1, 1'000'000).value_or(1));
            fault.interval = base::milliseconds{members.number("interval_ms", 1, hour_ms).value_or(100)};
            break;
        default:
            break;
    }
}

void read_foreign_order(FaultMembers& members, OrderRequest& order) {
    const auto side = members.text("side");
    members.need("side", side);
    if (side && *side != "BUY" && *side != "SELL") members.complain("side", "is BUY or SELL");
    order.side = side && *side == "SELL" ? domain::Side::sell : domain::Side::buy;
    order.quantity = members.decimal<domain::Quantity>("quantity");
    members.need("quantity", order.quantity);
    order.price = members.decimal<domain::Price>("price");
    order.type = order.price ? domain::OrderType::limit : domain::OrderType::market;
    if (order.price) order.time_in_force = domain::TimeInForce::gtc;
}

void read_symbol_action(FaultMembers& members, FaultRequest& request) {
    request.symbol = members.symbol("symbol", true).value_or(domain::Symbol{});
    if (request.action == symbol_status) {
        const auto word = members.text("status");
        members.need("status", word);
        request.status = domain::parse_symbol_status(word.value_or(std::string{}));
        if (request.status == domain::SymbolStatus::unknown)
            members.complain("status", "is TRADING, END_OF_DAY, HALT, BREAK or CANCEL_ONLY");
    } else if (request.action == filter) {
        const auto text = members.object("filter");
        members.need("filter", text);
        request.filter = text.value_or(std::string{});
    }
}

void read_account_action(FaultMembers& members, FaultRequest& request) {
    const auto account = members.text("account");
    members.need("account", account);
    request.account = account.value_or(std::string{});
    if (request.action != balance) {
        request.symbol = members.symbol("symbol", true).value_or(domain::Symbol{});
        request.order.symbol = request.symbol;
        if (request.action == foreign_order) read_foreign_order(members, request.order);
        return;
    }
    const auto name = members.text("asset");
    const auto asset = domain::Asset::from(name.value_or(std::string{}));
    if (!asset || asset->empty())
        members.complain("asset", "is missing or not an asset");
    else
        request.asset = *asset;
    const auto delta = members.decimal<domain::Amount>("delta");
    members.need("delta", delta);
    request.delta = delta.value_or(domain::Amount{});
}

void read_action(FaultMembers& members, FaultRequest& request) {
    constexpr std::int64_t day_ms = 86'400'000;
    request.window = read_window(members);
    if (request.window.end && !lasts(request.action))
        members.complain("end_ms", "has no meaning for what happens in a moment");
    switch (request.action) {
        case disconnect:
            request.rest = members.flag("rest").value_or(false);
            request.reset = members.flag("reset").value_or(false);
            [[fallthrough]];
        case mute:
            request.streams = members.flag("streams").value_or(true);
            request.api = members.flag("ws_api").value_or(true);
            if (request.action == mute)
                request.new_connections = members.flag("new_connections").value_or(false);
            break;
        case ban:
            request.length = base::seconds{members.number("seconds", 1, 3 * 86'400).value_or(120)};
            request.address = members.text("address").value_or(request.address);
            break;
        case foreign_weight:
            request.weight = members.number("weight", 1, 1'000'000).value_or(1000);
            request.address = members.text("address").value_or(request.address);
            break;
        case FaultAction::clock:
            request.offset = base::milliseconds{members.number("offset_ms", -day_ms, day_ms).value_or(0)};
            request.drift_ppm = members.number("drift_ppm", -100'000, 100'000).value_or(0);
            break;
        case certificate: {
            const auto which = members.text("which");
            members.need("which", which);
            if (which && *which != "expired" && *which != "wrong_name")
                members.complain("which", "is expired or wrong_name");
            request.certificate =
                which && *which == "wrong_name" ? CertificateFault::wrong_name : CertificateFault::expired;
            break;
        }
        case symbol_status:
        case filter:
        case delist:
            read_symbol_action(members, request);
            break;
        case balance:
        case foreign_order:
        case foreign_cancel:
            read_account_action(members, request);
            break;
        case arm:
        case refuse_connections:
        case announce_shutdown:
            break;
    }
}

}  // namespace

bool lasts(FaultAction action) {
    switch (action) {
        case mute:
        case ban:
        case FaultAction::clock:
        case refuse_connections:
        case certificate:
        case symbol_status:
        case filter:
        case delist:
            return true;
        default:
            return false;
    }
}

tl::expected<FaultRequest, FaultProblem> parse_fault(const std::string& json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object()) return tl::unexpected{FaultProblem{{}, "the body is not a JSON object"}};
    FaultMembers members{object};
    const auto name = members.text("kind");
    const Kind* kind = nullptr;
    for (const Kind& one : kinds) {
        if (name && *name == one.name) kind = &one;
    }
    if (kind == nullptr) {
        std::string all;
        for (const Kind& one : kinds) all += (all.empty() ? "" : ", ") + std::string{one.name};
        return tl::unexpected{FaultProblem{"kind", "'kind' is one of " + all}};
    }
    FaultRequest request;
    request.action = kind->action;
    request.kind = kind->name;
    if (request.action == arm) {
        read_armed(members, *kind, request.fault);
        request.window = request.fault.window;
    } else {
        read_action(members, request);
    }
    if (auto problem = members.problem()) return tl::unexpected{*std::move(problem)};
    return request;
}

}  // namespace vigil::exchange
