#include "orders/position.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace vigil::orders {

namespace {

using domain::Amount;
using domain::Fill;
using domain::Quantity;
using domain::Side;

__extension__ using Wide = __int128;

template <class Value>
bool is_believable(Value value) {
    return value.raw() <= believable_raw_max && value.raw() >= -believable_raw_max;
}

/// part * whole / of, rounded to nearest, where |part| <= |of|: never larger than |whole|.
Amount share(Amount whole, Quantity part, Quantity of) {
    base::check(!of.is_zero(), "a share is of something");
    const Wide numerator = static_cast<Wide>(whole.raw()) * part.raw();
    const Wide denominator = of.raw();
    Wide quotient = numerator / denominator;
    const Wide rest = numerator % denominator;
    const Wide twice = (rest < 0 ? -rest : rest) * 2;
    if (twice >= (denominator < 0 ? -denominator : denominator))
        quotient += (numerator < 0) == (denominator < 0) ? 1 : -1;
    return Amount::from_raw(static_cast<std::int64_t>(quotient));
}

Quantity magnitude(Quantity quantity) {
    return quantity.is_negative() ? -quantity : quantity;
}

/// Inventory and cost after `delta` units came in for `spent` (both negative for a sale).
void move(Position& position, Quantity delta, Amount spent) {
    const bool grows =
        position.inventory.is_zero() || position.inventory.is_negative() == delta.is_negative();
    if (grows) {
        position.inventory += delta;
        position.cost += spent;
    } else if (magnitude(delta) <= magnitude(position.inventory)) {
        const Amount part = share(position.cost, magnitude(delta), magnitude(position.inventory));
        position.realised -= spent + part;
        position.cost -= part;
        position.inventory += delta;
    } else {
        // Through zero: a part closes what there was, the rest opens the other side.
        const Amount closing = share(spent, magnitude(position.inventory), magnitude(delta));
        position.realised -= closing + position.cost;
        position.cost = spent - closing;
        position.inventory += delta;
    }
    if (position.inventory.is_zero() && !position.cost.is_zero()) {
        position.realised -= position.cost;
        position.cost = Amount{};
    }
}

bool makes_sense(const Fill& fill) {
    return fill.quantity.is_positive() && fill.price.is_positive() && !fill.quote_quantity.is_negative() &&
           is_believable(fill.quantity) && is_believable(fill.quote_quantity) &&
           is_believable(fill.commission);
}

bool is_believable(const Position& p) {
    return is_believable(p.inventory) && is_believable(p.cost) && is_believable(p.realised) &&
           is_believable(p.fees_quote) && is_believable(p.fees_base) && is_believable(p.bought) &&
           is_believable(p.sold) && is_believable(p.spent) && is_believable(p.received);
}

bool in_order(const Fill& a, const Fill& b) {
    return std::tuple{a.trade_id, a.side} < std::tuple{b.trade_id, b.side};
}

}  // namespace

std::optional<domain::Price> Position::average_cost() const {
    if (inventory.is_zero()) return std::nullopt;
    return domain::price_of(cost, inventory, domain::Rounding::nearest);
}

std::optional<Amount> Position::unrealised(domain::Price mark) const {
    if (!mark.is_positive()) return std::nullopt;
    const auto value = domain::notional(mark, inventory, domain::Rounding::down);
    if (!value) return std::nullopt;
    return value->checked_add(-cost);
}

std::optional<Position> after_fill(const Position& before, const Fill& fill, const SymbolAssets& assets) {
    if (!makes_sense(fill)) return std::nullopt;
    const bool is_buy = fill.side == Side::buy;
    Quantity delta = is_buy ? fill.quantity : -fill.quantity;
    Amount spent = is_buy ? fill.quote_quantity : -fill.quote_quantity;

    Position after = before;
    if (fill.commission_asset == assets.base) {
        delta -= domain::as_quantity(fill.commission);
        after.fees_base += fill.commission;
    } else if (fill.commission_asset == assets.quote) {
        spent += fill.commission;
        after.fees_quote += fill.commission;
    }
    (is_buy ? after.bought : after.sold) += fill.quantity;
    if (is_buy)
        after.spent += spent;
    else
        after.received -= spent;
    ++after.fill_count;
    move(after, delta, spent);
    if (!is_believable(after)) return std::nullopt;
    return after;
}

PositionHistory::PositionHistory(SymbolAssets assets) : assets_{assets} {
    recent_.reserve(2 * remembered_max + 1);
}

bool PositionHistory::add(const Fill& fill) {
    const auto place = std::upper_bound(recent_.begin(), recent_.end(), fill, in_order);
    const auto index = place - recent_.begin();
    const bool is_latest = place == recent_.end();
    std::optional<Position> result;
    if (is_latest) {
        result = after_fill(current_, fill, assets_);
        if (!result) return false;
        recent_.push_back(fill);
    } else {
        recent_.insert(place, fill);
        result = checkpoint_;
        for (const Fill& each : recent_) {
            result = after_fill(*result, each, assets_);
            if (!result) break;
        }
        if (!result) {
            recent_.erase(recent_.begin() + index);
            return false;
        }
    }
    current_ = *result;

    const bool is_other = fill.commission_asset != assets_.base && fill.commission_asset != assets_.quote;
    if (is_other && !fill.commission.is_zero()) {
        const auto at = std::lower_bound(
            other_fees_.begin(), other_fees_.end(), fill.commission_asset,
            [](const AssetAmount& fee, const domain::Asset& asset) { return fee.asset < asset; });
        if (at != other_fees_.end() && at->asset == fill.commission_asset) {
            // Both are believable amounts; a sum that is not stays at its bound rather than wrap around.
            const auto sum = at->amount.checked_add(fill.commission);
            if (sum) at->amount = *sum;
        } else {
            other_fees_.insert(at, AssetAmount{fill.commission_asset, fill.commission});
        }
    }

    if (recent_.size() > 2 * remembered_max) {
        for (std::size_t i = 0; i < remembered_max; ++i) {
            const auto next = after_fill(checkpoint_, recent_[i], assets_);
            base::check(next.has_value(), "what was added once can be added again");
            checkpoint_ = *next;
        }
        recent_.erase(recent_.begin(), recent_.begin() + remembered_max);
    }
    return true;
}

}  // namespace vigil::orders
