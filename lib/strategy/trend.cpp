#include "strategy/trend.h"

#include <algorithm>

#include "base/check.h"
#include "market/indicators.h"
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

constexpr int saved_version = 1;
constexpr base::milliseconds look_again{1'000};
/// One answer of `GET /api/v3/klines` holds 1000 candles, the last of which is open.
constexpr int warm_up_max = 990;
constexpr std::string_view exit_words[] = {"none", "cross", "stop", "profit"};

std::string_view in_words(std::size_t exit) {
    constexpr std::string_view words[] = {"", "cross below", "stop", "take-profit"};
    return words[exit];
}

/// Price of `rate` below or above `price`, exact; nothing on overflow.
std::optional<Price> moved_by(Price price, domain::Rate rate, bool up) {
    const auto part = domain::scaled_by(price, rate, domain::Rounding::up);
    if (!part) return std::nullopt;
    return price.checked_add(up ? *part : -*part);
}

}  // namespace

Trend::Trend(const StrategyOptions& options, const TrendOptions& trend)
    : StrategyBase{options}, options_{trend} {}

std::optional<CandleNeed> Trend::candle_need() const {
    // After four times its period an EMA's seed weighs less than 0.04 %.
    return CandleNeed{options_.interval, std::min(warm_up_max, 4 * options_.slow + 1)};
}

base::Result<void> Trend::check(const View& view) {
    if (view.market.candles(options_.interval) == nullptr)
        return fail(ErrorKind::unavailable, "candles of this interval are not followed");
    if (!view.rules.quote_order_quantity_allowed)
        return fail(ErrorKind::invalid, view.rules.symbol.str() + " takes no market orders by quote amount");
    Amount amount = options_.size;
    if (options_.max_position) amount = std::min(amount, *options_.max_position);
    if (!spendable(view.rules, amount).is_positive())
        return fail(ErrorKind::invalid, "an entry of " + amount.str() + " " + view.rules.quote.str() +
                                            " is less than a market order must be (" +
                                            (view.rules.notional ? view.rules.notional->min.str() : "0") +
                                            ")");
    if (options_.take_profit && *options_.take_profit <= view.taker_fee * 2)
        return fail(ErrorKind::invalid, "take_profit of " + options_.take_profit->str() +
                                            " does not earn two fees of " + view.taker_fee.str());
    return {};
}

void Trend::on_market(const View& view, Wishes& wishes) {
    // Nearly every tick ends here.
    if (exit_ == Exit::none && !entry_wanted_ && !options_.stop && !options_.take_profit) return;
    work(view, wishes);
}

void Trend::on_order(const View& view, const OrderChange& change, Wishes& wishes) {
    if (std::holds_alternative<Filled>(change.what)) {
        (change.order.slot == entry_slot ? entry_retry_ : exit_retry_).succeeded();
    } else if (change.ended()) {
        on_refusal(view, change, wishes);
    }
    work(view, wishes);
}

void Trend::on_candle(const View& view, const domain::Candle& candle, Wishes& wishes) {
    if (candle.interval != options_.interval) return;
    // A cross is entered before the next candle closes, or not at all.
    entry_wanted_ = false;
    entry_placed_ = false;
    switch (cross(view)) {
        case Cross::up:
            entry_wanted_ = true;
            break;
        case Cross::down:
            if (exit_ == Exit::none && has_position(view)) begin_exit(Exit::cross);
            break;
        case Cross::none:
            break;
    }
    work(view, wishes);
}

void Trend::on_timer(const View& view, Wishes& wishes) {
    work(view, wishes);
}

Trend::Cross Trend::cross(const View& view) const {
    const market::CandleSeries* series = view.market.candles(options_.interval);
    if (series == nullptr || series->wants_warm_up()) return Cross::none;
    const auto closed = series->closed();
    const auto needed = static_cast<std::size_t>(candle_need()->warm_up);
    const auto least = static_cast<std::size_t>(options_.slow) + 1;
    if (closed.size() < least) return Cross::none;
    const auto window = closed.last(std::min(needed, closed.size()));

    market::Ema fast{options_.fast};
    market::Ema slow{options_.slow};
    bool was_above = false;
    bool is_above = false;
    for (const domain::Candle& each : window) {
        const double close = market::as_double(each.close);
        fast.add(close);
        slow.add(close);
        if (!slow.value()) continue;
        was_above = is_above;
        is_above = *fast.value() > *slow.value();
    }
    // Below counts as a cross down each time, so that a position held over a restart leaves late, not never.
    if (!is_above) return Cross::down;
    return was_above ? Cross::none : Cross::up;
}

bool Trend::has_position(const View& view) const {
    const Price price = view.market.top() ? view.market.top()->bid.price : view.holdings.average_cost;
    return sellable(view.rules, view.holdings.inventory, price, OrderType::market).is_positive();
}

Amount Trend::entry_amount(const View& view) const {
    Amount amount = options_.size;
    if (options_.max_position) {
        const auto cost =
            domain::notional(view.holdings.average_cost, view.holdings.inventory, domain::Rounding::up);
        if (!cost) return {};
        amount = std::min(amount, *options_.max_position - *cost);
    }
    return spendable(view.rules, amount);
}

Trend::Exit Trend::exit_at_price(const View& view) const {
    if ((!options_.stop && !options_.take_profit) || !view.holdings.average_cost.is_positive())
        return Exit::none;
    // Never on a book that is not whole: a wrong price must not sell everything.
    if (!view.market.may_quote(view.now)) return Exit::none;
    const Price bid = view.market.top()->bid.price;
    if (options_.stop) {
        const auto stop = moved_by(view.holdings.average_cost, *options_.stop, false);
        if (stop && bid <= *stop) return Exit::stop;
    }
    if (options_.take_profit) {
        const auto target = moved_by(view.holdings.average_cost, *options_.take_profit, true);
        if (target && bid >= *target) return Exit::profit;
    }
    return Exit::none;
}

void Trend::begin_exit(Exit why) {
    exit_ = why;
    entry_wanted_ = false;
    changed();
}

void Trend::work(const View& view, Wishes& wishes) {
    sleep();
    if (exit_ == Exit::none) {
        const Exit why = exit_at_price(view);
        if (why != Exit::none && has_position(view)) begin_exit(why);
    }
    if (exit_ != Exit::none) return leave(view, wishes);
    if (entry_wanted_) enter(view, wishes);
}

void Trend::enter(const View& view, Wishes& wishes) {
    if (!view.orders.empty() || entry_placed_) return;
    if (has_position(view)) {
        entry_wanted_ = false;
        return;
    }
    if (cool_until_ && view.exchange_now < *cool_until_) {
        (void)wishes.add(note("trend: the cross up falls into the cool-down and is not entered"));
        entry_wanted_ = false;
        return;
    }
    if (!view.may_place()) return;
    if (!entry_retry_.ready(view.now)) return wake_at(entry_retry_.next());
    const Place place = market_buy(entry_slot, entry_amount(view), reason("trend: cross above"));
    if (!place.quote_quantity->is_positive() || !legal(view.rules, place)) {
        (void)wishes.add(note("trend: the room under max_position is too little for an entry"));
        entry_wanted_ = false;
        return;
    }
    if (wishes.add(place))
        entry_placed_ = true;
    else
        wake_at(view.now);
}

void Trend::leave(const View& view, Wishes& wishes) {
    // An entry whose fate is not known may still add to what is to be sold.
    if (!view.orders.empty()) return wake_at(view.now + look_again);
    if (!view.may_place()) return wake_at(view.now + look_again);
    if (!exit_retry_.ready(view.now)) return wake_at(exit_retry_.next());
    const Quantity quantity =
        sellable(view.rules, view.holdings.inventory, view.market.top()->bid.price, OrderType::market);
    const auto why = in_words(static_cast<std::size_t>(exit_));
    const Place place = market_sell(exit_slot, quantity, reason("trend: " + std::string{why}));
    if (quantity.is_positive() && legal(view.rules, place)) {
        if (!wishes.add(place)) wake_at(view.now);
        return;
    }
    if (view.holdings.inventory.is_positive() && view.holdings.inventory >= view.rules.step())
        (void)wishes.add(note("trend: " + view.holdings.inventory.str() + " " + view.rules.base.str() +
                              " is too little to sell and stays until the next exit"));
    exit_ = Exit::none;
    if (options_.cool_down.count() > 0) cool_until_ = view.exchange_now + options_.cool_down;
    changed();
}

void Trend::on_refusal(const View& view, const OrderChange& change, Wishes& wishes) {
    const bool is_entry = change.order.slot == entry_slot;
    Retry& retry = is_entry ? entry_retry_ : exit_retry_;
    bool paused = false;
    std::string what = "ended unfilled";
    if (const auto* rejected = std::get_if<Rejected>(&change.what)) {
        paused = retry.failed(view.now, rejected->code);
        what = "rejected (" + std::to_string(rejected->code) + " " + rejected->message + ")";
    } else if (const auto* unsent = std::get_if<NeverSent>(&change.what)) {
        paused = retry.failed(view.now, refusal_never_sent);
        what = "not sent (" + unsent->why + ")";
    } else if (change.order.executed.is_positive()) {
        return;  // the rest of a market order that found no more to match
    } else {
        paused = retry.failed(view.now, refusal_ended_unasked);
    }
    if (is_entry) entry_placed_ = false;  // definitely not bought: once more, while the cross is fresh
    if (paused)
        (void)wishes.add(note(std::string{"trend "} + (is_entry ? "entry " : "exit ") + what + ", " +
                              std::to_string(Retry::same_in_a_row) +
                              " times in a row; paused for 10 minutes"));
}

domain::StrategyState Trend::save() const {
    SavedState state{"trend", saved_version};
    state.put("exit", exit_words[static_cast<std::size_t>(exit_)]);
    state.put("cool_until_us", cool_until_ ? cool_until_->time_since_epoch().count() : 0);
    return state.text();
}

base::Result<void> Trend::restore(std::string_view saved) {
    const auto reader = SavedStateReader::parse(saved, "trend", saved_version);
    if (!reader) return fail(reader.error());
    const auto found =
        std::find(std::begin(exit_words), std::end(exit_words), reader->text("exit").value_or(""));
    const auto cool_until_us = reader->number("cool_until_us");
    if (found == std::end(exit_words) || !cool_until_us || *cool_until_us < 0)
        return fail(ErrorKind::corrupt, "saved state of a trend lacks a value or holds an impossible one");
    exit_ = static_cast<Exit>(found - std::begin(exit_words));
    cool_until_.reset();
    if (*cool_until_us > 0) cool_until_ = base::ExchangeTime{base::microseconds{*cool_until_us}};
    return {};
}

}  // namespace vigil::strategy
