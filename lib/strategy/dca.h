// Recurring purchase of a fixed amount, on the exchange's clock.
//
// Purchases are due at start + n * every. A due purchase waits while nothing may be placed (book not whole,
// symbol halted), until the next one is due; of purchases that were missed, while the daemon was down or
// waited, only the newest is made, so there is never a burst. That a purchase was consumed is saved before
// its order leaves: whatever happens, one due time buys at most once. A purchase that was definitely refused
// is tried again within its period, a few times.
//
// The budget bounds what all purchases together pay: the last one is cut to what is left, exactly.
#pragma once

#include <cstdint>
#include <optional>

#include "strategy/retry.h"
#include "strategy/strategy_base.h"

namespace vigil::strategy {

class Dca final : public StrategyBase {
  public:
    static constexpr domain::Slot purchase_slot{0};
    static constexpr domain::Slot profit_slot{1};
    /// How far above the ask a purchase by quantity may pay, where the symbol refuses quote amounts.
    static constexpr domain::Rate slippage = domain::Rate::from_raw(100'000);  // 0.1 %

    Dca(const StrategyOptions& options, const DcaOptions& dca);

    base::Result<void> check(const View& view) override;
    void on_market(const View& view, Wishes& wishes) override;
    void on_order(const View& view, const OrderChange& change, Wishes& wishes) override;
    void on_candle(const View& view, const domain::Candle& candle, Wishes& wishes) override;
    void on_timer(const View& view, Wishes& wishes) override;
    [[nodiscard]] bool stopped() const override { return stopped_; }
    [[nodiscard]] domain::StrategyState save() const override;
    [[nodiscard]] base::Result<void> restore(std::string_view saved) override;

  private:
    void work(const View& view, Wishes& wishes);
    void take_profit(const View& view, Wishes& wishes);
    void purchase_if_due(const View& view, Wishes& wishes);
    void purchase(const View& view, Wishes& wishes, std::int64_t number);
    [[nodiscard]] std::optional<Place> purchase_order(const View& view, domain::Amount amount) const;
    void budget_is_used_up(const View& view, Wishes& wishes);
    void on_refusal(const View& view, const OrderChange& change, Wishes& wishes);
    [[nodiscard]] base::ExchangeTime due(std::int64_t number) const;

    DcaOptions options_;
    std::optional<base::ExchangeTime> start_;
    /// Number of the first purchase that is not consumed.
    std::int64_t next_{0};
    bool budget_used_up_{false};
    bool stopped_{false};

    Retry purchase_retry_;
    Retry profit_retry_;
    int refused_{0};  ///< of the purchase under way
    base::MonotonicTime cancel_again_{};
};

}  // namespace vigil::strategy
