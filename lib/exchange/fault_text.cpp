#include "exchange/fault_text.h"

#include <algorithm>
#include <array>

namespace vigil::exchange {

namespace {

// Members whose values are words of an enumeration, in answers (long names) and events (short ones).
constexpr std::array<std::string_view, 21> enumerations{"status",
                                                        "side",
                                                        "type",
                                                        "timeInForce",
                                                        "X",
                                                        "x",
                                                        "S",
                                                        "o",
                                                        "f",
                                                        "r",
                                                        "V",
                                                        "eR",
                                                        "expiryReason",
                                                        "workingFloor",
                                                        "rateLimitType",
                                                        "interval",
                                                        "filterType",
                                                        "contingencyType",
                                                        "listStatusType",
                                                        "listOrderStatus",
                                                        "selfTradePreventionMode"};
constexpr std::string_view unheard_of = "_UNHEARD_OF";

// One past the closing quote of the string that begins at `at`.
std::size_t string_end(std::string_view json, std::size_t at) {
    for (std::size_t i = at + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return json.size();
}

bool is_enumeration_word(std::string_view word) {
    return word.size() >= 2 &&
           std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

std::string with_unknown_fields(std::string_view json) {
    std::string out;
    for (std::size_t i = 0; i < json.size();) {
        const std::size_t end = json[i] == '"' ? string_end(json, i) : i + 1;
        out += json.substr(i, end - i);
        if (json[i] == '{')
            out += end < json.size() && json[end] == '}' ? R"("unknownField":{"nested":[1]})"
                                                         : R"("unknownField":{"nested":[1]},)";
        i = end;
    }
    return out;
}

std::string with_unknown_words(std::string_view json) {
    std::string out;
    std::string_view name;
    for (std::size_t i = 0; i < json.size();) {
        if (json[i] != '"') {
            if (json[i] != ':') name = {};
            out += json[i++];
            continue;
        }
        const std::size_t end = string_end(json, i);
        const std::string_view text = json.substr(i + 1, end > i + 1 ? end - i - 2 : 0);
        const bool is_name = end < json.size() && json[end] == ':';
        out += json.substr(i, end - i);
        if (!is_name && is_enumeration_word(text) &&
            std::find(enumerations.begin(), enumerations.end(), name) != enumerations.end())
            out.insert(out.size() - 1, unheard_of);
        name = is_name ? text : std::string_view{};
        i = end;
    }
    return out;
}

}  // namespace

std::string damaged(std::string_view json, TextDamage damage) {
    switch (damage) {
        case TextDamage::truncate:
            return std::string{json.substr(0, json.size() / 2)};
        case TextDamage::invalid_json: {
            std::string out{json};
            if (!out.empty()) out.back() = ';';
            return out;
        }
        case TextDamage::unknown_field:
            return with_unknown_fields(json);
        case TextDamage::unknown_enum:
            return with_unknown_words(json);
    }
    return std::string{json};
}

std::string_view member_text(std::string_view json, std::string_view name) {
    const std::string wanted = "\"" + std::string{name} + "\":\"";
    const std::size_t at = json.find(wanted);
    if (at == std::string_view::npos) return {};
    const std::size_t begin = at + wanted.size();
    const std::size_t end = json.find('"', begin);
    return end == std::string_view::npos ? std::string_view{} : json.substr(begin, end - begin);
}

}  // namespace vigil::exchange
