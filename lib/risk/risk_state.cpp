// The text form of RiskState:
//
//   ladder <level> <since, us>
//   by <text>
//   reason <text>
//   kill                                                                only while own orders are cancelled
//   day <asset> <days since 1970> <opening> <latest> <open|tripped>     one line each
//   loss <asset> <baseline> <realised> <peak> <total> <open|tripped> <open|tripped>
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

std::optional<LossState> parse_loss(std::string_view rest) {
    const auto asset = domain::Asset::from(take(rest, ' '));
    std::optional<domain::Amount> amounts[4];
    for (auto& amount : amounts)
        if (const auto parsed = domain::Amount::parse(take(rest, ' '))) amount = *parsed;
    const std::string_view loss = take(rest, ' ');
    const auto is_word = [](std::string_view word) { return word == "tripped" || word == "open"; };
    if (!asset || asset->empty() || !amounts[0] || !amounts[1] || !amounts[2] || !amounts[3] ||
        !is_word(loss) || !is_word(rest))
        return std::nullopt;
    return LossState{*asset,      *amounts[0],       *amounts[1],      *amounts[2],
                     *amounts[3], loss == "tripped", rest == "tripped"};
}

std::string_view word_of(bool tripped) {
    return tripped ? " tripped" : " open";
}

}  // namespace

std::string to_text(const RiskState& state) {
    std::string text{"ladder "};
    text += to_string(state.ladder.level);
    text += ' ' + std::to_string(state.ladder.since.time_since_epoch().count());
    text += "\nby " + state.ladder.by;
    text += "\nreason " + state.ladder.reason + "\n";
    if (state.ladder.cancels_all) text += "kill\n";
    for (const DayState& day : state.days) {
        text += "day " + day.quote.str() + ' ' + std::to_string(day.day) + ' ' + day.opening.str() + ' ' +
                day.latest.str();
        text += word_of(day.tripped);
        text += '\n';
    }
    for (const LossState& loss : state.losses) {
        text += "loss " + loss.quote.str() + ' ' + loss.baseline.str() + ' ' + loss.realised.str() + ' ' +
                loss.peak.str() + ' ' + loss.total.str();
        text += word_of(loss.loss_tripped);
        text += word_of(loss.drawdown_tripped);
        text += '\n';
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
        } else if (key == "kill" && rest.empty()) {
            state.ladder.cancels_all = true;
        } else if (key == "day") {
            const auto day = parse_day(rest);
            if (!day) return corrupt(line);
            state.days.push_back(*day);
        } else if (key == "loss") {
            const auto loss = parse_loss(rest);
            if (!loss) return corrupt(line);
            state.losses.push_back(*loss);
        } else {
            return corrupt(line);
        }
    }
    if (!has_ladder) return base::fail(base::ErrorKind::corrupt, "risk state: the ladder's level is missing");
    return state;
}

}  // namespace vigil::risk
