#include "risk/ladder.h"

#include <algorithm>

namespace vigil::risk {

namespace {

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
}

/// The state is kept as lines of text: no line break may come in by a name or a reason.
std::string one_line(std::string_view text) {
    std::string line{text};
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

}  // namespace

std::string_view to_string(Level level) noexcept {
    switch (level) {
        case Level::normal:
            return "normal";
        case Level::reduce:
            return "reduce";
        case Level::cancel_only:
            return "cancel_only";
        case Level::halt:
            return "halt";
    }
    return "invalid";
}

std::optional<Level> parse_level(std::string_view word) noexcept {
    for (const Level level : {Level::normal, Level::reduce, Level::cancel_only, Level::halt})
        if (to_string(level) == word) return level;
    return std::nullopt;
}

bool Ladder::raise(Level level, std::string_view by, std::string_view reason, base::ExchangeTime now) {
    if (level <= state_.level) return false;
    state_ = LadderState{level, one_line(reason), one_line(by), now, state_.cancels_all};
    return true;
}

void Ladder::kill(std::string_view by, std::string_view reason, base::ExchangeTime now) {
    state_ = LadderState{Level::halt, one_line(reason), one_line(by), now, true};
}

base::Result<void> Ladder::lower(Level level, std::string_view operator_name, std::string_view reason,
                                 base::ExchangeTime now) {
    if (level >= state_.level) {
        std::string text{"the ladder is at "};
        text += to_string(state_.level);
        text += "; ";
        text += to_string(level);
        text += " is not lower";
        return base::fail(base::ErrorKind::invalid, std::move(text));
    }
    if (is_blank(operator_name))
        return base::fail(base::ErrorKind::invalid, "coming down the ladder needs an operator's name");
    if (is_blank(reason))
        return base::fail(base::ErrorKind::invalid, "coming down the ladder needs a reason");
    state_ = LadderState{level, one_line(reason), one_line(operator_name), now, false};
    return {};
}

}  // namespace vigil::risk
