// EMA cross on closed candles, long only: buys when the fast average crosses above the slow one, sells all
// when it crosses below (or is found below, after a restart), or at a stop or a profit measured from the
// average cost.
//
// The averages are computed anew from the last `warm_up` closed candles at each close, so a decision depends
// on nothing but those candles: after a restart, or on a replay, it is the same. Candles with a gap that a
// warm-up has not yet explained give no signal. A trend that was there before the start is not entered; a
// cross is. An entry that cannot be placed before the next candle closes is given up; an exit never is.
#pragma once

#include <optional>

#include "strategy/retry.h"
#include "strategy/strategy_base.h"

namespace vigil::strategy {

class Trend final : public StrategyBase {
  public:
    static constexpr domain::Slot entry_slot{0};
    static constexpr domain::Slot exit_slot{1};

    Trend(const StrategyOptions& options, const TrendOptions& trend);

    [[nodiscard]] std::optional<CandleNeed> candle_need() const override;
    base::Result<void> check(const View& view) override;
    void on_market(const View& view, Wishes& wishes) override;
    void on_order(const View& view, const OrderChange& change, Wishes& wishes) override;
    void on_candle(const View& view, const domain::Candle& candle, Wishes& wishes) override;
    void on_timer(const View& view, Wishes& wishes) override;
    [[nodiscard]] bool stopped() const override { return false; }  // it goes on for ever
    [[nodiscard]] domain::StrategyState save() const override;
    [[nodiscard]] base::Result<void> restore(std::string_view saved) override;

  private:
    enum class Cross : std::uint8_t { none, up, down };
    enum class Exit : std::uint8_t { none, cross, stop, profit };

    [[nodiscard]] Cross cross(const View& view) const;
    [[nodiscard]] bool has_position(const View& view) const;
    [[nodiscard]] domain::Amount entry_amount(const View& view) const;
    [[nodiscard]] Exit exit_at_price(const View& view) const;
    void work(const View& view, Wishes& wishes);
    void enter(const View& view, Wishes& wishes);
    void leave(const View& view, Wishes& wishes);
    void begin_exit(Exit why);
    void on_refusal(const View& view, const OrderChange& change, Wishes& wishes);

    TrendOptions options_;
    Exit exit_{Exit::none};
    std::optional<base::ExchangeTime> cool_until_;

    bool entry_wanted_{false};
    bool entry_placed_{false};  ///< since the last cross
    Retry entry_retry_;
    Retry exit_retry_;
};

}  // namespace vigil::strategy
