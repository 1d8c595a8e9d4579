// Larger candles from smaller ones, and candles from trades. Windows are aligned as Binance aligns them: to
// multiples of the interval since 1970 in UTC, weeks to Mondays. (3d windows are refused: their alignment is
// not documented.)
//
// Halts are traps. A market that stands still leaves candles out, or ends one early: a window is built from
// whatever candles it has, closes when the last one it could have is in or when a later window begins, takes
// its close time from its last candle, and a window without any candle yields none. Prices are never
// invented.
//
// Pure: one owner, one thread, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "domain/market_events.h"

namespace vigil::market {

/// Begin of the window of `interval` that contains `time`; nothing for intervals without a known alignment.
[[nodiscard]] std::optional<base::ExchangeTime> window_of(domain::CandleInterval interval,
                                                          base::ExchangeTime time);

/// Builds larger candles from closed smaller ones, given oldest first.
class Resampler {
  public:
    /// Kind unsupported when `to` is not a multiple of `from` or has no known alignment.
    [[nodiscard]] static base::Result<Resampler> make(domain::CandleInterval from, domain::CandleInterval to);

    /// Appends the candles that became complete (none, one or two) to `out`. A candle of another interval,
    /// not closed, or not later than the one before, is kind invalid and changes nothing; kind exhausted:
    /// volumes that overflow.
    base::Result<void> push(const domain::Candle& candle, std::vector<domain::Candle>& out);
    /// The window being built, `closed` false; nothing when there is none. The first window is shown and
    /// emitted only if its first candle was seen: otherwise its open would be false.
    [[nodiscard]] const std::optional<domain::Candle>& building() const { return building_; }
    /// Smaller candles that were missing in the windows emitted so far.
    [[nodiscard]] std::int64_t missing() const { return missing_; }

  private:
    Resampler(domain::CandleInterval from, domain::CandleInterval to) : from_{from}, to_{to} {}
    void emit(std::vector<domain::Candle>& out);

    domain::CandleInterval from_;
    domain::CandleInterval to_;
    std::optional<base::ExchangeTime> last_open_;
    std::optional<domain::Candle> building_;
    std::int64_t parts_{0};
    std::int64_t missing_{0};
    /// Window that began before the first candle we saw; its candles are left out.
    std::optional<base::ExchangeTime> skipped_window_;
};

/// Builds candles from trades, given in order of time. The first candle holds what was seen of its window.
class TradeCandles {
  public:
    /// Kind unsupported for an interval without a known alignment.
    [[nodiscard]] static base::Result<TradeCandles> make(domain::Symbol symbol,
                                                         domain::CandleInterval interval);

    /// Appends the candles that this trade closes to `out`: the one it follows and, as the exchange does, a
    /// flat one (volume 0 at the last close) for each window in between; at most `flat_max` of those, after
    /// which the hole stays a hole. A trade older than the open candle, or without a price, is kind invalid.
    base::Result<void> push(const domain::PublicTrade& trade, std::vector<domain::Candle>& out);
    /// Closes what has ended by `now`, the same way.
    void advance(base::ExchangeTime now, std::vector<domain::Candle>& out);
    [[nodiscard]] const std::optional<domain::Candle>& building() const { return building_; }

    static constexpr int flat_max = 1000;

  private:
    TradeCandles(domain::Symbol symbol, domain::CandleInterval interval)
        : symbol_{symbol}, interval_{interval} {}
    [[nodiscard]] domain::Candle flat(base::ExchangeTime open_time, domain::Price price) const;

    domain::Symbol symbol_;
    domain::CandleInterval interval_;
    std::optional<domain::Candle> building_;
};

}  // namespace vigil::market
