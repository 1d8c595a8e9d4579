#include "market/order_book.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace vigil::market {

namespace {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;
using domain::Side;
using Levels = std::vector<BookLevel>;

__extension__ using Wide = __int128;

/// Whether `a` is farther from the market than `b`: the order of both vectors.
template <bool is_bid>
bool worse(Price a, Price b) {
    return is_bid ? a < b : a > b;
}

bool possible(std::span<const BookLevel> levels) {
    return std::all_of(levels.begin(), levels.end(), [](const BookLevel& level) {
        return level.price.is_positive() && !level.quantity.is_negative();
    });
}

/// Index of the first level in [0, end) that is not worse than `price`. Searches from `end` towards the front
/// in growing strides, because changes are close to the best level or to the change before.
template <bool is_bid>
std::size_t find_from(const Levels& levels, std::size_t end, Price price) {
    std::size_t stride = 1;
    std::size_t high = end;
    std::size_t low = end;
    while (low > 0) {
        low = stride < low ? low - stride : 0;
        if (worse<is_bid>(levels[low].price, price)) break;
        high = low;
        stride *= 2;
    }
    const auto first = levels.begin() + static_cast<std::ptrdiff_t>(low);
    const auto last = levels.begin() + static_cast<std::ptrdiff_t>(high);
    const auto found = std::lower_bound(first, last, price, [](const BookLevel& level, Price wanted) {
        return worse<is_bid>(level.price, wanted);
    });
    return static_cast<std::size_t>(found - levels.begin());
}

/// Applies changes one by one: best for a few, close to the best level.
template <bool is_bid>
void change_each(Levels& levels, std::span<const BookLevel> changes) {
    // The exchange lists changes from the best price to the worst, so each search may begin where the last
    // one ended; a change out of that order begins at the best level again.
    std::size_t hint = levels.size();
    for (const BookLevel& level : changes) {
        if (hint < levels.size() && worse<is_bid>(levels[hint].price, level.price)) hint = levels.size();
        const std::size_t at = find_from<is_bid>(levels, hint, level.price);
        // The level at the hint itself may be the wanted one (the same price twice in one diff).
        const bool exists = at < levels.size() && levels[at].price == level.price;
        const auto position = levels.begin() + static_cast<std::ptrdiff_t>(at);
        if (level.quantity.is_zero()) {
            if (exists) levels.erase(position);
        } else if (exists) {
            levels[at].quantity = level.quantity;
        } else {
            levels.insert(position, level);
        }
        hint = at;
    }
}

/// Applies changes that are listed from the best price to the worst, each price once, in one pass over the
/// levels from `from` (the first one touched) to the best: best for many.
template <bool is_bid>
void change_merged(Levels& levels, std::size_t from, std::span<const BookLevel> changes, Levels& scratch) {
    scratch.clear();
    std::size_t at = from;
    for (std::size_t left = changes.size(); left > 0; --left) {
        const BookLevel& change = changes[left - 1];
        while (at < levels.size() && worse<is_bid>(levels[at].price, change.price))
            scratch.push_back(levels[at++]);
        if (at < levels.size() && levels[at].price == change.price) ++at;
        if (!change.quantity.is_zero()) scratch.push_back(change);
    }
    const auto rest = levels.begin() + static_cast<std::ptrdiff_t>(at);
    scratch.insert(scratch.end(), rest, levels.end());
    levels.resize(from);
    levels.insert(levels.end(), scratch.begin(), scratch.end());
}

template <bool is_bid>
void change(Levels& levels, std::span<const BookLevel> changes, Levels& scratch) {
    // Measured: one change costs about as much as passing over 32 levels.
    constexpr std::size_t levels_a_change = 32;
    if (changes.size() > 4) {
        const bool in_order =
            std::adjacent_find(changes.begin(), changes.end(), [](const BookLevel& a, const BookLevel& b) {
                return !worse<is_bid>(b.price, a.price);
            }) == changes.end();
        if (in_order) {
            const std::size_t from = find_from<is_bid>(levels, levels.size(), changes.back().price);
            if (levels.size() - from < changes.size() * levels_a_change)
                return change_merged<is_bid>(levels, from, changes, scratch);
        }
    }
    change_each<is_bid>(levels, changes);
}

/// A snapshot's side in our order, or nothing when a price occurs twice or a level is impossible.
template <bool is_bid>
bool take_side(std::span<const BookLevel> from, Levels& into) {
    if (!possible(from)) return false;
    into.assign(from.rbegin(), from.rend());
    const auto in_order = [](const BookLevel& a, const BookLevel& b) {
        return worse<is_bid>(a.price, b.price);
    };
    if (!std::is_sorted(into.begin(), into.end(), in_order)) std::sort(into.begin(), into.end(), in_order);
    const auto twice = std::adjacent_find(
        into.begin(), into.end(), [](const BookLevel& a, const BookLevel& b) { return a.price == b.price; });
    if (twice != into.end()) return false;
    std::erase_if(into, [](const BookLevel& level) { return level.quantity.is_zero(); });
    return true;
}

}  // namespace

OrderBook::OrderBook(OrderBookLimits limits) : limits_{limits} {
    base::check(limits.levels_a_side > 0 && limits.buffered_diffs > 0 && limits.buffered_levels > 0,
                "every bound of a book is above zero");
    limits_.levels_a_side = std::min(limits_.levels_a_side, std::size_t{1'000'000});
}

DiffResult OrderBook::apply(const domain::DepthDiff& diff) {
    const bool sound = diff.first_id > 0 && diff.first_id <= diff.last_id &&
                       diff.last_id < std::numeric_limits<std::int64_t>::max() && possible(diff.bids) &&
                       possible(diff.asks);
    if (!sound) {
        discard(BookState::broken);
        return DiffResult::corrupt;
    }
    if (!synchronised()) return buffer(diff);
    if (diff.last_id <= update_id_) return DiffResult::ignored_old;
    if (diff.first_id > update_id_ + 1) {
        discard(BookState::broken);
        buffer(diff);
        return DiffResult::gap;
    }
    if (!update(diff.bids, diff.asks)) {
        discard(BookState::broken);
        return DiffResult::corrupt;
    }
    update_id_ = diff.last_id;
    return DiffResult::applied;
}

SnapshotResult OrderBook::apply(const domain::DepthSnapshot& snapshot) {
    if (synchronised() && snapshot.last_id <= update_id_) return SnapshotResult::ignored_old;
    if (!buffer_.empty() && snapshot.last_id < buffer_.front().first_id) return SnapshotResult::too_old;

    BookSide bids;
    BookSide asks;
    const bool sound = snapshot.last_id > 0 && take_side<true>(snapshot.bids, bids.levels) &&
                       take_side<false>(snapshot.asks, asks.levels);
    if (!sound) return SnapshotResult::corrupt;
    if (!bids.levels.empty()) bids.known_to = bids.levels.front().price;
    if (!asks.levels.empty()) asks.known_to = asks.levels.front().price;
    bids_ = std::move(bids);
    asks_ = std::move(asks);
    if (crossed()) {
        discard(BookState::broken);
        return SnapshotResult::corrupt;
    }
    // Room for what comes, so that a running book does not allocate.
    const std::size_t room = limits_.levels_a_side + limits_.levels_a_side / 4 + 1;
    bids_.levels.reserve(std::max(bids_.levels.size(), room));
    asks_.levels.reserve(std::max(asks_.levels.size(), room));
    trim<true>(bids_);
    trim<false>(asks_);

    update_id_ = snapshot.last_id;
    state_ = BookState::synchronised;
    // The buffer has no gaps inside (see buffer()), so one that begins at or before the snapshot bridges it.
    for (const BufferedDiff& diff : buffer_) {
        if (diff.last_id <= update_id_) continue;
        if (!update(diff.bids, diff.asks)) {
            discard(BookState::broken);
            return SnapshotResult::corrupt;
        }
        update_id_ = diff.last_id;
    }
    clear_buffer();
    return SnapshotResult::applied;
}

void OrderBook::reset() {
    discard(BookState::empty);
}

std::optional<std::int64_t> OrderBook::snapshot_must_reach() const {
    if (buffer_.empty()) return std::nullopt;
    return buffer_.front().first_id;
}

std::optional<TopOfBook> OrderBook::best() const {
    if (!synchronised()) return std::nullopt;
    TopOfBook top{.update_id = update_id_, .bid = std::nullopt, .ask = std::nullopt};
    if (!bids_.levels.empty()) top.bid = bids_.levels.back();
    if (!asks_.levels.empty()) top.ask = asks_.levels.back();
    return top;
}

std::span<const BookLevel> OrderBook::levels(Side side) const {
    return side == Side::buy ? bids_.levels : asks_.levels;
}

Quantity OrderBook::at(Side side, Price price) const {
    const Levels& of_side = side == Side::buy ? bids_.levels : asks_.levels;
    const std::size_t index = side == Side::buy ? find_from<true>(of_side, of_side.size(), price)
                                                : find_from<false>(of_side, of_side.size(), price);
    if (index == of_side.size() || of_side[index].price != price) return {};
    return of_side[index].quantity;
}

std::optional<Quantity> OrderBook::volume_to(Side side, Price price) const {
    const auto of_side = levels(side);
    Quantity sum;
    for (std::size_t left = of_side.size(); left > 0; --left) {
        const BookLevel& level = of_side[left - 1];
        if (side == Side::buy ? level.price < price : level.price > price) break;
        const auto more = sum.checked_add(level.quantity);
        if (!more) return std::nullopt;
        sum = *more;
    }
    return sum;
}

std::optional<Price> OrderBook::vwap(Side taker, Quantity quantity) const {
    if (!synchronised() || !quantity.is_positive()) return std::nullopt;
    const auto other_side = levels(domain::opposite(taker));
    Wide value = 0;  // raw price times raw quantity: each product fits 126 bits, and so does price x total
    std::int64_t open = quantity.raw();
    for (std::size_t left = other_side.size(); left > 0 && open > 0; --left) {
        const BookLevel& level = other_side[left - 1];
        const std::int64_t taken = std::min(open, level.quantity.raw());
        value += static_cast<Wide>(level.price.raw()) * taken;
        open -= taken;
    }
    if (open > 0) return std::nullopt;
    const Wide average =
        taker == Side::buy ? (value + quantity.raw() - 1) / quantity.raw() : value / quantity.raw();
    return Price::from_raw(static_cast<std::int64_t>(average));
}

std::optional<Price> OrderBook::known_to(Side side) const {
    if (!synchronised()) return std::nullopt;
    return side == Side::buy ? bids_.known_to : asks_.known_to;
}

DiffResult OrderBook::buffer(const domain::DepthDiff& diff) {
    DiffResult result = DiffResult::buffered;
    if (!buffer_.empty()) {
        const std::int64_t last = buffer_.back().last_id;
        if (diff.last_id <= last) return DiffResult::ignored_old;
        if (diff.first_id > last + 1) {
            clear_buffer();
            result = DiffResult::gap;
        }
    }
    buffered_levels_ += diff.bids.size() + diff.asks.size();
    buffer_.push_back({diff.first_id,
                       diff.last_id,
                       {diff.bids.begin(), diff.bids.end()},
                       {diff.asks.begin(), diff.asks.end()}});
    while (buffer_.size() > limits_.buffered_diffs ||
           (buffer_.size() > 1 && buffered_levels_ > limits_.buffered_levels)) {
        buffered_levels_ -= buffer_.front().bids.size() + buffer_.front().asks.size();
        buffer_.pop_front();
        ++buffer_drops_;
    }
    return result;
}

void OrderBook::clear_buffer() {
    buffer_.clear();
    buffered_levels_ = 0;
}

bool OrderBook::update(std::span<const BookLevel> bids, std::span<const BookLevel> asks) {
    change<true>(bids_.levels, bids, scratch_);
    change<false>(asks_.levels, asks, scratch_);
    trim<true>(bids_);
    trim<false>(asks_);
    return !crossed();
}

bool OrderBook::crossed() const {
    return !bids_.levels.empty() && !asks_.levels.empty() &&
           bids_.levels.back().price >= asks_.levels.back().price;
}

void OrderBook::discard(BookState next) {
    bids_.levels.clear();
    asks_.levels.clear();
    bids_.known_to = {};
    asks_.known_to = {};
    update_id_ = 0;
    clear_buffer();
    state_ = next;
}

template <bool is_bid>
void OrderBook::trim(BookSide& side) const {
    const std::size_t slack = limits_.levels_a_side / 4;
    if (side.levels.size() <= limits_.levels_a_side + slack) return;
    const auto excess = static_cast<std::ptrdiff_t>(side.levels.size() - limits_.levels_a_side);
    side.levels.erase(side.levels.begin(), side.levels.begin() + excess);
    if (worse<is_bid>(side.known_to, side.levels.front().price)) side.known_to = side.levels.front().price;
}

}  // namespace vigil::market
