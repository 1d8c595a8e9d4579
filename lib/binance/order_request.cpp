#include "binance/order_request.h"

#include <array>
#include <charconv>

namespace vigil::binance {

namespace {

template <class Decimal>
void add_decimal(credentials::RequestForm& form, std::string_view name, Decimal value) {
    std::array<char, domain::decimal_text_max> text;
    const std::size_t size = domain::format_decimal(value.raw(), true, text.data());
    form.add(name, std::string_view{text.data(), size});
}

void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4U];
            out += hex[static_cast<unsigned char>(c) & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

bool is_number(std::string_view name) {
    return name == "timestamp" || name == "recvWindow";
}

}  // namespace

void add_order(const domain::NewOrder& order, credentials::RequestForm& form) {
    form.add("symbol", order.symbol.view());
    form.add("side", to_string(order.side));
    form.add("type", to_string(order.type));
    if (order.time_in_force) form.add("timeInForce", to_string(*order.time_in_force));
    if (order.quantity) add_decimal(form, "quantity", *order.quantity);
    if (order.quote_quantity) add_decimal(form, "quoteOrderQty", *order.quote_quantity);
    if (order.price) add_decimal(form, "price", *order.price);
    if (order.stop_price) add_decimal(form, "stopPrice", *order.stop_price);
    form.add("newClientOrderId", order.client_order_id.view());
    form.add("newOrderRespType", "FULL");
}

void add_order(const domain::CancelOrder& cancel, credentials::RequestForm& form) {
    form.add("symbol", cancel.symbol.view());
    form.add("origClientOrderId", cancel.client_order_id.view());
}

void append_api_request(std::string& out, std::int64_t id, std::string_view method,
                        const credentials::RequestForm& form, std::string_view signature) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
    out += R"({"id":)";
    out.append(digits.data(), end);
    out += R"(,"method":")";
    out += method;
    out += R"(","params":{)";
    bool first = true;
    const auto name = [&](std::string_view text) {
        if (!first) out += ',';
        first = false;
        out += '"';
        out += text;
        out += "\":";
    };
    for (std::size_t i = 0; i < form.size(); ++i) {
        const auto parameter = form[i];
        name(parameter.name);
        if (is_number(parameter.name))
            out += parameter.value;
        else
            append_json_text(out, parameter.value);
    }
    if (!signature.empty()) {
        name("signature");
        append_json_text(out, signature);
    }
    out += "}}";
}

}  // namespace vigil::binance
