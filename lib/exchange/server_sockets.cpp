#include "exchange/server_sockets.h"

#include <utility>
#include <vector>

#include "exchange/server_params.h"

namespace vigil::exchange {

namespace {

// "Connecting to WebSocket API costs 2 weight."
constexpr std::int64_t api_connection_weight = 2;

// Streams named in a URL. A + stands for itself there, not for a blank: btcusdt@kline_1d@+08:00.
std::vector<std::string> split_names(std::string_view url_part) {
    std::string raw;
    for (const char c : url_part) {
        if (c == '+')
            raw += "%2B";
        else
            raw += c;
    }
    const std::string decoded = percent_decoded(raw).value_or(raw);
    std::string_view text = decoded;
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t end = text.find('/');
        const std::string_view name = text.substr(0, end);
        if (!name.empty()) names.emplace_back(name);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return names;
}

// Value of a parameter of the URL, raw.
std::string_view query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (pair.substr(0, pair.find('=')) == name && pair.size() > name.size())
            return pair.substr(name.size() + 1);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    }
    return {};
}

}  // namespace

PublicPort::Service PublicPort::service_of(std::string_view path) {
    if (path == "/ws-api/v3" || path == "/ws-api/v3/") return Service::api;
    if (path == "/ws" || path.starts_with("/ws/")) return Service::streams;
    if (path == "/stream" || path == "/stream/") return Service::combined_streams;
    return Service::rest;
}

std::optional<RequestError> PublicPort::refusal(const net::ServerRequest& request) {
    const base::ExchangeTime now = state_.clock.shown();
    const std::string_view unit = query_value(request.query(), "timeUnit");
    if (!unit.empty() && !parse_time_unit(unit)) return errors::bad_time_unit();
    const bool connected = state_.limits.connect(request.remote_address, now);
    if (const auto until = state_.limits.banned_until(request.remote_address, now))
        return errors::banned(*until);
    if (!connected)
        return errors::too_many_requests(state_.limits.options().connections_per_five_minutes, "5 MINUTE");
    if (service_of(request.path()) == Service::api)
        return state_.limits.charge(request.remote_address, api_connection_weight, now);
    return std::nullopt;
}

void PublicPort::open(const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer) {
    const std::string_view path = request.path();
    const std::string_view query = request.query();
    const TimeUnit unit = parse_time_unit(query_value(query, "timeUnit")).value_or(TimeUnit::millisecond);
    switch (service_of(path)) {
        case Service::api:
            api_.accept(request, std::move(peer), unit, query_value(query, "returnRateLimits") != "false");
            return;
        case Service::streams:
            streams_.accept(request, std::move(peer), unit, false,
                            split_names(path.size() > 4 ? path.substr(4) : std::string_view{}));
            return;
        case Service::combined_streams: {
            streams_.accept(request, std::move(peer), unit, true, split_names(query_value(query, "streams")));
            return;
        }
        case Service::rest:
            peer->kill();
            return;
    }
}

base::Result<void> PublicPort::listen(net::EventLoop& loop, net::ServerTls tls, const std::string& address,
                                      std::uint16_t port) {
    net::ServerHandlers handlers;
    handlers.on_http = [this](net::ServerRequest request, net::Responder responder) {
        if (request.wants_websocket && service_of(request.path()) != Service::rest) {
            // accept_websocket said no; say why. The connection attempt was counted there.
            const base::ExchangeTime now = state_.clock.shown();
            auto error = refused_ ? std::exchange(refused_, std::nullopt) : std::nullopt;
            responder.respond(error ? json_error(*error, now) : plain_page(400),
                              net::Delivery{.close = true});
            return;
        }
        rest_.handle(std::move(request), std::move(responder));
    };
    handlers.accept_websocket = [this](const net::ServerRequest& request) {
        if (service_of(request.path()) == Service::rest) return false;
        refused_ = refusal(request);
        return !refused_.has_value();
    };
    handlers.on_websocket = [this](const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer) {
        open(request, std::move(peer));
    };
    net::ServerOptions options;
    options.address = address;
    options.port = port;
    auto server = net::Server::listen(loop, std::move(tls), std::move(handlers), options);
    if (!server) return base::fail(server.error());
    server_ = *std::move(server);
    return {};
}

}  // namespace vigil::exchange
