#include "exchange/admin.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "exchange/admin_fault_request.h"
#include "exchange/fault_members.h"
#include "exchange/server_json.h"
#include "exchange/server_params.h"
#include "net/socket_address.h"

namespace vigil::exchange {

namespace {

using base::ErrorKind;
using Json = nlohmann::json;

constexpr std::size_t orders_listed = 1000;
// As many as the exchange takes for one key.
constexpr std::size_t addresses_max = 30;
constexpr std::uint64_t latest_time_ms = 253'402'300'799'999;  // the end of the year 9999

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::rejected:
            return 409;
        default:
            return 400;
    }
}

base::Result<Json> parse_object(const std::string& body) {
    auto parsed = Json::parse(body, nullptr, false);
    if (!parsed.is_object()) return base::fail(ErrorKind::invalid, "the body is not a JSON object");
    return parsed;
}

base::Result<std::string> text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string())
        return base::fail(ErrorKind::invalid, std::string{"'"} + name + "' is missing or not a string");
    return found->get<std::string>();
}

// Numeric ones, written as the server writes the address of a client.
base::Result<std::vector<std::string>> addresses_of(const Json& list) {
    const auto wrong = [] {
        return base::fail(ErrorKind::invalid, "'addresses' is a list of 1 to 30 numeric addresses");
    };
    if (!list.is_array() || list.empty() || list.size() > addresses_max) return wrong();
    std::vector<std::string> addresses;
    for (const Json& each : list) {
        const auto parsed = each.is_string() ? net::SocketAddress::parse(each.get<std::string>(), 0)
                                             : std::optional<net::SocketAddress>{};
        if (!parsed) return wrong();
        addresses.push_back(parsed->address());
    }
    return addresses;
}

}  // namespace

Admin::Admin(AdminTargets targets)
    : targets_{std::move(targets)}, started_{targets_.state.clock.monotonic()} {}

void Admin::handle(const net::ServerRequest& request, net::Responder responder) {
    responder.respond(answer(request));
}

net::HttpResponse Admin::answer(const net::ServerRequest& request) {
    net::HttpResponse response;
    response.headers.add("Content-Type", "application/json");
    const auto refuse = [&response](int status, std::string_view why) {
        response.status = status;
        JsonWriter{response.body}.begin_object().key("error").text(why).end_object();
        return response;
    };
    // Only programs of this machine are meant; a page in its browser is not one.
    if (request.headers.find("Origin")) return refuse(403, "requests from web pages are refused");
    const std::string_view path = request.path();
    ParameterList query;
    if (query.parse_form(request.query(), {})) return refuse(400, "the query cannot be read");

    if (request.method == "GET" && path == "/status") {
        std::size_t orders_max = orders_listed;
        const std::string_view orders = query.value("orders");
        std::from_chars(orders.data(), orders.data() + orders.size(), orders_max);
        response.body = status_json(targets_, started_, orders_max);
    } else if (request.method == "GET" && path == "/faults") {
        response.body = faults_json();
    } else if (request.method == "DELETE" && path == "/faults") {
        const std::string_view text = query.value("id");
        if (text.empty()) {
            targets_.faults.clear();
        } else {
            std::int64_t id = 0;
            std::from_chars(text.data(), text.data() + text.size(), id);
            if (!targets_.faults.remove(id)) return refuse(404, "there is no fault of that id");
        }
        response.body = "{}";
    } else if (request.method == "POST") {
        auto done = post(path, request.body);
        if (!done) return refuse(status_of(done.error().kind), done.error().message);
        response.body = *std::move(done);
    } else {
        return refuse(404, "there is no such route; see docs/simulated-exchange.md");
    }
    return response;
}

base::Result<std::string> Admin::post(std::string_view path, const std::string& body) {
    if (path == "/faults") return post_fault(body);
    if (path == "/balance") return post_balance(body, false);
    if (path == "/lock") return post_balance(body, true);
    if (path == "/symbol") return post_symbol(body);
    if (path == "/key") return post_key(body);
    if (path == "/clock/advance") return post_clock(body);
    if (path == "/pause" || path == "/resume") {
        ServerClock& clock = targets_.state.clock;
        // What was due until this moment happens, and nothing later.
        if (!clock.paused()) targets_.state.core->advance(clock.core_now());
        if (path == "/pause") {
            clock.pause();
        } else {
            clock.resume();
        }
        return std::string{"{}"};
    }
    if (path == "/shutdown") {
        targets_.shutdown();
        return std::string{"{}"};
    }
    return base::fail(ErrorKind::not_found, "there is no such route; see docs/simulated-exchange.md");
}

base::Result<std::string> Admin::post_fault(const std::string& body) {
    auto request = parse_fault(body);
    if (!request) return base::fail(ErrorKind::invalid, request.error().message);
    const auto id = targets_.faults.submit(*std::move(request));
    if (!id) return base::fail(id.error());
    return *id ? Json{{"id", **id}}.dump() : std::string{"{}"};
}

std::string Admin::faults_json() const {
    std::string text;
    JsonWriter out{text};
    const auto write_window = [&out](const FaultWindow& window) {
        const auto ms = [](base::nanoseconds time) {
            return std::chrono::duration_cast<base::milliseconds>(time).count();
        };
        out.key("start_ms").integer(ms(window.start));
        if (window.end) out.key("end_ms").integer(ms(*window.end));
        out.key("time").word(window.in_market_time ? "market" : "wall");
    };
    out.begin_array();
    for (const Fault& fault : targets_.state.faults.faults()) {
        out.begin_object();
        out.key("id").integer(fault.id);
        out.key("kind").word(to_string(fault.kind));
        out.key("on").word(to_string(fault.scope));
        out.key("route").text(fault.route);
        out.key("symbol").text(fault.symbol);
        out.key("count").integer(fault.remaining);
        out.key("skip").integer(fault.skip);
        out.key("struck").integer(fault.struck);
        write_window(fault.window);
        out.end_object();
    }
    for (const FaultPlan::Entry& entry : targets_.faults.entries()) {
        out.begin_object();
        out.key("id").integer(entry.id);
        out.key("kind").text(entry.request.kind);
        out.key("begun").boolean(entry.begun);
        write_window(entry.request.window);
        out.end_object();
    }
    out.end_array();
    return text;
}

base::Result<std::string> Admin::post_clock(const std::string& body) {
    if (!targets_.advance)
        return base::fail(ErrorKind::rejected, "the clock is the machine's; start with --clock virtual");
    const auto object = parse_object(body);
    if (!object) return base::fail(object.error());
    FaultMembers members{*object};
    constexpr std::int64_t hour_ms = 3'600'000;
    const auto time = members.number("ms", 0, hour_ms);
    members.need("ms", time);
    if (const auto problem = members.problem()) return base::fail(ErrorKind::invalid, problem->message);
    targets_.advance(base::milliseconds{*time});
    const base::ExchangeTime now = targets_.state.clock.shown();
    return Json{{"server_time", base::to_ms(now)}}.dump();
}

base::Result<std::string> Admin::post_balance(const std::string& body, bool locks) {
    const auto object = parse_object(body);
    if (!object) return base::fail(object.error());
    const auto label = text_of(*object, "account");
    if (!label) return base::fail(label.error());
    const auto asset_text = text_of(*object, "asset");
    if (!asset_text) return base::fail(asset_text.error());
    const auto delta_text = text_of(*object, "delta");
    if (!delta_text) return base::fail(delta_text.error());
    const auto asset = domain::Asset::from(*asset_text);
    const auto delta = domain::Amount::parse(*delta_text);
    if (!asset || asset->empty() || !delta)
        return base::fail(ErrorKind::invalid, "'asset' or 'delta' cannot be read");
    for (const OpenedAccount& opened : targets_.accounts) {
        if (opened.label != *label) continue;
        ExchangeCore& core = *targets_.state.core;
        const base::ExchangeTime now = targets_.state.clock.core_now();
        const auto done = locks ? core.external_lock(opened.account, *asset, *delta, now)
                                : core.deposit(opened.account, *asset, *delta, now);
        if (!done) return base::fail(ErrorKind::rejected, done.error().message);
        return std::string{"{}"};
    }
    return base::fail(ErrorKind::not_found, "there is no account '" + *label + "'");
}

base::Result<std::string> Admin::post_symbol(const std::string& body) {
    const auto object = parse_object(body);
    if (!object) return base::fail(object.error());
    const auto name = text_of(*object, "symbol");
    if (!name) return base::fail(name.error());
    const auto word = text_of(*object, "status");
    if (!word) return base::fail(word.error());
    const auto symbol = domain::Symbol::from(*name);
    const domain::SymbolStatus status = domain::parse_symbol_status(*word);
    if (!symbol || status == domain::SymbolStatus::unknown)
        return base::fail(ErrorKind::invalid, "'status' is TRADING, END_OF_DAY, HALT, BREAK or CANCEL_ONLY");
    const auto done = targets_.state.core->set_status(*symbol, status);
    if (!done) return base::fail(ErrorKind::not_found, done.error().message);
    return std::string{"{}"};
}

base::Result<std::string> Admin::post_key(const std::string& body) {
    const auto object = parse_object(body);
    if (!object) return base::fail(object.error());
    const auto label = text_of(*object, "account");
    if (!label) return base::fail(label.error());
    // Without a name it is the account's first key.
    std::string api_key;
    if (object->contains("api_key")) {
        auto named = text_of(*object, "api_key");
        if (!named) return base::fail(named.error());
        api_key = *std::move(named);
    }
    ApiKey* key = nullptr;
    for (const OpenedAccount& opened : targets_.accounts) {
        if (opened.label != *label) continue;
        for (const auto& known : targets_.state.keys.keys()) {
            if (known->account == opened.account &&
                known->api_key == (api_key.empty() ? opened.api_key : api_key))
                key = known.get();
        }
    }
    if (key == nullptr)
        return base::fail(ErrorKind::not_found, "there is no account '" + *label + "' with such a key");
    // All of it or nothing: applied when everything was understood.
    domain::KeyPermissions permissions = key->permissions;
    bool revoked = key->revoked;
    std::vector<std::string> addresses = key->allowed_addresses;
    const std::pair<const char*, bool*> flags[] = {
        {"enableReading", &permissions.reading},
        {"enableSpotAndMarginTrading", &permissions.spot_trading},
        {"enableWithdrawals", &permissions.withdrawals},
        {"enableInternalTransfer", &permissions.internal_transfer},
        {"permitsUniversalTransfer", &permissions.universal_transfer},
        {"enableMargin", &permissions.margin},
        {"enableFutures", &permissions.futures},
        {"ipRestrict", &permissions.ip_restricted},
        {"revoked", &revoked}};
    for (const auto& [name, value] : object->items()) {
        if (name == "account" || name == "api_key") continue;
        if (name == "addresses") {
            auto read = addresses_of(value);
            if (!read) return base::fail(std::move(read.error()));
            addresses = std::move(*read);
            continue;
        }
        if (name == "createTime" || name == "tradingAuthorityExpirationTime") {
            if (!value.is_null() && !value.is_number_unsigned())
                return base::fail(ErrorKind::invalid, "'" + name + "' is milliseconds since 1970, or null");
            auto& time = name == "createTime" ? permissions.created : permissions.trading_expires;
            time.reset();
            if (!value.is_null()) {
                const auto ms = value.get<std::uint64_t>();
                if (ms > latest_time_ms)
                    return base::fail(ErrorKind::invalid, "'" + name + "' is too far away");
                time = base::exchange_time_ms(static_cast<std::int64_t>(ms));
            }
            continue;
        }
        const auto* flag = std::find_if(std::begin(flags), std::end(flags),
                                        [&name = name](const auto& one) { return name == one.first; });
        if (flag == std::end(flags) || !value.is_boolean())
            return base::fail(ErrorKind::invalid, "'" + name + "' is not a permission, or not true or false");
        *flag->second = value.get<bool>();
    }
    key->permissions = permissions;
    key->revoked = revoked;
    key->allowed_addresses = std::move(addresses);
    targets_.keys_changed();
    return std::string{"{}"};
}

}  // namespace vigil::exchange
