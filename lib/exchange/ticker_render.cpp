#include "exchange/ticker_render.h"

#include <string>

namespace vigil::exchange {

namespace {

/// "-95.960"
std::string percent_text(std::int64_t milli_percent) {
    const std::uint64_t size = milli_percent < 0 ? 0 - static_cast<std::uint64_t>(milli_percent)
                                                 : static_cast<std::uint64_t>(milli_percent);
    std::string fraction = std::to_string(size % 1'000);
    fraction.insert(0, 3 - fraction.size(), '0');
    return (milli_percent < 0 ? "-" : "") + std::to_string(size / 1'000) + "." + fraction;
}

void write_change(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("priceChange").decimal(statistics.change());
    out.key("priceChangePercent").word(percent_text(statistics.change_milli_percent()));
    out.key("weightedAvgPrice").decimal(statistics.weighted_average());
}

void write_times_and_trades(const PriceStatistics& statistics, WindowEnds ends, JsonWriter& out) {
    out.key("volume").decimal(statistics.volume);
    out.key("quoteVolume").decimal(statistics.quote_volume);
    out.key("openTime");
    if (ends == WindowEnds::moving) {
        out.time(statistics.open_time);
    } else {
        out.boundary(statistics.open_time);
    }
    out.key("closeTime");
    if (ends == WindowEnds::fixed) {
        out.closing(statistics.close_time);
    } else {
        out.time(statistics.close_time);
    }
    out.key("firstId").integer(statistics.first_trade_id);
    out.key("lastId").integer(statistics.last_trade_id);
    out.key("count").integer(statistics.count);
}

void write_prices(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("openPrice").decimal(statistics.open);
    out.key("highPrice").decimal(statistics.high);
    out.key("lowPrice").decimal(statistics.low);
}

void write_event_head(std::string_view type, const domain::Symbol& symbol, base::ExchangeTime time,
                      JsonWriter& out) {
    out.key("e").word(type);
    out.key("E").time(time);
    out.key("s").text(symbol.view());
}

void write_event_change(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("p").decimal(statistics.change());
    out.key("P").word(percent_text(statistics.change_milli_percent()));
}

void write_event_range(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("o").decimal(statistics.open);
    out.key("h").decimal(statistics.high);
    out.key("l").decimal(statistics.low);
}

void write_event_volume(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("v").decimal(statistics.volume);
    out.key("q").decimal(statistics.quote_volume);
}

void write_event_trades(const PriceStatistics& statistics, JsonWriter& out) {
    out.key("C").time(statistics.close_time);
    out.key("F").integer(statistics.first_trade_id);
    out.key("L").integer(statistics.last_trade_id);
    out.key("n").integer(statistics.count);
}

}  // namespace

void write_day_ticker(const domain::Symbol& symbol, const PriceStatistics& statistics,
                      const BookTickerEvent& best, TickerType type, JsonWriter& out) {
    if (type == TickerType::mini)
        return write_window_ticker(symbol, statistics, WindowEnds::moving, type, out);
    out.begin_object();
    out.key("symbol").text(symbol.view());
    write_change(statistics, out);
    out.key("prevClosePrice").decimal(statistics.previous);
    out.key("lastPrice").decimal(statistics.last);
    out.key("lastQty").decimal(statistics.last_quantity);
    out.key("bidPrice").decimal(best.bid.price);
    out.key("bidQty").decimal(best.bid.quantity);
    out.key("askPrice").decimal(best.ask.price);
    out.key("askQty").decimal(best.ask.quantity);
    write_prices(statistics, out);
    write_times_and_trades(statistics, WindowEnds::moving, out);
    out.end_object();
}

void write_window_ticker(const domain::Symbol& symbol, const PriceStatistics& statistics, WindowEnds ends,
                         TickerType type, JsonWriter& out) {
    out.begin_object();
    out.key("symbol").text(symbol.view());
    if (type == TickerType::full) write_change(statistics, out);
    write_prices(statistics, out);
    out.key("lastPrice").decimal(statistics.last);
    write_times_and_trades(statistics, ends, out);
    out.end_object();
}

void write_mini_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                             JsonWriter& out) {
    out.begin_object();
    write_event_head("24hrMiniTicker", symbol, statistics.close_time, out);
    out.key("c").decimal(statistics.last);
    write_event_range(statistics, out);
    write_event_volume(statistics, out);
    out.end_object();
}

void write_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                        const BookTickerEvent& best, JsonWriter& out) {
    out.begin_object();
    write_event_head("24hrTicker", symbol, statistics.close_time, out);
    write_event_change(statistics, out);
    out.key("w").decimal(statistics.weighted_average());
    out.key("x").decimal(statistics.previous);
    out.key("c").decimal(statistics.last);
    out.key("Q").decimal(statistics.last_quantity);
    out.key("b").decimal(best.bid.price);
    out.key("B").decimal(best.bid.quantity);
    out.key("a").decimal(best.ask.price);
    out.key("A").decimal(best.ask.quantity);
    write_event_range(statistics, out);
    write_event_volume(statistics, out);
    out.key("O").time(statistics.open_time);
    write_event_trades(statistics, out);
    out.end_object();
}

void write_window_ticker_event(const domain::Symbol& symbol, const PriceStatistics& statistics,
                               std::string_view window, JsonWriter& out) {
    out.begin_object();
    write_event_head(std::string{window} + "Ticker", symbol, statistics.close_time, out);
    write_event_change(statistics, out);
    write_event_range(statistics, out);
    out.key("c").decimal(statistics.last);
    out.key("w").decimal(statistics.weighted_average());
    write_event_volume(statistics, out);
    out.key("O").boundary(statistics.open_time);
    write_event_trades(statistics, out);
    out.end_object();
}

}  // namespace vigil::exchange
