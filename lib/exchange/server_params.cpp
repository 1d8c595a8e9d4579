#include "exchange/server_params.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace vigil::exchange {

namespace {

constexpr std::string_view symbol_range = R"(^[\w\-._&&[^a-z]]{1,50}$)";
constexpr std::string_view id_range = "^[a-zA-Z0-9-_]{1,36}$";
constexpr std::string_view whole_range = "^[0-9]{1,20}$";
constexpr std::string_view decimal_range = R"(^([0-9]{1,20})(\.[0-9]{1,20})?$)";
constexpr std::string_view boolean_range = "true, false";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

// Symbols may be non-ASCII letters and digits (rest-api.md, "General API Information"), so bytes of UTF-8
// beyond ASCII pass, and count once for each character; whether such a symbol exists is the core's question.
bool is_symbol_text(std::string_view text) {
    constexpr std::ptrdiff_t characters_max = 50;
    const auto characters = std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return characters <= characters_max && std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || is_upper(c) || c == '_' || c == '-' || c == '.' ||
                      static_cast<unsigned char>(c) >= 0x80U;
           });
}

bool is_id_text(std::string_view text) {
    return !text.empty() && text.size() <= 36 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || is_upper(c) || is_lower(c) || c == '-' || c == '_';
    });
}

bool is_whole_text(std::string_view text) {
    return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_decimal_text(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return is_whole_text(text);
    return is_whole_text(text.substr(0, point)) && is_whole_text(text.substr(point + 1));
}

// Whether digits after the eighth place mean something.
bool exceeds_places(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return false;
    const std::string_view fraction = text.substr(point + 1);
    return fraction.size() > domain::decimal_places &&
           fraction.find_first_not_of('0', domain::decimal_places) != std::string_view::npos;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void ParameterList::clear() {
    items_.clear();
    scratch_used_ = 0;
}

std::string& ParameterList::scratch() {
    if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
    std::string& text = scratch_[scratch_used_++];
    text.clear();
    return text;
}

std::optional<RequestError> ParameterList::parse_form(std::string_view query, std::string_view body) {
    if (auto error = parse_part(query, 0)) return error;
    return parse_part(body, items_.size());
}

std::optional<RequestError> ParameterList::parse_part(std::string_view form, std::size_t earlier) {
    while (!form.empty()) {
        const std::size_t end = form.find('&');
        const std::string_view pair = form.substr(0, end);
        form = end == std::string_view::npos ? std::string_view{} : form.substr(end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        ReceivedParameter item{pair.substr(0, equals), equals == std::string_view::npos
                                                           ? std::string_view{}
                                                           : pair.substr(equals + 1)};
        for (std::string_view* part : {&item.name, &item.value}) {
            if (part->find_first_of("%+") == std::string_view::npos) continue;
            auto decoded = percent_decoded(*part);
            if (!decoded) return errors::illegal_characters(item.name, "percent-encoded UTF-8");
            std::string& kept = scratch();
            kept = std::move(*decoded);
            *part = kept;
        }
        bool overridden = false;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (items_[i].name != item.name) continue;
            if (i >= earlier) return errors::duplicate_values();
            overridden = true;
        }
        if (overridden) continue;
        if (items_.size() >= count_max) return errors::too_many_parameters(count_max, items_.size() + 1);
        items_.push_back(item);
    }
    return std::nullopt;
}

const ReceivedParameter* ParameterList::find(std::string_view name) const {
    for (const ReceivedParameter& item : items_) {
        if (item.name == name) return &item;
    }
    return nullptr;
}

std::string_view ParameterList::value(std::string_view name) const {
    const ReceivedParameter* item = find(name);
    return item == nullptr ? std::string_view{} : item->value;
}

bool ParameterList::has_duplicates() const {
    for (std::size_t i = 1; i < items_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (items_[i].name == items_[j].name) return true;
        }
    }
    return false;
}

std::optional<RequestError> check_value(const ParamSpec& spec, std::string_view value, std::int64_t& number) {
    switch (spec.kind) {
        case ParamKind::text:
        case ParamKind::json_list:
            return std::nullopt;
        case ParamKind::symbol:
            if (!is_symbol_text(value)) return errors::illegal_characters(spec.name, symbol_range);
            return std::nullopt;
        case ParamKind::client_order_id:
            if (!is_id_text(value)) return errors::illegal_characters(spec.name, id_range);
            return std::nullopt;
        case ParamKind::whole: {
            if (!is_whole_text(value)) return errors::illegal_characters(spec.name, whole_range);
            const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
            if (parsed.ec != std::errc{}) return errors::overflowed(spec.name);
            return std::nullopt;
        }
        case ParamKind::decimal: {
            if (!is_decimal_text(value)) return errors::illegal_characters(spec.name, decimal_range);
            if (exceeds_places(value)) return errors::too_precise(spec.name);
            const auto parsed = domain::parse_decimal(value);
            if (!parsed) return errors::overflowed(spec.name);
            number = *parsed;
            return std::nullopt;
        }
        case ParamKind::boolean:
            if (value != "true" && value != "false")
                return errors::illegal_characters(spec.name, boolean_range);
            number = value == "true" ? 1 : 0;
            return std::nullopt;
    }
    base::unreachable("every kind of parameter is checked");
}

std::optional<RequestError> bind(std::span<const ParamSpec> specs, std::span<const std::string_view> common,
                                 const ParameterList& received, Arguments& out) {
    base::check(specs.size() <= Arguments::count_max, "a method's parameters fit its arguments");
    const auto items = received.items();
    std::size_t read = 0;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const ParamSpec& spec = specs[i];
        const ReceivedParameter* item = received.find(spec.name);
        out.present_[i] = item != nullptr;
        out.texts_[i] = {};
        if (item == nullptr) {
            if (spec.mandatory) return errors::missing(spec.name);
            continue;
        }
        ++read;
        if (item->value.empty())
            return spec.mandatory ? errors::missing(spec.name) : errors::empty(spec.name);
        out.texts_[i] = item->value;
        if (auto error = check_value(spec, item->value, out.numbers_[i])) return error;
    }
    for (const std::string_view name : common) read += received.find(name) != nullptr ? 1U : 0U;
    if (read < items.size()) {
        if (specs.empty()) return errors::too_many_parameters(read, items.size());
        return errors::unread(read, items.size());
    }
    return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '+') {
            decoded += ' ';
        } else if (c != '%') {
            decoded += c;
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

std::optional<std::vector<std::string>> parse_string_list(std::string_view json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_array()) return std::nullopt;
    std::vector<std::string> list;
    list.reserve(parsed.size());
    for (const auto& item : parsed) {
        if (!item.is_string()) return std::nullopt;
        list.push_back(item.get<std::string>());
    }
    return list;
}

}  // namespace vigil::exchange
