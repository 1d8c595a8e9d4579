#include "exchange/ws_stream_name.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "exchange/kline_calendar.h"

namespace vigil::exchange {

namespace {

constexpr std::array<std::pair<std::string_view, StreamKind>, 9> plain_kinds{
    {{"trade", StreamKind::trade},
     {"aggTrade", StreamKind::agg_trade},
     {"bookTicker", StreamKind::book_ticker},
     {"depth", StreamKind::depth},
     {"depth@1000ms", StreamKind::depth},
     {"depth@100ms", StreamKind::depth_100ms},
     {"avgPrice", StreamKind::avg_price},
     {"miniTicker", StreamKind::mini_ticker},
     {"ticker", StreamKind::ticker}}};

constexpr std::array<std::int64_t, 3> partial_levels{5, 10, 20};

constexpr std::array<std::pair<std::string_view, std::chrono::hours>, 3> windows{
    {{"1h", std::chrono::hours{1}}, {"4h", std::chrono::hours{4}}, {"1d", std::chrono::hours{24}}}};

constexpr std::string_view window_prefix = "ticker_";
constexpr std::string_view all_suffix = "@arr";

std::optional<std::chrono::hours> parse_window(std::string_view word) {
    for (const auto& [name, window] : windows)
        if (name == word) return window;
    return std::nullopt;
}

// "!miniTicker@arr", "!ticker_<window>@arr"
std::optional<StreamName> parse_all_symbols(std::string_view name) {
    if (!name.starts_with('!') || !name.ends_with(all_suffix)) return std::nullopt;
    const std::string_view topic = name.substr(1, name.size() - 1 - all_suffix.size());
    StreamName parsed;
    if (topic == "miniTicker") {
        parsed.kind = StreamKind::all_mini_tickers;
        return parsed;
    }
    if (!topic.starts_with(window_prefix)) return std::nullopt;
    const auto window = parse_window(topic.substr(window_prefix.size()));
    if (!window) return std::nullopt;
    parsed.kind = StreamKind::all_window_tickers;
    parsed.window = *window;
    return parsed;
}

// "kline_<interval>" and "kline_<interval>@+08:00"
bool parse_kline(std::string_view topic, StreamName& parsed) {
    constexpr std::string_view prefix = "kline_";
    constexpr std::string_view eight_hours = "@+08:00";
    if (!topic.starts_with(prefix)) return false;
    topic.remove_prefix(prefix.size());
    if (topic.ends_with(eight_hours)) {
        parsed.zone = std::chrono::hours{8};
        topic.remove_suffix(eight_hours.size());
    }
    const auto interval = parse_kline_interval(topic);
    if (!interval) return false;
    parsed.kind = StreamKind::kline;
    parsed.interval = *interval;
    return true;
}

}  // namespace

std::string_view window_name(std::chrono::hours window) {
    for (const auto& [name, one] : windows)
        if (one == window) return name;
    return {};
}

std::optional<StreamName> parse_stream_name(std::string_view name) {
    if (auto all = parse_all_symbols(name)) return all;
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
    if (parse_kline(topic, parsed)) return parsed;
    if (topic.starts_with(window_prefix)) {
        const auto window = parse_window(topic.substr(window_prefix.size()));
        if (!window) return std::nullopt;
        parsed.kind = StreamKind::window_ticker;
        parsed.window = *window;
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
