#include "risk/order_rules.h"

#include <algorithm>

#include "domain/order_check.h"

namespace vigil::risk {

namespace {

using domain::Amount;
using domain::BookLevel;
using domain::NewOrder;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Rounding;
using domain::Side;

// Comparisons of products are made in 128 bits without dividing: exact, and a fraction of the time.
__extension__ using Wide = __int128;

Wide product(std::int64_t a, std::int64_t b) {
    return static_cast<Wide>(a) * b;
}

Refusal refusal(std::string_view rule, std::string detail) {
    return Refusal{rule, std::move(detail)};
}

bool has_limit_price(OrderType type) {
    return type == OrderType::limit || type == OrderType::limit_maker || type == OrderType::stop_loss_limit ||
           type == OrderType::take_profit_limit;
}
bool has_stop_price(OrderType type) {
    return type == OrderType::stop_loss || type == OrderType::stop_loss_limit ||
           type == OrderType::take_profit || type == OrderType::take_profit_limit;
}

/// Whether `price` lies beyond `reference` by more than `fraction`, to the taker's disadvantage.
bool is_beyond(Side side, Price price, Price reference, Rate fraction) {
    const Wide scaled = product(price.raw(), domain::decimal_scale);
    if (side == Side::buy) return scaled > product(reference.raw(), domain::decimal_scale + fraction.raw());
    return scaled < product(reference.raw(), domain::decimal_scale - fraction.raw());
}

std::string percent_beyond(Side side, Price price, Price reference) {
    const auto difference = side == Side::buy ? price.checked_add(-reference) : reference.checked_add(-price);
    if (!difference) return "beyond measure";
    const auto percent = domain::divide_scaled(difference->raw(), reference.raw(), Rounding::nearest);
    if (!percent) return "beyond measure";
    return domain::Rate::from_raw(*percent).str();
}

/// How far a MARKET order reaches into the levels of the other side.
struct Reach {
    bool is_whole{false};  ///< the levels hold the whole order
    Price worst;
    Quantity quantity;
    Amount value;  ///< rounded up
};

Reach reach_of(const NewOrder& order, std::span<const BookLevel> worst_first, const BookLevel& best) {
    const std::span<const BookLevel> levels =
        worst_first.empty() ? std::span<const BookLevel>{&best, 1} : worst_first;
    Reach reach;
    Quantity wanted = order.quantity.value_or(Quantity{});
    Amount to_spend = order.quote_quantity.value_or(Amount{});
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        if (!level->price.is_positive() || !level->quantity.is_positive()) continue;
        Quantity take;
        if (order.quantity) {
            take = std::min(wanted, level->quantity);
        } else {
            const auto affordable = domain::quantity_for(to_spend, level->price, Rounding::up);
            take = std::min(affordable.value_or(level->quantity), level->quantity);
        }
        const auto cost = domain::notional(level->price, take, Rounding::up);
        const auto value = cost ? reach.value.checked_add(*cost) : std::nullopt;
        const auto quantity = reach.quantity.checked_add(take);
        if (!value || !quantity) return reach;
        reach.value = *value;
        reach.quantity = *quantity;
        reach.worst = level->price;
        wanted -= take;
        to_spend -= *cost;
        const bool is_done = order.quantity ? !wanted.is_positive() : !to_spend.is_positive();
        if (is_done) {
            reach.is_whole = true;
            return reach;
        }
    }
    return reach;
}

std::optional<Refusal> check_market(const NewOrder& order, const RiskContext& context, const Options& options,
                                    Valuation& out) {
    const auto age = context.now - context.book.updated;
    if (age > options.book_age_max)
        return refusal("book", "a MARKET order needs a fresh book; this one is " +
                                   std::to_string(std::chrono::floor<base::milliseconds>(age).count()) +
                                   " ms old, at most " + std::to_string(options.book_age_max.count()) +
                                   " ms are allowed");
    const bool is_buy = order.side == Side::buy;
    const Reach reach = reach_of(order, is_buy ? context.book.asks : context.book.bids,
                                 is_buy ? context.book.ask : context.book.bid);
    if (!reach.is_whole)
        return refusal("slippage",
                       "the book holds only " + reach.quantity.str() + " for a MARKET order of " +
                           (order.quantity ? order.quantity->str() : order.quote_quantity->str() + " quote"));
    if (is_beyond(order.side, reach.worst, out.mid, options.slippage_max))
        return refusal("slippage", "a MARKET order would reach " + reach.worst.str() + ", " +
                                       percent_beyond(order.side, reach.worst, out.mid) + " beyond mid " +
                                       out.mid.str() + "; at most " + options.slippage_max.str());
    out.quantity = reach.quantity;
    out.value = order.quote_quantity ? std::max(*order.quote_quantity, reach.value) : reach.value;
    return std::nullopt;
}

std::optional<Refusal> check_limit(const NewOrder& order, const Options& options, Valuation& out) {
    const Price price = *order.price;
    // A stop order's price is judged from where it will be triggered.
    const Price reference = has_stop_price(order.type) ? *order.stop_price : out.mid;
    if (is_beyond(order.side, price, reference, options.price_collar))
        return refusal("price_collar", "price " + price.str() + " is " +
                                           percent_beyond(order.side, price, reference) + " beyond " +
                                           reference.str() + "; at most " + options.price_collar.str());
    const auto value = domain::notional(price, *order.quantity, Rounding::up);
    if (!value) return refusal("order_notional", "the order's value is beyond every limit");
    out.quantity = *order.quantity;
    out.value = *value;
    return std::nullopt;
}

}  // namespace

bool is_reduction(const NewOrder& order, const RiskContext& context) {
    return order.side == Side::sell && order.quantity && *order.quantity <= context.strategy.sellable;
}

std::optional<Refusal> check_shape(const NewOrder& order, const RiskContext& context) {
    if (context.rules == nullptr)
        return refusal("unknown_symbol", order.symbol.str() + " is not among the exchange's symbols");
    const domain::SymbolRules& rules = *context.rules;
    if (rules.symbol != order.symbol)
        return refusal("unknown_symbol", "the rules at hand are those of " + rules.symbol.str());
    if (rules.status != domain::SymbolStatus::trading || !rules.spot_trading_allowed) {
        std::string detail = order.symbol.str() + " is ";
        detail += rules.spot_trading_allowed ? to_string(rules.status) : "not open to spot trading";
        return refusal("symbol_status", std::move(detail));
    }
    const auto& types = rules.order_types;
    if (order.type == OrderType::unknown ||
        std::find(types.begin(), types.end(), order.type) == types.end()) {
        std::string detail = order.symbol.str() + " does not take ";
        detail += to_string(order.type);
        return refusal("order_type", std::move(detail));
    }
    if (order.type == OrderType::stop_loss || order.type == OrderType::take_profit)
        return refusal("order_type", "a stop without a limit price may fill at any price");
    const bool is_market = order.type == OrderType::market;
    if (order.quantity.has_value() == order.quote_quantity.has_value())
        return refusal("order_shape", "an order has a quantity or a quote quantity, and not both");
    if (order.quote_quantity && (!is_market || !rules.quote_order_quantity_allowed))
        return refusal("order_shape", "a quote quantity is for MARKET orders where the symbol allows it");
    if (has_limit_price(order.type) != order.price.has_value())
        return refusal("order_shape", "a price is missing, or one too many");
    if (has_stop_price(order.type) != order.stop_price.has_value())
        return refusal("order_shape", "a stop price is missing, or one too many");
    const bool is_positive = (!order.quantity || order.quantity->is_positive()) &&
                             (!order.quote_quantity || order.quote_quantity->is_positive()) &&
                             (!order.price || order.price->is_positive()) &&
                             (!order.stop_price || order.stop_price->is_positive());
    if (!is_positive) return refusal("order_shape", "quantities and prices are above zero");
    return std::nullopt;
}

std::optional<Refusal> check_filters(const NewOrder& order, const RiskContext& context) {
    domain::CheckContext known;
    known.average_price = context.average_price;
    known.position = context.account.position.checked_add(context.account.open_buys);
    known.open_orders = context.account.open_orders_symbol;
    auto breach = domain::check_order(*context.rules, order, known);
    if (!breach) return std::nullopt;
    return refusal(breach->filter, std::move(breach->detail));
}

std::optional<Refusal> check_price(const NewOrder& order, const RiskContext& context, const Options& options,
                                   Valuation& out) {
    const BookState& book = context.book;
    if (!book.whole) return refusal("book", "the order book of " + order.symbol.str() + " is not whole");
    if (!book.bid.price.is_positive() || !book.ask.price.is_positive())
        return refusal("book", "the order book of " + order.symbol.str() + " has only one side");
    out.mid = Price::from_raw(book.bid.price.raw() + (book.ask.price.raw() - book.bid.price.raw()) / 2);
    return order.type == OrderType::market ? check_market(order, context, options, out)
                                           : check_limit(order, options, out);
}

std::optional<Refusal> check_size(const NewOrder& order, const RiskContext& context, const Options& options,
                                  const SymbolLimits& limits, const Valuation& valuation) {
    const AccountState& account = context.account;
    const StrategyState& strategy = context.strategy;
    const bool is_buy = order.side == Side::buy;
    const Amount value = valuation.value;

    const bool is_exit =
        options.market_exits_unlimited && order.type == OrderType::market && is_reduction(order, context);
    if (limits.order_notional_max && value > *limits.order_notional_max && !is_exit)
        return refusal("order_notional",
                       "value " + value.str() + " is above the limit " + limits.order_notional_max->str());
    if (account.open_orders >= options.open_orders_max)
        return refusal("open_orders", std::to_string(account.open_orders) + " orders are open, at most " +
                                          std::to_string(options.open_orders_max) + " may be");
    if (limits.open_orders_max && account.open_orders_symbol >= *limits.open_orders_max)
        return refusal("open_orders_symbol", std::to_string(account.open_orders_symbol) +
                                                 " orders are open on " + order.symbol.str() + ", at most " +
                                                 std::to_string(*limits.open_orders_max) + " may be");
    if (is_buy) {
        if (limits.position_max) {
            const Price mark = context.mark && context.mark->is_positive() ? *context.mark : valuation.mid;
            const auto held = account.position.checked_add(account.open_buys);
            const auto after = held ? held->checked_add(valuation.quantity) : std::nullopt;
            if (!after || product(after->raw(), mark.raw()) >
                              product(limits.position_max->raw(), domain::decimal_scale))
                return refusal("position", "position " + account.position.str() + ", open buys " +
                                               account.open_buys.str() + " and this order's " +
                                               valuation.quantity.str() + " at mark " + mark.str() +
                                               " exceed the limit " + limits.position_max->str());
        }
        const auto used = strategy.invested.checked_add(strategy.committed);
        const auto after = used ? used->checked_add(value) : std::nullopt;
        if (!after || *after > strategy.budget)
            return refusal("budget", "invested " + strategy.invested.str() + ", committed " +
                                         strategy.committed.str() + " and this order's " + value.str() +
                                         " exceed the budget " + strategy.budget.str());
        if (account.free_quote && value > *account.free_quote)
            return refusal("balance", "value " + value.str() + " is more than the free " +
                                          account.free_quote->str() + " " + context.rules->quote.str());
        return std::nullopt;
    }
    if (valuation.quantity > strategy.sellable)
        return refusal("inventory", "quantity " + valuation.quantity.str() + " is more than the " +
                                        strategy.sellable.str() + " that the strategy has to sell");
    if (account.free_base && domain::as_amount(valuation.quantity) > *account.free_base)
        return refusal("balance", "quantity " + valuation.quantity.str() + " is more than the free " +
                                      account.free_base->str() + " " + context.rules->base.str());
    return std::nullopt;
}

}  // namespace vigil::risk
