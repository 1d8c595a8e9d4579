#include "exchange/server_dispatch.h"

#include <algorithm>
#include <array>

namespace vigil::exchange {

namespace {

constexpr std::array<std::string_view, 3> rest_common{"timestamp", "signature", "recvWindow"};
constexpr std::array<std::string_view, 5> websocket_common{"timestamp", "signature", "recvWindow", "apiKey",
                                                           "returnRateLimits"};
constexpr std::array<std::string_view, 2> websocket_public{"apiKey", "returnRateLimits"};

std::span<const std::string_view> common_names(const Request& request) {
    if (request.method->security != Security::none) {
        if (request.session != nullptr) return websocket_common;
        return rest_common;
    }
    if (request.session != nullptr) return websocket_public;
    return {};
}

}  // namespace

void Dispatcher::fail_with(const Fault& fault, Answer& answer) const {
    answer.error = RequestError{fault.code, fault.message, fault.status};
    answer.html = fault.html;
    if (fault.retry_after) answer.error->retry_after = server_.clock.shown() + *fault.retry_after;
}

Answer Dispatcher::execute(const Request& request, std::string& out) {
    const std::size_t begin = out.size();
    const MethodSpec& method = *request.method;
    MethodCount& count = server_.counters.by_method[index_of(method)];
    (request.session != nullptr ? count.websocket : count.rest) += 1;

    Answer answer;
    const std::int64_t weight =
        method.weight_rule != nullptr ? method.weight_rule(*request.parameters) : method.weight;
    answer.error = serve(request, answer, out, weight);
    const std::string_view symbol = request.parameters->value("symbol");
    if (answer.disposition == Disposition::answer && !answer.error) {
        if (const Fault* fault = server_.faults.strike(method, symbol, FaultPhase::after)) {
            if (fault->kind == FaultKind::drop_after) {
                answer.disposition = fault->disconnect ? Disposition::disconnect : Disposition::silence;
            } else {
                fail_with(*fault, answer);
            }
        }
    }
    // Asked for every request, so that skips and counts are of requests, delivered or not.
    const Fault* delivery = server_.faults.strike(method, symbol, FaultPhase::delivery);
    if (answer.disposition == Disposition::answer) answer.delivery = delivery;
    if (answer.disposition != Disposition::answer) ++count.dropped;
    if (answer.error) {
        out.resize(begin);
        ++count.failed;
        ++server_.counters.errors[answer.error->code];
    }
    return answer;
}

std::optional<RequestError> Dispatcher::serve(const Request& request, Answer& answer, std::string& out,
                                              std::int64_t weight) {
    const MethodSpec& method = *request.method;
    const std::string_view address = request.credentials.address;
    const base::ExchangeTime server_time = server_.clock.core_now() + request.times.shift;

    answer.counted = server_time;
    auto limited = server_.limits.charge(address, weight, server_time, method.pool);
    const auto used = static_cast<std::uint64_t>(server_.limits.used_weight(address, server_time));
    server_.counters.weight_peak = std::max(server_.counters.weight_peak, used);
    if (limited) return limited;

    const Fault* fault =
        server_.faults.strike(method, request.parameters->value("symbol"), FaultPhase::before);
    if (fault != nullptr) {
        if (fault->kind == FaultKind::drop_before) {
            answer.disposition = fault->disconnect ? Disposition::disconnect : Disposition::silence;
            return std::nullopt;
        }
        fail_with(*fault, answer);
        return answer.error;
    }
    if (request.malformed) return request.malformed;

    const ApiKey* key = nullptr;
    if (method.security != Security::none) {
        const auto authentic = authenticate(server_.keys, request.credentials, *request.parameters,
                                            method.security, server_time);
        if (!authentic) return authentic.error();
        key = *authentic;
    }
    if (auto error = bind(method.parameters, common_names(request), *request.parameters, arguments_))
        return error;

    JsonWriter writer{out, request.times};
    Call call{server_, method, arguments_, key, request.session, server_time - request.times.shift, writer};
    auto error = method.handler(call);
    answer.shows_order_count = call.shows_order_count;
    if (key != nullptr) answer.account = key->account;
    if (error) return error;
    if (method.free_when_successful) server_.limits.refund(address, weight, server_time);
    return std::nullopt;
}

void write_rate_limits(const ServerState& server, std::string_view address, std::optional<AccountId> account,
                       bool with_weight, base::ExchangeTime now, JsonWriter& out) {
    out.begin_array();
    const auto& rules = server.limits.rules();
    const auto write = [&out](const LimitRule& rule, std::int64_t count) {
        out.begin_object();
        out.key("rateLimitType").word(rule.type);
        out.key("interval").word(rule.interval);
        out.key("intervalNum").integer(rule.interval_count);
        out.key("limit").integer(rule.limit);
        out.key("count").integer(count);
        out.end_object();
    };
    if (account) {
        write(rules[1], server.limits.orders_in_ten_seconds(account->value, now));
        write(rules[2], server.limits.orders_in_day(account->value, now));
    }
    if (with_weight) write(rules[0], server.limits.used_weight(address, now));
    out.end_array();
}

}  // namespace vigil::exchange
