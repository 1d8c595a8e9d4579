// Neutral spot grid. Between each two neighbouring levels lies a cell; a cell either holds quote and rests a
// buy at its lower price, or holds base and rests a sell at its upper price, and changes over with each fill.
// So each cell has one slot (its number), and at most one live order.
//
// At its first start it fixes the quantity of a cell from the investment and, unless told otherwise, buys the
// base that the cells above the market sell, with limit IOC orders whose price bounds what they cost. It
// never has more than the investment out of pocket: what it paid, less what it received, plus what its open
// buys may still pay.
//
// After a restart nothing is remembered of single cells: live orders say which cell has what, and inventory
// that no order accounts for goes to the idle cells from the highest down. Saved are the phase, the quantity
// of a cell, and the count of passes.
//
// Commissions in the base asset lessen what a cell can sell; what the step cuts off stays with the cell and
// goes into its next sale. A rest too small to sell is noted once and never retried.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decimal.h"
#include "strategy/retry.h"
#include "strategy/strategy_base.h"

namespace vigil::strategy {

class Grid final : public StrategyBase {
  public:
    /// Slots of the orders that belong to no cell.
    static constexpr domain::Slot entry_slot{1000};
    static constexpr domain::Slot exit_slot{1001};

    /// How far above the ask an entry order may pay.
    static constexpr domain::Rate entry_slippage = domain::Rate::from_raw(100'000);  // 0.1 %

    Grid(const StrategyOptions& options, const GridOptions& grid);

    base::Result<void> check(const View& view) override;
    void on_market(const View& view, Wishes& wishes) override;
    void on_order(const View& view, const OrderChange& change, Wishes& wishes) override;
    void on_candle(const View& view, const domain::Candle& candle, Wishes& wishes) override;
    void on_timer(const View& view, Wishes& wishes) override;
    [[nodiscard]] bool stopped() const override { return phase_ == Phase::stopped; }
    [[nodiscard]] domain::StrategyState save() const override;
    [[nodiscard]] base::Result<void> restore(std::string_view saved) override;

    /// Passes: sales of a cell that followed a purchase whose cost is known, and what they brought after
    /// fees.
    [[nodiscard]] std::int64_t passes() const { return passes_; }
    [[nodiscard]] domain::Amount pass_profit() const { return pass_profit_; }

  private:
    enum class Phase : std::uint8_t {
        fresh,     ///< nothing bought yet
        entering,  ///< buying the base of the upper cells
        running,
        exiting,  ///< stop-loss or take-profit: cancel all, then sell
        stopped,
    };
    struct Cell {
        domain::Price buy;
        domain::Price sell;
        domain::Quantity held;               ///< base of this cell, commissions taken off
        std::optional<domain::Amount> paid;  ///< for `held`; nothing when it is not known (restart)
        domain::Amount pass_profit;          ///< of the sale under way
        bool armed{false};                   ///< the market has been above `buy`, so it may buy there
        bool dust_noted{false};
        bool unfunded_noted{false};
        std::int64_t ticks_away{0};  ///< kept from the touch after refusals of a post-only order
        Retry retry;
    };

    [[nodiscard]] base::Result<void> check_rules(const View& view) const;
    [[nodiscard]] base::Result<void> check_earnings(const View& view) const;
    [[nodiscard]] base::Result<void> check_first_start(const View& view) const;
    [[nodiscard]] base::Result<void> build_cells(const domain::SymbolRules& rules);
    [[nodiscard]] domain::Rate fee(const View& view) const;
    [[nodiscard]] domain::Quantity quantity_of_a_cell(const View& view, domain::Price entry_price) const;
    [[nodiscard]] domain::Amount smallest_investment(const View& view) const;
    [[nodiscard]] std::size_t cells_above(domain::Price ask) const;

    void work(const View& view, Wishes& wishes);
    [[nodiscard]] bool adopt(const View& view, Wishes& wishes);
    [[nodiscard]] bool exit_is_due(const View& view) const;
    void begin_exit(const View& view, Wishes& wishes);
    void start(const View& view, Wishes& wishes);
    void enter(const View& view, Wishes& wishes);
    void hand_out(domain::Quantity base, std::size_t first, const View& view);
    void tend_cells(const View& view, Wishes& wishes);
    [[nodiscard]] bool old_levels_cleared(const View& view, Wishes& wishes);
    [[nodiscard]] bool tend_sell(const View& view, Wishes& wishes, std::size_t index,
                                 domain::Quantity& free_base);
    void tend_buy(const View& view, Wishes& wishes, std::size_t index, domain::Amount& free_quote);
    void exit(const View& view, Wishes& wishes);
    [[nodiscard]] bool cancel_all_but(domain::Slot kept, const View& view, Wishes& wishes, Reason why);

    [[nodiscard]] Cell* cell_of(domain::Slot slot);
    [[nodiscard]] Retry* retry_of(domain::Slot slot);
    void on_fill(const View& view, const OrderChange& change, const Filled& filled, Wishes& wishes);
    void on_end_without_fill(const View& view, const OrderChange& change, Wishes& wishes);
    [[nodiscard]] bool wish(Wishes& wishes, const Wish& wish);
    [[nodiscard]] Place cell_order(std::size_t index, domain::Side side, domain::Quantity quantity,
                                   domain::Price price) const;
    void go_to(Phase phase);
    [[nodiscard]] std::string layout() const;

    GridOptions options_;
    Phase phase_{Phase::fresh};
    domain::Quantity quantity_;  ///< of a cell; zero until fixed
    bool exit_at_profit_{false};
    std::int64_t passes_{0};
    domain::Amount pass_profit_;

    std::vector<Cell> cells_;
    bool adopted_{false};
    /// The saved state was of another set of levels: orders that are not on these are replaced.
    bool moved_{false};
    /// Something may be to do beyond watching the price.
    bool dirty_{true};
    /// Lowest buy price of a cell that waits for the market to rise above it.
    std::optional<domain::Price> arm_above_;
    Retry entry_retry_;
    Retry exit_retry_;
    base::MonotonicTime cancel_again_{};
};

}  // namespace vigil::strategy
