// What the exchange says when it refuses: a code and a text of errors.md, and the HTTP status that goes with
// it. The texts are the documented ones, word for word; where the documentation gives a pattern ('%s'), the
// function here fills it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "base/time.h"
#include "exchange/core_types.h"

namespace vigil::exchange {

/// The core's refusal (ApiError) as the request layer passes it on: with its HTTP status.
struct RequestError {
    int code{-1000};
    std::string message;
    int status{400};  ///< HTTP status, and `status` of a WebSocket API answer
    /// For 429 and 418: when the next request has a chance. Retry-After on REST, `retryAfter` on the
    /// WebSocket API.
    std::optional<base::ExchangeTime> retry_after{};
    std::string data{};  ///< member `data` beside code and message, as JSON; none when empty

    friend bool operator==(const RequestError&, const RequestError&) = default;
};

/// What the matching core refused: HTTP 400.
[[nodiscard]] inline RequestError request_error(ApiError refused) {
    return RequestError{refused.code, std::move(refused.message)};
}

template <class T>
using RequestResult = tl::expected<T, RequestError>;

namespace errors {

// 10xx, general.
[[nodiscard]] RequestError unknown();  // -1000
[[nodiscard]] RequestError too_much_weight(
    std::int64_t limit);  // -1003, 429; retry_after is set by the limiter
[[nodiscard]] RequestError too_many_requests(std::int64_t limit, std::string_view window);  // -1003, 429
[[nodiscard]] RequestError banned(base::ExchangeTime until);                                // -1003, 418
[[nodiscard]] RequestError timeout();                                                       // -1007
[[nodiscard]] RequestError invalid_message(std::string_view text);                          // -1013
[[nodiscard]] RequestError too_many_orders(std::int64_t limit, std::string_view window);    // -1015, 429
[[nodiscard]] RequestError unsupported();                                                   // -1020
[[nodiscard]] RequestError outside_window();                                                // -1021
[[nodiscard]] RequestError ahead_of_server();                                               // -1021
[[nodiscard]] RequestError bad_signature();                                                 // -1022

// 11xx, the request.
[[nodiscard]] RequestError illegal_characters(std::string_view parameter, std::string_view range);  // -1100
[[nodiscard]] RequestError too_many_parameters(std::size_t expected, std::size_t received);         // -1101
[[nodiscard]] RequestError duplicate_values();                                                      // -1101
[[nodiscard]] RequestError missing(std::string_view parameter);                                     // -1102
[[nodiscard]] RequestError missing_both(std::string_view one, std::string_view other);              // -1102
[[nodiscard]] RequestError unread(std::size_t read, std::size_t sent);                              // -1104
[[nodiscard]] RequestError empty(std::string_view parameter);                                       // -1105
[[nodiscard]] RequestError not_required(std::string_view parameter);                                // -1106
[[nodiscard]] RequestError overflowed(std::string_view parameter);                                  // -1108
[[nodiscard]] RequestError too_precise(std::string_view parameter);                                 // -1111
[[nodiscard]] RequestError bad_time_in_force();                                                     // -1115
[[nodiscard]] RequestError bad_order_type();                                                        // -1116
[[nodiscard]] RequestError bad_side();                                                              // -1117
[[nodiscard]] RequestError bad_interval();                                                          // -1120
[[nodiscard]] RequestError bad_symbol();                                                            // -1121
[[nodiscard]] RequestError bad_symbol_status();                                                     // -1122
[[nodiscard]] RequestError window_too_wide(int hours);                                              // -1127
[[nodiscard]] RequestError bad_combination();                                                       // -1128
[[nodiscard]] RequestError invalid_data(std::string_view parameter);                                // -1130
[[nodiscard]] RequestError receive_window_too_wide();                                               // -1131
[[nodiscard]] RequestError bad_strategy_type();                                                     // -1134
[[nodiscard]] RequestError bad_json();                                                              // -1135
[[nodiscard]] RequestError bad_ticker_type();                                                       // -1139
[[nodiscard]] RequestError bad_cancel_restrictions();                                               // -1145
[[nodiscard]] RequestError duplicate_symbols();                                                     // -1151
[[nodiscard]] RequestError bad_time_unit();                                                         // -1194
[[nodiscard]] RequestError symbol_status_mismatch();                                                // -1220

[[nodiscard]] RequestError cancel_replace_partial(int status);  // -2021; data is the caller's
[[nodiscard]] RequestError cancel_replace_failed(int status);   // -2022; data is the caller's

// 2xxx, orders, keys and subscriptions.
[[nodiscard]] RequestError order_rejected(std::string_view text);   // -2010
[[nodiscard]] RequestError cancel_rejected(std::string_view text);  // -2011
[[nodiscard]] RequestError no_such_order();                         // -2013
[[nodiscard]] RequestError bad_key_format();                        // -2014, 401
[[nodiscard]] RequestError rejected_key();                          // -2015, 401
[[nodiscard]] RequestError no_trading_window();                     // -2016
[[nodiscard]] RequestError subscription_active();                   // -2035
[[nodiscard]] RequestError subscription_inactive();                 // -2036
[[nodiscard]] RequestError subscription_ids_used_up();              // -2042
[[nodiscard]] RequestError no_reference_price();                    // -2043

}  // namespace errors

}  // namespace vigil::exchange
