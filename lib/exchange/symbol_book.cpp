#include "exchange/symbol_book.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace vigil::exchange {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;
using domain::Side;

namespace {

/// Position of `price` among levels that are sorted worst first.
template <class Levels>
auto place_of(Levels& levels, Side side, Price price) {
    return std::lower_bound(levels.begin(), levels.end(), price, [side](const BookLevel& level, Price p) {
        return side == Side::buy ? level.price < p : level.price > p;
    });
}

}  // namespace

Quantity OwnLevel::visible_with(Quantity outside) const {
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return Quantity::from_raw(static_cast<std::int64_t>(std::min<Wide>(total_raw + outside.raw(), most)));
}

Quantity OutsideSide::at(Price price) const {
    const auto at = place_of(levels_, side_, price);
    return at != levels_.end() && at->price == price ? at->quantity : Quantity{};
}

bool OutsideSide::set(Price price, Quantity quantity, std::optional<Price>& dropped) {
    dropped.reset();
    const auto at = place_of(levels_, side_, price);
    const bool exists = at != levels_.end() && at->price == price;
    if (quantity.is_zero()) {
        if (!exists) return false;
        levels_.erase(at);
        return true;
    }
    if (exists) {
        if (at->quantity == quantity) return false;
        at->quantity = quantity;
        return true;
    }
    if (levels_.size() >= levels_max) {
        if (at == levels_.begin()) return false;  // worse than all that is kept
        dropped = levels_.front().price;
        // Shifts the levels below the new one down by a place instead of erasing and inserting.
        std::move(levels_.begin() + 1, at, levels_.begin());
        *(at - 1) = BookLevel{price, quantity};
        return true;
    }
    levels_.insert(at, BookLevel{price, quantity});
    return true;
}

Quantity next_part(const OrderRecord& record) {
    const Quantity left = record.remaining();
    return record.iceberg_quantity.is_zero() ? left : std::min(left, record.iceberg_quantity);
}

SymbolBook::SymbolBook() : outside_{OutsideSide{Side::buy}, OutsideSide{Side::sell}} {}

void SymbolBook::touch(Side side, Price price) {
    ++update_id_;
    touched_[index(side)].push_back(price);
}

const OwnLevel* SymbolBook::own_level(Side side, Price price) const {
    const OwnSide& levels = own_[index(side)];
    const auto at = levels.find(own_key(side, price));
    return at == levels.end() ? nullptr : &at->second;
}

void SymbolBook::clamp_queue(Side side, Price price, Quantity outside_quantity) {
    const OwnLevel* level = own_level(side, price);
    if (level == nullptr) return;
    for (LiveOrder* order : level->orders)
        order->queue_ahead = std::min(order->queue_ahead, outside_quantity);
}

void SymbolBook::set_outside(Side side, Price price, Quantity quantity) {
    std::optional<Price> dropped;
    if (!outside_[index(side)].set(price, quantity, dropped)) return;
    clamp_queue(side, price, quantity);
    touch(side, price);
    if (dropped) {
        clamp_queue(side, *dropped, Quantity{});
        touch(side, *dropped);
    }
}

void SymbolBook::replace_outside(Side side, std::span<const BookLevel> levels) {
    std::vector<Price> named;
    named.reserve(levels.size());
    for (const BookLevel& level : levels) named.push_back(level.price);
    std::sort(named.begin(), named.end());
    std::vector<Price> gone;
    for (const BookLevel& level : outside_[index(side)].levels())
        if (!std::binary_search(named.begin(), named.end(), level.price)) gone.push_back(level.price);
    for (const Price price : gone) set_outside(side, price, Quantity{});
    for (const BookLevel& level : levels) set_outside(side, level.price, level.quantity);
}

void SymbolBook::remove_outside_better_than(Side side, Price price) {
    const OutsideSide& levels = outside_[index(side)];
    while (const BookLevel* best = levels.best()) {
        if (!levels.better(best->price, price)) return;
        set_outside(side, best->price, Quantity{});
    }
}

void SymbolBook::take_outside(Side side, Price price, Quantity quantity) {
    const Quantity there = outside_[index(side)].at(price);
    base::check(quantity.is_positive() && quantity <= there, "the outside offers what is taken of it");
    advance_queue(side, price, quantity);
    set_outside(side, price, there - quantity);
}

void SymbolBook::advance_queue(Side side, Price price, Quantity quantity) {
    const OwnLevel* level = own_level(side, price);
    if (level == nullptr) return;
    for (LiveOrder* order : level->orders)
        order->queue_ahead = order->queue_ahead > quantity ? order->queue_ahead - quantity : Quantity{};
}

void SymbolBook::add(LiveOrder& order) {
    base::check(!order.on_book && order.record.remaining().is_positive(), "an order rests once, with a rest");
    const Side side = order.record.side;
    OwnLevel& level = own_[index(side)][own_key(side, order.record.price)];
    order.queue_ahead = outside_[index(side)].at(order.record.price);
    order.place = level.orders.insert(level.orders.end(), &order);
    order.on_book = true;
    order.shown = next_part(order.record);
    level.total_raw += order.shown.raw();
    touch(side, order.record.price);
}

void SymbolBook::remove(LiveOrder& order) {
    base::check(order.on_book, "only a resting order is taken off the book");
    const Side side = order.record.side;
    const auto at = own_[index(side)].find(own_key(side, order.record.price));
    base::check(at != own_[index(side)].end(), "a resting order has its level");
    OwnLevel& level = at->second;
    level.orders.erase(order.place);
    order.on_book = false;
    level.total_raw -= order.shown.raw();
    order.shown = {};
    if (level.orders.empty()) own_[index(side)].erase(at);
    touch(side, order.record.price);
}

void SymbolBook::shrink(LiveOrder& order, Quantity used) {
    base::check(order.on_book, "only a resting order shrinks");
    const Side side = order.record.side;
    const auto at = own_[index(side)].find(own_key(side, order.record.price));
    base::check(at != own_[index(side)].end(), "a resting order has its level");
    OwnLevel& level = at->second;
    const Quantity left = order.record.remaining();
    Quantity shown = std::min(order.shown > used ? order.shown - used : Quantity{}, left);
    if (shown.is_zero() && left.is_positive()) {
        shown = next_part(order.record);
        level.orders.splice(level.orders.end(), level.orders, order.place);
        order.queue_ahead = outside_[index(side)].at(order.record.price);
    }
    level.total_raw += shown.raw() - order.shown.raw();
    order.shown = shown;
    touch(side, order.record.price);
}

LiveOrder* SymbolBook::best_own(Side side) const {
    const OwnSide& levels = own_[index(side)];
    return levels.empty() ? nullptr : levels.begin()->second.orders.front();
}

Quantity SymbolBook::visible_at(Side side, Price price) const {
    const OwnLevel* level = own_level(side, price);
    const Quantity outside = outside_[index(side)].at(price);
    return level == nullptr ? outside : level->visible_with(outside);
}

BookLevel SymbolBook::best(Side side) const {
    const BookLevel* outside = outside_[index(side)].best();
    const OwnSide& own = own_[index(side)];
    if (own.empty()) return outside == nullptr ? BookLevel{} : *outside;
    const Price own_best = own_price(side, own.begin()->first);
    const OwnLevel& level = own.begin()->second;
    if (outside == nullptr || outside_[index(side)].better(own_best, outside->price))
        return BookLevel{own_best, level.visible_with({})};
    if (outside->price == own_best) return BookLevel{own_best, level.visible_with(outside->quantity)};
    return *outside;
}

std::vector<BookLevel> SymbolBook::visible(Side side, std::size_t limit) const {
    std::vector<BookLevel> levels;
    const OutsideSide& outside = outside_[index(side)];
    const auto theirs = outside.levels();
    auto their = theirs.rbegin();
    auto own = own_[index(side)].begin();
    const auto own_end = own_[index(side)].end();
    while (levels.size() < limit && (their != theirs.rend() || own != own_end)) {
        const bool take_own = own != own_end && (their == theirs.rend() ||
                                                 !outside.better(their->price, own_price(side, own->first)));
        if (!take_own) {
            levels.push_back(*their++);
            continue;
        }
        const Price price = own_price(side, own->first);
        const bool shared = their != theirs.rend() && their->price == price;
        const BookLevel level{price, own->second.visible_with(shared ? their->quantity : Quantity{})};
        if (shared) ++their;
        levels.push_back(level);
        ++own;
    }
    return levels;
}

std::span<const BookLevel> SymbolBook::collect(Side side) {
    std::vector<Price>& prices = touched_[index(side)];
    std::sort(prices.begin(), prices.end());
    prices.erase(std::unique(prices.begin(), prices.end()), prices.end());
    if (side == Side::buy) std::reverse(prices.begin(), prices.end());
    std::vector<BookLevel>& out = collected_[index(side)];
    out.clear();
    for (const Price price : prices) out.push_back(BookLevel{price, visible_at(side, price)});
    prices.clear();
    return out;
}

SymbolBook::Changes SymbolBook::take_changes() {
    Changes changes;
    changes.first_id = batch_start_ + 1;
    changes.last_id = update_id_;
    changes.bids = collect(Side::buy);
    changes.asks = collect(Side::sell);
    batch_start_ = update_id_;
    return changes;
}

SavedBook SymbolBook::save() const {
    const auto list = [](const auto& values) { return std::vector(values.begin(), values.end()); };
    return {list(outside_[0].levels()),
            list(outside_[1].levels()),
            touched_[0],
            touched_[1],
            update_id_,
            batch_start_};
}

std::vector<const LiveOrder*> SymbolBook::resting() const {
    std::vector<const LiveOrder*> orders;
    for (const OwnSide& side : own_)
        for (const auto& [key, level] : side)
            orders.insert(orders.end(), level.orders.begin(), level.orders.end());
    return orders;
}

void SymbolBook::restore(const SavedBook& saved) {
    base::check(own_[0].empty() && own_[1].empty(), "own orders are put back after the outside");
    outside_[0].replace(saved.outside_bids);
    outside_[1].replace(saved.outside_asks);
    touched_[0] = saved.touched_bids;
    touched_[1] = saved.touched_asks;
    update_id_ = saved.update_id;
    batch_start_ = saved.batch_start;
}

void SymbolBook::put_back(LiveOrder& order) {
    base::check(!order.on_book && order.shown.is_positive(), "an order rests once, and shows something");
    const Side side = order.record.side;
    OwnLevel& level = own_[index(side)][own_key(side, order.record.price)];
    order.place = level.orders.insert(level.orders.end(), &order);
    order.on_book = true;
    level.total_raw += order.shown.raw();
}

}  // namespace vigil::exchange
