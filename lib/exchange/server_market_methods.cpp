#include <array>
#include <charconv>

#include "exchange/kline_calendar.h"
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

namespace historical {
enum Index : std::size_t { symbol, limit, from_id };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"limit", ParamKind::whole, false},
                                               {"fromId", ParamKind::whole, false}}};
}  // namespace historical

std::optional<RequestError> do_historical_trades(Call& call) {
    const auto limit = read_limit(call, historical::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto symbol = find_symbol(call, call.arguments.text(historical::symbol));
    if (!symbol) return symbol.error();
    const domain::Symbol& name = (*symbol)->rules.symbol;
    const auto trades = call.arguments.has(historical::from_id)
                            ? call.server.core->trades_since(
                                  name, domain::TradeId{call.arguments.number(historical::from_id)}, *limit)
                            : call.server.core->recent_trades(name, *limit);
    if (!trades) return request_error(trades.error());
    call.out.begin_array();
    for (const TradeEvent& trade : *trades) write_trade(trade, call.out);
    call.out.end_array();
    return std::nullopt;
}

namespace block {
enum Index : std::size_t { symbol, from_id, limit };
constexpr std::array<ParamSpec, 3> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"fromId", ParamKind::whole, true},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace block

// Nobody agrees on a block trade here.
std::optional<RequestError> do_block_trades(Call& call) {
    if (const auto limit = read_limit(call, block::limit, 500, 1000); !limit) return limit.error();
    if (const auto symbol = find_symbol(call, call.arguments.text(block::symbol)); !symbol)
        return symbol.error();
    call.out.begin_array().end_array();
    return std::nullopt;
}

namespace aggregate {
enum Index : std::size_t { symbol, from_id, start, end, limit };
constexpr std::array<ParamSpec, 5> parameters{{{"symbol", ParamKind::symbol, true},
                                               {"fromId", ParamKind::whole, false},
                                               {"startTime", ParamKind::whole, false},
                                               {"endTime", ParamKind::whole, false},
                                               {"limit", ParamKind::whole, false}}};
}  // namespace aggregate

std::optional<RequestError> do_agg_trades(Call& call) {
    const auto limit = read_limit(call, aggregate::limit, 500, 1000);
    if (!limit) return limit.error();
    AggTradesQuery query;
    query.limit = *limit;
    query.start = read_time(call, aggregate::start);
    query.end = read_end_time(call, aggregate::end);
    // "fromId cannot be used together with startTime and endTime."
    if (call.arguments.has(aggregate::from_id)) {
        if (query.start || query.end) return errors::bad_combination();
        query.from_id = call.arguments.number(aggregate::from_id);
    }
    const auto symbol = find_symbol(call, call.arguments.text(aggregate::symbol));
    if (!symbol) return symbol.error();
    const auto trades = call.server.core->agg_trades((*symbol)->rules.symbol, query);
    if (!trades) return request_error(trades.error());
    call.out.begin_array();
    for (const AggTradeEvent& trade : *trades) write_agg_trade(trade, call.out);
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
}  // namespace candles

std::optional<RequestError> do_klines(Call& call) {
    const auto limit = read_limit(call, candles::limit, 500, 1000);
    if (!limit) return limit.error();
    const auto interval = parse_kline_interval(call.arguments.text(candles::interval));
    if (!interval) return errors::bad_interval();
    const auto symbol = find_symbol(call, call.arguments.text(candles::symbol));
    if (!symbol) return symbol.error();
    const auto zone = read_time_zone(call, candles::time_zone);
    if (!zone) return zone.error();
    KlinesQuery query;
    query.interval = *interval;
    query.zone = *zone;
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

}  // namespace

Body depth() {
    return {book::parameters, do_depth};
}
Body trades() {
    return {recent::parameters, do_trades};
}
Body historical_trades() {
    return {historical::parameters, do_historical_trades};
}
Body block_trades() {
    return {block::parameters, do_block_trades};
}
Body agg_trades() {
    return {aggregate::parameters, do_agg_trades};
}
Body klines() {
    return {candles::parameters, do_klines};
}
Body average_price() {
    return {average::parameters, do_average_price};
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

}  // namespace vigil::exchange::methods
