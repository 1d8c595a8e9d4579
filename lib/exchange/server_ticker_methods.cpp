#include <algorithm>
#include <array>
#include <charconv>

#include "exchange/kline_calendar.h"
#include "exchange/server_methods.h"
#include "exchange/ticker_render.h"

namespace vigil::exchange::methods {

namespace {

constexpr domain::CandleInterval minute_interval{60'000};
constexpr domain::CandleInterval day_interval{24 * 60 * 60'000};
/// "The maximum number of symbols allowed in a request is 100."
constexpr std::size_t symbols_max = 100;

// The places that all ticker requests share.
enum Index : std::size_t { symbol, symbols, symbol_status, type, window };

constexpr std::array<ParamSpec, 3> plain_parameters{{{"symbol", ParamKind::symbol, false},
                                                     {"symbols", ParamKind::json_list, false},
                                                     {"symbolStatus", ParamKind::text, false}}};
constexpr std::array<ParamSpec, 4> day_parameters{
    {plain_parameters[0], plain_parameters[1], plain_parameters[2], {"type", ParamKind::text, false}}};
constexpr std::array<ParamSpec, 5> trading_day_parameters{{day_parameters[0],
                                                           day_parameters[1],
                                                           day_parameters[2],
                                                           day_parameters[3],
                                                           {"timeZone", ParamKind::text, false}}};
constexpr std::array<ParamSpec, 5> window_parameters{{day_parameters[0],
                                                      day_parameters[1],
                                                      day_parameters[2],
                                                      day_parameters[3],
                                                      {"windowSize", ParamKind::text, false}}};

// One object for `symbol`, an array otherwise.
template <class Write>
std::optional<RequestError> write_tickers(Call& call, Write write) {
    const auto status = read_status(call, symbol_status);
    if (!status) return status.error();
    const auto wanted = find_symbols(call, symbol, symbols);
    if (!wanted) return wanted.error();
    const auto fits = [&status](const SymbolSpec& spec) { return !*status || spec.rules.status == **status; };
    if (call.arguments.has(symbol)) {
        if (!fits(*wanted->front())) return errors::symbol_status_mismatch();
        return write(*wanted->front());
    }
    call.out.begin_array();
    for (const SymbolSpec* spec : *wanted) {
        if (!fits(*spec)) continue;
        if (auto error = write(*spec)) return error;
    }
    call.out.end_array();
    return std::nullopt;
}

RequestResult<TickerType> read_type(const Call& call) {
    if (!call.arguments.has(type) || call.arguments.text(type) == "FULL") return TickerType::full;
    if (call.arguments.text(type) == "MINI") return TickerType::mini;
    return tl::unexpected(errors::bad_ticker_type());
}

// How many symbols a request names; none when it wants all, or when it is wrong.
std::size_t count_symbols(const ParameterList& parameters) {
    if (parameters.find("symbol") != nullptr) return 1;
    const auto names = parse_string_list(parameters.value("symbols"));
    return names ? names->size() : 0;
}

std::optional<RequestError> do_day_ticker(Call& call) {
    const auto kind = read_type(call);
    if (!kind) return kind.error();
    return write_tickers(call, [&](const SymbolSpec& spec) -> std::optional<RequestError> {
        const domain::Symbol& name = spec.rules.symbol;
        const auto statistics = call.server.core->statistics(name, call.now - std::chrono::hours{24});
        if (!statistics) return request_error(statistics.error());
        const auto best = call.server.core->book_ticker(name);
        if (!best) return request_error(best.error());
        write_day_ticker(name, *statistics, *best, *kind, call.out);
        return std::nullopt;
    });
}

// What `ticker` and `ticker/tradingDay` have in common: which symbols may be asked for.
std::optional<RequestError> check_names(const Call& call) {
    if (!call.arguments.has(symbol) && !call.arguments.has(symbols))
        return errors::missing_both("symbol", "symbols");
    const auto names = parse_string_list(call.arguments.text(symbols));
    if (names && names->size() > symbols_max) return errors::too_many_parameters(symbols_max, names->size());
    return std::nullopt;
}

template <class Ends>
std::optional<RequestError> write_windows(Call& call, base::ExchangeTime open_time, Ends set_ends) {
    const auto kind = read_type(call);
    if (!kind) return kind.error();
    return write_tickers(call, [&](const SymbolSpec& spec) -> std::optional<RequestError> {
        auto statistics = call.server.core->statistics(spec.rules.symbol, open_time);
        if (!statistics) return request_error(statistics.error());
        if (statistics->last.is_zero()) return errors::no_trading_window();
        const WindowEnds ends = set_ends(*statistics);
        write_window_ticker(spec.rules.symbol, *statistics, ends, *kind, call.out);
        return std::nullopt;
    });
}

std::optional<RequestError> do_trading_day_ticker(Call& call) {
    if (auto error = check_names(call)) return error;
    const auto zone = read_time_zone(call, window);
    if (!zone) return zone.error();
    const base::ExchangeTime open_time = kline_open(day_interval, call.now, *zone);
    return write_windows(call, open_time, [&](PriceStatistics& statistics) {
        statistics.close_time = kline_step(day_interval, open_time, 1) - base::milliseconds{1};
        return WindowEnds::fixed;
    });
}

// "1m" to "59m", "1h" to "23h", "1d" to "7d".
std::optional<std::chrono::minutes> parse_window(std::string_view word) {
    if (word.size() < 2 || word.front() < '1' || word.front() > '9') return std::nullopt;
    std::int64_t count = 0;
    const char* end = word.data() + word.size() - 1;
    const auto parsed = std::from_chars(word.data(), end, count);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    switch (word.back()) {
        case 'm':
            if (count > 59) return std::nullopt;
            return std::chrono::minutes{count};
        case 'h':
            if (count > 23) return std::nullopt;
            return std::chrono::hours{count};
        case 'd':
            if (count > 7) return std::nullopt;
            return std::chrono::hours{24 * count};
        default:
            return std::nullopt;
    }
}

std::optional<RequestError> do_window_ticker(Call& call) {
    if (auto error = check_names(call)) return error;
    const auto size = parse_window(call.arguments.has(window) ? call.arguments.text(window) : "1d");
    if (!size) return errors::invalid_data("windowSize");
    return write_windows(call, kline_open(minute_interval, call.now - *size),
                         [](const PriceStatistics&) { return WindowEnds::from_minute; });
}

std::optional<RequestError> do_price_ticker(Call& call) {
    return write_tickers(call, [&call](const SymbolSpec& spec) -> std::optional<RequestError> {
        const auto trades = call.server.core->recent_trades(spec.rules.symbol, 1);
        if (!trades) return request_error(trades.error());
        call.out.begin_object();
        call.out.key("symbol").text(spec.rules.symbol.view());
        call.out.key("price").decimal(trades->empty() ? spec.reference_price : trades->back().price);
        call.out.end_object();
        return std::nullopt;
    });
}

std::optional<RequestError> do_book_ticker(Call& call) {
    return write_tickers(call, [&call](const SymbolSpec& spec) -> std::optional<RequestError> {
        const auto best = call.server.core->book_ticker(spec.rules.symbol);
        if (!best) return request_error(best.error());
        call.out.begin_object();
        call.out.key("symbol").text(spec.rules.symbol.view());
        call.out.key("bidPrice").decimal(best->bid.price);
        call.out.key("bidQty").decimal(best->bid.quantity);
        call.out.key("askPrice").decimal(best->ask.price);
        call.out.key("askQty").decimal(best->ask.quantity);
        call.out.end_object();
        return std::nullopt;
    });
}

}  // namespace

Body day_ticker() {
    return {day_parameters, do_day_ticker};
}
Body trading_day_ticker() {
    return {trading_day_parameters, do_trading_day_ticker};
}
Body window_ticker() {
    return {window_parameters, do_window_ticker};
}
Body price_ticker() {
    return {plain_parameters, do_price_ticker};
}
Body book_ticker() {
    return {plain_parameters, do_book_ticker};
}

std::int64_t day_ticker_weight(const ParameterList& parameters) {
    const std::size_t count = count_symbols(parameters);
    if (count == 0 || count > 100) return 80;
    return count > 20 ? 40 : 2;
}

std::int64_t window_ticker_weight(const ParameterList& parameters) {
    constexpr std::size_t counted_max = 50;
    const std::size_t count = std::clamp<std::size_t>(count_symbols(parameters), 1, counted_max);
    return 4 * static_cast<std::int64_t>(count);
}

std::int64_t ticker_weight(const ParameterList& parameters) {
    return parameters.find("symbol") != nullptr ? 2 : 4;
}

}  // namespace vigil::exchange::methods
