#include "binance/stream_decoder.h"

#include <simdjson.h>

#include <string>
#include <vector>

#include "net/ws_client.h"

namespace vigil::binance {

namespace {

namespace ondemand = simdjson::ondemand;

static_assert(net::text_padding_bytes >= simdjson::SIMDJSON_PADDING, "simdjson may read behind the text");

// Members are read in the order in which the exchange writes them, which makes each look-up one step; another
// order is understood too. Every helper says false on a missing or mistyped member.

bool read_text(ondemand::object& object, std::string_view name, std::string_view& out) {
    return object.find_field_unordered(name).get_string().get(out) == simdjson::SUCCESS;
}
bool read_integer(ondemand::object& object, std::string_view name, std::int64_t& out) {
    return object.find_field_unordered(name).get_int64().get(out) == simdjson::SUCCESS;
}
bool read_boolean(ondemand::object& object, std::string_view name, bool& out) {
    return object.find_field_unordered(name).get_bool().get(out) == simdjson::SUCCESS;
}
template <class Decimal>
bool to_decimal(std::string_view text, Decimal& out) {
    const auto value = Decimal::parse(text);
    if (value) out = *value;
    return value.has_value();
}
template <class Decimal>
bool read_decimal(ondemand::object& object, std::string_view name, Decimal& out) {
    std::string_view text;
    return read_text(object, name, text) && to_decimal(text, out);
}
bool read_symbol(ondemand::object& object, domain::Symbol& out) {
    std::string_view text;
    if (!read_text(object, "s", text)) return false;
    const auto symbol = domain::Symbol::from(text);
    if (symbol) out = *symbol;
    return symbol.has_value();
}
bool read_time_ms(ondemand::object& object, std::string_view name, base::ExchangeTime& out) {
    constexpr std::int64_t latest_ms = 253'402'300'799'999;  // year 9999
    std::int64_t value = 0;
    if (!read_integer(object, name, value) || value < 0 || value > latest_ms) return false;
    out = base::exchange_time_ms(value);
    return true;
}

/// `[["price","quantity"], ...]`
bool read_levels(ondemand::object& object, std::string_view name, std::vector<domain::BookLevel>& out) {
    out.clear();
    ondemand::array levels;
    if (object.find_field_unordered(name).get_array().get(levels) != simdjson::SUCCESS) return false;
    for (auto each : levels) {
        ondemand::array pair;
        if (each.get_array().get(pair) != simdjson::SUCCESS) return false;
        std::string_view part[2];
        std::size_t count = 0;
        for (auto one : pair) {
            std::string_view text;
            if (one.get_string().get(text) != simdjson::SUCCESS) return false;
            if (count < 2) part[count] = text;
            ++count;
        }
        domain::BookLevel level;
        if (count < 2 || !to_decimal(part[0], level.price) || !to_decimal(part[1], level.quantity))
            return false;
        out.push_back(level);
    }
    return true;
}

}  // namespace

class StreamDecoder::Impl {
  public:
    explicit Impl(domain::ExchangeListener& listener) : listener_{listener} {}

    StreamMessage decode(std::string_view text, base::MonotonicTime received) {
        ondemand::document document;
        const simdjson::padded_string_view padded{text.data(), text.size(),
                                                  text.size() + net::text_padding_bytes};
        ondemand::object root;
        if (parser_.iterate(padded).get(document) != simdjson::SUCCESS ||
            document.get_object().get(root) != simdjson::SUCCESS)
            return StreamMessage::malformed;

        std::string_view stream;
        if (read_text(root, "stream", stream)) {
            // The name is kept in the parser's buffer, which lives until the next message.
            ondemand::object data;
            if (root.find_field_unordered("data").get_object().get(data) != simdjson::SUCCESS)
                return StreamMessage::malformed;
            return event(kind_of(stream), data, received);
        }
        // After damage simdjson's document must not be touched again; is_alive tells that from what is only
        // not there.
        if (!document.is_alive()) return StreamMessage::malformed;
        if (root.find_field_unordered("id").error() == simdjson::SUCCESS) return answer(document, root);
        std::string_view kind;
        if (!document.is_alive()) return StreamMessage::malformed;
        if (read_text(root, "e", kind)) return event(kind, root, received);
        // The book ticker alone has no event type (web-socket-streams.md, "Individual Symbol Book Ticker
        // Streams").
        if (!document.is_alive()) return StreamMessage::malformed;
        if (root.find_field_unordered("u").error() == simdjson::SUCCESS)
            return event("bookTicker", root, received);
        return document.is_alive() ? StreamMessage::ignored : StreamMessage::malformed;
    }

  private:
    /// "btcusdt@depth@100ms" -> "depthUpdate"
    static std::string_view kind_of(std::string_view stream) {
        const std::size_t at = stream.find('@');
        if (at == std::string_view::npos) return stream == "!serverShutdown" ? "serverShutdown" : stream;
        const std::string_view suffix = stream.substr(at + 1);
        if (suffix == "bookTicker" || suffix == "trade") return suffix;
        if (suffix.starts_with("depth")) return "depthUpdate";
        if (suffix.starts_with("kline_")) return "kline";
        return suffix;
    }

    static StreamMessage answer(ondemand::document& document, ondemand::object& root) {
        if (root.find_field_unordered("error").error() == simdjson::SUCCESS) return StreamMessage::refusal;
        if (!document.is_alive()) return StreamMessage::malformed;
        if (root.find_field_unordered("code").error() == simdjson::SUCCESS) return StreamMessage::refusal;
        return document.is_alive() ? StreamMessage::answer : StreamMessage::malformed;
    }

    StreamMessage event(std::string_view kind, ondemand::object& data, base::MonotonicTime received) {
        if (kind == "bookTicker") return book_ticker(data, received);
        if (kind == "depthUpdate") return depth(data, received);
        if (kind == "trade") return trade(data, received);
        if (kind == "kline") return candle(data, received);
        if (kind == "serverShutdown") return StreamMessage::shutdown;
        return StreamMessage::ignored;
    }

    StreamMessage book_ticker(ondemand::object& data, base::MonotonicTime received) {
        domain::BookTicker event;
        event.received = received;
        if (!read_integer(data, "u", event.update_id) || !read_symbol(data, event.symbol) ||
            !read_decimal(data, "b", event.bid.price) || !read_decimal(data, "B", event.bid.quantity) ||
            !read_decimal(data, "a", event.ask.price) || !read_decimal(data, "A", event.ask.quantity))
            return StreamMessage::malformed;
        listener_.on_book_ticker(event);
        return StreamMessage::event;
    }

    StreamMessage depth(ondemand::object& data, base::MonotonicTime received) {
        domain::DepthDiff event;
        event.received = received;
        if (!read_time_ms(data, "E", event.event_time) || !read_symbol(data, event.symbol) ||
            !read_integer(data, "U", event.first_id) || !read_integer(data, "u", event.last_id) ||
            !read_levels(data, "b", bids_) || !read_levels(data, "a", asks_))
            return StreamMessage::malformed;
        event.bids = bids_;
        event.asks = asks_;
        listener_.on_depth(event);
        return StreamMessage::event;
    }

    StreamMessage trade(ondemand::object& data, base::MonotonicTime received) {
        domain::PublicTrade event;
        event.received = received;
        if (!read_symbol(data, event.symbol) || !read_integer(data, "t", event.trade_id.value) ||
            !read_decimal(data, "p", event.price) || !read_decimal(data, "q", event.quantity) ||
            !read_time_ms(data, "T", event.time) || !read_boolean(data, "m", event.buyer_is_maker))
            return StreamMessage::malformed;
        listener_.on_trade(event);
        return StreamMessage::event;
    }

    StreamMessage candle(ondemand::object& data, base::MonotonicTime received) {
        domain::Candle event;
        event.received = received;
        ondemand::object k;
        std::string_view interval;
        if (!read_symbol(data, event.symbol) ||
            data.find_field_unordered("k").get_object().get(k) != simdjson::SUCCESS ||
            !read_time_ms(k, "t", event.open_time) || !read_time_ms(k, "T", event.close_time) ||
            !read_text(k, "i", interval))
            return StreamMessage::malformed;
        const auto width = domain::parse_candle_interval(interval);
        if (!width) return StreamMessage::ignored;
        event.interval = *width;
        if (!read_decimal(k, "o", event.open) || !read_decimal(k, "c", event.close) ||
            !read_decimal(k, "h", event.high) || !read_decimal(k, "l", event.low) ||
            !read_decimal(k, "v", event.volume) || !read_integer(k, "n", event.trade_count) ||
            !read_boolean(k, "x", event.closed) || !read_decimal(k, "q", event.quote_volume) ||
            !read_decimal(k, "V", event.taker_buy_volume) ||
            !read_decimal(k, "Q", event.taker_buy_quote_volume))
            return StreamMessage::malformed;
        listener_.on_candle(event);
        return StreamMessage::event;
    }

    domain::ExchangeListener& listener_;
    ondemand::parser parser_;
    std::vector<domain::BookLevel> bids_;
    std::vector<domain::BookLevel> asks_;
};

StreamDecoder::StreamDecoder(domain::ExchangeListener& listener) : impl_{std::make_unique<Impl>(listener)} {}
StreamDecoder::~StreamDecoder() = default;

StreamMessage StreamDecoder::decode(std::string_view text, base::MonotonicTime received) {
    return impl_->decode(text, received);
}

}  // namespace vigil::binance
