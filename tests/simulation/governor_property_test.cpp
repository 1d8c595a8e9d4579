// The governor against the simulated exchange's own limiter (lib/exchange/rate_limit.h), on a virtual clock:
// eight strategies that want more than they can have, other programs on the same address, limits that change,
// a clock that is off, requests and answers that take their time. Whatever the seed, the exchange never has
// cause to answer 429, the budget is used when it is wanted, a cancel goes at once, each strategy has its
// share of the orders by its weight, and no more connections are attempted than are allowed.
//
// In some runs all reads of a minute leave in its last second, and arrive in the next one.
//
// 10,000 runs, 150 where the build is sanitised (by clang, as the presets do) or not optimised.
// VIGIL_GOVERNOR_RUNS asks for another number, and VIGIL_GOVERNOR_SEED for the seed of the first; the seed
// that failed is printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exchange/rate_limit.h"
#include "governor/approve.h"
#include "governor/governor.h"
#include "governor/weights.h"

namespace vigil::governor {
namespace {

using namespace std::chrono_literals;
using domain::Lane;
using domain::RateLimitType;

constexpr std::string_view address = "203.0.113.7";
constexpr std::int64_t account = 1;
constexpr base::ExchangeTime run_begin =
    base::exchange_time_ms(1'723'161'840'000);  // five minutes end in the middle of a run
constexpr base::seconds run_length{150};
constexpr std::uint16_t strategies = 8;
// As long as the engine waits for a cancel's turn (engine/options.h): its bound.
constexpr base::seconds cancel_patience{65};

class Play {
  public:
    explicit Play(std::uint64_t seed)
        : random_{seed},
          is_late_{seed % 8 == 0},
          share_{static_cast<int>(between(is_late_ ? 70 : 40, 80))},
          is_crowded_{!is_late_ && random_() % 3 == 0},
          foreign_percent_{is_crowded_ ? 85 : static_cast<int>(between(0, is_late_ ? 5 : 85 - share_))},
          reads_first_{random_() % 2 == 0},
          limits_{make_limits()},
          exchange_{limits_},
          governor_{{.share_percent = share_, .reserve_percent = 10, .seed = seed}},
          uncertainty_{between(0, 60'000)},
          error_{between(-uncertainty_.count(), uncertainty_.count())} {
        governor_.set_limits(published());
        for (std::uint16_t each = 0; each < strategies; ++each) {
            weight_of_[each] = between(1, 4);
            governor_.set_weight(domain::StrategyIndex{each}, static_cast<std::int32_t>(weight_of_[each]));
        }
    }

    void play() {
        schedule(base::microseconds{0}, {.what = What::foreign});
        schedule(base::microseconds{0}, {.what = What::read});
        schedule(base::microseconds{0}, {.what = What::cancel});
        schedule(base::microseconds{0}, {.what = What::connect});
        for (std::uint16_t each = 0; each < strategies; ++each)
            schedule(base::microseconds{0}, {.what = What::wish, .who = each});
        schedule(base::seconds{10} - base::microseconds{1}, {.what = What::window_ends});
        while (due_.top().at < run_begin + run_length) {
            const Event event = due_.top();
            due_.pop();
            time_ = event.at;
            happen(event);
        }
    }

    int refused{0};  ///< requests that the exchange answered 429
    int cancels{0};
    int cancels_held{0};
    int cancels_dropped{0};
    base::nanoseconds longest_wait{0};  ///< of a cancel
    /// In whole windows after the first: what was used, and what might have been.
    std::int64_t weight_used{0};
    std::int64_t weight_allowed{0};
    std::int64_t orders_used{0};
    std::int64_t orders_allowed{0};
    /// Of one strategy in the same windows: orders that it got, and those that it wanted, at most its share.
    struct Fair {
        std::int64_t got{0};
        std::int64_t due{0};
    };
    std::array<Fair, strategies> fair{};
    std::vector<base::ExchangeTime> connections{};  ///< when they reached the exchange, in order
    int late_reads{0};                              ///< that left in one minute and arrived in the next

    [[nodiscard]] std::string story() const {
        return "share " + std::to_string(share_) + " %, others " + std::to_string(foreign_percent_) +
               " %, weight " + std::to_string(limits_.weight_per_minute) + ", orders " +
               std::to_string(limits_.orders_per_ten_seconds) + ", reads first " +
               std::to_string(reads_first_) + ", late " + std::to_string(is_late_);
    }

  private:
    enum class What : std::uint8_t {
        foreign,
        read,
        cancel,
        held,
        wish,
        connect,
        arrival,
        answer,
        fill,
        window_ends
    };
    enum class Kind : std::uint8_t { read, cancel, order, connection };
    struct Event {
        What what{What::read};
        Kind kind{Kind::read};
        std::uint16_t who{0};
        std::int32_t weight{0};
        bool accepted{false};
        bool is_maker{false};
        bool once{false};
        base::MonotonicTime charged{};
        base::ExchangeTime happened{};
        std::array<std::int64_t, 4> told{};  ///< weight and orders: used, limit
        base::ExchangeTime at{};
        std::uint64_t order{0};

        friend bool operator<(const Event& a, const Event& b) {
            return a.at != b.at ? a.at > b.at : a.order > b.order;  // earliest on top
        }
    };

    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
    }
    [[nodiscard]] bool one_in(std::uint64_t chances) { return random_() % chances == 0; }
    [[nodiscard]] exchange::RateLimitOptions make_limits() {
        exchange::RateLimitOptions limits;
        limits.weight_per_minute = between(600, 2000);
        limits.orders_per_ten_seconds = between(20, 50);
        return limits;
    }
    [[nodiscard]] std::vector<domain::RateLimit> published() const {
        return {{RateLimitType::request_weight, 60s, limits_.weight_per_minute},
                {RateLimitType::raw_requests, 300s, limits_.raw_per_five_minutes},
                {RateLimitType::orders, 10s, limits_.orders_per_ten_seconds},
                {RateLimitType::orders, 86'400s, limits_.orders_per_day}};
    }
    [[nodiscard]] Now now() const {
        return {base::MonotonicTime{(time_ - run_begin) + base::seconds{1000}}, time_ + error_, uncertainty_};
    }
    [[nodiscard]] base::microseconds transit() { return base::microseconds{between(500, 40'000)}; }
    [[nodiscard]] base::microseconds left_of_minute() const {
        return base::seconds{60} - (time_ - run_begin) % base::seconds{60};
    }
    void schedule(base::microseconds after, Event event) {
        event.at = time_ + after;
        event.order = order_++;
        due_.push(event);
    }

    void happen(const Event& event) {
        switch (event.what) {
            case What::foreign:
                return foreign();
            case What::read:
                return read(event.once);
            case What::cancel:
                return cancel();
            case What::held:
                return try_cancel(std::move(*std::exchange(held_[event.who], std::nullopt)));
            case What::wish:
                return wish(event.who);
            case What::connect:
                return connect();
            case What::arrival:
                return arrive(event);
            case What::answer:
                return answer(event);
            case What::fill:
                return governor_.on_first_fill(domain::StrategyIndex{event.who}, event.is_maker,
                                               event.happened, now());
            case What::window_ends:
                return window_ends();
        }
    }

    /// Others on this address: a crowd that takes nearly all of it, evenly; or fewer, in bursts.
    void foreign() {
        const std::int64_t in_a_minute = limits_.weight_per_minute * foreign_percent_ / 100;
        const std::int64_t every_ms = is_crowded_ ? 250 : between(250, 3000);
        const std::int64_t most = in_a_minute * every_ms / 60'000;
        const std::int64_t weight = between(most / 2, most);
        exchange_.add_foreign_weight(address, weight, time_);
        foreign_used_ += weight;
        schedule(base::milliseconds{every_ms}, {.what = What::foreign});
    }

    [[nodiscard]] Lane read_lane() const { return reads_first_ ? Lane::reconcile : Lane::account; }

    /// More reads than fit.
    void read(bool once) {
        static constexpr std::array<std::int32_t, 4> weights{4, 5, 6, 20};
        const std::int32_t weight = weights[random_() % weights.size()];
        const Lane lane = one_in(5) ? Lane::market_data : read_lane();
        // Nothing until the last half second of a minute, and then slow ways.
        const bool waits = is_late_ && !once && left_of_minute() > base::milliseconds{500};
        if (!waits && std::holds_alternative<Granted>(governor_.decide(now(), lane, {weight, 0}))) {
            const bool is_slow = is_late_ && left_of_minute() <= base::milliseconds{500};
            const base::microseconds way = is_slow ? base::milliseconds{between(500, 900)} : transit();
            if (way > left_of_minute()) ++late_reads;
            schedule(way, {.what = What::arrival, .kind = Kind::read, .weight = weight});
        }
        if (!once) schedule(base::milliseconds{between(10, 180)}, {.what = What::read});
    }

    /// More orders than fit.
    void wish(std::uint16_t strategy) {
        const Now present = now();
        ++wanted_[strategy];
        const Admission admission =
            governor_.admit(placement(present.monotonic + base::seconds{2}, Lane::order,
                                      domain::StrategyIndex{strategy}, present.monotonic),
                            present);
        if (const auto* permitted = std::get_if<domain::Permitted>(&admission))
            schedule(transit(), {.what = What::arrival,
                                 .kind = Kind::order,
                                 .who = strategy,
                                 .weight = 1,
                                 .charged = permitted->permitted()});
        schedule(base::milliseconds{between(20, 800)}, {.what = What::wish, .who = strategy});
    }

    /// More connections than may be.
    void connect() {
        if (std::holds_alternative<Granted>(governor_.decide(now(), Lane::reconcile, {0, 0, 1})))
            schedule(transit(), {.what = What::arrival, .kind = Kind::connection});
        schedule(base::milliseconds{between(50, 350)}, {.what = What::connect});
    }

    void cancel() {
        const base::MonotonicTime present = now().monotonic;
        ++cancels;
        try_cancel(cancellation(present + cancel_patience, one_in(8) ? Lane::emergency_cancel : Lane::cancel,
                                present));
        schedule(base::milliseconds{between(100, 1500)}, {.what = What::cancel});
    }

    /// What must wait is tried again when the governor said.
    void try_cancel(domain::Approved&& approved) {
        const Now present = now();
        const base::MonotonicTime decided = approved.intent().decided;
        Admission admission = governor_.admit(std::move(approved), present);
        if (const auto* permitted = std::get_if<domain::Permitted>(&admission)) {
            longest_wait = std::max(longest_wait, present.monotonic - decided);
            schedule(transit(), {.what = What::arrival,
                                 .kind = Kind::cancel,
                                 .weight = 1,
                                 .charged = permitted->permitted()});
        } else if (auto* deferred = std::get_if<Deferred>(&admission)) {
            if (present.monotonic == decided) ++cancels_held;
            const auto place = std::find(held_.begin(), held_.end(), std::nullopt);
            const auto index = static_cast<std::uint16_t>(place - held_.begin());
            const base::nanoseconds wait = deferred->until - present.monotonic;
            if (place == held_.end())
                held_.emplace_back(std::move(deferred->approved));
            else
                *place = std::move(deferred->approved);
            schedule(std::chrono::ceil<base::microseconds>(wait), {.what = What::held, .who = index});
        } else {
            ++cancels_dropped;
        }
    }

    void arrive(Event event) {
        if (event.kind == Kind::connection) return connections.push_back(time_);
        if (exchange_.charge(address, event.weight, time_)) ++refused;
        own_used_ += event.weight;
        event.accepted = event.kind != Kind::read && !one_in(12);
        if (event.kind == Kind::order && event.accepted) {
            if (exchange_.count_orders(account, 1, time_)) ++refused;
            ++got_[event.who];
            fill(event);
        }
        // What has succeeded costs no weight (CHANGELOG.md, 2026-04-02).
        if (event.accepted) {
            exchange_.refund(address, event.weight, time_);
            own_used_ -= event.weight;
        }
        event.what = What::answer;
        event.told = {exchange_.used_weight(address, time_), limits_.weight_per_minute,
                      exchange_.orders_in_ten_seconds(account, time_), limits_.orders_per_ten_seconds};
        schedule(transit(), event);
    }

    /// Some orders fill at once, as taker; now and then one that has rested does, as maker.
    void fill(Event event) {
        if (!one_in(4)) return;
        event.is_maker = one_in(5);
        exchange_.first_fill(account, event.is_maker, time_);
        event.what = What::fill;
        event.happened = time_;
        schedule(transit(), event);
    }

    void answer(const Event& event) {
        domain::RateLimitReport report;
        report.received = now().monotonic;
        report.usage.push_back({RateLimitType::request_weight, 60s, event.told[0], event.told[1]});
        if (event.kind == Kind::order)
            report.usage.push_back({RateLimitType::orders, 10s, event.told[2], event.told[3]});
        static_cast<void>(governor_.on_usage(report, now()));
        if (event.kind == Kind::read) return;
        governor_.on_order_answered(event.charged, event.accepted, event.kind == Kind::cancel,
                                    domain::StrategyIndex{event.who}, now());
    }

    /// One microsecond before a window of ten seconds ends, and with every sixth the minute.
    void window_ends() {
        const bool is_minute =
            (time_ + base::microseconds{1} - run_begin) % base::seconds{60} == base::seconds{0};
        const bool counts = time_ > run_begin + base::seconds{60};
        // Where reads or others take the weight up to where orders stop, orders have no claim to go; and what
        // lies between has to suffice for those that are refused, which cost weight.
        const bool orders_can_go = !reads_first_ && !is_late_ && foreign_percent_ * 10 <= share_ &&
                                   limits_.weight_per_minute * share_ * 15 / 10'000 >= 100;
        if (counts && orders_can_go) {
            orders_used += exchange_.orders_in_ten_seconds(account, time_);
            const std::int64_t allowed = limits_.orders_per_ten_seconds * 90 / 100;
            orders_allowed += allowed;
            const std::int64_t weights =
                std::accumulate(weight_of_.begin(), weight_of_.end(), std::int64_t{0});
            for (std::size_t each = 0; each < strategies; ++each) {
                fair[each].got += got_[each];
                fair[each].due += std::min(wanted_[each], allowed * weight_of_[each] / weights);
            }
        }
        got_ = wanted_ = {};
        if (is_minute) {
            const std::int64_t ceiling =
                limits_.weight_per_minute * share_ / 100 * (reads_first_ ? 100 : 80) / 100;
            const std::int64_t left = std::max<std::int64_t>(0, ceiling - foreign_used_);
            if (counts && !is_late_) {
                weight_used += std::min(own_used_, left);
                weight_allowed += left;
            }
            own_used_ = foreign_used_ = 0;
            time_ += base::microseconds{1};
            // The exchange's numbers change with a new minute, when its counts begin anew; answers tell of
            // it.
            if (one_in(2)) {
                limits_.weight_per_minute =
                    std::clamp<std::int64_t>(limits_.weight_per_minute * between(50, 150) / 100, 400, 3000);
                limits_.orders_per_ten_seconds =
                    std::clamp<std::int64_t>(limits_.orders_per_ten_seconds * between(60, 150) / 100, 15, 60);
                exchange_ = exchange::RateLimiter{limits_};
            }
            // What has waited for the new minute comes all at once.
            for (int i = 0; i < (is_late_ ? 300 : 60); ++i)
                schedule(
                    base::microseconds{between(uncertainty_.count() * 2, uncertainty_.count() * 2 + 5000)},
                    {.what = What::read, .once = true});
            if (is_late_) {
                for (int i = 0; i < 300; ++i)
                    schedule(base::seconds{60} - base::milliseconds{between(200, 480)},
                             {.what = What::read, .once = true});
            }
            time_ -= base::microseconds{1};
        }
        schedule(base::seconds{10}, {.what = What::window_ends});
    }

    std::mt19937_64 random_;
    bool is_late_;
    int share_;
    bool is_crowded_;
    int foreign_percent_;
    bool reads_first_;
    exchange::RateLimitOptions limits_;
    exchange::RateLimiter exchange_;
    Governor governor_;
    base::microseconds uncertainty_;
    base::microseconds error_;
    base::ExchangeTime time_{run_begin};
    std::priority_queue<Event> due_;
    std::uint64_t order_{0};
    std::vector<std::optional<domain::Approved>> held_;
    std::array<std::int64_t, strategies> weight_of_{};
    std::array<std::int64_t, strategies> wanted_{};  // in these ten seconds
    std::array<std::int64_t, strategies> got_{};     // the same
    std::int64_t own_used_{0};                       // weight, this minute
    std::int64_t foreign_used_{0};                   // the same

  public:
    [[nodiscard]] bool is_crowded() const { return is_crowded_; }
    /// In the two windows of five minutes that a run touches: never more than half of the limit in each.
    [[nodiscard]] std::size_t connections_allowed() const {
        return 2 * static_cast<std::size_t>(300 * std::min(share_, 50) / 100);
    }
};

/// The most that any `span` of time has seen.
std::ptrdiff_t most_within(const std::vector<base::ExchangeTime>& times, base::microseconds span) {
    std::ptrdiff_t most = 0;
    for (auto begin = times.begin(), end = begin; begin != times.end(); ++begin) {
        while (end != times.end() && *end < *begin + span) ++end;
        most = std::max(most, end - begin);
    }
    return most;
}

#if defined(__has_feature)
#define VIGIL_IS_SANITISED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define VIGIL_IS_SANITISED 0
#endif
#if defined(__OPTIMIZE__) && !VIGIL_IS_SANITISED
constexpr std::uint64_t runs_usual = 10'000;
#else
constexpr std::uint64_t runs_usual = 150;
#endif

/// A number from the environment.
std::uint64_t asked_for(const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

TEST(GovernorProperty, TheExchangeNeverHasCauseToAnswer429) {
    const std::uint64_t runs = asked_for("VIGIL_GOVERNOR_RUNS", runs_usual);
    const std::uint64_t first_seed = asked_for("VIGIL_GOVERNOR_SEED", 1);
    std::int64_t used = 0;
    std::int64_t allowed = 0;
    std::int64_t orders_used = 0;
    std::int64_t orders_allowed = 0;
    std::int64_t cancels = 0;
    std::int64_t held = 0;
    std::int64_t late = 0;
    std::int64_t least_fair = 1000;
    base::nanoseconds longest_wait{0};
    for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
        Play run{seed};
        run.play();
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + run.story());
        ASSERT_EQ(run.refused, 0);
        ASSERT_EQ(run.cancels_dropped, 0) << "of " << run.cancels;
        if (!run.is_crowded()) {
            ASSERT_EQ(run.cancels_held, 0) << "of " << run.cancels;
        }
        if (run.weight_allowed > 500) {
            ASSERT_GT(run.weight_used * 100, run.weight_allowed * 90)
                << run.weight_used << " of " << run.weight_allowed;
        }
        if (run.orders_allowed > 0) {
            ASSERT_GT(run.orders_used * 100, run.orders_allowed * 90)
                << run.orders_used << " of " << run.orders_allowed;
        }
        for (const Play::Fair& each : run.fair) {
            if (each.due < 20) continue;
            ASSERT_GE(each.got, each.due) << "strategy " << &each - run.fair.data();
            least_fair = std::min(least_fair, each.got * 100 / each.due);
        }
        // Five minutes, wherever they begin (web-socket-api.md, "Connection limits").
        ASSERT_LE(most_within(run.connections, base::seconds{300}), 300);
        ASSERT_GT(run.connections.size() * 100, run.connections_allowed() * 90);
        used += run.weight_used;
        allowed += run.weight_allowed;
        orders_used += run.orders_used;
        orders_allowed += run.orders_allowed;
        cancels += run.cancels;
        held += run.cancels_held;
        late += run.late_reads;
        longest_wait = std::max(longest_wait, run.longest_wait);
    }
    ASSERT_GT(allowed, 0);
    ASSERT_GT(orders_allowed, 0);
    ASSERT_GT(late, 0);
    std::cout << runs << " runs from seed " << first_seed << ": " << cancels << " cancels, " << held
              << " held, the longest for " << std::chrono::ceil<base::milliseconds>(longest_wait).count()
              << " ms; of the weight " << used * 100 / allowed << " %, of the orders "
              << orders_used * 100 / orders_allowed << " % used; " << late
              << " reads arrived in the next minute; the least that a strategy got of its share was "
              << least_fair << " %\n";
}

}  // namespace
}  // namespace vigil::governor
