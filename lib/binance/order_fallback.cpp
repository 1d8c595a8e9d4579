#include "binance/order_fallback.h"

#include <utility>
#include <variant>

#include "binance/order_answer.h"
#include "binance/order_request.h"
#include "binance/rest_client.h"

namespace vigil::binance {

namespace {

constexpr std::string_view path = "/api/v3/order";
constexpr base::milliseconds look_after{15'000};

/// The answer in the form that the WebSocket API has.
ApiAnswer to_answer(const net::HttpResponse& response) {
    ApiAnswer answer;
    if (response.status == 200) answer = parse_order_answer(response.body);
    answer.status = response.status;
    if (response.status != 200) {
        answer.error = parse_api_error(response.body);
        if (!answer.error)
            answer.problem = "status " + std::to_string(response.status) + " without an error code";
    }
    answer.retry_after_seconds = parse_retry_after(response.headers.find("Retry-After"));
    for (const auto& [name, value] : response.headers.fields())
        if (const auto usage = parse_usage_header(name, value)) answer.limits.usage.push_back(*usage);
    return answer;
}

}  // namespace

OrderFallback::OrderFallback(Parts parts)
    : parts_{std::move(parts)},
      http_{parts_.loop, parts_.url, parts_.tls, {.local_address = parts_.local_address}},
      warm_{parts_.loop} {}

void OrderFallback::keep_warm() {
    // Not even a handshake while the exchange wants to hear nothing; it is looked after again.
    if (!http_.connected() && !parts_.leave(domain::OwnRequest::https_connection)) http_.warm();
    warm_.after(look_after, [this] { keep_warm(); });
}

void OrderFallback::send(const domain::Intent& intent) {
    domain::OrderOutcome outcome = outcome_for(intent);
    const auto timestamp = parts_.timestamp();
    if (!timestamp) {
        outcome.result = domain::OutcomeNeverSent{timestamp.error().message};
        parts_.loop.call_after(base::milliseconds{0},
                               [&listener = parts_.listener, outcome = std::move(outcome)] {
                                   listener.on_order_outcome(outcome);
                               });
        return;
    }
    form_.clear();
    std::visit([this](const auto& action) { add_order(action, form_); }, intent.action);
    form_.add("recvWindow", parts_.recv_window.count());
    form_.add("timestamp", base::to_ms(*timestamp));
    net::HttpRequest request;
    request.method = outcome.is_cancel ? "DELETE" : "POST";
    request.target = path;
    request.target += '?';
    form_.append_rest_signed(*parts_.key->signer, request.target);
    request.headers.add("X-MBX-APIKEY", parts_.key->api_key);
    outcome.sent = parts_.loop.now();
    const std::string_view source = outcome.is_cancel ? "DELETE /api/v3/order" : "POST /api/v3/order";
    http_.request(
        std::move(request), parts_.order_deadline,
        [this, held = parts_.key, outcome = std::move(outcome), source](net::HttpResult result) mutable {
            told(std::move(outcome), source, std::move(result));
        });
}

void OrderFallback::told(domain::OrderOutcome outcome, std::string_view source, net::HttpResult result) {
    outcome.answered = parts_.loop.now();
    if (!result) {
        const net::HttpFailure& failure = result.error();
        if (failure.may_have_left) {
            outcome.result = domain::OutcomeUnknown{failure.error.message};
        } else {
            outcome.sent = {};
            outcome.result = domain::OutcomeNeverSent{failure.error.message};
        }
        return parts_.listener.on_order_outcome(outcome);
    }
    ApiAnswer answer = to_answer(*result);
    outcome.result = order_result(answer);
    tell_side_news(answer, source, outcome.answered, parts_.listener);
    if (result->status == 410 || (result->status == 404 && !answer.error)) {
        outcome.result = domain::OutcomeRejected{0, "the exchange no longer offers " + std::string{source},
                                                 result->status};
        parts_.listener.on_endpoint_retired(source);
    }
    parts_.listener.on_order_outcome(outcome);
}

void OrderFallback::close() {
    warm_.cancel();
    http_.close();
}

}  // namespace vigil::binance
