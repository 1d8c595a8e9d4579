#include "exchange/capture_message.h"

#include <simdjson.h>

#include <cmath>
#include <string>
#include <type_traits>

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

struct CaptureDecoder::Parser {
    simdjson::dom::parser parser;
};

CaptureDecoder::CaptureDecoder() : parser_{std::make_unique<Parser>()} {}
CaptureDecoder::~CaptureDecoder() = default;

namespace {

/// The value could not be read; what it was is in the text.
struct Wrong {
    std::string what;
};
template <class T>
using Read = tl::expected<T, Wrong>;

tl::unexpected<Wrong> wrong(std::string what) {
    return tl::unexpected<Wrong>(Wrong{std::move(what)});
}

template <class Decimal>
Read<Decimal> decimal(const element& value, std::string_view name) {
    Decimal most;
    if constexpr (std::is_same_v<Decimal, domain::Price>)
        most = feed_price_max;
    else
        most = feed_quantity_max;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) {
        const auto parsed = Decimal::parse(text);
        if (parsed && !parsed->is_negative() && *parsed <= most) return *parsed;
    }
    return wrong(std::string{name} + " is no decimal, or beyond every market");
}
template <class Decimal>
Read<Decimal> decimal(const object& from, std::string_view name) {
    element value;
    if (from[name].get(value) != simdjson::SUCCESS) return wrong("there is no " + std::string{name});
    return decimal<Decimal>(value, name);
}
Read<std::int64_t> integer(const object& from, std::string_view name) {
    std::int64_t value = 0;
    if (from[name].get(value) != simdjson::SUCCESS) return wrong(std::string{name} + " is no integer");
    return value;
}
Read<domain::Symbol> symbol_named(std::string_view text) {
    const auto symbol = domain::Symbol::from(text);
    if (!symbol || symbol->empty()) return wrong("the symbol is empty or too long");
    return *symbol;
}
Read<domain::Symbol> symbol_member(const object& from) {
    std::string_view text;
    if (from["s"].get(text) != simdjson::SUCCESS) return wrong("there is no symbol s");
    return symbol_named(text);
}

Read<void> levels(const object& from, std::string_view name, bool zero_allowed,
                  std::vector<domain::BookLevel>& out) {
    array list;
    if (from[name].get(list) != simdjson::SUCCESS) return wrong(std::string{name} + " is no array");
    for (const element entry : list) {
        array pair;
        if (entry.get(pair) != simdjson::SUCCESS || pair.size() < 2)
            return wrong(std::string{name} + " holds something that is no level");
        const auto price = decimal<domain::Price>(pair.at(0).value_unsafe(), "a price");
        if (!price) return tl::unexpected{price.error()};
        const auto quantity = decimal<domain::Quantity>(pair.at(1).value_unsafe(), "a quantity");
        if (!quantity) return tl::unexpected{quantity.error()};
        if (price->is_zero() || (quantity->is_zero() && !zero_allowed))
            return wrong(std::string{name} + " holds a level of zero");
        out.push_back({*price, *quantity});
    }
    return {};
}

Read<void> read_depth(const object& data, CaptureMessage& out) {
    out.kind = CaptureKind::depth;
    const auto symbol = symbol_member(data);
    if (!symbol) return tl::unexpected{symbol.error()};
    const auto first = integer(data, "U");
    if (!first) return tl::unexpected{first.error()};
    const auto last = integer(data, "u");
    if (!last) return tl::unexpected{last.error()};
    if (*first > *last) return wrong("U is above u");
    out.symbol = *symbol;
    out.first_id = *first;
    out.last_id = *last;
    if (auto read = levels(data, "b", true, out.bids); !read) return read;
    return levels(data, "a", true, out.asks);
}

Read<void> read_ticker(const object& data, CaptureMessage& out) {
    out.kind = CaptureKind::ticker;
    const auto symbol = symbol_member(data);
    if (!symbol) return tl::unexpected{symbol.error()};
    const auto id = integer(data, "u");
    if (!id) return tl::unexpected{id.error()};
    const auto bid = decimal<domain::Price>(data, "b");
    const auto bid_quantity = decimal<domain::Quantity>(data, "B");
    const auto ask = decimal<domain::Price>(data, "a");
    const auto ask_quantity = decimal<domain::Quantity>(data, "A");
    if (!bid) return tl::unexpected{bid.error()};
    if (!bid_quantity) return tl::unexpected{bid_quantity.error()};
    if (!ask) return tl::unexpected{ask.error()};
    if (!ask_quantity) return tl::unexpected{ask_quantity.error()};
    if (bid->is_zero() || ask->is_zero() || bid_quantity->is_zero() || ask_quantity->is_zero()) {
        out.kind = CaptureKind::other;  // a side without orders says nothing that depth does not say
        return {};
    }
    if (*bid >= *ask) return wrong("the best bid is not below the best ask");
    out.symbol = *symbol;
    out.last_id = *id;
    out.bids.push_back({*bid, *bid_quantity});
    out.asks.push_back({*ask, *ask_quantity});
    return {};
}

Read<void> read_trade(const object& data, CaptureKind kind, CaptureMessage& out) {
    out.kind = kind;
    const auto symbol = symbol_member(data);
    if (!symbol) return tl::unexpected{symbol.error()};
    const auto price = decimal<domain::Price>(data, "p");
    if (!price) return tl::unexpected{price.error()};
    const auto quantity = decimal<domain::Quantity>(data, "q");
    if (!quantity) return tl::unexpected{quantity.error()};
    if (price->is_zero() || quantity->is_zero()) return wrong("a trade of zero");
    bool maker = false;
    if (data["m"].get(maker) != simdjson::SUCCESS) return wrong("m is no boolean");
    out.symbol = *symbol;
    out.price = *price;
    out.quantity = *quantity;
    out.buyer_is_maker = maker;
    return {};
}

/// `GET /api/v3/depth?symbol=BTCUSDT&limit=1000`
Read<void> read_snapshot(std::string_view request, const object& answer, CaptureMessage& out) {
    constexpr std::string_view path = "/api/v3/depth?";
    const std::size_t query = request.find(path);
    if (query == std::string_view::npos) return {};
    std::string_view rest = request.substr(query + path.size());
    const std::size_t at = rest.find("symbol=");
    if (at == std::string_view::npos) return wrong("the depth request names no symbol");
    rest.remove_prefix(at + 7);
    const auto symbol = symbol_named(rest.substr(0, rest.find('&')));
    if (!symbol) return tl::unexpected{symbol.error()};
    const auto id = integer(answer, "lastUpdateId");
    if (!id) return tl::unexpected{id.error()};
    out.kind = CaptureKind::snapshot;
    out.symbol = *symbol;
    out.last_id = *id;
    if (auto read = levels(answer, "bids", false, out.bids); !read) return read;
    return levels(answer, "asks", false, out.asks);
}

Read<MarketTime> received_at(const object& line) {
    std::int64_t ns = 0;
    if (line["recv_ns"].get(ns) == simdjson::SUCCESS) {
        if (ns <= 0) return wrong("recv_ns is not positive");
        return MarketTime{std::chrono::microseconds{ns / 1'000}};
    }
    double seconds = 0;
    if (line["recv"].get(seconds) != simdjson::SUCCESS) return wrong("there is neither recv_ns nor recv");
    constexpr double seconds_max = 1e11;
    if (!(seconds > 0 && seconds < seconds_max)) return wrong("recv is no time");
    return MarketTime{std::chrono::microseconds{std::llround(seconds * 1e6)}};
}

Read<void> read_frame(const object& message, CaptureMessage& out) {
    std::string_view stream;
    object data;
    const bool combined =
        message["stream"].get(stream) == simdjson::SUCCESS && message["data"].get(data) == simdjson::SUCCESS;
    if (!combined) data = message;
    std::string_view event;
    if (data["e"].get(event) != simdjson::SUCCESS) {
        // bookTicker and partial depth have no event type; the former names its symbol.
        element unused;
        if (data["B"].get(unused) != simdjson::SUCCESS || data["u"].get(unused) != simdjson::SUCCESS)
            return {};
        return read_ticker(data, out);
    }
    if (event == "depthUpdate") return read_depth(data, out);
    if (event == "trade") return read_trade(data, CaptureKind::trade, out);
    if (event == "aggTrade") return read_trade(data, CaptureKind::agg_trade, out);
    return {};
}

}  // namespace

Result<void> CaptureDecoder::decode(std::string_view line, CaptureMessage& out) {
    out.kind = CaptureKind::other;
    out.bids.clear();
    out.asks.clear();
    object root;
    if (parser_->parser.parse(line.data(), line.size(), true).get(root) != simdjson::SUCCESS)
        return fail(ErrorKind::invalid, "the line is no JSON object");
    const auto received = received_at(root);
    if (!received) return fail(ErrorKind::invalid, received.error().what);
    out.received = *received;
    element connect;
    if (root["connect"].get(connect) == simdjson::SUCCESS) return {};
    object message;
    if (root["msg"].get(message) != simdjson::SUCCESS) return {};  // an answer that is a list
    std::string_view request;
    const auto read = root["rest"].get(request) == simdjson::SUCCESS ? read_snapshot(request, message, out)
                                                                     : read_frame(message, out);
    if (!read) return fail(ErrorKind::invalid, read.error().what);
    return {};
}

}  // namespace vigil::exchange
