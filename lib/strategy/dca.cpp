#include "strategy/dca.h"

#include <algorithm>

#include "base/check.h"
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
using domain::Side;

constexpr int saved_version = 1;
constexpr int refusals_max = 5;
constexpr base::milliseconds cancel_patience{5'000};
/// While a due purchase waits for the market, and against drift between the two clocks.
constexpr base::milliseconds look_again{1'000};
constexpr base::seconds longest_sleep{60};

}  // namespace

Dca::Dca(const StrategyOptions& options, const DcaOptions& dca)
    : StrategyBase{options}, options_{dca}, start_{dca.start} {}

base::ExchangeTime Dca::due(std::int64_t number) const {
    return *start_ + options_.every * number;
}

base::Result<void> Dca::check(const View& view) {
    if (stopped_) return {};
    if (!view.market.top()) return fail(ErrorKind::unavailable, "no price is known yet");
    const auto& top = *view.market.top();
    if (options_.order == DcaOrder::limit) {
        const auto price = price_below(view.rules, top.bid.price, options_.limit_offset);
        if (!price)
            return fail(ErrorKind::invalid, "limit_offset of " + options_.limit_offset.str() + " below " +
                                                top.bid.price.str() + " leaves no price");
        if (!buyable(view.rules, options_.amount, *price, OrderType::limit).is_positive())
            return fail(ErrorKind::invalid, "amount of " + options_.amount.str() + " " +
                                                view.rules.quote.str() + " is less than an order at " +
                                                price->str() + " must be");
        return {};
    }
    if (!purchase_order(view, options_.amount)) {
        const std::string least = view.rules.notional ? view.rules.notional->min.str() : "one step";
        return fail(ErrorKind::invalid, "amount of " + options_.amount.str() + " " + view.rules.quote.str() +
                                            " is less than a market order must be (" + least + ")");
    }
    return {};
}

void Dca::on_market(const View& view, Wishes& wishes) {
    if (stopped_) return;
    // Nearly every tick ends here.
    const bool timer_due = !next_timer() || view.now >= *next_timer();
    if (!timer_due && !options_.take_profit) return;
    work(view, wishes);
}

void Dca::on_order(const View& view, const OrderChange& change, Wishes& wishes) {
    if (std::holds_alternative<Filled>(change.what)) {
        if (change.order.slot == purchase_slot) {
            purchase_retry_.succeeded();
            refused_ = 0;
        } else {
            profit_retry_.succeeded();
        }
    } else if (change.ended()) {
        on_refusal(view, change, wishes);
    }
    work(view, wishes);
}

void Dca::on_candle(const View& /*view*/, const domain::Candle& /*candle*/, Wishes& /*wishes*/) {}

void Dca::on_timer(const View& view, Wishes& wishes) {
    work(view, wishes);
}

void Dca::work(const View& view, Wishes& wishes) {
    if (stopped_) return;
    sleep();
    if (!start_) {
        start_ = view.exchange_now;
        changed();
    }
    take_profit(view, wishes);
    purchase_if_due(view, wishes);
}

void Dca::take_profit(const View& view, Wishes& wishes) {
    if (!options_.take_profit || !view.holdings.average_cost.is_positive()) return;
    if (view.order(profit_slot) != nullptr || !view.may_place()) return;
    if (!profit_retry_.ready(view.now)) return wake_at(profit_retry_.next());
    const auto target = price_above(view.rules, view.holdings.average_cost, *options_.take_profit);
    if (!target || view.market.top()->bid.price < *target) return;
    const Quantity quantity =
        sellable(view.rules, view.holdings.inventory - committed_base(view), *target, OrderType::limit);
    // IOC at the target: sells at least at the wanted profit or not at all.
    const Place place = limit_order(profit_slot, Side::sell, quantity, *target, domain::TimeInForce::ioc,
                                    reason("dca take-profit at " + target->str()));
    if (!quantity.is_positive() || !legal(view.rules, place)) return;
    if (!wishes.add(place)) wake_at(view.now);
}

void Dca::purchase_if_due(const View& view, Wishes& wishes) {
    if (budget_used_up_) return budget_is_used_up(view, wishes);
    const auto sleep_until = [&](base::ExchangeTime time) {
        const base::nanoseconds left = std::clamp<base::nanoseconds>(
            time - view.exchange_now, base::milliseconds{1}, base::nanoseconds{longest_sleep});
        wake_at(view.now + left);
    };
    if (view.exchange_now < due(next_)) return sleep_until(due(next_));

    const std::int64_t newest = (view.exchange_now - *start_) / options_.every;
    if (newest > next_) {
        (void)wishes.add(
            note("dca: " + std::to_string(newest - next_) + " purchases were missed and are not caught up"));
        next_ = newest;
        refused_ = 0;
        changed();
    }
    if (const OwnOrder* before = view.order(purchase_slot)) {
        // A limit order of the period before gives way; one whose fate is not known is waited for.
        if (before->state == OwnOrderState::open && view.now >= cancel_again_ &&
            wishes.add(Cancel{purchase_slot, reason("dca: the next purchase is due")}))
            cancel_again_ = view.now + cancel_patience;
        return wake_at(view.now + look_again);
    }
    if (!view.may_place()) return wake_at(view.now + look_again);
    if (!purchase_retry_.ready(view.now)) return wake_at(purchase_retry_.next());
    purchase(view, wishes, next_);
    if (!stopped_ && !budget_used_up_) sleep_until(due(next_));
}

void Dca::purchase(const View& view, Wishes& wishes, std::int64_t number) {
    const Price ask = view.market.top()->ask.price;
    if (options_.price_cap && ask > *options_.price_cap) {
        (void)wishes.add(note("dca: purchase " + std::to_string(number) + " skipped, the ask " + ask.str() +
                              " is above price_cap " + options_.price_cap->str()));
        next_ = number + 1;
        return changed();
    }
    const Amount left = options_.total_budget - view.holdings.bought - committed_quote(view);
    const auto place = purchase_order(view, std::min(options_.amount, left));
    if (!place) {
        if (left >= options_.amount) {
            // Not the budget: the filters refuse such an amount at this price.
            (void)wishes.add(note("dca: purchase " + std::to_string(number) + " skipped, " +
                                  options_.amount.str() + " " + view.rules.quote.str() +
                                  " is too little at ask " + ask.str()));
            next_ = number + 1;
            return changed();
        }
        (void)wishes.add(note("dca: " + view.holdings.bought.str() + " of " + options_.total_budget.str() +
                              " " + view.rules.quote.str() + " is spent, the rest is too little to buy"));
        budget_used_up_ = true;
        changed();
        return budget_is_used_up(view, wishes);
    }
    if (!wishes.add(*place)) return wake_at(view.now);
    next_ = number + 1;
    changed();
}

std::optional<Place> Dca::purchase_order(const View& view, Amount amount) const {
    if (!amount.is_positive()) return std::nullopt;
    const auto& top = *view.market.top();
    std::optional<Place> place;
    if (options_.order == DcaOrder::market && view.rules.quote_order_quantity_allowed) {
        const Amount quote = spendable(view.rules, amount);
        if (!quote.is_positive()) return std::nullopt;
        place = market_buy(purchase_slot, quote, reason("dca purchase"));
    } else {
        const bool at_market = options_.order == DcaOrder::market;
        const auto price = at_market ? price_above(view.rules, top.ask.price, slippage)
                                     : price_below(view.rules, top.bid.price, options_.limit_offset);
        if (!price) return std::nullopt;
        const Quantity quantity = buyable(view.rules, amount, *price, OrderType::limit);
        if (!quantity.is_positive()) return std::nullopt;
        place = limit_order(purchase_slot, Side::buy, quantity, *price,
                            at_market ? domain::TimeInForce::ioc : domain::TimeInForce::gtc,
                            reason("dca purchase"));
    }
    if (!legal(view.rules, *place)) return std::nullopt;
    return place;
}

void Dca::budget_is_used_up(const View& view, Wishes& wishes) {
    // With a take-profit what was bought is still to be sold.
    if (options_.take_profit &&
        sellable(view.rules, view.holdings.inventory, view.holdings.average_cost, OrderType::limit)
            .is_positive())
        return;
    if (!view.orders.empty()) return wake_at(view.now + look_again);
    if (!wishes.add(Stop{reason("dca: the budget is used up")})) return wake_at(view.now);
    stopped_ = true;
    changed();
}

void Dca::on_refusal(const View& view, const OrderChange& change, Wishes& wishes) {
    const bool is_purchase = change.order.slot == purchase_slot;
    Retry& retry = is_purchase ? purchase_retry_ : profit_retry_;
    int code = refusal_ended_unasked;
    std::string what = "ended unfilled";
    if (const auto* rejected = std::get_if<Rejected>(&change.what)) {
        code = rejected->code;
        what = "rejected (" + std::to_string(rejected->code) + " " + rejected->message + ")";
    } else if (const auto* unsent = std::get_if<NeverSent>(&change.what)) {
        code = refusal_never_sent;
        what = "not sent (" + unsent->why + ")";
    } else if (change.order.executed.is_positive()) {
        return;  // the rest of an order that did buy or sell
    } else if (is_purchase && change.order.type == OrderType::limit && options_.order == DcaOrder::limit) {
        return;  // a resting order that gave way, or was cancelled by the operator: that period is over
    }
    const bool paused = retry.failed(view.now, code);
    if (!is_purchase) {
        if (paused) (void)wishes.add(note("dca take-profit " + what + ", again and again: paused"));
        return;
    }
    ++refused_;
    if (refused_ >= refusals_max) {
        (void)wishes.add(note("dca: purchase " + std::to_string(next_ - 1) + " given up: " + what));
        refused_ = 0;
        return;
    }
    // Definitely not bought: the same purchase is due again, unless the next one already is.
    if (next_ > 0 && view.exchange_now < due(next_)) {
        --next_;
        changed();
    }
}

domain::StrategyState Dca::save() const {
    SavedState state{"dca", saved_version};
    if (start_) state.put("start_us", start_->time_since_epoch().count());
    state.put("every_s", options_.every.count());
    state.put("next", next_);
    state.put("used_up", budget_used_up_ ? 1 : 0);
    state.put("stopped", stopped_ ? 1 : 0);
    return state.text();
}

base::Result<void> Dca::restore(std::string_view saved) {
    const auto reader = SavedStateReader::parse(saved, "dca", saved_version);
    if (!reader) return fail(reader.error());
    const auto start_us = reader->number("start_us");
    const auto every_s = reader->number("every_s");
    const auto next = reader->number("next");
    const auto used_up = reader->number("used_up");
    const auto stopped = reader->number("stopped");
    // Bounds that keep the product below within its type: 10,000 years in microseconds.
    constexpr std::int64_t longest_s = 315'360'000'000;
    if (!every_s || *every_s < 1 || !next || *next > longest_s / *every_s ||
        (start_us && *start_us / 1'000'000 > longest_s) || *next < 0 || !used_up || !stopped ||
        (start_us && *start_us < 0))
        return fail(ErrorKind::corrupt, "saved state of a dca lacks a value or holds an impossible one");
    budget_used_up_ = *used_up != 0;
    stopped_ = *stopped != 0;
    if (!start_us) return {};
    const base::ExchangeTime saved_start{base::microseconds{*start_us}};
    if (!options_.start) start_ = saved_start;
    if (*start_ == saved_start && options_.every.count() == *every_s) {
        next_ = *next;
        return {};
    }
    // Another schedule than before: go on after the last consumed time, wherever it falls in the new one.
    if (*next == 0) return {};
    const auto last = saved_start + base::seconds{*every_s} * (*next - 1);
    next_ = last < *start_ ? 0 : (last - *start_) / options_.every + 1;
    return {};
}

}  // namespace vigil::strategy
