#include "exchange/ws_api_request.h"

#include <simdjson.h>

#include "net/ws_client.h"

namespace vigil::exchange {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

static_assert(net::text_padding_bytes >= simdjson::SIMDJSON_PADDING,
              "what net promises behind a text is what the parser may read");

struct WsApiReader::Parser {
    ondemand::parser parser;
};

WsApiReader::WsApiReader() : parser_{std::make_unique<Parser>()} {}
WsApiReader::~WsApiReader() = default;

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

// The raw text of a number that is one; raw tokens of the parser are not validated by themselves.
bool read_number(ondemand::value& value, std::string_view& text) {
    text = trimmed(value.raw_json_token());
    ondemand::number number;
    return value.get_number().get(number) == SUCCESS;
}

// False for a word that only begins like null.
bool read_null(ondemand::value& value) {
    bool is_null = false;
    return value.is_null().get(is_null) == SUCCESS && is_null;
}

bool read_id(ondemand::value value, std::string_view& id) {
    ondemand::json_type type{};
    if (value.type().get(type) != SUCCESS) return false;
    switch (type) {
        case ondemand::json_type::string: {
            const std::string_view token = trimmed(value.raw_json_token());
            std::string_view unused;
            if (value.get_string().get(unused) != SUCCESS) return false;
            id = token;
            return true;
        }
        case ondemand::json_type::number: {
            const std::string_view token = trimmed(value.raw_json_token());
            std::int64_t unused = 0;
            if (value.get_int64().get(unused) != SUCCESS) return false;
            id = token;
            return true;
        }
        case ondemand::json_type::null:
            if (!read_null(value)) return false;
            id = "null";
            return true;
        case ondemand::json_type::array:
        case ondemand::json_type::object:
        case ondemand::json_type::boolean:
            return false;
    }
    return false;
}

bool read_parameter(ondemand::value value, std::string_view& text) {
    ondemand::json_type type{};
    if (value.type().get(type) != SUCCESS) return false;
    switch (type) {
        case ondemand::json_type::string:
            return value.get_string().get(text) == SUCCESS;
        case ondemand::json_type::number:
            return read_number(value, text);
        case ondemand::json_type::boolean: {
            bool flag = false;
            if (value.get_bool().get(flag) != SUCCESS) return false;
            text = flag ? "true" : "false";
            return true;
        }
        case ondemand::json_type::null:
            text = {};
            return read_null(value);
        case ondemand::json_type::array: {
            ondemand::array array;
            if (value.get_array().get(array) != SUCCESS || array.raw_json().get(text) != SUCCESS)
                return false;
            text = trimmed(text);
            return true;
        }
        case ondemand::json_type::object: {
            ondemand::object object;
            if (value.get_object().get(object) != SUCCESS || object.raw_json().get(text) != SUCCESS)
                return false;
            text = trimmed(text);
            return true;
        }
    }
    return false;
}

bool read_parameters(ondemand::value value, ParameterList& parameters, bool& too_many) {
    ondemand::json_type type{};
    if (value.type().get(type) != SUCCESS) return false;
    if (type == ondemand::json_type::null) return read_null(value);
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS) return false;
    for (auto field : object) {
        std::string_view name;
        std::string_view text;
        ondemand::value member;
        if (field.unescaped_key().get(name) != SUCCESS || field.value().get(member) != SUCCESS) return false;
        if (!read_parameter(member, text)) return false;
        if (parameters.size() >= ParameterList::count_max) {
            too_many = true;
            continue;
        }
        parameters.add(name, text);
    }
    return true;
}

}  // namespace

std::optional<RequestError> WsApiReader::read(std::string_view frame, WsApiRequest& request,
                                              ParameterList& parameters) {
    request = {};
    parameters.clear();
    bool too_many = false;
    bool has_id = false;
    const simdjson::padded_string_view text{frame.data(), frame.size(),
                                            frame.size() + net::text_padding_bytes};
    ondemand::document document;
    ondemand::object object;
    if (parser_->parser.iterate(text).get(document) != SUCCESS) return errors::bad_json();
    if (document.get_object().get(object) != SUCCESS) return errors::bad_json();
    for (auto field : object) {
        std::string_view name;
        ondemand::value value;
        if (field.unescaped_key().get(name) != SUCCESS || field.value().get(value) != SUCCESS)
            return errors::bad_json();
        if (name == "id") {
            if (!read_id(value, request.id)) return errors::bad_json();
            has_id = true;
        } else if (name == "method") {
            if (value.get_string().get(request.method) != SUCCESS) return errors::bad_json();
        } else if (name == "params") {
            if (!read_parameters(value, parameters, too_many)) return errors::bad_json();
        } else {
            std::string_view ignored;
            if (!read_parameter(value, ignored)) return errors::bad_json();
        }
    }
    // The parser says "out of bounds" when nothing follows the object.
    const char* behind = nullptr;
    if (document.current_location().get(behind) != simdjson::OUT_OF_BOUNDS) return errors::bad_json();
    if (!has_id) return errors::missing("id");
    if (request.method.empty()) return errors::missing("method");
    if (too_many) return errors::too_many_parameters(ParameterList::count_max, parameters.size() + 1);
    if (parameters.has_duplicates()) return errors::duplicate_values();
    return std::nullopt;
}

}  // namespace vigil::exchange
