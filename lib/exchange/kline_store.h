// Klines of one symbol in every interval, built from its trades. See klines.h for what lies before the first
// trade. An interval without a trade has a flat kline at the last close, as on the exchange.
//
// Part of the core: single-threaded, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "exchange/core_events.h"
#include "exchange/klines.h"
#include "exchange/price_history.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

class KlineStore {
  public:
    /// @param kept closed live klines of each interval
    explicit KlineStore(std::size_t kept);

    /// The market begins: the klines open at `now` start as the history ends.
    void start(PriceHistory history, base::ExchangeTime now);
    [[nodiscard]] bool started() const { return history_.has_value(); }

    /// Closes what ends until `now` and opens the next. Klines that closed with trades in them, and all of
    /// one minute and more, go to `closed`, which may be null.
    void roll(base::ExchangeTime now, std::vector<Kline>* closed);
    /// roll() to the trade's time first.
    void add(const TradeEvent& trade);
    /// Open klines with trades since the last call; 1s klines, or all.
    void take_changed(bool only_one_second, std::vector<Kline>& out);
    [[nodiscard]] bool has_changes() const { return has_changes_; }

    /// As `GET /api/v3/klines`: without start the latest, else from start on; the open one included. Klines
    /// of a time zone that differ from those of UTC are put together from shorter ones.
    [[nodiscard]] std::vector<Kline> query(const KlinesQuery& query) const;
    /// What lies before the market's beginning; null before that.
    [[nodiscard]] const PriceHistory* history() const { return history_ ? &*history_ : nullptr; }

    /// Nothing before the market has begun.
    [[nodiscard]] std::optional<SavedKlines> save() const;
    /// In place of all that there is; one series for each of kline_intervals().
    void restore(const SavedKlines& saved);

  private:
    struct Series {
        domain::CandleInterval interval;
        std::deque<Kline> closed;
        Kline open;
        bool changed{false};
        base::ExchangeTime live_begin;  ///< opening of the first live kline
    };
    [[nodiscard]] const Series& series_of(domain::CandleInterval interval) const;
    /// Nothing for a live kline that has been forgotten.
    [[nodiscard]] std::optional<Kline> at(const Series& series, base::ExchangeTime open_time) const;
    [[nodiscard]] std::optional<Kline> in_zone(domain::CandleInterval interval, base::ExchangeTime open_time,
                                               base::ExchangeTime next_open) const;

    std::size_t kept_;
    std::vector<Series> series_;
    std::optional<PriceHistory> history_;
    bool has_changes_{false};
};

}  // namespace vigil::exchange
