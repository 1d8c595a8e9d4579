#include "house.h"

#include <algorithm>

namespace vigil::strategy::testing {

using domain::OrderType;
using domain::Rounding;

namespace {

const Rate fee_rate = Rate::literal("0.001");
constexpr std::int64_t resolve_after_steps = 5;

}  // namespace

View House::view() {
    shown_.clear();
    for (const Resting& each : resting_) shown_.push_back(each.own);
    return View{now_, exchange_now_, rules_, market_, holdings_, shown_, fee_rate, fee_rate, allowed_};
}

// ---- market --------------------------------------------------------------------------------------------

void House::show_snapshot() {
    domain::DepthSnapshot snapshot;
    snapshot.last_id = depth_id_ = ++update_id_;
    snapshot.bids = {{bid_, Quantity::of(5)}};
    snapshot.asks = {{ask_, Quantity::of(5)}};
    snapshot.received = now_;
    ASSERT_EQ(market_.on(snapshot), market::SnapshotResult::applied);
}

void House::break_book() {
    update_id_ += 10;  // a diff that does not follow
    domain::DepthDiff diff;
    diff.first_id = diff.last_id = depth_id_ = update_id_;
    diff.received = now_;
    ASSERT_EQ(market_.on(diff), market::DiffResult::gap);
}

void House::set_price(Price price) {
    const domain::BookLevel bids[] = {{price, Quantity::of(5)},
                                      {bid_, bid_ == price ? Quantity::of(5) : Quantity{}}};
    const Price new_ask = price + rules_.tick();
    const domain::BookLevel asks[] = {{new_ask, Quantity::of(5)},
                                      {ask_, ask_ == new_ask ? Quantity::of(5) : Quantity{}}};
    domain::DepthDiff diff;
    diff.first_id = depth_id_ + 1;
    diff.last_id = depth_id_ = ++update_id_;
    diff.bids = bids;
    diff.asks = asks;
    diff.received = now_;
    market_.on(diff);
    bid_ = price;
    ask_ = new_ask;
    domain::BookTicker ticker;
    ticker.update_id = ++update_id_;
    ticker.bid = {bid_, Quantity::of(5)};
    ticker.ask = {ask_, Quantity::of(5)};
    ticker.received = now_;
    market_.on(ticker);
}

void House::keep_fresh() {
    domain::DepthDiff diff;
    diff.first_id = depth_id_ + 1;
    diff.last_id = depth_id_ = ++update_id_;
    diff.received = now_;
    market_.on(diff);
}

void House::random_step(base::milliseconds step, std::int64_t ticks_max) {
    ++step_;
    now_ += step;
    exchange_now_ += step;
    if (!market_.book().synchronised() && step_ >= mended_step_) show_snapshot();
    if (market_.book().synchronised() && chance(faults_.book_breaks)) {
        break_book();
        mended_step_ = step_ + 1 + below(20);
    }
    if (!allowed_ && step_ >= allowed_step_) allow(true);
    if (allowed_ && chance(faults_.placing_forbidden)) {
        allow(false);
        allowed_step_ = step_ + 1 + below(20);
    }
    const std::int64_t ticks = below(2 * ticks_max + 1) - ticks_max;
    set_price(std::max(bid_ + rules_.tick() * ticks, rules_.tick() * 10));
    match_resting();
    settle();
    if (chance(faults_.cancelled_unasked) && !resting_.empty()) {
        Resting& unlucky =
            resting_[static_cast<std::size_t>(below(static_cast<std::int64_t>(resting_.size())))];
        if (unlucky.arrived && !unlucky.done) finish(unlucky, Cancelled{});
    }
    settle();
    if (chance(faults_.restart)) restart();
    call([&](const View& v) { strategy_->on_market(v, wishes_); });
    settle();
    if (const auto due = strategy_->next_timer(); due && *due <= now_) {
        call([&](const View& v) { strategy_->on_timer(v, wishes_); });
        settle();
    }
}

// ---- wishes --------------------------------------------------------------------------------------------

void House::carry_out() {
    if (strategy_->revision() != saved_revision_ || saved_.empty()) {
        saved_revision_ = strategy_->revision();
        saved_ = strategy_->save().str();
    }
    const Wishes wishes = wishes_;
    for (const Wish& wish : wishes.all()) {
        ASSERT_FALSE(stop_.has_value()) << "a wish after Stop";
        if (const auto* each = std::get_if<Place>(&wish)) {
            check_place(*each);
            place(*each);
        } else if (const auto* each_cancel = std::get_if<Cancel>(&wish)) {
            cancel(*each_cancel);
        } else if (const auto* each_stop = std::get_if<Stop>(&wish)) {
            EXPECT_TRUE(resting_.empty()) << "Stop while orders are live";
            EXPECT_TRUE(strategy_->stopped());
            stop_ = each_stop->reason.str();
        } else {
            notes_.push_back(std::get<Note>(wish).text.str());
        }
    }
}

void House::check_place(const Place& wish) {
    EXPECT_EQ(find(wish.slot), nullptr) << "slot " << wish.slot.value << " has a live order";
    EXPECT_TRUE(view().may_place()) << "placed while nothing may be placed";
    const domain::NewOrder order = as_order(rules_.symbol, wish);
    domain::CheckContext context;
    context.average_price = bid_;
    context.open_orders = static_cast<std::int64_t>(resting_.size());
    const auto breach = domain::check_order(rules_, order, context);
    EXPECT_FALSE(breach.has_value()) << (breach ? std::string{breach->filter} + ": " + breach->detail : "");
    EXPECT_EQ(wish.type == OrderType::limit, wish.time_in_force.has_value());
    EXPECT_NE(wish.quantity.has_value(), wish.quote_quantity.has_value());
    EXPECT_FALSE(wish.reason.empty());
    const View now = view();
    if (wish.side == Side::sell) {
        EXPECT_LE(committed_base(now) + *wish.quantity, now.holdings.inventory) << "sells more than it has";
        return;
    }
    Amount value = wish.quote_quantity.value_or(Amount{});
    if (wish.quantity) value = *domain::notional(*wish.price, *wish.quantity, Rounding::up);
    const Amount committed = committed_quote(now) + value;
    if (net_spending_max) {
        EXPECT_LE(now.holdings.spent_net() + committed, *net_spending_max) << "spends more than invested";
    }
    if (gross_spending_max) {
        EXPECT_LE(now.holdings.bought + committed, *gross_spending_max) << "spends more than its budget";
    }
}

void House::place(const Place& wish) {
    placed_.push_back(wish);
    Resting order;
    order.id = ++last_id_;
    order.own = {.slot = wish.slot,
                 .side = wish.side,
                 .type = wish.type,
                 .price = wish.price.value_or(Price{}),
                 .quantity = wish.quantity.value_or(Quantity{}),
                 .quote_quantity = wish.quote_quantity.value_or(Amount{}),
                 .executed = {},
                 .state = OwnOrderState::pending};
    order.wanted = order.own.quantity;
    order.time_in_force = wish.time_in_force;
    order.arrives_step = step_ + (faults_.latency_steps_max > 0 ? below(faults_.latency_steps_max + 1) : 0);
    resting_.push_back(std::move(order));
    Resting& made = resting_.back();
    if (chance(faults_.never_sent)) return finish(made, NeverSent{"refused in the house"});
    if (refuse_next_ > 0) {
        --refuse_next_;
        return finish(made, refuse_with_);
    }
    if (lose_next_ > 0 || chance(faults_.unknown)) {
        const bool scripted = lose_next_ > 0;
        if (scripted) --lose_next_;
        report(made, BecameUnknown{});
        made.answer_lost = true;
        made.exists = scripted ? lost_exist_ : below(2) == 0;
        made.resolves_step =
            scripted ? std::numeric_limits<std::int64_t>::max() : step_ + 1 + below(resolve_after_steps);
    }
}

void House::cancel(const Cancel& wish) {
    Resting* order = find(wish.slot);
    ASSERT_NE(order, nullptr) << "cancels what is not there";
    EXPECT_EQ(order->own.state, OwnOrderState::open);
    ++cancels_;
    if (fail_cancels_ > 0) {
        --fail_cancels_;
        if (order->done) return;  // its last news is on the way and says all
        return report(*order, CancelFailed{-2011, "Unknown order sent."});
    }
    order->own.state = OwnOrderState::cancelling;
    order->cancel_asked = true;
}

// ---- exchange ------------------------------------------------------------------------------------------

void House::arrive(Resting& order) {
    order.arrived = true;
    const bool buys = order.own.side == Side::buy;
    const Price touch = buys ? ask_ : bid_;
    const auto half = [this](Quantity quantity) {
        return Quantity::from_raw(quantity.raw() / 2).floor_to(rules_.step());
    };
    if (chance(faults_.rejected)) return finish(order, Rejected{-1015, "Too many new orders."});
    const bool is_market = order.own.type == OrderType::market;
    const bool crosses = is_market || (buys ? order.own.price >= ask_ : order.own.price <= bid_);
    if (order.own.type == OrderType::limit_maker && crosses)
        return finish(order, Rejected{-2010, "Order would immediately match and take."});
    if (order.own.quote_quantity.is_positive())
        order.wanted =
            domain::quantity_for(order.own.quote_quantity, ask_, Rounding::down)->floor_to(rules_.step());
    report(order, Accepted{});
    if (crosses) {
        const Quantity found = chance(faults_.ioc_partial) ? half(order.wanted) : order.wanted;
        if (found.is_positive()) execute(order, touch, found, false);
    }
    const bool rests = !is_market && order.time_in_force != domain::TimeInForce::ioc;
    if (!rests && !order.done) finish(order, Expired{});
}

void House::match_resting() {
    for (Resting& order : resting_) {
        if (!order.arrived || order.done) continue;
        const bool reached = order.own.side == Side::buy ? ask_ <= order.own.price : bid_ >= order.own.price;
        if (!reached) continue;
        Quantity rest = order.wanted - order.executed;
        if (chance(faults_.partial_fill)) rest = Quantity::from_raw(rest.raw() / 2).floor_to(rules_.step());
        if (rest.is_positive()) execute(order, order.own.price, rest, true);
    }
}

void House::execute(Resting& order, Price price, Quantity quantity, bool maker) {
    domain::Fill fill;
    fill.trade_id = {++fills_};
    fill.price = price;
    fill.quantity = quantity;
    fill.quote_quantity = *domain::notional(price, quantity, Rounding::down);
    fill.is_maker = maker;
    fill.side = order.own.side;
    if (faults_.fees_in_third_asset) {
        fill.commission_asset = *domain::Asset::from("BNB");
        fill.commission = Amount::literal("0.00001");
    } else if (order.own.side == Side::buy) {
        fill.commission_asset = rules_.base;
        fill.commission = *domain::scaled_by(domain::as_amount(quantity), fee_rate, Rounding::up);
    } else {
        fill.commission_asset = rules_.quote;
        fill.commission = *domain::scaled_by(fill.quote_quantity, fee_rate, Rounding::up);
    }
    order.executed += quantity;
    order.done = order.executed >= order.wanted;
    report(order, Filled{fill, order.done});
}

void House::finish(Resting& order, Happening how) {
    order.done = true;
    report(order, std::move(how));
}

void House::report(Resting& order, Happening what) {
    if (order.answer_lost)
        order.withheld.push_back(std::move(what));
    else
        pending_news_.push_back({order.id, std::move(what)});
}

void House::resolve_unknown() {
    for (Resting& order : resting_)
        if (order.answer_lost) order.resolves_step = step_;
    settle();
}

void House::exchange_acts() {
    for (Resting& order : resting_) {
        if (!order.arrived && !order.done && order.exists && step_ >= order.arrives_step) arrive(order);
        if (order.answer_lost && step_ >= order.resolves_step) {
            order.answer_lost = false;
            if (!order.exists) finish(order, NeverSent{"the exchange never had it"});
            for (Happening& each : order.withheld) report(order, std::move(each));
            order.withheld.clear();
        }
        if (order.cancel_asked && order.arrived && !order.done) finish(order, Cancelled{});
    }
}

// ---- ledger --------------------------------------------------------------------------------------------

void House::book_fill(const domain::Fill& fill) {
    const Quantity base = base_change(rules_, fill);
    const Amount quote = quote_change(rules_, fill);
    if (fill.side == Side::buy) {
        holdings_.bought += quote;
        holdings_.inventory += base;
        cost_ += quote;
    } else {
        holdings_.sold += quote;
        ASSERT_LE(base, holdings_.inventory);
        const auto part = domain::divide_scaled(base.raw(), holdings_.inventory.raw(), Rounding::nearest);
        const Amount cost = *domain::scaled_by(cost_, Rate::from_raw(*part), Rounding::nearest);
        holdings_.realized_profit += quote - cost;
        cost_ -= cost;
        holdings_.inventory -= base;
        if (holdings_.inventory.is_zero()) cost_ = {};
    }
    holdings_.average_cost =
        domain::price_of(cost_, holdings_.inventory, Rounding::nearest).value_or(Price{});
}

/// Brings the ledger up to date with one piece of news; nothing when the order is not known (any more).
std::optional<OrderChange> House::take_in(const News& news) {
    const auto found = std::find_if(resting_.begin(), resting_.end(),
                                    [&](const Resting& each) { return each.id == news.id; });
    if (found == resting_.end()) {
        ADD_FAILURE() << "news of an order that has ended";
        return std::nullopt;
    }
    if (const auto* filled = std::get_if<Filled>(&news.what)) {
        found->own.executed += filled->fill.quantity;
        book_fill(filled->fill);
    }
    if (std::holds_alternative<BecameUnknown>(news.what)) found->own.state = OwnOrderState::unknown;
    if (std::holds_alternative<Accepted>(news.what)) found->own.state = OwnOrderState::open;
    OrderChange change{found->own, news.what};
    if (change.ended()) resting_.erase(found);
    return change;
}

/// Lets everything that is due happen, and tells the strategy the news one at a time.
void House::settle() {
    for (int rounds = 0; rounds < 10'000; ++rounds) {
        exchange_acts();
        if (pending_news_.empty()) return;
        const News news = pending_news_.front();
        pending_news_.pop_front();
        const auto change = take_in(news);
        if (change && !stop_) call([&](const View& v) { strategy_->on_order(v, *change, wishes_); });
    }
    FAIL() << "the strategy never comes to rest";
}

}  // namespace vigil::strategy::testing
