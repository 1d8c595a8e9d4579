#include "runtime/probe_order.h"

#include <algorithm>
#include <string>

#include "domain/order_check.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using domain::Rate;
using domain::Rounding;

// The average that PERCENT_PRICE is measured by may be some way above the middle of the book.
constexpr Rate room = Rate::from_raw(105'000'000);
constexpr Rate half = Rate::from_raw(50'000'000);

}  // namespace

base::Result<domain::NewOrder> plan_probe_order(const domain::SymbolRules& rules, domain::Price mid) {
    const std::string name = rules.symbol.str();
    if (rules.status != domain::SymbolStatus::trading)
        return base::fail(ErrorKind::rejected,
                          name + " does not trade now: " + std::string{to_string(rules.status)});
    const auto refused = [&name](const std::string& why) {
        return base::fail(ErrorKind::rejected, "no small order passes the filters of " + name + ": " + why);
    };
    auto price = scaled_by(mid, half, Rounding::up);
    if (rules.percent_price) {
        const auto lowest = scaled_by(mid, rules.percent_price->bid_down, Rounding::up);
        const auto with_room = lowest ? scaled_by(*lowest, room, Rounding::up) : std::nullopt;
        if (price && with_room) price = std::max(*price, *with_room);
    }
    if (price && rules.price) price = std::max(*price, rules.price->min);
    if (!price || !price->is_positive()) return refused("no price");
    if (rules.tick().is_positive()) price = price->ceil_to(rules.tick());
    if (*price >= mid) return refused("every legal price is near the market");

    domain::Quantity quantity = rules.lot ? rules.lot->min : domain::Quantity{};
    if (rules.notional) {
        const auto wanted = quantity_for(rules.notional->min, *price, Rounding::up);
        if (!wanted) return refused("its least value is beyond every quantity");
        quantity = std::max(quantity, *wanted);
    }
    quantity = std::max(quantity, rules.step());
    if (rules.step().is_positive()) quantity = quantity.ceil_to(rules.step());

    const domain::NewOrder order{.symbol = rules.symbol,
                                 .side = domain::Side::buy,
                                 .type = domain::OrderType::limit,
                                 .time_in_force = domain::TimeInForce::gtc,
                                 .quantity = quantity,
                                 .quote_quantity = std::nullopt,
                                 .price = *price,
                                 .stop_price = std::nullopt,
                                 .client_order_id = {}};
    domain::CheckContext context;
    context.average_price = mid;
    if (const auto breach = check_order(rules, order, context))
        return refused(std::string{breach->filter} + ": " + breach->detail);
    return order;
}

}  // namespace vigil::runtime
