#include "exchange/server_error.h"

#include <initializer_list>

namespace vigil::exchange::errors {

namespace {

RequestError make(int code, std::initializer_list<std::string_view> parts, int status = 400) {
    RequestError error;
    error.code = code;
    error.status = status;
    for (const std::string_view part : parts) error.message += part;
    return error;
}

}  // namespace

RequestError unknown() {
    return make(-1000, {"An unknown error occurred while processing the request."}, 500);
}
RequestError too_much_weight(std::int64_t limit) {
    return make(
        -1003,
        {"Too much request weight used; current limit is ", std::to_string(limit),
         " request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling "
         "the API."},
        429);
}
RequestError too_many_requests(std::int64_t limit, std::string_view window) {
    return make(-1003,
                {"Too many requests; current limit is ", std::to_string(limit), " requests per ", window,
                 ". Please use WebSocket Streams for live updates to avoid polling the API."},
                429);
}
RequestError banned(base::ExchangeTime until) {
    RequestError error =
        make(-1003,
             {"Way too much request weight used; IP banned until ", std::to_string(base::to_ms(until)),
              ". Please use WebSocket Streams for live updates to avoid bans."},
             418);
    error.retry_after = until;
    return error;
}
RequestError timeout() {
    return make(-1007,
                {"Timeout waiting for response from backend server. Send status unknown; execution status "
                 "unknown."},
                504);
}
RequestError invalid_message(std::string_view text) {
    return make(-1013, {text});
}
RequestError too_many_orders(std::int64_t limit, std::string_view window) {
    return make(
        -1015, {"Too many new orders; current limit is ", std::to_string(limit), " orders per ", window, "."},
        429);
}
RequestError unsupported() {
    return make(-1020, {"This operation is not supported."});
}
RequestError outside_window() {
    return make(-1021, {"Timestamp for this request is outside of the recvWindow."});
}
RequestError ahead_of_server() {
    return make(-1021, {"Timestamp for this request was 1000ms ahead of the server's time."});
}
RequestError bad_signature() {
    return make(-1022, {"Signature for this request is not valid."});
}
RequestError illegal_characters(std::string_view parameter, std::string_view range) {
    return make(-1100,
                {"Illegal characters found in parameter '", parameter, "'; legal range is '", range, "'."});
}
RequestError too_many_parameters(std::size_t expected, std::size_t received) {
    return make(-1101, {"Too many parameters; expected '", std::to_string(expected), "' and received '",
                        std::to_string(received), "'."});
}
RequestError duplicate_values() {
    return make(-1101, {"Duplicate values for a parameter detected."});
}
RequestError missing(std::string_view parameter) {
    return make(-1102, {"Mandatory parameter '", parameter, "' was not sent, was empty/null, or malformed."});
}
RequestError missing_both(std::string_view one, std::string_view other) {
    return make(-1102, {"Param '", one, "' or '", other, "' must be sent, but both were empty/null!"});
}
RequestError unread(std::size_t read, std::size_t sent) {
    return make(-1104, {"Not all sent parameters were read; read '", std::to_string(read),
                        "' parameter(s) but was sent '", std::to_string(sent), "'."});
}
RequestError empty(std::string_view parameter) {
    return make(-1105, {"Parameter '", parameter, "' was empty."});
}
RequestError not_required(std::string_view parameter) {
    return make(-1106, {"Parameter '", parameter, "' sent when not required."});
}
RequestError overflowed(std::string_view parameter) {
    return make(-1108, {"Parameter '", parameter, "' overflowed."});
}
RequestError too_precise(std::string_view parameter) {
    return make(-1111, {"Parameter '", parameter, "' has too much precision."});
}
RequestError bad_time_in_force() {
    return make(-1115, {"Invalid timeInForce."});
}
RequestError bad_order_type() {
    return make(-1116, {"Invalid orderType."});
}
RequestError bad_side() {
    return make(-1117, {"Invalid side."});
}
RequestError bad_interval() {
    return make(-1120, {"Invalid interval."});
}
RequestError bad_symbol() {
    return make(-1121, {"Invalid symbol."});
}
RequestError bad_symbol_status() {
    return make(-1122, {"Invalid symbolStatus."});
}
RequestError window_too_wide(int hours) {
    return make(-1127, {"More than ", std::to_string(hours), " hours between startTime and endTime."});
}
RequestError bad_combination() {
    return make(-1128, {"Combination of optional parameters invalid."});
}
RequestError invalid_data(std::string_view parameter) {
    return make(-1130, {"Data sent for parameter '", parameter, "' is not valid."});
}
// The code is not in errors.md any more; the live exchange still answers with it (CHANGELOG.md, 2019-08-15).
RequestError receive_window_too_wide() {
    return make(-1131, {"'recvWindow' must be less than 60000."});
}
RequestError bad_strategy_type() {
    return make(-1134, {"strategyType was less than 1000000."});
}
RequestError bad_json() {
    return make(-1135, {"Invalid JSON Request"});
}
RequestError bad_ticker_type() {
    return make(-1139, {"Invalid ticker type."});
}
RequestError bad_cancel_restrictions() {
    return make(-1145, {"Invalid cancelRestrictions"});
}
RequestError duplicate_symbols() {
    return make(-1151, {"Symbol is present multiple times in the list."});
}
RequestError bad_time_unit() {
    return make(-1194, {"Invalid value for time unit; expected either MICROSECOND or MILLISECOND."});
}
RequestError symbol_status_mismatch() {
    return make(-1220, {"The symbol's status does not match the requested symbolStatus."});
}
RequestError order_rejected(std::string_view text) {
    return make(-2010, {text});
}
RequestError cancel_rejected(std::string_view text) {
    return make(-2011, {text});
}
RequestError no_such_order() {
    return make(-2013, {"Order does not exist."});
}
RequestError bad_key_format() {
    return make(-2014, {"API-key format invalid."}, 401);
}
RequestError rejected_key() {
    return make(-2015, {"Invalid API-key, IP, or permissions for action."}, 401);
}
RequestError no_trading_window() {
    return make(-2016, {"No trading window could be found for the symbol. Try ticker/24hrs instead."});
}
RequestError cancel_replace_partial(int status) {
    return make(-2021, {"Order cancel-replace partially failed."}, status);
}
RequestError cancel_replace_failed(int status) {
    return make(-2022, {"Order cancel-replace failed."}, status);
}
RequestError subscription_active() {
    return make(-2035, {"User Data Stream subscription already active."});
}
RequestError subscription_inactive() {
    return make(-2036, {"User Data Stream subscription not active."});
}
RequestError subscription_ids_used_up() {
    return make(-2042, {"Maximum subscription ID reached for this connection."});
}
RequestError no_reference_price() {
    return make(-2043, {"This symbol doesn't have a reference price."});
}

}  // namespace vigil::exchange::errors
