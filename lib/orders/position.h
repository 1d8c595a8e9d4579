// What one strategy holds of one symbol, computed exactly from its own fills: inventory, its cost, realised
// profit and fees. Average cost: a sale takes out its share of the cost, the last unit takes the rest, so
// that always
//
//     realised - cost  ==  sum of proceeds - sum of spending
//
// to the last digit. Fills may arrive out of order; the result is that of the order of their trade ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/order.h"

namespace vigil::orders {

/// Quantities and amounts of fills beyond this (an eighth of what a decimal can hold) are not believed; sums
/// of some of them fit.
inline constexpr std::int64_t believable_raw_max = std::numeric_limits<std::int64_t>::max() / 8;

struct AssetAmount {
    domain::Asset asset;
    domain::Amount amount;

    friend bool operator==(const AssetAmount&, const AssetAmount&) = default;
};

/// The assets of a symbol, and the step that a sale must keep to.
struct SymbolAssets {
    domain::Symbol symbol;
    domain::Asset base;
    domain::Asset quote;
    domain::Quantity step;  ///< LOT_SIZE; zero: none
};

struct Position {
    domain::Quantity inventory;  ///< base asset; negative when more was sold than known bought
    domain::Amount cost;         ///< quote asset paid for the inventory, fees in quote included
    domain::Amount realised;     ///< quote asset; fees in quote deducted, fees in base by way of inventory
    domain::Amount fees_quote;   ///< paid in the quote asset (contained in cost and realised)
    domain::Amount fees_base;    ///< paid in the base asset (contained in inventory)
    domain::Quantity bought;     ///< gross
    domain::Quantity sold;       ///< gross
    domain::Amount spent;        ///< quote asset paid by all buys, fees in quote included
    domain::Amount received;     ///< quote asset received by all sells, fees in quote deducted
    std::int64_t fill_count{0};

    /// cost / inventory; nothing when there is no inventory.
    [[nodiscard]] std::optional<domain::Price> average_cost() const;
    /// inventory * mark - cost. Nothing when the mark is not positive (a zero price is never a mark).
    [[nodiscard]] std::optional<domain::Amount> unrealised(domain::Price mark) const;

    friend bool operator==(const Position&, const Position&) = default;
};

/// `before` and one more fill. Fees in a third asset are not part of it. Nothing when the fill makes no sense
/// (not positive) or a sum would not fit.
[[nodiscard]] std::optional<Position> after_fill(const Position& before, const domain::Fill& fill,
                                                 const SymbolAssets& assets);

/// A Position with enough of its recent fills to put late ones in their place.
class PositionHistory {
  public:
    /// @param assets what the symbol trades
    explicit PositionHistory(SymbolAssets assets);

    /// False when the fill makes no sense (see after_fill): nothing changes. The caller has made sure that
    /// the fill is new. A fill older than all that are remembered counts as if it came just before them.
    [[nodiscard]] bool add(const domain::Fill& fill);

    [[nodiscard]] const Position& position() const { return current_; }
    /// Fees paid in assets that are neither base nor quote (BNB), sorted by asset.
    [[nodiscard]] const std::vector<AssetAmount>& other_fees() const { return other_fees_; }
    [[nodiscard]] const SymbolAssets& assets() const { return assets_; }

    static constexpr std::size_t remembered_max = 128;

  private:
    SymbolAssets assets_;
    Position checkpoint_;               ///< before the first of recent_
    std::vector<domain::Fill> recent_;  ///< ascending trade id, at most 2 * remembered_max
    Position current_;
    std::vector<AssetAmount> other_fees_;
};

}  // namespace vigil::orders
