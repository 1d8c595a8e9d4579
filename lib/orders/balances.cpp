#include "orders/balances.h"

#include <algorithm>
#include <limits>

namespace vigil::orders {

namespace {

using domain::Amount;
using domain::Asset;

/// Sums of what comes from outside: what does not fit stays at the bound, and so shows as a difference
/// instead of ending the process.
Amount bounded_sum(Amount a, Amount b) {
    const auto sum = a.checked_add(b);
    if (sum) return *sum;
    using Limits = std::numeric_limits<std::int64_t>;
    return Amount::from_raw(b.is_negative() ? Limits::min() : Limits::max());
}

Amount total(const domain::Balance& balance) {
    return bounded_sum(balance.free, balance.locked);
}

}  // namespace

const Balances::Entry* Balances::find(const Asset& asset) const {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), asset,
                         [](const Entry& entry, const Asset& name) { return entry.asset < name; });
    return at != entries_.end() && at->asset == asset ? &*at : nullptr;
}

Balances::Entry& Balances::entry(const Asset& asset) {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), asset,
                         [](const Entry& entry, const Asset& name) { return entry.asset < name; });
    if (at != entries_.end() && at->asset == asset) return *at;
    Entry fresh;
    fresh.asset = asset;
    if (opened_) {
        // The opening statement did not name it: it was at zero.
        fresh.is_stated = true;
        fresh.updated = *opened_;
    }
    return *entries_.insert(at, std::move(fresh));
}

bool Balances::open(const domain::AccountSnapshot& snapshot) {
    const bool is_overtaken = std::any_of(entries_.begin(), entries_.end(), [&snapshot](const Entry& each) {
        return each.is_stated && each.updated > snapshot.updated;
    });
    if (is_overtaken) return false;
    opened_ = snapshot.updated;
    for (Entry& each : entries_) state({each.asset, Amount{}, Amount{}}, snapshot.updated, true);
    for (const domain::Balance& balance : snapshot.balances) {
        entry(balance.asset);
        state(balance, snapshot.updated, true);
    }
    return true;
}

void Balances::on_account(const domain::AccountSnapshot& snapshot) {
    if (!opened_) {
        static_cast<void>(open(snapshot));  // else it stays closed, as is_open() tells
        return;
    }
    for (Entry& each : entries_) {
        const bool is_named =
            std::any_of(snapshot.balances.begin(), snapshot.balances.end(),
                        [&each](const domain::Balance& balance) { return balance.asset == each.asset; });
        if (!is_named) state({each.asset, Amount{}, Amount{}}, snapshot.updated, false);
    }
    for (const domain::Balance& balance : snapshot.balances) state(balance, snapshot.updated, false);
}

void Balances::on_account_position(const domain::AccountPosition& position) {
    for (const domain::Balance& balance : position.balances) state(balance, position.updated, false);
}

void Balances::state(const domain::Balance& balance, base::ExchangeTime updated, bool is_opening) {
    Entry& at = entry(balance.asset);
    if (!is_opening && updated < at.updated) return;  // an older statement that came late
    at.free = balance.free;
    at.locked = balance.locked;
    at.is_stated = true;
    at.updated = updated;
    // Not the stable one, which takes memory for a moment: these are only summed up.
    const auto later = std::partition(at.later.begin(), at.later.end(),
                                      [updated](const Change& c) { return c.time <= updated; });
    if (is_opening) {
        at.expected = total(balance);
    } else {
        for (auto change = at.later.begin(); change != later; ++change)
            at.expected = bounded_sum(at.expected, change->delta);
    }
    at.later.erase(at.later.begin(), later);
}

void Balances::change(const Asset& asset, base::ExchangeTime time, Amount delta) {
    if (delta.is_zero()) return;
    if (opened_ && time <= *opened_) return;  // the opening statement contains it
    Entry& at = entry(asset);
    if (at.is_stated && time <= at.updated)
        at.expected = bounded_sum(at.expected, delta);
    else
        at.later.push_back({time, delta});
}

void Balances::on_balance_update(const domain::BalanceUpdate& update) {
    change(update.asset, update.cleared, update.delta);
}

void Balances::on_fill(const domain::Fill& fill, const SymbolAssets& assets) {
    const bool is_buy = fill.side == domain::Side::buy;
    const Amount base = domain::as_amount(fill.quantity);
    const Amount quote = fill.quote_quantity;
    change(assets.base, fill.time, is_buy ? base : -base);
    change(assets.quote, fill.time, is_buy ? -quote : quote);
    if (!fill.commission_asset.empty()) change(fill.commission_asset, fill.time, -fill.commission);
}

std::optional<domain::Balance> Balances::stated(const Asset& asset) const {
    const Entry* at = find(asset);
    if (at == nullptr || !at->is_stated) return std::nullopt;
    return domain::Balance{at->asset, at->free, at->locked};
}

Amount Balances::expected_now(const Asset& asset) const {
    const Entry* at = find(asset);
    if (at == nullptr) return Amount{};
    Amount sum = at->expected;
    for (const Change& change : at->later) sum = bounded_sum(sum, change.delta);
    return sum;
}

std::vector<BalanceDifference> Balances::differences() const {
    std::vector<BalanceDifference> found;
    if (!opened_) return found;
    for (const Entry& at : entries_) {
        if (!at.is_stated) continue;
        const Amount stated_total = total({at.asset, at.free, at.locked});
        if (stated_total != at.expected) found.push_back({at.asset, at.expected, stated_total});
    }
    return found;
}

std::vector<domain::Balance> Balances::all_stated() const {
    std::vector<domain::Balance> all;
    for (const Entry& at : entries_)
        if (at.is_stated) all.push_back({at.asset, at.free, at.locked});
    return all;
}

}  // namespace vigil::orders
