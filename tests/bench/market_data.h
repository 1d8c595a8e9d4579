// Market data of the size and shape that the exchange sends for BTCUSDT, made up so that the benches need no
// recorded file: 14 changed levels a side in a 100 ms diff, as the recorded ones have in a lively minute.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "domain/market_events.h"
#include "domain/symbol_rules.h"
#include "net/ws_client.h"

namespace vigil::bench {

inline const domain::Symbol btcusdt = *domain::Symbol::from("BTCUSDT");
inline constexpr std::int64_t first_update = 50'093'239'000;
inline constexpr std::int64_t best_bid_raw = 6'178'600'000'000;  // 61786.00
inline constexpr std::int64_t tick_raw = 1'000'000;              // 0.01

inline domain::Price bid_at(std::int64_t depth) {
    return domain::Price::from_raw(best_bid_raw - depth * tick_raw);
}
inline domain::Price ask_at(std::int64_t depth) {
    return domain::Price::from_raw(best_bid_raw + (depth + 1) * tick_raw);
}

/// A message with the readable memory behind it that the decoders want, and a place where a growing number of
/// 11 digits is written over.
class Message {
  public:
    explicit Message(std::string text) : text_{std::move(text)}, size_{text_.size()} {
        text_.append(net::text_padding_bytes, '\0');
    }
    [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }
    /// @param behind the text in front of the number
    void patch(std::string_view behind, std::int64_t number) {
        const std::size_t place = text_.find(behind);
        base::check(place != std::string::npos, "the message has that number");
        char* begin = text_.data() + place + behind.size();
        const auto written = std::to_chars(begin, begin + 11, number);
        base::check(written.ptr == begin + 11, "the number has 11 digits");
    }

  private:
    std::string text_;
    std::size_t size_;
};

inline std::string ticker_text() {
    return R"({"stream":"btcusdt@bookTicker","data":{"u":50093239203,"s":"BTCUSDT","b":"61786.00000000",)"
           R"("B":"3.81436000","a":"61786.01000000","A":"1.35442000"}})";
}

inline constexpr std::int64_t changed_levels = 14;

/// Changes near the best, further away, and one level that goes and comes: `odd` and even take turns.
inline std::vector<domain::BookLevel> changes(bool is_bid, bool odd) {
    std::vector<domain::BookLevel> levels;
    for (std::int64_t i = 0; i < changed_levels; ++i) {
        const std::int64_t depth = i < 8 ? i : i * i * 4;
        const bool gone = odd && (i == 3 || i == 11);
        levels.push_back({is_bid ? bid_at(depth) : ask_at(depth),
                          gone ? domain::Quantity{}
                               : domain::Quantity::from_raw(12'345'000 + i * 7'000'000 + (odd ? 1000 : 0))});
    }
    return levels;
}

inline std::string depth_text(bool odd) {
    std::string text =
        R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT",)"
        R"("U":50093239189,"u":50093239202,"b":[)";
    for (const bool is_bid : {true, false}) {
        if (!is_bid) text += "],\"a\":[";
        bool first = true;
        for (const domain::BookLevel& each : changes(is_bid, odd)) {
            text += std::string{first ? "" : ","} + "[\"" + each.price.str8() + "\",\"" +
                    each.quantity.str8() + "\"]";
            first = false;
        }
    }
    return text + "]}}";
}

/// 1000 levels a side.
inline domain::DepthSnapshot snapshot(std::int64_t last_id) {
    domain::DepthSnapshot made;
    made.symbol = btcusdt;
    made.last_id = last_id;
    for (std::int64_t depth = 0; depth < 1000; ++depth) {
        made.bids.push_back({bid_at(depth), domain::Quantity::from_raw(20'000'000 + depth)});
        made.asks.push_back({ask_at(depth), domain::Quantity::from_raw(30'000'000 + depth)});
    }
    return made;
}

inline domain::SymbolRules rules() {
    using domain::Amount, domain::OrderType, domain::Price, domain::Quantity, domain::Rate;
    domain::SymbolRules made;
    made.symbol = btcusdt;
    made.base = *domain::Asset::from("BTC");
    made.quote = *domain::Asset::from("USDT");
    made.status = domain::SymbolStatus::trading;
    made.order_types = {OrderType::limit, OrderType::limit_maker, OrderType::market, OrderType::stop_loss,
                        OrderType::stop_loss_limit};
    made.quote_order_quantity_allowed = true;
    made.price = domain::PriceFilter{Price::literal("0.01"), Price::of(1'000'000), Price::literal("0.01")};
    made.lot =
        domain::LotSize{Quantity::literal("0.00001"), Quantity::of(9000), Quantity::literal("0.00001")};
    made.notional = domain::NotionalFilter{Amount::of(5), Amount::of(9'000'000), true, false, 5, false};
    made.percent_price = domain::PercentPrice{
        Rate::literal("5"), Rate::literal("0.2"), Rate::literal("5"), Rate::literal("0.2"), 5, true};
    made.orders_max = 200;
    return made;
}

inline std::vector<domain::RateLimit> rate_limits() {
    using domain::RateLimitType;
    return {{RateLimitType::request_weight, base::seconds{60}, 6000},
            {RateLimitType::raw_requests, base::seconds{300}, 300'000},
            {RateLimitType::orders, base::seconds{10}, 100},
            {RateLimitType::orders, base::seconds{86'400}, 200'000}};
}

}  // namespace vigil::bench
