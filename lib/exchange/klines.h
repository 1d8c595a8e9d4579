// Klines of one symbol, built from its trades in every interval at once, with bounded history. Before the
// exchange's start there was no market, so that older klines are synthetic: a deterministic path that ends at
// the first live price, for strategies that must warm up. They have no trades' ids and `synthetic` set.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/market_events.h"

namespace vigil::exchange {

/// One kline. `open_time` is inclusive, `close_time` the last millisecond of the interval.
struct Kline {
    domain::CandleInterval interval;
    base::ExchangeTime open_time;
    base::ExchangeTime close_time;
    domain::Price open;
    domain::Price high;
    domain::Price low;
    domain::Price close;
    domain::Quantity volume;
    domain::Amount quote_volume;
    std::int64_t trade_count{0};
    domain::Quantity taker_buy_volume;
    domain::Amount taker_buy_quote_volume;
    std::int64_t first_trade_id{-1};  ///< -1: no trade
    std::int64_t last_trade_id{-1};
    bool closed{false};
    bool synthetic{false};

    friend bool operator==(const Kline&, const Kline&) = default;
};

/// Statistics stop growing at the end of their range instead of overflowing: a fast replay of a cheap coin
/// can get there.
template <class Tag>
void grow(domain::Fixed<Tag>& total, domain::Fixed<Tag> by) {
    if (const auto sum = total.checked_add(by)) total = *sum;
}
/// Adds what comes after `whole`, without a gap, to it. Its times and `closed` stay.
void append(Kline& whole, const Kline& next);

/// `GET /api/v3/klines`.
struct KlinesQuery {
    domain::CandleInterval interval;
    std::optional<base::ExchangeTime> start;
    std::optional<base::ExchangeTime> end;
    std::size_t limit{500};
    std::chrono::minutes zone{0};  ///< local time ahead of UTC
};

}  // namespace vigil::exchange
