// The text form of RiskState:
//
//   ladder <level> <since, us>
//   by <text>
//   reason <text>
//   day <asset> <days since 1970> <opening> <latest> <open|tripped>     one line each
#include <charconv>

#include "risk/risk_gate.h"

namespace vigil::risk {

namespace {

/// Takes the text up to `end` off the front of `rest`.
std::string_view take(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return part;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

tl::unexpected<base::Error> corrupt(std::string_view line) {
    return base::fail(base::ErrorKind::corrupt, "risk state: cannot read \"" + std::string{line} + "\"");
}

std::optional<DayState> parse_day(std::string_view rest) {
    const auto asset = domain::Asset::from(take(rest, ' '));
    const auto day = parse_integer(take(rest, ' '));
    const auto opening = domain::Amount::parse(take(rest, ' '));
    const auto latest = domain::Amount::parse(take(rest, ' '));
    const bool is_word = rest == "tripped" || rest == "open";
    if (!asset || asset->empty() || !day || !opening || !latest || !is_word) return std::nullopt;
    return DayState{*asset, *day, *opening, *latest, rest == "tripped"};
}

}  // namespace

std::string to_text(const RiskState& state) {
    std::string text{"ladder "};
    text += to_string(state.ladder.level);
    text += ' ' + std::to_string(state.ladder.since.time_since_epoch().count());
    text += "\nby " + state.ladder.by;
    text += "\nreason " + state.ladder.reason + "\n";
    for (const DayState& day : state.days) {
        text += "day " + day.quote.str() + ' ' + std::to_string(day.day) + ' ' + day.opening.str() + ' ' +
                day.latest.str();
        text += day.tripped ? " tripped\n" : " open\n";
    }
    return text;
}

base::Result<RiskState> parse_risk_state(std::string_view text) {
    RiskState state;
    bool has_ladder = false;
    while (!text.empty()) {
        const std::string_view line = take(text, '\n');
        std::string_view rest = line;
        const std::string_view key = take(rest, ' ');
        if (key == "ladder") {
            const auto level = parse_level(take(rest, ' '));
            const auto since = parse_integer(rest);
            if (!level || !since) return corrupt(line);
            state.ladder.level = *level;
            state.ladder.since = base::ExchangeTime{base::microseconds{*since}};
            has_ladder = true;
        } else if (key == "by") {
            state.ladder.by = rest;
        } else if (key == "reason") {
            state.ladder.reason = rest;
        } else if (key == "day") {
            const auto day = parse_day(rest);
            if (!day) return corrupt(line);
            state.days.push_back(*day);
        } else {
            return corrupt(line);
        }
    }
    if (!has_ladder) return base::fail(base::ErrorKind::corrupt, "risk state: the ladder's level is missing");
    return state;
}

}  // namespace vigil::risk
