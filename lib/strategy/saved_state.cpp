#include "strategy/saved_state.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace vigil::strategy {

namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view next_word(std::string_view& rest) {
    const std::size_t blank = rest.find(' ');
    const std::string_view word = rest.substr(0, blank);
    rest = blank == std::string_view::npos ? std::string_view{} : rest.substr(blank + 1);
    return word;
}

}  // namespace

SavedState::SavedState(std::string_view kind, int version) {
    append(kind);
    std::array<char, 12> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), version).ptr;
    append(" ");
    append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void SavedState::put(std::string_view name, std::string_view value) {
    append(" ");
    append(name);
    append("=");
    append(value);
}

void SavedState::put(std::string_view name, std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    put(name, std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void SavedState::append(std::string_view text) {
    base::check(text.size() <= bytes_.size() - size_, "a strategy's state fits its line");
    std::copy(text.begin(), text.end(), bytes_.begin() + size_);
    size_ += text.size();
}

domain::StrategyState SavedState::text() const {
    return *domain::StrategyState::from({bytes_.data(), size_});
}

base::Result<SavedStateReader> SavedStateReader::parse(std::string_view line, std::string_view kind,
                                                       int newest) {
    const auto corrupt = [](std::string what) {
        return base::fail(base::ErrorKind::corrupt, "saved strategy state " + std::move(what));
    };
    std::string_view rest = line;
    const std::string_view found = next_word(rest);
    if (found != kind)
        return corrupt("is of '" + std::string{found.substr(0, 20)} + "', not of '" + std::string{kind} +
                       "'");
    const auto version = whole_number(next_word(rest));
    if (!version || *version < 1 || *version > newest) return corrupt("has a version that is not known");
    SavedStateReader reader;
    while (!rest.empty()) {
        const std::string_view word = next_word(rest);
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos || equals == 0) return corrupt("holds a word without a value");
        reader.values_.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return reader;
}

std::optional<std::string_view> SavedStateReader::text(std::string_view name) const {
    for (const auto& [each, value] : values_)
        if (each == name) return value;
    return std::nullopt;
}

std::optional<std::int64_t> SavedStateReader::number(std::string_view name) const {
    const auto value = text(name);
    return value ? whole_number(*value) : std::nullopt;
}

}  // namespace vigil::strategy
