// The part of the grid that says whether it can run, and that is saved and restored.
#include <algorithm>

#include "base/check.h"
#include "strategy/grid.h"
#include "strategy/grid_levels.h"
#include "strategy/saved_state.h"
#include "strategy/sizing.h"

namespace vigil::strategy {

namespace {

using base::ErrorKind;
using base::fail;
using domain::Amount;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Rounding;

__extension__ using Wide = __int128;

constexpr int saved_version = 1;

/// In the order of Grid::Phase.
constexpr std::string_view phase_words[] = {"fresh", "entering", "running", "exiting", "stopped"};

/// Sum of the prices at which each cell's quantity is bought: its own, or `entry_price` for those above.
Wide sum_of_prices(const std::vector<Price>& buys, Price ask, Price entry_price, GridStart start) {
    Wide sum = 0;
    for (const Price buy : buys)
        sum += (start == GridStart::buy_base && buy >= ask ? std::max(entry_price, Price::from_raw(1)) : buy)
                   .raw();
    return sum;
}

}  // namespace

Rate Grid::fee(const View& view) const {
    // A plain LIMIT order may find its price overtaken and take.
    return options_.order_type == OrderType::limit_maker ? view.maker_fee
                                                         : std::max(view.maker_fee, view.taker_fee);
}

base::Result<void> Grid::build_cells(const domain::SymbolRules& rules) {
    const auto levels = grid_levels(options_, rules.tick());
    if (!levels) return fail(levels.error());
    cells_.clear();
    cells_.reserve(levels->size() - 1);
    for (std::size_t i = 0; i + 1 < levels->size(); ++i) {
        Cell cell;
        cell.buy = (*levels)[i];
        cell.sell = (*levels)[i + 1];
        cells_.push_back(cell);
    }
    return {};
}

base::Result<void> Grid::check(const View& view) {
    if (phase_ == Phase::stopped) return {};
    if (view.maker_fee.is_negative() || view.taker_fee.is_negative() || view.maker_fee >= Rate::of(1) ||
        view.taker_fee >= Rate::of(1))
        return fail(ErrorKind::unavailable, "the fees of this symbol are not known");
    if (auto fits = check_rules(view); !fits) return fits;
    if (auto earns = check_earnings(view); !earns) return earns;
    if (cells_.empty())
        if (auto built = build_cells(view.rules); !built) return built;
    if (phase_ == Phase::fresh) return check_first_start(view);
    return {};
}

base::Result<void> Grid::check_rules(const View& view) const {
    const auto& types = view.rules.order_types;
    if (!types.empty() && std::find(types.begin(), types.end(), options_.order_type) == types.end())
        return fail(ErrorKind::invalid, "order_type " + std::string{domain::to_string(options_.order_type)} +
                                            " is not offered for " + view.rules.symbol.str());
    const auto levels = grid_levels(options_, view.rules.tick());
    if (!levels) return fail(levels.error());
    if (view.rules.price) {
        const auto& filter = *view.rules.price;
        if (levels->front() < filter.min || (filter.max.is_positive() && levels->back() > filter.max))
            return fail(ErrorKind::invalid, "levels from " + levels->front().str() + " to " +
                                                levels->back().str() + " are outside the symbol's prices " +
                                                filter.min.str() + " to " + filter.max.str());
    }
    const auto orders = static_cast<std::int64_t>(levels->size()) - 1;
    if (view.rules.orders_max && orders > *view.rules.orders_max)
        return fail(ErrorKind::invalid, std::to_string(options_.levels) + " levels need " +
                                            std::to_string(orders) + " open orders, " +
                                            view.rules.symbol.str() + " allows " +
                                            std::to_string(*view.rules.orders_max));
    return {};
}

base::Result<void> Grid::check_earnings(const View& view) const {
    const auto levels = grid_levels(options_, view.rules.tick());
    if (!levels) return fail(levels.error());
    const Rate each = fee(view);
    const GridEarnings least = poorest(*levels, each);
    if (least.earns()) return {};
    const auto most = most_levels_that_earn(options_, view.rules.tick(), each);
    return fail(ErrorKind::invalid,
                "spacing of " + percent(least.spacing) + " between " + std::to_string(options_.levels) +
                    " levels does not earn the fees: buying and selling at " + percent(each) +
                    " each costs " + percent(least.fees) + "; " +
                    (most ? "at most " + std::to_string(*most) + " levels between " + options_.lower.str() +
                                " and " + options_.upper.str() + " earn anything"
                          : "no number of levels between " + options_.lower.str() + " and " +
                                options_.upper.str() + " does"));
}

base::Result<void> Grid::check_first_start(const View& view) const {
    if (!view.market.top()) return fail(ErrorKind::unavailable, "no price is known yet");
    const Price ask = view.market.top()->ask.price;
    const Price bid = view.market.top()->bid.price;
    if (ask <= options_.lower || bid >= options_.upper)
        return fail(ErrorKind::invalid, "the market (bid " + bid.str() + ", ask " + ask.str() +
                                            ") is outside the grid, " + options_.lower.str() + " to " +
                                            options_.upper.str());
    const auto cap = price_above(view.rules, ask, entry_slippage);
    const Quantity quantity = cap ? quantity_of_a_cell(view, *cap) : Quantity{};
    const auto after_fee = domain::scaled_by(quantity, Rate::of(1) - fee(view), Rounding::down);
    const bool enough = std::all_of(cells_.begin(), cells_.end(), [&](const Cell& cell) {
        return after_fee && sellable(view.rules, quantity, cell.buy, options_.order_type).is_positive() &&
               sellable(view.rules, *after_fee, cell.sell, options_.order_type).is_positive();
    });
    if (enough) return {};
    return fail(ErrorKind::invalid,
                "investment of " + options_.investment.str() + " " + view.rules.quote.str() + " gives " +
                    quantity.str() + " " + view.rules.base.str() + " for each of " +
                    std::to_string(cells_.size()) + " cells, less than an order must be; at least " +
                    smallest_investment(view).str() + " is needed");
}

Quantity Grid::quantity_of_a_cell(const View& view, Price entry_price) const {
    if (!view.market.top()) return {};
    std::vector<Price> buys;
    buys.reserve(cells_.size());
    for (const Cell& cell : cells_) buys.push_back(cell.buy);
    // 200 prices may not fit 64 bits where a price is in the billions.
    const Wide sum = sum_of_prices(buys, view.market.top()->ask.price, entry_price, options_.start_with);
    const Wide raw = static_cast<Wide>(options_.investment.raw()) * domain::decimal_scale / sum;
    if (raw <= 0 || raw > std::numeric_limits<std::int64_t>::max()) return {};
    return Quantity::from_raw(static_cast<std::int64_t>(raw)).floor_to(view.rules.step());
}

Amount Grid::smallest_investment(const View& view) const {
    const Rate kept = Rate::of(1) - fee(view);
    const auto before_fee = [&](Quantity quantity) {
        const auto raw = domain::divide_scaled(quantity.raw(), kept.raw(), Rounding::up);
        return (raw ? Quantity::from_raw(*raw) : quantity).ceil_to(view.rules.step());
    };
    Quantity most;
    for (const Cell& cell : cells_) {
        Quantity to_buy = view.rules.lot ? view.rules.lot->min : Quantity{};
        Quantity to_sell = to_buy;
        if (view.rules.notional) {
            const auto bought = domain::quantity_for(view.rules.notional->min, cell.buy, Rounding::up);
            const auto sold = domain::quantity_for(view.rules.notional->min, cell.sell, Rounding::up);
            if (bought) to_buy = std::max(to_buy, bought->ceil_to(view.rules.step()));
            if (sold) to_sell = std::max(to_sell, sold->ceil_to(view.rules.step()));
        }
        most = std::max({most, to_buy, before_fee(to_sell)});
    }
    Amount sum;
    for (const Cell& cell : cells_) {
        // The dearest it can become: cells above the market are bought at no more than their own price, or
        // at the market, which lies below it, and the slippage allowed for the entry.
        const auto dearest = price_above(view.rules, cell.buy, entry_slippage);
        const auto value = domain::notional(dearest.value_or(cell.buy), most, Rounding::up);
        const auto more = value ? sum.checked_add(*value) : std::nullopt;
        if (!more) return Amount::from_raw(std::numeric_limits<std::int64_t>::max());
        sum = *more;
    }
    return sum.ceil_to(Amount::literal("0.01"));
}

std::string Grid::layout() const {
    return options_.lower.str() + "," + options_.upper.str() + "," + std::to_string(options_.levels) + "," +
           (options_.spacing == Spacing::geometric ? "geometric" : "arithmetic");
}

domain::StrategyState Grid::save() const {
    SavedState state{"grid", saved_version};
    state.put("phase", phase_words[static_cast<std::size_t>(phase_)]);
    state.put("layout", layout());
    state.put("quantity", quantity_);
    state.put("passes", passes_);
    state.put("profit", pass_profit_);
    state.put("exit", exit_at_profit_ ? "take_profit" : "stop_loss");
    return state.text();
}

base::Result<void> Grid::restore(std::string_view saved) {
    const auto reader = SavedStateReader::parse(saved, "grid", saved_version);
    if (!reader) return fail(reader.error());
    const auto found =
        std::find(std::begin(phase_words), std::end(phase_words), reader->text("phase").value_or(""));
    const auto quantity = Quantity::parse(reader->text("quantity").value_or(""));
    const auto profit = Amount::parse(reader->text("profit").value_or(""));
    const auto passes = reader->number("passes");
    const auto saved_layout = reader->text("layout");
    if (found == std::end(phase_words) || !quantity || quantity->is_negative() || !profit || !passes ||
        !saved_layout)
        return fail(ErrorKind::corrupt, "saved state of a grid lacks a value or holds an impossible one");
    phase_ = static_cast<Phase>(found - std::begin(phase_words));
    quantity_ = *quantity;
    passes_ = *passes;
    pass_profit_ = *profit;
    exit_at_profit_ = reader->text("exit") == "take_profit";
    adopted_ = false;
    dirty_ = true;
    if (*saved_layout != layout()) {
        // Other levels than before: the quantity is fixed anew, orders on the old ones are replaced.
        moved_ = phase_ == Phase::running;
        quantity_ = {};
        if (phase_ == Phase::entering) phase_ = Phase::running;
    }
    return {};
}

}  // namespace vigil::strategy
