// What the answer to placing or cancelling an order means, whichever way it came.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "binance/api_decoder.h"
#include "domain/exchange_port.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"

namespace vigil::binance {

using OrderResult = std::variant<domain::OutcomeAccepted, domain::OutcomeRejected, domain::OutcomeUnknown,
                                 domain::OutcomeNeverSent>;

/// Accepted with the order; Rejected when the exchange has certainly not carried it out (4xx with an error of
/// its own, and 403, 418, 429 whatever the body); Unknown for 5xx, the codes of errors.md that say so, and
/// whatever cannot be understood.
[[nodiscard]] OrderResult order_result(const ApiAnswer& answer);

/// What status and error code say about limits and rests: 418, 429, 403 and 5xx rest the address, and so do
/// the code for too much weight under any other status; too many orders rests placements only. Nothing when
/// the answer says none of it. The times are left to the caller.
[[nodiscard]] std::optional<domain::RateLimited> limit_in(int status, std::optional<int> code);

/// Tells the listener what an answer says on the side: use of limits, slow down, a refused timestamp.
/// @param source for messages: "order.place", "POST /api/v3/order"
void tell_side_news(ApiAnswer& answer, std::string_view source, base::MonotonicTime received,
                    domain::ExchangeListener& listener);

/// The value of a Retry-After header in seconds; nothing for a date, or for what makes no sense.
[[nodiscard]] std::optional<base::seconds> parse_retry_after(std::optional<std::string_view> value);

/// An outcome for this intent; `sent` zero and `result` are filled in by the caller.
[[nodiscard]] domain::OrderOutcome outcome_for(const domain::Intent& intent);

}  // namespace vigil::binance
