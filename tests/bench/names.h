// The benches of nanobench by name, so that the table finds them again.
#pragma once

namespace vigil::bench {

namespace names {
inline constexpr const char* ticker_decode = "bookTicker, decode";
inline constexpr const char* ticker_view = "bookTicker, bytes to view updated";
inline constexpr const char* ticker_nlohmann = "  reference: nlohmann::json parse, one decimal";
inline constexpr const char* depth_decode = "depth diff of 2 x 14 levels, decode";
inline constexpr const char* depth_apply = "depth diff, apply to a 1000 x 1000 book";
inline constexpr const char* depth_view = "depth diff, bytes to view updated";
inline constexpr const char* sign = "order.place: sign (HMAC) and serialise";
inline constexpr const char* sign_only = "HMAC-SHA256 of its payload, signer";
inline constexpr const char* sign_openssl = "  reference: one-shot OpenSSL HMAC()";
inline constexpr const char* governor_decide = "governor: decide";
inline constexpr const char* governor_admit = "governor: admit an order";
inline constexpr const char* risk = "risk: check an order that passes";
inline constexpr const char* decimal_parse = "decimal: parse";
inline constexpr const char* decimal_stod = "  reference: std::stod";
inline constexpr const char* decimal_format = "decimal: format, 8 places";
inline constexpr const char* decimal_snprintf = "  reference: snprintf %.8f";
inline constexpr const char* engine_one = "engine: one market event, one strategy";
inline constexpr const char* engine_ten = "engine: one market event, ten strategies";
inline constexpr const char* journal_encode = "journal: encode an intent";
}  // namespace names

void add_decode_benches();
void add_order_benches();
void add_engine_benches();

}  // namespace vigil::bench
