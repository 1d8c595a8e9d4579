// The last closed candles of one symbol and interval, and the open one, from kline events; warmed up from
// `GET /api/v3/klines`.
//
// A kline event repeats the whole candle, so what matters is that every candle was seen closed. When one was
// not (a later one arrives first, or time is missing between them), the series asks for a warm-up: only a
// REST answer can say whether the market stood still (a halt leaves real holes) or events were lost.
//
// Pure: one owner, one thread, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/market_events.h"

namespace vigil::market {

enum class CandleResult : std::uint8_t {
    updated,  ///< the open candle changed
    closed,   ///< one more closed candle
    gap,      ///< taken, but at least one candle before it was not seen closed: a warm-up is wanted
    ignored,  ///< older than what is known, of another interval, or impossible (high below low, off the grid)
};

class CandleSeries {
  public:
    /// @param capacity closed candles to keep, at least 1
    CandleSeries(domain::CandleInterval interval, std::size_t capacity);

    CandleResult on(const domain::Candle& candle);
    /// Replaces the history by a REST answer, oldest first, whose last element may still be open. Candles
    /// that came meanwhile and are newer are kept. Candles that are not of this interval, or out of order,
    /// are left out. An empty answer counts: the symbol has no history. Returns how many closed candles are
    /// known now.
    std::size_t warm_up(std::span<const domain::Candle> history);

    /// True before the first warm-up and after a gap.
    [[nodiscard]] bool wants_warm_up() const { return wants_warm_up_; }
    [[nodiscard]] domain::CandleInterval interval() const { return interval_; }
    /// Closed candles, oldest first, at most `capacity`. Valid until the next change.
    [[nodiscard]] std::span<const domain::Candle> closed() const;
    [[nodiscard]] const std::optional<domain::Candle>& open() const { return open_; }
    /// Candles missing between neighbours of closed(): holes in the market, once warmed up.
    [[nodiscard]] std::int64_t missing() const;

  private:
    [[nodiscard]] bool acceptable(const domain::Candle& candle) const;
    void append(const domain::Candle& candle);

    domain::CandleInterval interval_;
    std::size_t capacity_;
    /// Grows to twice the capacity, then is cut back: appending stays cheap and closed() stays contiguous.
    std::vector<domain::Candle> closed_;
    std::optional<domain::Candle> open_;
    bool wants_warm_up_{true};
};

}  // namespace vigil::market
