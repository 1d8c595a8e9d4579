#include "governor/governor.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace vigil::governor {

namespace {

using domain::Lane;
using domain::RateLimitType;

constexpr base::seconds bootstrap_window{60};
constexpr base::seconds longest_window{31 * 24 * 3600};
constexpr std::int64_t largest_limit = 1'000'000'000'000;
/// How much of a limit may be used by all together, as far as can be told, when we send anything; and when we
/// cancel in an emergency. The rest is room for what others do unforeseen.
constexpr int cancel_percent = 90;
constexpr int emergency_percent = 95;
constexpr int connections_percent = 50;
constexpr base::nanoseconds careful_time = base::seconds{60};

constexpr bool is_cancel(Lane lane) {
    return lane == Lane::emergency_cancel || lane == Lane::cancel;
}

/// Percent of the share at which a lane stops, so that the lanes above it still find room.
constexpr int lane_percent(Lane lane) {
    switch (lane) {
        case Lane::emergency_cancel:
        case Lane::cancel:
        case Lane::reconcile:
            return 100;
        case Lane::order:
            return 95;
        case Lane::account:
            return 80;
        case Lane::market_data:
            return 70;
    }
    return 0;
}

constexpr std::int64_t cost_for(RateLimitType type, const Cost& cost) {
    switch (type) {
        case RateLimitType::request_weight:
            return cost.weight;
        case RateLimitType::raw_requests:
            return cost.requests;
        case RateLimitType::orders:
            return cost.orders;
        case RateLimitType::connections:
            return cost.connections;
        case RateLimitType::unknown:
            return 0;
    }
    return 0;
}

bool usable(const domain::RateLimit& limit) {
    return limit.type != RateLimitType::unknown && limit.window > base::seconds{0} &&
           limit.window <= longest_window && limit.limit > 0 && limit.limit <= largest_limit;
}

}  // namespace

std::string_view to_string(Why why) noexcept {
    switch (why) {
        case Why::budget:
            return "request budget used up";
        case Why::banned:
            return "banned by the exchange";
        case Why::firewall:
            return "refused by the exchange's firewall";
        case Why::cool_down:
            return "cooling down after server errors";
        case Why::order_count:
            return "too many unfilled orders";
        case Why::fair_share:
            return "the orders that are left belong to other strategies";
        case Why::too_large:
            return "costs more than the budget of a whole window";
        case Why::late:
            return "deadline passed";
    }
    return "unknown";
}

Governor::Governor(Options options) : options_{options}, random_{options.seed} {
    base::check(options.share_percent > 0 && options.reserve_percent >= 0 &&
                    options.share_percent + options.reserve_percent <= 100,
                "share and reserve are parts of the limit");
    base::check(options.order_share_percent > 0 && options.order_share_percent <= 100,
                "the share of unfilled orders is a part of the limit");
    base::check(options.jitter_percent >= 0 && options.jitter_percent <= 100, "jitter is a part of the wait");
    base::check(usable(options.connections), "the limit of connections is a limit");
    ledgers_[ledger_count_++] =
        WindowLedger{{RateLimitType::request_weight, bootstrap_window, options.bootstrap_weight}};
    ledgers_[ledger_count_++] = WindowLedger{options.connections};
}

WindowLedger* Governor::find(RateLimitType type, base::seconds window) {
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == type && ledgers_[i].limit().window == window) return &ledgers_[i];
    return nullptr;
}

bool Governor::set_limits(std::span<const domain::RateLimit> limits) {
    const auto published = [&](const WindowLedger& ledger) {
        return std::any_of(limits.begin(), limits.end(), [&](const domain::RateLimit& limit) {
            return usable(limit) && limit.type == ledger.limit().type &&
                   limit.window == ledger.limit().window;
        });
    };
    const bool has_weight = std::any_of(limits.begin(), limits.end(), [](const domain::RateLimit& limit) {
        return usable(limit) && limit.type == RateLimitType::request_weight;
    });
    if (!has_weight)
        return false;  // an answer without the limit that matters is no reason to forget the old ones
    bool changed = !std::exchange(limits_known_, true);
    const auto kept =
        std::remove_if(ledgers_.begin(), ledgers_.begin() + static_cast<std::ptrdiff_t>(ledger_count_),
                       [&](const WindowLedger& ledger) {
                           return ledger.limit().type != RateLimitType::connections && !published(ledger);
                       });
    changed = changed || ledger_count_ != static_cast<std::size_t>(kept - ledgers_.begin());
    ledger_count_ = static_cast<std::size_t>(kept - ledgers_.begin());
    for (const domain::RateLimit& limit : limits) {
        if (!usable(limit)) continue;
        if (WindowLedger* ledger = find(limit.type, limit.window)) {
            changed = changed || ledger->limit().limit != limit.limit;
            ledger->set_limit(limit.limit);
        } else if (ledger_count_ < max_limits) {
            ledgers_[ledger_count_++] = WindowLedger{limit};
            changed = true;
        }
    }
    find_order_window();
    if (changed) ++room_made_;
    return changed;
}

void Governor::find_order_window() {
    order_window_ = max_limits;
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == RateLimitType::orders &&
            (order_window_ == max_limits ||
             ledgers_[i].limit().window < ledgers_[order_window_].limit().window))
            order_window_ = i;
}

void Governor::roll(const Now& now) {
    for (std::size_t i = 0; i < ledger_count_; ++i) ledgers_[i].roll(now);
    if (const WindowLedger* orders = order_window(); orders != nullptr && orders->window() != fair_window_)
        [[unlikely]] {
        fair_window_ = orders->window();
        fair_.begin_window();
    }
    if (ban_ && now.monotonic >= ban_->until) {
        lifted_status_ = ban_->status;
        careful_until_ = now.monotonic + careful_time;
        ban_.reset();
    }
}

std::int64_t Governor::ceiling(const domain::RateLimit& limit, Lane lane, bool careful,
                               std::int64_t foreign) const {
    if (limit.type == RateLimitType::orders) return limit.limit * options_.order_share_percent / 100;
    if (!limits_known_ && limit.type == RateLimitType::request_weight) return limit.limit;
    const bool connects = limit.type == RateLimitType::connections;
    const int percent =
        connects ? std::min(options_.share_percent, connections_percent) : options_.share_percent;
    const std::int64_t share = limit.limit * percent / (careful ? 200 : 100);
    if (connects) return share * lane_percent(lane) / 100;
    if (!is_cancel(lane)) return share * lane_percent(lane) / 100;
    // What others use does not eat the reserve, up to the point where the limit itself is near.
    const std::int64_t with_reserve = share + limit.limit * options_.reserve_percent / 100;
    const std::int64_t cancels =
        std::max(with_reserve, std::min(with_reserve + foreign, limit.limit * cancel_percent / 100));
    return lane == Lane::cancel ? cancels : std::max(cancels, limit.limit * emergency_percent / 100);
}

std::optional<WaitUntil> Governor::rest_in_the_way(const Now& now, Lane lane, const Cost& cost) const {
    if (ban_ && now.monotonic < ban_->until) return WaitUntil{ban_->until, Why::banned};
    if (lane != Lane::emergency_cancel && now.monotonic < firewall_hold_.until)
        return WaitUntil{firewall_hold_.until, Why::firewall};
    if (!is_cancel(lane) && now.monotonic < server_hold_.until)
        return WaitUntil{server_hold_.until, Why::cool_down};
    if (cost.orders > 0 && now.monotonic < order_hold_.until)
        return WaitUntil{order_hold_.until, Why::order_count};
    return std::nullopt;
}

std::optional<Decision> Governor::obstacle(const Now& now, Lane lane, const Cost& cost) const {
    if (const auto rest = rest_in_the_way(now, lane, cost)) return *rest;
    const bool careful = now.monotonic < careful_until_;
    std::optional<WaitUntil> wait;
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const WindowLedger& ledger = ledgers_[i];
        const std::int64_t need = cost_for(ledger.limit().type, cost);
        if (need <= 0) continue;
        // A cancel does not wait for what others may be doing.
        const bool minds = ledger.limit().type == RateLimitType::request_weight && !is_cancel(lane);
        const auto unproven = minds ? ledger.unproven_until(now) : std::nullopt;
        const bool halved = careful || unproven.has_value();
        const std::int64_t most = ceiling(ledger.limit(), lane, halved, ledger.foreign());
        const int near_percent = lane == Lane::emergency_cancel ? emergency_percent : cancel_percent;
        const bool is_near = limits_known_ && ledger.limit().type == RateLimitType::request_weight &&
                             ledger.projected(now) + need > ledger.limit().limit * near_percent / 100;
        if (ledger.used() + need <= most && !is_near) [[likely]]
            continue;
        const std::int64_t whole = halved ? ceiling(ledger.limit(), lane, false, ledger.foreign()) : most;
        if (need > whole) return Refused{Why::too_large};
        base::MonotonicTime until = ledger.next_window(now);
        if (careful && need > most)
            until = std::max(careful_until_, until);
        else if (!careful && !is_near && unproven && ledger.used() + need <= whole)
            until = std::min(until, *unproven);
        if (!wait || until > wait->until)
            wait = WaitUntil{until,
                             ledger.limit().type == RateLimitType::orders ? Why::order_count : Why::budget};
    }
    if (wait) return *wait;
    return std::nullopt;
}

void Governor::charge(const Cost& cost, const Now& now) {
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const std::int64_t need = cost_for(ledgers_[i].limit().type, cost);
        if (need > 0) ledgers_[i].charge(need, now);
    }
}

Decision Governor::decide(const Now& now, Lane lane, Cost cost, base::MonotonicTime asked) {
    base::check(cost.weight >= 0 && cost.orders >= 0 && cost.connections >= 0 && cost.requests >= 0,
                "a cost is not negative");
    roll(now);
    if (const auto in_the_way = obstacle(now, lane, cost)) return *in_the_way;
    charge(cost, now);
    waits_.granted(lane, now.monotonic - std::min(asked, now.monotonic));
    return Granted{now.monotonic};
}

std::optional<base::MonotonicTime> Governor::rests_until(const Now& now, Lane lane) const {
    const auto rest = rest_in_the_way(now, lane, {});
    return rest ? std::optional{rest->until} : std::nullopt;
}

bool Governor::is_fair(domain::StrategyIndex strategy) const {
    const WindowLedger* orders = order_window();
    if (orders == nullptr) return true;
    const std::int64_t capacity = ceiling(orders->limit(), Lane::order, false);
    return fair_.allows(strategy.value, capacity - orders->used(), capacity);
}

Admission Governor::admit(domain::Approved&& approved, const Now& now) {
    const domain::Intent& intent = approved.intent();
    const bool cancels = intent.cancellation() != nullptr;
    Lane lane = Lane::order;
    if (cancels) lane = intent.lane == Lane::emergency_cancel ? Lane::emergency_cancel : Lane::cancel;
    const Cost cost{1, cancels ? 0 : 1};
    if (now.monotonic >= intent.expires) {
        waits_.dropped(lane);
        return Expired{std::move(approved), Why::late};
    }
    roll(now);
    const bool is_new = now.monotonic == intent.decided;
    if (!cancels && is_new) fair_.wants(intent.strategy.value);
    auto in_the_way = obstacle(now, lane, cost);
    if (!in_the_way && !cancels && !is_fair(intent.strategy))
        in_the_way = WaitUntil{order_window()->next_window(now), Why::fair_share};
    if (!in_the_way) {
        charge(cost, now);
        waits_.granted(lane, now.monotonic - intent.decided);
        if (!cancels) {
            ++orders_in_flight_;
            fair_.took(intent.strategy.value);
        }
        return domain::Permitted{std::move(approved), now.monotonic};
    }
    const auto* wait = std::get_if<WaitUntil>(&*in_the_way);
    if (wait != nullptr && wait->until < intent.expires)
        return Deferred{std::move(approved), wait->until, wait->why};
    waits_.dropped(lane);
    return Expired{std::move(approved), wait != nullptr ? wait->why : std::get<Refused>(*in_the_way).why};
}

UsageNews Governor::on_usage(const domain::RateLimitReport& report, const Now& now) {
    roll(now);
    UsageNews news;
    for (const domain::RateLimitUsage& usage : report.usage) {
        WindowLedger* ledger = find(usage.type, usage.window);
        if (ledger == nullptr) continue;
        const std::int64_t used = ledger->used();
        const bool unproven = ledger->unproven_until(now).has_value();
        if (limits_known_ && usage.limit && *usage.limit > 0 && *usage.limit <= largest_limit &&
            *usage.limit != ledger->limit().limit) {
            news.limit_change = LimitChange{ledger->limit(), *usage.limit};
            ledger->set_limit(*usage.limit);
            ++room_made_;
        }
        const std::int64_t own = ledger->own();
        const std::int64_t foreign = ledger->observe(usage.count, orders_in_flight_, now);
        if (ledger->used() < used || (unproven && !ledger->unproven_until(now))) ++room_made_;
        const Drift drift{ledger->limit(), own, usage.count};
        if (usage.type == RateLimitType::request_weight &&
            ledger->worth_telling(foreign, options_.drift_threshold))
            news.weight_drift = drift;
        // Orders of an earlier session count in the window that this one began in: that is no drift.
        if (usage.type == RateLimitType::orders && ledger->is_whole() &&
            ledger->worth_telling(foreign, options_.order_drift_threshold))
            news.order_drift = drift;
    }
    return news;
}

void Governor::give_back_order(base::MonotonicTime permitted, domain::StrategyIndex strategy) {
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == RateLimitType::orders) ledgers_[i].give_back(1, permitted);
    const WindowLedger* window = order_window();
    if (window != nullptr && permitted >= window->began()) fair_.gave_back(strategy.value, 1);
}

void Governor::on_order_answered(base::MonotonicTime permitted, bool accepted, bool is_cancel_order,
                                 domain::StrategyIndex strategy, const Now& now) {
    roll(now);
    on_order_unanswered(is_cancel_order);
    ++room_made_;
    // Rejected: adds no unfilled order ("every successful request", faqs/order_count_decrement.md).
    if (!accepted && !is_cancel_order) give_back_order(permitted, strategy);
    if (!accepted) return;
    // Accepted: costs no weight.
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == RateLimitType::request_weight) ledgers_[i].give_back(1, permitted);
}

void Governor::on_order_unanswered(bool is_cancel_order) {
    if (!is_cancel_order) orders_in_flight_ = std::max(0, orders_in_flight_ - 1);
}

void Governor::on_first_fill(domain::StrategyIndex strategy, bool is_maker, base::ExchangeTime filled,
                             const Now& now) {
    roll(now);
    ++room_made_;
    const int credit = is_maker ? options_.maker_credit : options_.taker_credit;
    // A taker's fill may come before the answer to its order, which then is under way no more.
    const int unseen = std::max(0, orders_in_flight_ - (is_maker ? 0 : 1));
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == RateLimitType::orders) ledgers_[i].take_off(credit, unseen, filled);
    fair_.gave_back(strategy.value, 1);
}

void Governor::on_order_never_sent(base::MonotonicTime permitted, bool is_cancel_order,
                                   domain::StrategyIndex strategy, const Now& now) {
    roll(now);
    on_order_unanswered(is_cancel_order);
    ++room_made_;
    if (!is_cancel_order) give_back_order(permitted, strategy);
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const RateLimitType type = ledgers_[i].limit().type;
        if (type == RateLimitType::request_weight || type == RateLimitType::raw_requests)
            ledgers_[i].give_back(1, permitted);
    }
}

Usage Governor::usage(std::size_t index) const {
    base::check(index < ledger_count_, "a limit's index is below the count");
    const WindowLedger& ledger = ledgers_[index];
    return {ledger.limit(), ledger.used(), ledger.own(), ceiling(ledger.limit(), Lane::reconcile, false),
            ledger.peak()};
}

}  // namespace vigil::governor
