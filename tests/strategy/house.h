// A tiny house around one strategy: a market with one price, an exchange that matches against it, a ledger,
// and faults on request. It carries out every wish and, while it does, holds the strategy to what must always
// be true: one live order a slot, legal orders only, nothing placed while it may not be, never more spent or
// sold than it has.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "domain/order_check.h"
#include "strategy/sizing.h"
#include "strategy/strategy.h"

namespace vigil::strategy::testing {

using domain::Amount;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Side;
using domain::Slot;

inline domain::SymbolRules btc_rules() {
    domain::SymbolRules rules;
    rules.symbol = *domain::Symbol::from("BTCUSDT");
    rules.base = *domain::Asset::from("BTC");
    rules.quote = *domain::Asset::from("USDT");
    rules.status = domain::SymbolStatus::trading;
    rules.order_types = {domain::OrderType::limit, domain::OrderType::limit_maker, domain::OrderType::market};
    rules.quote_order_quantity_allowed = true;
    rules.price = {Price::literal("0.01"), Price::of(1'000'000), Price::literal("0.01")};
    rules.lot = {Quantity::literal("0.00001"), Quantity::of(9000), Quantity::literal("0.00001")};
    rules.market_lot = {Quantity{}, Quantity::literal("120"), Quantity{}};
    domain::NotionalFilter notional;
    notional.min = Amount::of(5);
    notional.max = Amount::of(9'000'000);
    rules.notional = notional;
    rules.orders_max = 200;
    return rules;
}

/// What may go wrong, as chances in a thousand for each order or step.
struct Faults {
    int latency_steps_max{0};  ///< an order reaches the exchange after 0 to so many steps
    int unknown{0};            ///< its answer is lost; later it turns out to exist, or not
    int never_sent{0};         ///< refused inside the house
    int rejected{0};           ///< -1015 or another reason of the exchange's own
    int cancelled_unasked{0};  ///< a resting order, each step
    int partial_fill{0};       ///< a resting order fills in part
    int ioc_partial{0};        ///< an IOC or MARKET order finds too little
    int book_breaks{0};        ///< each step; mended some steps later
    int placing_forbidden{0};  ///< each step; allowed again some steps later
    int restart{0};            ///< each step: the strategy is made anew from what it saved
    bool fees_in_third_asset{false};
};

class House {
  public:
    House(StrategyOptions options, Price price, Faults faults = {}, unsigned seed = 1,
          domain::SymbolRules rules = btc_rules())
        : rules_{std::move(rules)},
          options_{std::move(options)},
          faults_{faults},
          random_{seed},
          market_{rules_.symbol, view_options()},
          bid_{price},
          ask_{price + rules_.tick()} {
        if (const auto need = make()->candle_need()) market_.follow(need->interval);
        show_snapshot();
        strategy_ = make();
    }

    // ---- what a test does --------------------------------------------------------------------------------
    [[nodiscard]] base::Result<void> start() {
        auto checked = strategy_->check(view());
        if (checked) call([&](const View& v) { strategy_->on_timer(v, wishes_); });
        settle();
        return checked;
    }
    /// The market moves: bid at `price`, ask one tick above; resting orders that are reached fill.
    void move(Price price) {
        set_price(price);
        match_resting();
        settle();
        call([&](const View& v) { strategy_->on_market(v, wishes_); });
        settle();
    }
    void advance(base::nanoseconds time) {
        now_ += time;
        exchange_now_ += std::chrono::floor<base::microseconds>(time);
        keep_fresh();
        settle();
        if (const auto due = strategy_->next_timer(); due && *due <= now_) {
            call([&](const View& v) { strategy_->on_timer(v, wishes_); });
            settle();
        }
    }
    void close_candle(domain::CandleInterval interval, Price close) {
        domain::Candle candle;
        candle.symbol = rules_.symbol;
        candle.interval = interval;
        candle.open_time = base::exchange_time_ms(candle_number_++ * interval.width_ms);
        candle.close_time = candle.open_time + base::milliseconds{interval.width_ms - 1};
        candle.open = candle.high = candle.low = candle.close = close;
        candle.closed = true;
        if (market_.candles(interval)->wants_warm_up()) {
            market_.warm_up(interval, std::span{&candle, 1});
        } else {
            market_.on(candle);
        }
        call([&](const View& v) { strategy_->on_candle(v, candle, wishes_); });
        settle();
    }
    void restart() {
        const std::string saved = saved_;
        strategy_ = make();
        // The ledger learns what happened meanwhile; the strategy is not told, it sees the result.
        for (; !pending_news_.empty(); pending_news_.pop_front()) (void)take_in(pending_news_.front());
        if (!saved.empty()) {
            const auto restored = strategy_->restore(saved);
            ASSERT_TRUE(restored.has_value()) << restored.error().message;
        }
        const auto checked = strategy_->check(view());
        if (!checked) {
            ASSERT_EQ(checked.error().kind, base::ErrorKind::unavailable) << checked.error().message;
        }
        call([&](const View& v) { strategy_->on_timer(v, wishes_); });
        settle();
    }
    /// One step of a random run: the price walks, faults strike, time passes.
    void random_step(base::milliseconds step, std::int64_t ticks_max);

    void allow(bool allowed) {
        allowed_ = allowed;
        call([&](const View& v) { strategy_->on_timer(v, wishes_); });
        settle();
    }
    /// The depth stream loses a diff; the ticker goes on.
    void break_book();
    void mend_book() { show_snapshot(); }
    /// The order of `slot` ends at the exchange without being asked.
    void end_unasked(Slot slot) {
        Resting* order = find(slot);
        ASSERT_NE(order, nullptr);
        finish(*order, Cancelled{});
        settle();
    }
    /// What the exchange answers to the next placements instead of taking them.
    void refuse_next(int count, int code, std::string message) {
        refuse_next_ = count;
        refuse_with_ = Rejected{code, std::move(message)};
    }
    /// The next placements' answers are lost, whether or not the exchange has got the orders, until
    /// resolve_unknown() finds out.
    void lose_next(int count, bool existed) {
        lose_next_ = count;
        lost_exist_ = existed;
    }
    void resolve_unknown();
    /// The next cancels are refused by the exchange: the orders stay open.
    void fail_next_cancels(int count) { fail_cancels_ = count; }
    void options(StrategyOptions options) { options_ = std::move(options); }

    // ---- what a test looks at ----------------------------------------------------------------------------
    [[nodiscard]] View view();
    [[nodiscard]] Strategy& strategy() { return *strategy_; }
    [[nodiscard]] const Holdings& holdings() const { return holdings_; }
    [[nodiscard]] std::vector<OwnOrder> orders() const {
        std::vector<OwnOrder> live;
        for (const Resting& each : resting_) live.push_back(each.own);
        return live;
    }
    [[nodiscard]] const OwnOrder* order(std::uint32_t slot) {
        const Resting* found = find(Slot{slot});
        return found == nullptr ? nullptr : &found->own;
    }
    [[nodiscard]] const std::vector<Place>& placed() const { return placed_; }
    [[nodiscard]] int cancels() const { return cancels_; }
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
    [[nodiscard]] const std::optional<std::string>& stop() const { return stop_; }
    [[nodiscard]] int fills() const { return fills_; }
    [[nodiscard]] Price bid() const { return bid_; }
    [[nodiscard]] const std::string& saved() const { return saved_; }
    [[nodiscard]] base::ExchangeTime exchange_now() const { return exchange_now_; }
    void set_exchange_now(base::ExchangeTime time) { exchange_now_ = time; }

    // Bounds that are checked at every placement.
    std::optional<Amount> net_spending_max;    ///< spent_net and what open buys may spend
    std::optional<Amount> gross_spending_max;  ///< bought and what open buys may spend

  private:
    /// An order, as the ledger shows it (`own`) and as the exchange has it (the rest).
    struct Resting {
        std::int64_t id{0};
        OwnOrder own;
        std::optional<domain::TimeInForce> time_in_force;
        Quantity wanted;    ///< MARKET by quote amount: known on arrival
        Quantity executed;  ///< at the exchange; the ledger learns of it with the news
        std::int64_t arrives_step{0};
        bool arrived{false};
        bool done{false};  ///< ended at the exchange (or never there), its last news is on the way
        bool answer_lost{false};
        bool exists{true};  ///< whether an order whose answer is lost has reached the exchange
        std::int64_t resolves_step{0};
        bool cancel_asked{false};
        std::deque<Happening> withheld;  ///< news of an order whose answer is lost
    };
    struct News {
        std::int64_t id;
        Happening what;
    };

    static market::SymbolViewOptions view_options() {
        market::SymbolViewOptions made;
        made.stale_after = base::milliseconds{60'000};
        return made;
    }
    [[nodiscard]] std::unique_ptr<Strategy> make() const {
        auto made = make_strategy(options_);
        base::check(made.has_value(), made ? "" : made.error().message);
        return std::move(*made);
    }
    [[nodiscard]] bool chance(int in_a_thousand) {
        return in_a_thousand > 0 && std::uniform_int_distribution{0, 999}(random_) < in_a_thousand;
    }
    [[nodiscard]] std::int64_t below(std::int64_t n) {
        return std::uniform_int_distribution<std::int64_t>{0, n - 1}(random_);
    }
    [[nodiscard]] Resting* find(Slot slot) {
        for (Resting& each : resting_)
            if (each.own.slot == slot) return &each;
        return nullptr;
    }
    template <class Call>
    void call(Call&& what) {
        wishes_.clear();
        what(view());
        carry_out();
    }
    void carry_out();
    void check_place(const Place& place);
    void place(const Place& wish);
    void cancel(const Cancel& wish);
    void set_price(Price price);
    void keep_fresh();
    void show_snapshot();
    void match_resting();
    void arrive(Resting& order);
    void execute(Resting& order, Price price, Quantity quantity, bool maker);
    void finish(Resting& order, Happening how);
    void report(Resting& order, Happening what);
    [[nodiscard]] std::optional<OrderChange> take_in(const News& news);
    void exchange_acts();
    void book_fill(const domain::Fill& fill);
    void settle();

    domain::SymbolRules rules_;
    StrategyOptions options_;
    Faults faults_;
    std::mt19937 random_;
    market::SymbolView market_;
    std::unique_ptr<Strategy> strategy_;
    Wishes wishes_;

    base::MonotonicTime now_{base::seconds{1000}};
    base::ExchangeTime exchange_now_{base::seconds{1'700'000'000}};
    Price bid_;
    Price ask_;
    std::int64_t update_id_{1000};
    std::int64_t depth_id_{1000};  ///< last update that a diff or snapshot contained
    std::int64_t step_{0};
    std::int64_t mended_step_{0};
    std::int64_t allowed_step_{0};
    bool allowed_{true};
    std::int64_t candle_number_{1};

    std::vector<Resting> resting_;
    std::int64_t last_id_{0};
    std::deque<News> pending_news_;
    std::vector<OwnOrder> shown_;
    Holdings holdings_;
    Amount cost_;

    std::vector<Place> placed_;
    int cancels_{0};
    std::vector<std::string> notes_;
    std::optional<std::string> stop_;
    int fills_{0};
    std::string saved_;
    std::uint64_t saved_revision_{0};
    int refuse_next_{0};
    Rejected refuse_with_;
    int lose_next_{0};
    int fail_cancels_{0};
    bool lost_exist_{true};
};

}  // namespace vigil::strategy::testing
