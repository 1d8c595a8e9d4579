// The exchange's error codes that mean something to the gateway (errors.md).
#pragma once

#include <string_view>

namespace vigil::binance {

namespace error_codes {
inline constexpr int unknown = -1000;       ///< status unknown
inline constexpr int disconnected = -1001;  ///< internal error, status unknown
inline constexpr int too_many_requests = -1003;
inline constexpr int unexpected_response = -1006;  ///< execution status unknown
inline constexpr int timeout = -1007;              ///< send and execution status unknown
inline constexpr int too_many_orders = -1015;
inline constexpr int invalid_timestamp = -1021;
inline constexpr int invalid_signature = -1022;
inline constexpr int invalid_symbol = -1121;
inline constexpr int invalid_api_key_id = -2008;
inline constexpr int cancel_rejected = -2011;
inline constexpr int no_such_order = -2013;
inline constexpr int bad_api_key_format = -2014;
inline constexpr int rejected_key = -2015;  ///< unknown key, or not for this address or this request
}  // namespace error_codes

/// Whether the code says that a limit was reached, whatever the status beside it.
[[nodiscard]] constexpr bool is_limit(int code) {
    return code == error_codes::too_many_requests || code == error_codes::too_many_orders;
}

/// Whether the exchange does not believe who asks: a wrong key, or a signature that is not the key's.
[[nodiscard]] constexpr bool is_about_the_key(int code) {
    return code == error_codes::invalid_signature || code == error_codes::invalid_api_key_id ||
           code == error_codes::bad_api_key_format || code == error_codes::rejected_key;
}

/// What an operator may make of a refusal whose own text does not say it; empty for other codes.
[[nodiscard]] constexpr std::string_view hint(int code) {
    if (code == error_codes::invalid_signature) return "vigilctl diagnose signature says why";
    if (code == error_codes::rejected_key)
        return "the exchange does not know this API key, does not allow it from this machine's address, or "
               "not for this";
    return {};
}

/// Whether a request that was answered so may have been carried out all the same.
[[nodiscard]] constexpr bool is_outcome_unknown(int code) {
    return code == error_codes::unknown || code == error_codes::disconnected ||
           code == error_codes::unexpected_response || code == error_codes::timeout;
}

}  // namespace vigil::binance
