// The public trades of one symbol: the latest of them, their aggregates, the aggregate in the making, and the
// volume-weighted average price of the last minutes (kept in buckets of one second).
//
// Part of the core: single-threaded, no clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "exchange/core_events.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

class TradeTape {
  public:
    static constexpr int average_minutes = 5;

    explicit TradeTape(std::size_t recent_max) : recent_max_{recent_max} {}

    void add(const TradeEvent& trade);
    [[nodiscard]] std::vector<TradeEvent> recent(std::size_t limit) const;
    /// From trade `first_id` on, or from the oldest kept, oldest first.
    [[nodiscard]] std::vector<TradeEvent> since(domain::TradeId first_id, std::size_t limit) const;
    /// Finished aggregates; of those that fit, the oldest when a beginning is given and else the latest.
    [[nodiscard]] std::vector<AggTradeEvent> aggregates(const AggTradesQuery& query) const;
    [[nodiscard]] const TradeEvent* last() const { return recent_.empty() ? nullptr : &recent_.back(); }

    /// Over the `average_minutes` before `now`; nothing when there was no trade.
    [[nodiscard]] std::optional<domain::Price> average(base::ExchangeTime now) const;

    /// The aggregate that `trade` completes by not belonging to it (another price, side or moment), if any.
    [[nodiscard]] std::optional<AggTradeEvent> aggregate(const TradeEvent& trade);
    /// Ends the aggregate in the making.
    [[nodiscard]] std::optional<AggTradeEvent> finish_aggregate();

    /// Between two operations, when no aggregate is in the making.
    [[nodiscard]] SavedTape save() const;
    /// In place of all that there is.
    void restore(const domain::Symbol& symbol, const SavedTape& saved);

  private:
    __extension__ using Wide = unsigned __int128;
    struct Second {
        std::int64_t second{-1};
        Wide value{0};   ///< sum of price * quantity, in 1e-16
        Wide volume{0};  ///< sum of quantity, in 1e-8
    };
    static constexpr std::int64_t seconds_kept = 60 * average_minutes;

    std::size_t recent_max_;
    std::deque<TradeEvent> recent_;
    std::deque<AggTradeEvent> aggregates_;
    std::array<Second, static_cast<std::size_t>(seconds_kept)> seconds_{};
    std::optional<AggTradeEvent> aggregate_;
    std::int64_t next_agg_id_{1};
};

}  // namespace vigil::exchange
