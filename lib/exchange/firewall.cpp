#include "exchange/firewall.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vigil::exchange {

namespace {

struct Statement {
    std::string_view first;
    std::string_view second;
    bool adjacent;  // the second word follows at once
};

constexpr std::array<Statement, 7> statements{{{"SELECT", "FROM", false},
                                               {"UPDATE", "SET", false},
                                               {"UNION", "SELECT", true},
                                               {"UNION", "ALL", true},
                                               {"INSERT", "INTO", true},
                                               {"DELETE", "FROM", true},
                                               {"DROP", "TABLE", true}}};

bool is_letter_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_word(std::string_view word, std::string_view upper_case) {
    return std::equal(word.begin(), word.end(), upper_case.begin(), upper_case.end(), [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
}

}  // namespace

bool looks_like_sql(std::string_view text) {
    std::array<bool, statements.size()> begun{};
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_letter_of_word(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_letter_of_word(text[end])) ++end;
        const std::string_view word = text.substr(at, end - at);
        at = end;
        for (std::size_t i = 0; i < statements.size(); ++i) {
            if (begun[i] && is_word(word, statements[i].second)) return true;
            if (is_word(word, statements[i].first))
                begun[i] = true;
            else if (statements[i].adjacent)
                begun[i] = false;
        }
    }
    return false;
}

bool is_firewalled(std::span<const ReceivedParameter> parameters) {
    return std::any_of(parameters.begin(), parameters.end(), [](const ReceivedParameter& each) {
        return looks_like_sql(each.name) || looks_like_sql(each.value);
    });
}

}  // namespace vigil::exchange
