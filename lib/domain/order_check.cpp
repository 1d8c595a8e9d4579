#include "domain/order_check.h"

#include <algorithm>

namespace vigil::domain {

namespace {

using Breach = std::optional<FilterBreach>;

Breach breach(std::string_view filter, std::string detail,
              std::optional<std::string> nearest = std::nullopt) {
    return FilterBreach{filter, std::move(detail), std::move(nearest)};
}

// Nothing is put into words before something is wrong: an order that passes costs comparisons only.

Breach check_price(const PriceFilter& filter, Price price, std::string_view which) {
    const auto wrong = [&](const std::string& how, const std::string& nearest) {
        return breach("PRICE_FILTER", std::string{which} + " " + price.str() + how, nearest);
    };
    if (filter.min.is_positive() && price < filter.min)
        return wrong(" is below the minimum " + filter.min.str(), filter.min.str());
    if (filter.max.is_positive() && price > filter.max)
        return wrong(" is above the maximum " + filter.max.str(), filter.max.str());
    if (!price.is_multiple_of(filter.tick)) {
        const std::string nearest = price.floor_to(filter.tick).str();
        return wrong(" is not on the tick " + filter.tick.str() + ", nearest " + nearest, nearest);
    }
    return std::nullopt;
}

Breach check_lot(const LotSize& filter, Quantity quantity, std::string_view name) {
    const auto wrong = [&](const std::string& how, const std::string& nearest) {
        return breach(name, "quantity " + quantity.str() + how, nearest);
    };
    if (filter.min.is_positive() && quantity < filter.min)
        return wrong(" is below the minimum " + filter.min.str(), filter.min.str());
    if (filter.max.is_positive() && quantity > filter.max)
        return wrong(" is above the maximum " + filter.max.str(), filter.max.str());
    if (!quantity.is_multiple_of(filter.step)) {
        const std::string nearest = quantity.floor_to(filter.step).str();
        return wrong(" is not on the step " + filter.step.str() + ", nearest " + nearest, nearest);
    }
    return std::nullopt;
}

/// PERCENT_PRICE and PERCENT_PRICE_BY_SIDE: average * down <= price <= average * up.
Breach check_percent(const PercentPrice& filter, Side side, Price price, Price average) {
    const std::string_view name = filter.by_side ? "PERCENT_PRICE_BY_SIDE" : "PERCENT_PRICE";
    const Rate up = side == Side::buy ? filter.bid_up : filter.ask_up;
    const Rate down = side == Side::buy ? filter.bid_down : filter.ask_down;
    const auto ceiling = scaled_by(average, up, Rounding::down);
    const auto floor = scaled_by(average, down, Rounding::up);
    if (!up.is_zero() && ceiling && price > *ceiling)
        return breach(name,
                      "price " + price.str() + " is above " + ceiling->str() + " (" + up.str() + " x " +
                          average.str() + ")",
                      ceiling->str());
    if (!down.is_zero() && floor && price < *floor)
        return breach(name,
                      "price " + price.str() + " is below " + floor->str() + " (" + down.str() + " x " +
                          average.str() + ")",
                      floor->str());
    return std::nullopt;
}

Breach check_notional(const NotionalFilter& filter, Amount value, bool is_market) {
    const std::string_view name = filter.is_min_notional ? "MIN_NOTIONAL" : "NOTIONAL";
    if (value < filter.min && (!is_market || filter.min_applies_to_market))
        return breach(name, "order value " + value.str() + " is below the minimum " + filter.min.str(),
                      filter.min.str());
    if (filter.max && filter.max->is_positive() && value > *filter.max &&
        (!is_market || filter.max_applies_to_market))
        return breach(name, "order value " + value.str() + " is above the maximum " + filter.max->str(),
                      filter.max->str());
    return std::nullopt;
}

bool is_algo(OrderType type) {
    return type == OrderType::stop_loss || type == OrderType::stop_loss_limit ||
           type == OrderType::take_profit || type == OrderType::take_profit_limit;
}

/// Limits of count: MAX_NUM_ORDERS counts algo orders too, MAX_NUM_ALGO_ORDERS only them (filters.md).
Breach check_counts(const SymbolRules& rules, const NewOrder& order, const CheckContext& context) {
    if (rules.orders_max && context.open_orders && *context.open_orders >= *rules.orders_max)
        return breach("MAX_NUM_ORDERS", std::to_string(*context.open_orders) + " orders are open, at most " +
                                            std::to_string(*rules.orders_max) + " may be");
    if (is_algo(order.type) && rules.algo_orders_max && context.open_algo_orders &&
        *context.open_algo_orders >= *rules.algo_orders_max)
        return breach("MAX_NUM_ALGO_ORDERS", std::to_string(*context.open_algo_orders) +
                                                 " stop orders are open, at most " +
                                                 std::to_string(*rules.algo_orders_max) + " may be");
    return std::nullopt;
}

}  // namespace

std::optional<FilterBreach> check_order(const SymbolRules& rules, const NewOrder& order,
                                        const CheckContext& context) {
    const bool is_market = order.type == OrderType::market;
    if (rules.price) {
        if (order.price)
            if (auto broken = check_price(*rules.price, *order.price, "price")) return broken;
        if (order.stop_price)
            if (auto broken = check_price(*rules.price, *order.stop_price, "stop price")) return broken;
    }
    if (rules.percent_price && order.price && context.average_price)
        if (auto broken =
                check_percent(*rules.percent_price, order.side, *order.price, *context.average_price))
            return broken;
    if (order.quantity) {
        if (rules.lot)
            if (auto broken = check_lot(*rules.lot, *order.quantity, "LOT_SIZE")) return broken;
        if (is_market && rules.market_lot)
            if (auto broken = check_lot(*rules.market_lot, *order.quantity, "MARKET_LOT_SIZE")) return broken;
    }
    if (rules.notional) {
        std::optional<Amount> value = order.quote_quantity;
        const std::optional<Price> price = order.price ? order.price : context.average_price;
        if (!value && order.quantity && price) {
            value = notional(*price, *order.quantity, Rounding::down);
            if (!value) return breach("NOTIONAL", "order value is beyond every limit");
        }
        if (value)
            if (auto broken = check_notional(*rules.notional, *value, is_market)) return broken;
    }
    if (order.side == Side::buy && rules.position_max && context.position && order.quantity) {
        const auto after = context.position->checked_add(*order.quantity);
        if (!after || *after > *rules.position_max)
            return breach("MAX_POSITION", "position " + context.position->str() + " and quantity " +
                                              order.quantity->str() + " exceed " + rules.position_max->str());
    }
    return check_counts(rules, order, context);
}

}  // namespace vigil::domain
