#include "strategy/grid.h"

#include <algorithm>
#include <bitset>

#include "base/check.h"
#include "domain/overtaken.h"
#include "strategy/sizing.h"

namespace vigil::strategy {

namespace {

using domain::Amount;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Rounding;
using domain::Side;
using domain::Slot;

constexpr base::milliseconds cancel_patience{5'000};
constexpr base::milliseconds unasked_pause{5'000};
constexpr base::milliseconds touch_pause{250};
constexpr std::int64_t ticks_away_max = 64;

Price one_tick(const domain::SymbolRules& rules) {
    return rules.tick().is_positive() ? rules.tick() : Price::from_raw(1);
}

}  // namespace

Grid::Grid(const StrategyOptions& options, const GridOptions& grid) : StrategyBase{options}, options_{grid} {}

void Grid::on_market(const View& view, Wishes& wishes) {
    if (phase_ == Phase::running && adopted_ && !dirty_) {
        // Nearly every tick ends here: nothing to do but to watch three prices.
        const auto& top = view.market.top();
        if (!top) return;
        const bool armed_now = arm_above_ && top->ask.price > *arm_above_;
        const bool timer_due = next_timer() && view.now >= *next_timer();
        if (!armed_now && !timer_due && !exit_is_due(view)) return;
    }
    work(view, wishes);
}

void Grid::on_order(const View& view, const OrderChange& change, Wishes& wishes) {
    dirty_ = true;
    // While running but not adopted nothing is known of single cells, and holdings contain this change.
    if (adopted_ || phase_ != Phase::running) {
        if (const auto* filled = std::get_if<Filled>(&change.what)) {
            on_fill(view, change, *filled, wishes);
        } else if (change.ended()) {
            on_end_without_fill(view, change, wishes);
        } else if (std::holds_alternative<Accepted>(change.what)) {
            if (Cell* cell = cell_of(change.order.slot)) cell->ticks_away = 0;
        }
    }
    work(view, wishes);
}

void Grid::on_candle(const View& /*view*/, const domain::Candle& /*candle*/, Wishes& /*wishes*/) {}

void Grid::on_timer(const View& view, Wishes& wishes) {
    dirty_ = true;
    work(view, wishes);
}

void Grid::work(const View& view, Wishes& wishes) {
    if (phase_ == Phase::stopped) return;
    sleep();
    if (cells_.empty() && !build_cells(view.rules)) return;  // check() has told why
    if (phase_ != Phase::exiting && phase_ != Phase::fresh && exit_is_due(view)) begin_exit(view, wishes);
    switch (phase_) {
        case Phase::fresh:
            return start(view, wishes);
        case Phase::entering:
            return enter(view, wishes);
        case Phase::running:
            if (adopted_ || adopt(view, wishes)) tend_cells(view, wishes);
            return;
        case Phase::exiting:
            return exit(view, wishes);
        case Phase::stopped:
            return;
    }
}

// ---- start ---------------------------------------------------------------------------------------------

std::size_t Grid::cells_above(Price ask) const {
    if (options_.start_with == GridStart::quote_only) return 0;
    return static_cast<std::size_t>(
        std::count_if(cells_.begin(), cells_.end(), [ask](const Cell& cell) { return cell.buy >= ask; }));
}

void Grid::start(const View& view, Wishes& wishes) {
    if (!view.may_place()) return;
    const auto cap = price_above(view.rules, view.market.top()->ask.price, entry_slippage);
    const Quantity quantity = cap ? quantity_of_a_cell(view, *cap) : Quantity{};
    if (!quantity.is_positive()) return;  // the market has left what check() saw; wait for it to come back
    quantity_ = quantity;
    go_to(Phase::entering);
    enter(view, wishes);
}

void Grid::enter(const View& view, Wishes& wishes) {
    if (view.order(entry_slot) != nullptr) return;
    if (!view.may_place()) return;
    if (!entry_retry_.ready(view.now)) return wake_at(entry_retry_.next());
    const Price ask = view.market.top()->ask.price;
    const std::size_t count = cells_above(ask);
    const auto cap = price_above(view.rules, ask, entry_slippage);
    if (!cap) return;
    // What the upper cells shall hold once the taker's fee is off, and what must be bought to have it.
    const Rate kept = Rate::of(1) - view.taker_fee;
    const auto want = domain::scaled_by(quantity_ * static_cast<std::int64_t>(count), kept, Rounding::down);
    if (want && *want > view.holdings.inventory) {
        const auto gross =
            domain::divide_scaled((*want - view.holdings.inventory).raw(), kept.raw(), Rounding::down);
        Amount reserved;  // for the buys of the lower cells
        for (const Cell& cell : cells_) {
            const auto value = domain::notional(cell.buy, quantity_, Rounding::up);
            if (cell.buy < ask && value) reserved += *value;
        }
        const Amount budget =
            options_.investment - view.holdings.spent_net() - committed_quote(view) - reserved;
        const Quantity affordable = buyable(view.rules, budget, *cap, OrderType::limit);
        const Quantity wanted = gross ? Quantity::from_raw(*gross) : Quantity{};
        const Quantity quantity = sellable(view.rules, std::min(wanted, affordable), *cap, OrderType::limit);
        if (quantity.is_positive()) {
            const Place place =
                limit_order(entry_slot, Side::buy, quantity, *cap, domain::TimeInForce::ioc,
                            reason("grid entry: base for " + std::to_string(count) + " cells"));
            if (legal(view.rules, place)) {
                if (!wish(wishes, place)) wake_at(view.now);
                return;
            }
        }
    }
    hand_out(view.holdings.inventory, cells_.size() - count, view);
    adopted_ = true;
    go_to(Phase::running);
    tend_cells(view, wishes);
}

void Grid::hand_out(Quantity base, std::size_t first, const View& view) {
    if (!base.is_positive()) return;
    first = std::min(first, cells_.size() - 1);
    const auto count = static_cast<std::int64_t>(cells_.size() - first);
    const Quantity share = Quantity::from_raw(base.raw() / count).floor_to(view.rules.step());
    for (std::size_t i = first; i < cells_.size(); ++i) cells_[i].held += share;
    cells_.back().held += base - share * count;
    for (std::size_t i = first; i < cells_.size(); ++i)
        cells_[i].paid = domain::notional(view.holdings.average_cost, cells_[i].held, Rounding::up);
}

/// After a restart: which cell has what. False while that cannot be said yet.
bool Grid::adopt(const View& view, Wishes& wishes) {
    if (moved_ && !old_levels_cleared(view, wishes)) return false;
    if (!view.may_place()) return false;
    if (!quantity_.is_positive()) {
        quantity_ = quantity_of_a_cell(view, options_.upper);
        if (!quantity_.is_positive()) return false;
        changed();
    }
    Quantity free = view.holdings.inventory;
    std::bitset<1024> live;
    const auto keep = [&](const OwnOrder& order, Quantity base) {
        Cell* cell = cell_of(order.slot);
        if (cell == nullptr) return;
        live.set(order.slot.value);
        cell->armed = true;
        cell->held = std::clamp(base, Quantity{}, free);
        free -= cell->held;
    };
    for (const OwnOrder& order : view.orders)
        if (order.side == Side::sell) keep(order, order.quantity - order.executed);
    for (const OwnOrder& order : view.orders)
        if (order.side == Side::buy) keep(order, order.executed);

    // The rest belongs to cells whose order has ended meanwhile: the highest, each about a cell's quantity.
    std::vector<std::size_t> idle;
    for (std::size_t i = cells_.size(); i > 0; --i)
        if (!live.test(i - 1)) idle.push_back(i - 1);
    if (free.is_positive() && quantity_.is_positive()) {
        const std::int64_t needed = (free.raw() + quantity_.raw() - 1) / quantity_.raw();
        const std::int64_t count = std::min(needed, static_cast<std::int64_t>(idle.size()));
        if (count > 0) {
            const Quantity share = Quantity::from_raw(free.raw() / count).floor_to(view.rules.step());
            for (std::int64_t n = 0; n < count; ++n) cells_[idle[static_cast<std::size_t>(n)]].held = share;
            free -= share * count;
        }
    }
    cells_.back().held += free;
    for (Cell& cell : cells_)
        if (cell.held.is_positive())
            cell.paid = domain::notional(view.holdings.average_cost, cell.held, Rounding::up);
    adopted_ = true;
    if (moved_) {
        moved_ = false;
        changed();
    }
    return true;
}

// ---- running -------------------------------------------------------------------------------------------

void Grid::tend_cells(const View& view, Wishes& wishes) {
    dirty_ = true;
    if (!view.may_place()) return;
    dirty_ = false;
    arm_above_.reset();
    std::bitset<1024> live;
    for (const OwnOrder& order : view.orders)
        if (order.slot.value < live.size()) live.set(order.slot.value);
    Amount free_quote = options_.investment - view.holdings.spent_net() - committed_quote(view);
    Quantity free_base = view.holdings.inventory - committed_base(view);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        if (live.test(i)) continue;
        if (!cells_[i].retry.ready(view.now)) {
            wake_at(cells_[i].retry.next());
            continue;
        }
        if (!tend_sell(view, wishes, i, free_base)) tend_buy(view, wishes, i, free_quote);
    }
    if (dirty_) wake_at(view.now);  // the list was full
}

bool Grid::tend_sell(const View& view, Wishes& wishes, std::size_t index, Quantity& free_base) {
    Cell& cell = cells_[index];
    if (!cell.held.is_positive()) return false;
    Price price = cell.sell;
    if (options_.order_type == OrderType::limit_maker)
        price = std::max(price, view.market.top()->bid.price + one_tick(view.rules) * (1 + cell.ticks_away));
    const Quantity quantity =
        sellable(view.rules, std::min(cell.held, free_base), price, options_.order_type);
    const Place place = cell_order(index, Side::sell, quantity, price);
    if (!quantity.is_positive() || !legal(view.rules, place)) {
        if (!cell.dust_noted && cell.held >= view.rules.step())
            (void)wishes.add(note("grid cell " + std::to_string(index) + ": " + cell.held.str() + " " +
                                  view.rules.base.str() + " is too little to sell; kept for its next sale"));
        cell.dust_noted = true;
        return false;
    }
    if (wish(wishes, place)) free_base -= quantity;
    return true;
}

void Grid::tend_buy(const View& view, Wishes& wishes, std::size_t index, Amount& free_quote) {
    Cell& cell = cells_[index];
    const Price ask = view.market.top()->ask.price;
    if (cell.buy < ask) cell.armed = true;
    if (!cell.armed) {
        arm_above_ = arm_above_ ? std::min(*arm_above_, cell.buy) : cell.buy;
        return;
    }
    Price price = cell.buy;
    if (options_.order_type == OrderType::limit_maker)
        price = std::min(price, ask - one_tick(view.rules) * (1 + cell.ticks_away));
    if (!price.is_positive()) return;
    const Quantity quantity =
        sellable(view.rules, std::min(quantity_, buyable(view.rules, free_quote, price, options_.order_type)),
                 price, options_.order_type);
    const Place place = cell_order(index, Side::buy, quantity, price);
    if (!quantity.is_positive() || !legal(view.rules, place)) {
        if (!cell.unfunded_noted)
            (void)wishes.add(note("grid cell " + std::to_string(index) + ": " + free_quote.str() + " " +
                                  view.rules.quote.str() + " of the investment is free, too little to buy " +
                                  quantity_.str() + " at " + price.str()));
        cell.unfunded_noted = true;
        return;
    }
    if (!wish(wishes, place)) return;
    cell.unfunded_noted = false;
    const auto value = domain::notional(price, quantity, Rounding::up);
    base::check(value.has_value(), "the value of a legal order fits a decimal");
    free_quote -= *value;
}

/// False while orders on other levels than these are live: nothing is placed before they have ended.
bool Grid::old_levels_cleared(const View& view, Wishes& wishes) {
    const auto is_here = [this](const OwnOrder& order) {
        const Cell* cell = cell_of(order.slot);
        return cell != nullptr && order.price == (order.side == Side::buy ? cell->buy : cell->sell);
    };
    const bool may_ask = view.now >= cancel_again_;
    bool left = false;
    for (const OwnOrder& order : view.orders) {
        if (is_here(order)) continue;
        left = true;
        if (order.state != OwnOrderState::open || !may_ask) continue;
        if (wishes.add(Cancel{order.slot, reason("grid levels have changed")}))
            cancel_again_ = view.now + cancel_patience;
    }
    if (left) wake_at(std::max(cancel_again_, view.now + base::milliseconds{1000}));
    return !left;
}

// ---- exit ----------------------------------------------------------------------------------------------

bool Grid::exit_is_due(const View& view) const {
    if (!options_.stop_loss && !options_.take_profit) return false;
    // Never on a book that is not whole: a wrong price must not sell everything.
    if (!view.market.may_quote(view.now)) return false;
    const Price bid = view.market.top()->bid.price;
    return (options_.stop_loss && bid <= *options_.stop_loss) ||
           (options_.take_profit && bid >= *options_.take_profit);
}

void Grid::begin_exit(const View& view, Wishes& wishes) {
    const Price bid = view.market.top()->bid.price;
    exit_at_profit_ = options_.take_profit && bid >= *options_.take_profit;
    (void)wishes.add(note(std::string{exit_at_profit_ ? "take-profit" : "stop-loss"} +
                          " of the grid at bid " + bid.str() + ": all its orders are cancelled" +
                          (options_.sell_at_stop ? ", its base is sold" : ", its base is kept")));
    cancel_again_ = {};
    go_to(Phase::exiting);
}

bool Grid::cancel_all_but(Slot kept, const View& view, Wishes& wishes, Reason why) {
    const bool may_ask = view.now >= cancel_again_;
    bool asked = false;
    bool left = false;
    for (const OwnOrder& order : view.orders) {
        left = true;
        if (order.slot == kept || order.state != OwnOrderState::open || !may_ask) continue;
        if (wishes.add(Cancel{order.slot, why})) asked = true;
    }
    if (asked) cancel_again_ = view.now + cancel_patience;
    if (left) wake_at(std::max(cancel_again_, view.now + base::milliseconds{1000}));
    return !left;
}

void Grid::exit(const View& view, Wishes& wishes) {
    const Reason why = reason(exit_at_profit_ ? "take-profit" : "stop-loss");
    if (!cancel_all_but(exit_slot, view, wishes, why)) return;
    Quantity quantity;
    if (options_.sell_at_stop) {
        if (!view.may_place()) return wake_at(view.now + base::milliseconds{1000});
        if (!exit_retry_.ready(view.now)) return wake_at(exit_retry_.next());
        quantity =
            sellable(view.rules, view.holdings.inventory, view.market.top()->bid.price, OrderType::market);
        const Place place = market_sell(exit_slot, quantity, why);
        if (quantity.is_positive() && legal(view.rules, place)) {
            if (!wish(wishes, place)) wake_at(view.now);
            return;
        }
        if (view.holdings.inventory >= view.rules.step() && view.holdings.inventory.is_positive())
            (void)wishes.add(note("grid exit: " + view.holdings.inventory.str() + " " +
                                  view.rules.base.str() + " is too little to sell and stays in the account"));
    }
    if (!wish(wishes, Stop{why})) return wake_at(view.now);
    go_to(Phase::stopped);
}

// ---- orders --------------------------------------------------------------------------------------------

void Grid::on_fill(const View& view, const OrderChange& change, const Filled& filled, Wishes& wishes) {
    if (Retry* retry = retry_of(change.order.slot)) retry->succeeded();
    Cell* cell = cell_of(change.order.slot);
    if (cell == nullptr) return;
    cell->ticks_away = 0;
    cell->dust_noted = false;
    cell->armed = true;
    const Quantity base = base_change(view.rules, filled.fill);
    const Amount quote = quote_change(view.rules, filled.fill);
    if (filled.fill.side == Side::buy) {
        if (cell->held.is_zero()) cell->paid = Amount{};
        if (cell->paid) *cell->paid += quote;
        cell->held += base;
        return;
    }
    const Quantity sold = std::min(base, cell->held);
    if (cell->paid && cell->held.is_positive()) {
        const Amount cost = share_of(*cell->paid, sold, cell->held);
        *cell->paid -= cost;
        cell->pass_profit += quote - cost;
    }
    cell->held -= sold;
    if (!filled.whole) return;
    if (cell->paid) {
        ++passes_;
        pass_profit_ += cell->pass_profit;
        const auto index = static_cast<std::size_t>(cell - cells_.data());
        (void)wishes.add(note("grid cell " + std::to_string(index) + ": sold at " + filled.fill.price.str() +
                              ", this pass brought " + cell->pass_profit.str() + " " +
                              view.rules.quote.str() + " (pass " + std::to_string(passes_) + ", " +
                              pass_profit_.str() + " in all)"));
        changed();
    }
    cell->pass_profit = {};
    if (cell->held.is_zero()) cell->paid.reset();
}

void Grid::on_end_without_fill(const View& view, const OrderChange& change, Wishes& wishes) {
    Retry* retry = retry_of(change.order.slot);
    if (retry == nullptr) return;
    const Slot slot = change.order.slot;
    bool paused = false;
    std::string what;
    if (const auto* rejected = std::get_if<Rejected>(&change.what)) {
        const bool took = domain::is_overtaken(rejected->code, rejected->message);
        if (Cell* cell = cell_of(slot); cell != nullptr && took)
            cell->ticks_away = std::min(ticks_away_max, 2 * cell->ticks_away + 1);
        paused = took ? retry->failed(view.now, rejected->code, touch_pause)
                      : retry->failed(view.now, rejected->code);
        what = "rejected (" + std::to_string(rejected->code) + " " + rejected->message + ")";
    } else if (const auto* unsent = std::get_if<NeverSent>(&change.what)) {
        paused = retry->failed(view.now, refusal_never_sent);
        what = "not sent (" + unsent->why + ")";
    } else {
        const bool asked = phase_ == Phase::exiting;
        const bool progress = change.order.executed.is_positive() && slot.value >= entry_slot.value;
        if (asked && slot != exit_slot) return;
        if (progress) return retry->succeeded();  // the rest of an IOC or MARKET order: goes on at once
        paused = retry->failed(view.now, refusal_ended_unasked,
                               slot.value >= entry_slot.value ? touch_pause : unasked_pause);
        what = "ended unasked";
    }
    if (paused)
        (void)wishes.add(note("grid slot " + std::to_string(slot.value) + ": " +
                              std::to_string(Retry::same_in_a_row) + " times in a row " + what +
                              "; paused for 10 minutes"));
}

Grid::Cell* Grid::cell_of(Slot slot) {
    return slot.value < cells_.size() ? &cells_[slot.value] : nullptr;
}

Retry* Grid::retry_of(Slot slot) {
    if (slot == entry_slot) return &entry_retry_;
    if (slot == exit_slot) return &exit_retry_;
    Cell* cell = cell_of(slot);
    return cell != nullptr ? &cell->retry : nullptr;
}

Place Grid::cell_order(std::size_t index, Side side, Quantity quantity, Price price) const {
    const Slot slot{static_cast<std::uint32_t>(index)};
    // Slots are small numbers, so the text fits its place and nothing is allocated for it beyond SSO.
    const Reason why = reason((side == Side::buy ? "buy cell " : "sell cell ") + std::to_string(index));
    if (options_.order_type == OrderType::limit_maker)
        return limit_maker_order(slot, side, quantity, price, why);
    return limit_order(slot, side, quantity, price, domain::TimeInForce::gtc, why);
}

bool Grid::wish(Wishes& wishes, const Wish& wanted) {
    const bool added = wishes.add(wanted);
    if (!added) dirty_ = true;  // the list is full: come back at the next event
    return added;
}

void Grid::go_to(Phase phase) {
    phase_ = phase;
    dirty_ = true;
    changed();
}

}  // namespace vigil::strategy
