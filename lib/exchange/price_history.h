// Prices from before the exchange began, for strategies that need candles to warm up: there was no market
// then, so they are made up. The path is a function of the time alone (value noise of many octaves on a
// one-second grid, with a spread that grows as the square root of the time), it ends exactly at the first
// live price, and every interval is cut from the same path, so that opens and closes agree between them.
// Volumes are made up likewise. Integers throughout: one seed, one history.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "exchange/klines.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

class PriceHistory {
  public:
    /// @param tick grid of the prices; zero: none
    PriceHistory(std::uint64_t seed, base::ExchangeTime end, domain::Price end_price, domain::Price tick,
                 domain::Quantity step);
    explicit PriceHistory(const HistoryOrigin& origin)
        : PriceHistory{origin.seed, origin.end, origin.end_price, origin.tick, origin.step} {}

    /// Price at `time`, which is before the end; the end price at and after it.
    [[nodiscard]] domain::Price at(base::ExchangeTime time) const;
    /// The kline from `open_time` to `next_open`, as far as it lies before the end; flat and without volume
    /// when it opens there. `closed` is set.
    [[nodiscard]] Kline kline(domain::CandleInterval interval, base::ExchangeTime open_time,
                              base::ExchangeTime next_open) const;
    [[nodiscard]] base::ExchangeTime end() const { return end_; }
    [[nodiscard]] HistoryOrigin origin() const { return {seed_, end_, end_price_, tick_, step_}; }

  private:
    [[nodiscard]] std::int64_t noise_ppb(std::int64_t second) const;

    std::uint64_t seed_;
    std::int64_t end_second_;
    base::ExchangeTime end_;
    domain::Price end_price_;
    domain::Price tick_;
    domain::Quantity step_;
    std::int64_t end_noise_ppb_;
};

}  // namespace vigil::exchange
