#include "exchange/ws_stream_name.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace vigil::exchange {

namespace {

constexpr std::array<std::pair<std::string_view, StreamKind>, 7> plain_kinds{
    {{"trade", StreamKind::trade},
     {"aggTrade", StreamKind::agg_trade},
     {"bookTicker", StreamKind::book_ticker},
     {"depth", StreamKind::depth},
     {"depth@1000ms", StreamKind::depth},
     {"depth@100ms", StreamKind::depth_100ms},
     {"avgPrice", StreamKind::avg_price}}};

constexpr std::array<std::int64_t, 3> partial_levels{5, 10, 20};

}  // namespace

std::optional<StreamName> parse_stream_name(std::string_view name) {
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    const std::string_view lower = name.substr(0, at);
    const std::string_view topic = name.substr(at + 1);
    // "All symbols for streams are lowercase."
    if (std::any_of(lower.begin(), lower.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        return std::nullopt;
    std::string upper{lower};
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const auto symbol = domain::Symbol::from(upper);
    if (!symbol) return std::nullopt;
    StreamName parsed;
    parsed.symbol = *symbol;
    for (const auto& [word, kind] : plain_kinds) {
        if (topic == word) {
            parsed.kind = kind;
            return parsed;
        }
    }
    if (topic.starts_with("kline_")) {
        const auto interval = domain::parse_candle_interval(topic.substr(6));
        if (!interval) return std::nullopt;
        parsed.kind = StreamKind::kline;
        parsed.interval = *interval;
        return parsed;
    }
    for (const std::int64_t levels : partial_levels) {
        const std::string word = "depth" + std::to_string(levels);
        if (!topic.starts_with(word)) continue;
        const std::string_view rest = topic.substr(word.size());
        if (!rest.empty() && rest != "@100ms" && rest != "@1000ms") continue;
        parsed.kind = rest == "@100ms" ? StreamKind::partial_depth_100ms : StreamKind::partial_depth;
        parsed.levels = levels;
        return parsed;
    }
    return std::nullopt;
}

}  // namespace vigil::exchange
