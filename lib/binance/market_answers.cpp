// Order book snapshots and candles: the parts of rest_answers.h that are arrays of arrays.
#include <array>
#include <utility>

#include "binance/json_fields.h"
#include "binance/rest_answers.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

base::Result<simdjson::dom::element> parse(std::string_view body, std::string_view what) {
    thread_local simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return base::fail(ErrorKind::corrupt, std::string{what} + " is no JSON");
    return root;
}

template <class Decimal>
bool read_decimal(simdjson::dom::element element, Decimal& out) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS) return false;
    const auto value = Decimal::parse(text);
    if (value) out = *value;
    return value.has_value();
}

/// `["price","quantity"]`
bool read_level(simdjson::dom::element element, domain::BookLevel& level) {
    simdjson::dom::array pair;
    if (element.get_array().get(pair) != simdjson::SUCCESS || pair.size() < 2) return false;
    auto part = pair.begin();
    if (!read_decimal(*part, level.price)) return false;
    ++part;
    return read_decimal(*part, level.quantity);
}

void read_levels(JsonFields& fields, std::string_view side, std::vector<domain::BookLevel>& out) {
    fields.each(side, [&](simdjson::dom::element each) {
        domain::BookLevel level;
        if (!read_level(each, level)) return fields.wrong(side, "has a level that is no pair of decimals");
        out.push_back(level);
    });
}

/// One kline (rest-api.md, "Kline/Candlestick data"): open time, open, high, low, close, volume, close time,
/// quote volume, count, taker base volume, taker quote volume, unused.
bool read_candle(simdjson::dom::array kline, domain::Candle& candle) {
    constexpr std::size_t members = 11;
    if (kline.size() < members) return false;
    std::array<simdjson::dom::element, members> part;
    auto source = kline.begin();
    for (simdjson::dom::element& each : part) {
        each = *source;
        ++source;
    }
    std::int64_t open_ms = 0;
    std::int64_t close_ms = 0;
    if (part[0].get_int64().get(open_ms) != simdjson::SUCCESS) return false;
    if (part[6].get_int64().get(close_ms) != simdjson::SUCCESS) return false;
    if (part[8].get_int64().get(candle.trade_count) != simdjson::SUCCESS) return false;
    candle.open_time = base::exchange_time_ms(open_ms);
    candle.close_time = base::exchange_time_ms(close_ms);
    return read_decimal(part[1], candle.open) && read_decimal(part[2], candle.high) &&
           read_decimal(part[3], candle.low) && read_decimal(part[4], candle.close) &&
           read_decimal(part[5], candle.volume) && read_decimal(part[7], candle.quote_volume) &&
           read_decimal(part[9], candle.taker_buy_volume) &&
           read_decimal(part[10], candle.taker_buy_quote_volume);
}

}  // namespace

base::Result<domain::DepthSnapshot> parse_depth(const domain::Symbol& symbol, std::string_view body) {
    const auto root = parse(body, "depth");
    if (!root) return base::fail(root.error());
    JsonFields fields{*root, "depth"};
    domain::DepthSnapshot snapshot;
    snapshot.symbol = symbol;
    snapshot.last_id = fields.integer("lastUpdateId");
    read_levels(fields, "bids", snapshot.bids);
    read_levels(fields, "asks", snapshot.asks);
    if (fields.error()) return base::fail(*fields.error());
    return snapshot;
}

base::Result<std::vector<domain::Candle>> parse_candles(const domain::Symbol& symbol,
                                                        domain::CandleInterval interval,
                                                        base::ExchangeTime now, std::string_view body) {
    const auto root = parse(body, "klines");
    if (!root) return base::fail(root.error());
    simdjson::dom::array array;
    if (root->get_array().get(array) != simdjson::SUCCESS)
        return base::fail(ErrorKind::corrupt, "klines is no array");
    std::vector<domain::Candle> candles;
    candles.reserve(array.size());
    for (const simdjson::dom::element each : array) {
        simdjson::dom::array kline;
        domain::Candle candle;
        candle.symbol = symbol;
        candle.interval = interval;
        if (each.get_array().get(kline) != simdjson::SUCCESS || !read_candle(kline, candle))
            return base::fail(ErrorKind::corrupt, "klines has an element that is no kline");
        candle.closed = candle.close_time < now;
        candles.push_back(candle);
    }
    return candles;
}

}  // namespace vigil::binance
