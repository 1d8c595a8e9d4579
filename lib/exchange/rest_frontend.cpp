#include "exchange/rest_frontend.h"

#include <algorithm>
#include <array>
#include <utility>

#include "exchange/firewall.h"

namespace vigil::exchange {

namespace {

// CHANGELOG.md, 2026-01-21: the listenKey endpoints are gone.
constexpr std::array<std::string_view, 2> retired_paths{"/api/v3/userDataStream", "/api/v1/userDataStream"};

std::string_view reason_of(int status) {
    switch (status) {
        case 400:
            return "400 Bad Request";
        case 403:
            return "403 Forbidden";
        case 404:
            return "404 Not Found";
        case 410:
            return "410 Gone";
        case 418:
            return "418 I'm a teapot";
        case 429:
            return "429 Too Many Requests";
        case 500:
            return "500 Internal Server Error";
        case 502:
            return "502 Bad Gateway";
        case 503:
            return "503 Service Temporarily Unavailable";
        case 504:
            return "504 Gateway Time-out";
        default:
            return "Error";
    }
}

// Parameters in a body count when it is a form ("General Information on Endpoints").
std::string_view form_body(const net::ServerRequest& request) {
    if (request.method == "GET") return {};
    const auto type = request.headers.find("Content-Type");
    constexpr std::string_view form = "application/x-www-form-urlencoded";
    if (type && !net::equal_without_case(type->substr(0, form.size()), form)) return {};
    return request.body;
}

// How a fault wants the answer delivered; damages the body if that is meant.
net::Delivery disturb(const Fault& fault, std::string& body) {
    net::Delivery delivery;
    if (fault.kind == FaultKind::delay) delivery.delay = fault.delay;
    if (fault.kind == FaultKind::slow_bytes) {
        delivery.chunk_bytes = fault.chunk_bytes;
        delivery.chunk_interval = fault.interval;
    }
    if (fault.kind == FaultKind::truncate && fault.disconnect) {
        // Promised whole, and the connection ends in the midst of it.
        delivery.missing_bytes = (body.size() + 1) / 2;
    } else if (const auto damage = damage_of(fault.kind)) {
        body = damaged(body, *damage);
    }
    return delivery;
}

}  // namespace

net::HttpResponse plain_page(int status) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/html");
    const std::string reason{reason_of(status)};
    response.body = "<html>\r\n<head><title>" + reason + "</title></head>\r\n<body>\r\n<center><h1>" +
                    reason + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    return response;
}

net::HttpResponse json_error(const RequestError& error, base::ExchangeTime now) {
    net::HttpResponse response;
    response.status = error.status;
    response.headers.add("Content-Type", "application/json;charset=UTF-8");
    JsonWriter writer{response.body};
    writer.begin_object();
    writer.key("code").integer(error.code);
    writer.key("msg").text(error.message);
    if (!error.data.empty()) writer.key("data").raw(error.data);
    writer.end_object();
    if (error.retry_after) {
        const auto wait = std::chrono::ceil<base::seconds>(*error.retry_after - now).count();
        response.headers.add("Retry-After", std::to_string(std::max<std::int64_t>(wait, 1)));
    }
    return response;
}

std::optional<TimeUnit> parse_time_unit(std::string_view word) {
    if (word == "MICROSECOND" || word == "microsecond") return TimeUnit::microsecond;
    if (word == "MILLISECOND" || word == "millisecond") return TimeUnit::millisecond;
    return std::nullopt;
}

net::HttpResponse RestFrontend::error_response(const RequestError& error, bool html) {
    if (html) return plain_page(error.status);
    return json_error(error, server_.clock.shown());
}

void RestFrontend::add_limit_headers(net::HttpResponse& response, std::string_view path,
                                     std::string_view address, const Answer& answer) {
    const base::ExchangeTime now = answer.counted.value_or(server_.clock.shown());
    const bool sapi = path.starts_with("/sapi/");
    const std::string used =
        std::to_string(server_.limits.used_weight(address, now, sapi ? WeightPool::sapi : WeightPool::api));
    if (sapi) {
        response.headers.add("X-SAPI-USED-IP-WEIGHT-1M", used);
        return;
    }
    response.headers.add("X-MBX-USED-WEIGHT", used);
    response.headers.add("X-MBX-USED-WEIGHT-1M", used);
    if (answer.shows_order_count && !answer.error) {
        const std::int64_t account = answer.account.value;
        response.headers.add("X-MBX-ORDER-COUNT-10S",
                             std::to_string(server_.limits.orders_in_ten_seconds(account, now)));
        response.headers.add("X-MBX-ORDER-COUNT-1D",
                             std::to_string(server_.limits.orders_in_day(account, now)));
    }
}

void RestFrontend::handle(net::ServerRequest request, net::Responder responder) {
    const std::string_view path = request.path();
    const MethodSpec* method = find_rest_method(request.method, path);
    if (method == nullptr) {
        ++server_.counters.unknown_routes;
        const bool retired =
            std::find(retired_paths.begin(), retired_paths.end(), path) != retired_paths.end();
        responder.respond(plain_page(retired ? 410 : 404));
        return;
    }

    const std::string_view query = request.query();
    const std::string_view body = form_body(request);
    parameters_.clear();
    Request call;
    call.method = method;
    call.parameters = &parameters_;
    call.malformed = parameters_.parse_form(query, body);
    if (is_firewalled(parameters_.items())) return responder.respond(plain_page(403));
    call.times.shift = server_.clock.shift();
    if (const auto unit = request.headers.find("X-MBX-TIME-UNIT")) {
        const auto parsed = parse_time_unit(*unit);
        if (parsed) {
            call.times.unit = *parsed;
        } else if (!call.malformed) {
            call.malformed = errors::bad_time_unit();
        }
    }
    call.credentials.address = request.remote_address;
    if (method->security != Security::none) {
        call.credentials.api_key = request.headers.find("X-MBX-APIKEY").value_or(std::string_view{});
        payload_.clear();
        append_rest_payload(query, body, payload_);
        call.credentials.signed_bytes = payload_;
    }

    net::HttpResponse response;
    const Answer answer = dispatcher_.execute(call, response.body);
    switch (answer.disposition) {
        case Disposition::answer:
            break;
        case Disposition::disconnect:
            responder.drop();
            return;
        case Disposition::silence:
            // Never answered, as far as a client can tell that waits for less than a day.
            responder.respond({}, net::Delivery{.delay = std::chrono::hours{24}});
            return;
    }
    if (answer.error) {
        response = error_response(*answer.error, answer.html);
    } else {
        response.headers.add("Content-Type", "application/json;charset=UTF-8");
    }
    add_limit_headers(response, path, request.remote_address, answer);
    const net::Delivery delivery =
        answer.delivery == nullptr ? net::Delivery{} : disturb(*answer.delivery, response.body);
    responder.respond(std::move(response), delivery);
}

}  // namespace vigil::exchange
