#include "binance/order_answer.h"

#include <charconv>
#include <cstdint>
#include <string>

#include "binance/error_codes.h"

namespace vigil::binance {

namespace {

bool refuses_all_requests(int status) {
    return status == 403 || status == 418 || status == 429;
}

std::string said(const ApiAnswer& answer) {
    std::string text = "answer with status " + std::to_string(answer.status);
    if (answer.error) text += ", code " + std::to_string(answer.error->code) + " " + answer.error->message;
    return text;
}

}  // namespace

OrderResult order_result(const ApiAnswer& answer) {
    if (answer.status == 200) {
        if (answer.order) return domain::OutcomeAccepted{*answer.order, answer.fills};
        return domain::OutcomeUnknown{"the answer was not understood: " +
                                      answer.problem.value_or("no order in it")};
    }
    if (refuses_all_requests(answer.status)) {
        if (answer.error && is_outcome_unknown(answer.error->code))
            return domain::OutcomeUnknown{said(answer)};
        return domain::OutcomeRejected{answer.error ? answer.error->code : 0,
                                       answer.error ? answer.error->message : "request refused",
                                       answer.status};
    }
    if (answer.status < 400 || answer.status >= 500 || answer.status == 409 || !answer.error ||
        is_outcome_unknown(answer.error->code))
        return domain::OutcomeUnknown{said(answer)};
    return domain::OutcomeRejected{answer.error->code, answer.error->message, answer.status};
}

std::optional<domain::RateLimited> limit_in(int status, std::optional<int> code) {
    const bool by_code = code && is_limit(*code);
    if (!refuses_all_requests(status) && status < 500 && !by_code) return std::nullopt;
    domain::RateLimited limited;
    limited.status = by_code && status != 418 ? 429 : status;
    if (code == error_codes::too_many_orders && status != 418) limited.scope = domain::LimitedScope::orders;
    return limited;
}

void tell_side_news(ApiAnswer& answer, std::string_view source, base::MonotonicTime received,
                    domain::ExchangeListener& listener) {
    answer.limits.received = received;
    if (!answer.limits.usage.empty()) listener.on_rate_limits(answer.limits);
    const auto code = answer.error ? std::optional{answer.error->code} : std::nullopt;
    if (auto limited = limit_in(answer.status, code)) {
        limited->retry_after = answer.retry_after_seconds;
        limited->retry_after_time = answer.retry_after;
        limited->received = received;
        listener.on_rate_limited(*limited);
    }
    if (answer.error && answer.error->code == error_codes::invalid_timestamp) listener.on_timestamp_refused();
    if (answer.error && answer.error->code == error_codes::invalid_signature)
        listener.on_signature_refused(source);
    if (answer.problem) listener.on_malformed(source, *answer.problem);
}

std::optional<base::seconds> parse_retry_after(std::optional<std::string_view> value) {
    constexpr std::int64_t longest_s = 30 * 86'400;
    if (!value) return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (problem != std::errc{} || end != value->data() + value->size() || seconds < 0 || seconds > longest_s)
        return std::nullopt;
    return base::seconds{seconds};
}

domain::OrderOutcome outcome_for(const domain::Intent& intent) {
    domain::OrderOutcome outcome;
    outcome.symbol = intent.symbol();
    outcome.client_order_id = intent.client_order_id();
    outcome.is_cancel = intent.cancellation() != nullptr;
    return outcome;
}

}  // namespace vigil::binance
