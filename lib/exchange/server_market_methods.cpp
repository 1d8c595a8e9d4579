#include <array>
#include <charconv>

#include "domain/market_events.h"
#include "exchange/server_methods.h"
#include "exchange/server_render.h"

namespace vigil::exchange::methods {

namespace {

namespace book {
enum Index : std::size_t { symbol, limit, symbol_status };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"limit", ParamKind::whole, false},
                                               {"symbolStatus", ParamKind::text, false}}};
constexpr std::size_t levels_max = 5000;
}  // namespace book

std::optional<RequestError> do_depth(Call& call) {
    const auto status = read_status(call, book::symbol_status);
    if (!status) return status.error();
    const auto limit = read_limit(call, book::limit, 100, book::levels_max);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(book::symbol));
    if (!symbol) return symbol.error();
    if (*status && (*symbol)->rules.status != **status) return errors::symbol_status_mismatch();
    const auto depth = call.server.core->depth((*symbol)->rules.symbol, *limit);
    if (!depth) return request_error(depth.error());
    call.out.begin_object();
    call.out.key("lastUpdateId").integer(depth->last_update_id);
    call.out.key("bids");
    write_levels(depth->bids, call.out);
    call.out.key("asks");
    write_levels(depth->asks, call.out);
    call.out.end_object();
    return std::nullopt;
}

namespace recent {
enum Index : std::size_t { symbol, limit };
constexpr std::array<ParamSpec, 2> parameters{
    {{"symbol", ParamKind::symbol, true}, {"limit", ParamKind::whole, false}}};
}  // namespace recent

std::optional<RequestError> do_trades(Call& call) {
    const auto limit = read_limit(call, recent::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(recent::symbol));
    if (!symbol) return symbol.error();
    const auto trades = call.server.core->recent_trades((*symbol)->rules.symbol, *limit);
    if (!trades) return request_error(trades.error());
    call.out.begin_array();
    for (const TradeEvent& trade : *trades) write_trade(trade, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace candles {
enum Index : std::size_t { symbol, interval, start, end, time_zone, limit };
constexpr std::array<ParamSpec, 6> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"interval", ParamKind::text, true},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"timeZone", ParamKind::text, false},
                                               {"limit", ParamKind::whole, false}}};

bool is_utc(std::string_view zone) {
    return zone == "0" || zone == "00" || zone == "0:00" || zone == "00:00" || zone == "+00:00" ||
           zone == "-00:00" || zone == "+0" || zone == "-0";
}
}  // namespace candles

std::optional<RequestError> do_klines(Call& call) {
    const auto limit = read_limit(call, candles::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto interval = domain::parse_candle_interval(call.arguments.text(candles::interval));
    if (!interval) return errors::bad_interval();
    const auto symbol = find_symbol(call, call.arguments.text(candles::symbol));
    if (!symbol) return symbol.error();
    if (call.arguments.has(candles::time_zone) && !candles::is_utc(call.arguments.text(candles::time_zone)))
        return errors::unsupported();
    KlinesQuery query;
    query.interval = *interval;
    // Klines lie on fixed boundaries, whatever the shown clock says.
    if (call.arguments.has(candles::start))
        query.start = time_of_parameter(call.arguments.number(candles::start));
    if (call.arguments.has(candles::end)) query.end = time_of_parameter(call.arguments.number(candles::end));
    query.limit = *limit;
    const auto klines = call.server.core->klines((*symbol)->rules.symbol, query);
    if (!klines) return request_error(klines.error());
    call.out.begin_array();
    for (const Kline& kline : *klines) write_kline(kline, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace average {
enum Index : std::size_t { symbol };
constexpr std::array<ParamSpec, 1> parameters{{{"symbol", ParamKind::symbol, true}}};
}  // namespace average

std::optional<RequestError> do_average_price(Call& call) {
    const auto symbol = find_symbol(call, call.arguments.text(average::symbol));
    if (!symbol) return symbol.error();
    const auto price = call.server.core->average_price((*symbol)->rules.symbol);
    if (!price) return request_error(price.error());
    call.out.begin_object();
    call.out.key("mins").integer(price->minutes);
    call.out.key("price").decimal(price->price);
    call.out.key("closeTime").time(price->last_trade_time);
    call.out.end_object();
    return std::nullopt;
}

namespace ticker {
enum Index : std::size_t { symbol, symbols, symbol_status };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, false},
                                               {"symbols", ParamKind::json_list, false},
                                               {"symbolStatus", ParamKind::text, false}}};
}  // namespace ticker

// One object for `symbol`, an array otherwise.
template <class Write>
std::optional<RequestError> write_tickers(Call& call, Write write) {
    const auto status = read_status(call, ticker::symbol_status);
    if (!status) return status.error();
    const auto symbols = find_symbols(call, ticker::symbol, ticker::symbols);
    if (!symbols) return symbols.error();
    const auto fits = [&status](const SymbolSpec& symbol) {
        return !*status || symbol.rules.status == **status;
    };
    if (call.arguments.has(ticker::symbol)) {
        if (!fits(*symbols->front())) return errors::symbol_status_mismatch();
        return write(*symbols->front());
    }
    call.out.begin_array();
    for (const SymbolSpec* symbol : *symbols) {
        if (!fits(*symbol)) continue;
        if (auto error = write(*symbol)) return error;
    }
    call.out.end_array();
    return std::nullopt;
}

std::optional<RequestError> do_price_ticker(Call& call) {
    return write_tickers(call, [&call](const SymbolSpec& symbol) -> std::optional<RequestError> {
        const auto trades = call.server.core->recent_trades(symbol.rules.symbol, 1);
        if (!trades) return request_error(trades.error());
        call.out.begin_object();
        call.out.key("symbol").text(symbol.rules.symbol.view());
        call.out.key("price").decimal(trades->empty() ? symbol.reference_price : trades->back().price);
        call.out.end_object();
        return std::nullopt;
    });
}

std::optional<RequestError> do_book_ticker(Call& call) {
    return write_tickers(call, [&call](const SymbolSpec& symbol) -> std::optional<RequestError> {
        const auto best = call.server.core->book_ticker(symbol.rules.symbol);
        if (!best) return request_error(best.error());
        call.out.begin_object();
        call.out.key("symbol").text(symbol.rules.symbol.view());
        call.out.key("bidPrice").decimal(best->bid.price);
        call.out.key("bidQty").decimal(best->bid.quantity);
        call.out.key("askPrice").decimal(best->ask.price);
        call.out.key("askQty").decimal(best->ask.quantity);
        call.out.end_object();
        return std::nullopt;
    });
}

}  // namespace

Body depth() {
    return {book::parameters, do_depth};
}
Body trades() {
    return {recent::parameters, do_trades};
}
Body klines() {
    return {candles::parameters, do_klines};
}
Body average_price() {
    return {average::parameters, do_average_price};
}
Body price_ticker() {
    return {ticker::parameters, do_price_ticker};
}
Body book_ticker() {
    return {ticker::parameters, do_book_ticker};
}

std::int64_t depth_weight(const ParameterList& parameters) {
    const std::string_view text = parameters.value("limit");
    std::int64_t limit = 100;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (parsed.ec == std::errc::result_out_of_range) limit = 5000;
    if (limit <= 100) return 5;
    if (limit <= 500) return 25;
    if (limit <= 1000) return 50;
    return 250;
}

std::int64_t ticker_weight(const ParameterList& parameters) {
    return parameters.find("symbol") != nullptr ? 2 : 4;
}

}  // namespace vigil::exchange::methods
