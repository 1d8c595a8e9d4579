#include "binance/order_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace vigil::binance {

namespace {

template <class Decimal>
void add_decimal(credentials::RequestForm& form, std::string_view name, Decimal value) {
    std::array<char, domain::decimal_text_max> text;
    const std::size_t size = domain::format_decimal(value.raw(), true, text.data());
    form.add(name, std::string_view{text.data(), size});
}

/// Whether JSON wants an escape somewhere in `text`: a quotation mark, a backslash, a control character.
/// Eight bytes at a time, because nearly always there is none.
bool wants_escape(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = 0x8080808080808080U;
    const auto has_zero = [](std::uint64_t word) { return ((word - ones) & ~word & tops) != 0; };
    std::size_t at = 0;
    bool found = false;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        found |= has_zero(word ^ (ones * '"')) || has_zero(word ^ (ones * '\\')) ||
                 ((word - ones * 0x20U) & ~word & tops) != 0;
    }
    for (; at < text.size(); ++at)
        found |= text[at] == '"' || text[at] == '\\' || static_cast<unsigned char>(text[at]) < 0x20;
    return found;
}

/// At most six characters for each of `text`.
char* put_escaped(char* at, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            at = std::copy_n("\\u00", 4, at);
            *at++ = hex[static_cast<unsigned char>(c) >> 4U];
            *at++ = hex[static_cast<unsigned char>(c) & 15U];
        } else {
            *at++ = c;
        }
    }
    return at;
}

char* put(char* at, std::string_view text) {
    return std::copy(text.begin(), text.end(), at);
}

bool is_number(std::string_view name) {
    return name == "timestamp" || name == "recvWindow";
}

}  // namespace

// By name, from A to Z: the form then only ever appends.
void add_order(const domain::NewOrder& order, credentials::RequestForm& form) {
    form.add("newClientOrderId", order.client_order_id.view());
    form.add("newOrderRespType", "FULL");
    if (order.price) add_decimal(form, "price", *order.price);
    if (order.quantity) add_decimal(form, "quantity", *order.quantity);
    if (order.quote_quantity) add_decimal(form, "quoteOrderQty", *order.quote_quantity);
    form.add("side", to_string(order.side));
    if (order.stop_price) add_decimal(form, "stopPrice", *order.stop_price);
    form.add("symbol", order.symbol.view());
    if (order.time_in_force) form.add("timeInForce", to_string(*order.time_in_force));
    form.add("type", to_string(order.type));
}

void add_order(const domain::CancelOrder& cancel, credentials::RequestForm& form) {
    form.add("origClientOrderId", cancel.client_order_id.view());
    form.add("symbol", cancel.symbol.view());
}

void append_api_request(std::string& out, std::int64_t id, std::string_view method,
                        const credentials::RequestForm& form, std::string_view signature) {
    const std::string_view payload = form.websocket_payload();
    const bool escapes = wants_escape(payload) || wants_escape(signature);
    const std::size_t begin = out.size();
    // Room for the longest that it can get, cut afterwards: all is written by one pointer.
    constexpr std::size_t frame_bytes_max = 128;
    constexpr std::size_t around_each_max = 6;  // "name":"value",
    out.resize(begin + frame_bytes_max + method.size() +
               (payload.size() + signature.size()) * (escapes ? 6 : 1) + around_each_max * form.size());
    char* at = out.data() + begin;
    at = put(at, R"({"id":)");
    at = std::to_chars(at, at + 24, id).ptr;
    at = put(at, R"(,"method":")");
    at = put(at, method);
    at = put(at, R"(","params":{)");
    const auto text = [escapes](char* to, std::string_view value) {
        *to++ = '"';
        to = escapes ? put_escaped(to, value) : put(to, value);
        *to++ = '"';
        return to;
    };
    for (std::size_t i = 0; i < form.size(); ++i) {
        const auto parameter = form[i];
        if (i > 0) *at++ = ',';
        *at++ = '"';
        at = put(at, parameter.name);
        at = put(at, "\":");
        at = is_number(parameter.name) ? put(at, parameter.value) : text(at, parameter.value);
    }
    if (!signature.empty()) {
        at = put(at, form.size() > 0 ? R"(,"signature":)" : R"("signature":)");
        at = text(at, signature);
    }
    at = put(at, "}}");
    out.resize(static_cast<std::size_t>(at - out.data()));
}

}  // namespace vigil::binance
