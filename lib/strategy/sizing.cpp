#include "strategy/sizing.h"

#include <algorithm>

#include "base/check.h"
#include "domain/order_check.h"

namespace vigil::strategy {

namespace {

using domain::Amount;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Rounding;
using domain::Side;
using domain::SymbolRules;

/// `quantity` cut to steps and maxima of the filters that apply, or zero when it is below a minimum.
Quantity cut(const SymbolRules& rules, Quantity quantity, Price price, OrderType type) {
    if (!quantity.is_positive() || !price.is_positive()) return {};
    const bool is_market = type == OrderType::market;
    const auto within = [&quantity](const domain::LotSize& lot) {
        if (lot.max.is_positive()) quantity = std::min(quantity, lot.max);
        quantity = quantity.floor_to(lot.step);
    };
    // The second floor cannot leave the first step's grid in practice (steps are powers of ten), and the
    // final check refuses if it ever does.
    if (rules.lot) within(*rules.lot);
    if (is_market && rules.market_lot) within(*rules.market_lot);
    if (rules.notional && rules.notional->max && rules.notional->max->is_positive() &&
        (!is_market || rules.notional->max_applies_to_market)) {
        const auto most = domain::quantity_for(*rules.notional->max, price, Rounding::down);
        if (most && *most < quantity) quantity = most->floor_to(rules.step());
    }
    if (!quantity.is_positive()) return {};
    const auto value = domain::notional(price, quantity, Rounding::down);
    if (!value) return {};
    if (rules.lot && quantity < rules.lot->min) return {};
    if (is_market && rules.market_lot && quantity < rules.market_lot->min) return {};
    if (rules.notional && *value < rules.notional->min &&
        (!is_market || rules.notional->min_applies_to_market))
        return {};
    return quantity;
}

}  // namespace

Quantity sellable(const SymbolRules& rules, Quantity have, Price price, OrderType type) {
    return cut(rules, have, price, type);
}

Quantity buyable(const SymbolRules& rules, Amount budget, Price price, OrderType type) {
    if (!budget.is_positive() || !price.is_positive()) return {};
    const auto quantity = domain::quantity_for(budget, price, Rounding::down);
    return quantity ? cut(rules, *quantity, price, type) : Quantity{};
}

Amount spendable(const SymbolRules& rules, Amount amount) {
    if (!amount.is_positive()) return {};
    if (rules.notional && rules.notional->max && rules.notional->max->is_positive() &&
        rules.notional->max_applies_to_market)
        amount = std::min(amount, *rules.notional->max);
    std::int64_t unit = domain::decimal_scale;
    for (int place = 0; place < std::min(rules.quote_precision, domain::decimal_places); ++place) unit /= 10;
    amount = amount.floor_to(Amount::from_raw(unit));
    if (rules.notional && rules.notional->min_applies_to_market && amount < rules.notional->min) return {};
    return amount;
}

std::optional<Price> price_above(const SymbolRules& rules, Price price, Rate rate) {
    const auto more = domain::scaled_by(price, rate, Rounding::up);
    if (!more) return std::nullopt;
    const auto sum = price.checked_add(*more);
    if (!sum || !sum->checked_add(rules.tick())) return std::nullopt;
    return sum->ceil_to(rules.tick());
}

std::optional<Price> price_below(const SymbolRules& rules, Price price, Rate rate) {
    const auto less = domain::scaled_by(price, rate, Rounding::up);
    if (!less || *less >= price) return std::nullopt;
    const Price below = (price - *less).floor_to(rules.tick());
    if (!below.is_positive()) return std::nullopt;
    return below;
}

Amount committed_quote(const View& view) {
    Amount sum;
    for (const OwnOrder& order : view.orders) {
        if (order.side != Side::buy) continue;
        if (order.quote_quantity.is_positive()) {
            sum += order.quote_quantity;
            continue;
        }
        const auto rest = domain::notional(order.price, order.quantity - order.executed, Rounding::up);
        base::check(rest.has_value(), "an own order's value fits a decimal");
        sum += *rest;
    }
    return sum;
}

Quantity committed_base(const View& view) {
    Quantity sum;
    for (const OwnOrder& order : view.orders)
        if (order.side == Side::sell) sum += order.quantity - order.executed;
    return sum;
}

Quantity base_change(const SymbolRules& rules, const domain::Fill& fill) {
    const Quantity fee =
        fill.commission_asset == rules.base ? domain::as_quantity(fill.commission) : Quantity{};
    return fill.side == Side::buy ? fill.quantity - fee : fill.quantity + fee;
}

Amount quote_change(const SymbolRules& rules, const domain::Fill& fill) {
    const Amount fee = fill.commission_asset == rules.quote ? fill.commission : Amount{};
    return fill.side == Side::buy ? fill.quote_quantity + fee : fill.quote_quantity - fee;
}

Amount share_of(Amount whole, Quantity part, Quantity of) {
    __extension__ using Wide = __int128;
    base::check(!whole.is_negative() && !part.is_negative() && part <= of && of.is_positive(),
                "a share is a part of a whole");
    const Wide product = static_cast<Wide>(whole.raw()) * part.raw();
    const Wide rounded_up = (product + of.raw() - 1) / of.raw();
    return Amount::from_raw(static_cast<std::int64_t>(rounded_up));  // at most `whole`
}

domain::NewOrder as_order(const domain::Symbol& symbol, const Place& place) {
    domain::NewOrder order;
    order.symbol = symbol;
    order.side = place.side;
    order.type = place.type;
    order.time_in_force = place.time_in_force;
    order.quantity = place.quantity;
    order.quote_quantity = place.quote_quantity;
    order.price = place.price;
    order.stop_price = place.stop_price;
    return order;
}

bool legal(const SymbolRules& rules, const Place& place) {
    return !domain::check_order(rules, as_order(rules.symbol, place), {}).has_value();
}

Place limit_order(domain::Slot slot, Side side, Quantity quantity, Price price,
                  domain::TimeInForce time_in_force, Reason why) {
    Place place;
    place.slot = slot;
    place.side = side;
    place.type = OrderType::limit;
    place.time_in_force = time_in_force;
    place.quantity = quantity;
    place.price = price;
    place.reason = why;
    return place;
}

Place limit_maker_order(domain::Slot slot, Side side, Quantity quantity, Price price, Reason why) {
    Place place = limit_order(slot, side, quantity, price, domain::TimeInForce::gtc, why);
    place.type = OrderType::limit_maker;
    place.time_in_force.reset();
    return place;
}

Place market_sell(domain::Slot slot, Quantity quantity, Reason why) {
    Place place;
    place.slot = slot;
    place.side = Side::sell;
    place.type = OrderType::market;
    place.quantity = quantity;
    place.reason = why;
    return place;
}

Place market_buy(domain::Slot slot, Amount quote_quantity, Reason why) {
    Place place;
    place.slot = slot;
    place.side = Side::buy;
    place.type = OrderType::market;
    place.quote_quantity = quote_quantity;
    place.reason = why;
    return place;
}

}  // namespace vigil::strategy
