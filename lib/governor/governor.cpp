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
/// What others may use of a limit even while we cancel in an emergency: room for the exchange's own rounding.
constexpr int emergency_percent = 95;
constexpr int connections_percent = 50;
/// A rest ends a little later than the exchange says, because the exchange counts whole seconds.
constexpr base::nanoseconds rest_margin = base::seconds{1};
constexpr base::nanoseconds longest_default_rest = std::chrono::minutes{10};
constexpr base::nanoseconds longest_firewall_rest = std::chrono::hours{1};
constexpr base::nanoseconds careful_time = base::seconds{60};
constexpr base::nanoseconds offences_forgotten_after = std::chrono::minutes{10};
constexpr base::nanoseconds order_rest = base::seconds{10};

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

base::nanoseconds doubled(base::nanoseconds first, int times, base::nanoseconds longest) {
    base::nanoseconds length = first;
    for (int i = 0; i < times && length < longest; ++i) length *= 2;
    return std::min(length, longest);
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
        case Why::too_large:
            return "costs more than the budget of a whole window";
        case Why::late:
            return "deadline passed";
    }
    return "unknown";
}

Governor::Governor(Options options) : options_{options} {
    base::check(options.share_percent > 0 && options.reserve_percent >= 0 &&
                    options.share_percent + options.reserve_percent <= 100,
                "share and reserve are parts of the limit");
    base::check(options.order_share_percent > 0 && options.order_share_percent <= 100,
                "the share of unfilled orders is a part of the limit");
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

void Governor::set_limits(std::span<const domain::RateLimit> limits) {
    const auto published = [&](const WindowLedger& ledger) {
        return std::any_of(limits.begin(), limits.end(), [&](const domain::RateLimit& limit) {
            return usable(limit) && limit.type == ledger.limit().type &&
                   limit.window == ledger.limit().window;
        });
    };
    const bool has_weight = std::any_of(limits.begin(), limits.end(), [](const domain::RateLimit& limit) {
        return usable(limit) && limit.type == RateLimitType::request_weight;
    });
    if (!has_weight) return;  // an answer without the limit that matters is no reason to forget the old ones
    limits_known_ = true;
    const auto kept =
        std::remove_if(ledgers_.begin(), ledgers_.begin() + static_cast<std::ptrdiff_t>(ledger_count_),
                       [&](const WindowLedger& ledger) {
                           return ledger.limit().type != RateLimitType::connections && !published(ledger);
                       });
    ledger_count_ = static_cast<std::size_t>(kept - ledgers_.begin());
    for (const domain::RateLimit& limit : limits) {
        if (!usable(limit)) continue;
        if (WindowLedger* ledger = find(limit.type, limit.window)) {
            ledger->set_limit(limit.limit);
        } else if (ledger_count_ < max_limits) {
            ledgers_[ledger_count_++] = WindowLedger{limit};
        }
    }
}

void Governor::roll(const Now& now) {
    for (std::size_t i = 0; i < ledger_count_; ++i) ledgers_[i].roll(now);
    if (ban_ && now.monotonic >= ban_->until) {
        lifted_status_ = ban_->status;
        careful_until_ = now.monotonic + careful_time;
        ban_.reset();
    }
}

std::int64_t Governor::ceiling(const domain::RateLimit& limit, Lane lane, bool careful) const {
    if (limit.type == RateLimitType::orders) return limit.limit * options_.order_share_percent / 100;
    if (!limits_known_ && limit.type == RateLimitType::request_weight) return limit.limit;
    const bool connects = limit.type == RateLimitType::connections;
    const int percent =
        connects ? std::min(options_.share_percent, connections_percent) : options_.share_percent;
    const std::int64_t share = limit.limit * percent / (careful ? 200 : 100);
    if (connects) return share * lane_percent(lane) / 100;
    if (!is_cancel(lane)) return share * lane_percent(lane) / 100;
    const std::int64_t with_reserve = share + limit.limit * options_.reserve_percent / 100;
    return lane == Lane::cancel ? with_reserve
                                : std::max(with_reserve, limit.limit * emergency_percent / 100);
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
        const std::int64_t most = ceiling(ledger.limit(), lane, careful);
        if (ledger.used() + need <= most) [[likely]]
            continue;
        if (need > (careful ? ceiling(ledger.limit(), lane, false) : most)) return Refused{Why::too_large};
        const base::MonotonicTime until =
            need > most ? std::max(careful_until_, ledger.next_window(now)) : ledger.next_window(now);
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

Decision Governor::decide(const Now& now, Lane lane, Cost cost) {
    base::check(cost.weight >= 0 && cost.orders >= 0 && cost.connections >= 0 && cost.requests >= 0,
                "a cost is not negative");
    roll(now);
    if (const auto in_the_way = obstacle(now, lane, cost)) return *in_the_way;
    charge(cost, now);
    return Granted{now.monotonic};
}

Admission Governor::admit(domain::Approved&& approved, const Now& now) {
    const domain::Intent& intent = approved.intent();
    const bool cancels = intent.cancellation() != nullptr;
    Lane lane = Lane::order;
    if (cancels) lane = intent.lane == Lane::emergency_cancel ? Lane::emergency_cancel : Lane::cancel;
    const Cost cost{1, cancels ? 0 : 1};
    if (now.monotonic >= intent.expires) return Expired{std::move(approved), Why::late};
    roll(now);
    const auto in_the_way = obstacle(now, lane, cost);
    if (!in_the_way) {
        charge(cost, now);
        if (!cancels) ++orders_in_flight_;
        return domain::Permitted{std::move(approved), now.monotonic};
    }
    const auto* wait = std::get_if<WaitUntil>(&*in_the_way);
    if (wait == nullptr) return Expired{std::move(approved), std::get<Refused>(*in_the_way).why};
    if (wait->until >= intent.expires) return Expired{std::move(approved), wait->why};
    return Deferred{std::move(approved), wait->until, wait->why};
}

std::optional<Drift> Governor::on_usage(const domain::RateLimitReport& report, const Now& now) {
    roll(now);
    std::optional<Drift> drift;
    for (const domain::RateLimitUsage& usage : report.usage) {
        WindowLedger* ledger = find(usage.type, usage.window);
        if (ledger == nullptr) continue;
        if (limits_known_ && usage.limit && *usage.limit > 0 && *usage.limit <= largest_limit)
            ledger->set_limit(*usage.limit);
        const std::int64_t own = ledger->own();
        const std::int64_t foreign = ledger->observe(usage.count, orders_in_flight_, now);
        if (usage.type != RateLimitType::request_weight) continue;
        if (ledger->worth_telling(foreign, options_.drift_threshold))
            drift = Drift{usage.type, own, usage.count, ledger->limit().limit};
    }
    return drift;
}

void Governor::on_order_answered(base::MonotonicTime permitted, bool accepted, bool is_cancel_order,
                                 const Now& now) {
    roll(now);
    if (!is_cancel_order) orders_in_flight_ = std::max(0, orders_in_flight_ - 1);
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const RateLimitType type = ledgers_[i].limit().type;
        // Accepted: costs no weight. Rejected: adds no unfilled order ("every successful request",
        // faqs/order_count_decrement.md).
        if (type == RateLimitType::request_weight && accepted) ledgers_[i].give_back(1, permitted);
        if (type == RateLimitType::orders && !accepted && !is_cancel_order)
            ledgers_[i].give_back(1, permitted);
    }
}

void Governor::on_order_unanswered(bool is_cancel_order) {
    if (!is_cancel_order) orders_in_flight_ = std::max(0, orders_in_flight_ - 1);
}

void Governor::on_first_fill(const Now& now) {
    roll(now);
    for (std::size_t i = 0; i < ledger_count_; ++i)
        if (ledgers_[i].limit().type == RateLimitType::orders) ledgers_[i].take_off(1);
}

void Governor::on_order_never_sent(base::MonotonicTime permitted, bool is_cancel_order, const Now& now) {
    roll(now);
    on_order_unanswered(is_cancel_order);
    const Cost cost{1, is_cancel_order ? 0 : 1};
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const std::int64_t charged = cost_for(ledgers_[i].limit().type, cost);
        if (charged > 0) ledgers_[i].give_back(charged, permitted);
    }
}

/// Which window is full the answer does not say in so many words. It is the one whose count has reached its
/// limit; if none has, somebody else places orders for this account, and the shortest window is the best
/// guess: what goes out after it is refused again if that was wrong, and then told with a new count.
base::MonotonicTime Governor::end_of_full_order_window(const Now& now) const {
    std::optional<base::MonotonicTime> full;
    std::optional<base::MonotonicTime> shortest;
    base::seconds window{0};
    for (std::size_t i = 0; i < ledger_count_; ++i) {
        const WindowLedger& ledger = ledgers_[i];
        if (ledger.limit().type != RateLimitType::orders) continue;
        const base::MonotonicTime end = ledger.next_window(now);
        if (ledger.used() >= ledger.limit().limit && (!full || end > *full)) full = end;
        if (!shortest || ledger.limit().window < window) {
            shortest = end;
            window = ledger.limit().window;
        }
    }
    if (full) return *full;
    return shortest.value_or(now.monotonic + order_rest);
}

Rest Governor::rest_placements(const domain::RateLimited& limited, base::nanoseconds wait, const Now& now) {
    const base::MonotonicTime until =
        wait > base::nanoseconds{0} ? now.monotonic + wait : end_of_full_order_window(now);
    order_hold_.until = std::max(order_hold_.until, until);
    return {limited.status, order_hold_.until, order_hold_.until - now.monotonic, 1};
}

Rest Governor::on_limited(const domain::RateLimited& limited, const Now& now, base::WallTime wall) {
    roll(now);
    base::nanoseconds wait{0};
    if (limited.retry_after) {
        wait = std::clamp<base::seconds>(*limited.retry_after, base::seconds{0},
                                         std::chrono::duration_cast<base::seconds>(longest_ban));
    } else if (limited.retry_after_time) {
        const base::ExchangeTime farthest =
            now.exchange + std::chrono::duration_cast<base::microseconds>(longest_ban);
        wait = std::clamp(*limited.retry_after_time, now.exchange, farthest) - now.exchange + now.uncertainty;
    }
    if (limited.scope == domain::LimitedScope::orders) return rest_placements(limited, wait, now);
    // Answers to requests that were under way when the rest began are no further offence.
    const bool already_resting = ban_ && ban_->status == limited.status;
    if (!already_resting) ++offences_;
    const bool banned = limited.status == 418;
    if (wait <= base::nanoseconds{0})
        wait = banned ? doubled(options_.default_ban, offences_ - 1, longest_ban)
                      : doubled(options_.default_rest, offences_ - 1, longest_default_rest);
    const base::MonotonicTime until =
        std::min(now.monotonic + wait + rest_margin, now.monotonic + longest_ban);
    if (!ban_ || until > ban_->until) {
        const auto length = std::chrono::ceil<base::microseconds>(until - now.monotonic);
        ban_ = BanRecord{
            .status = ban_ ? std::max(ban_->status, limited.status == 418 ? 418 : 429) : (banned ? 418 : 429),
            .offences = offences_,
            .until = until,
            .imposed = now.monotonic,
            .wall_until = wall + length,
            .wall_imposed = wall,
            .boot_id = boot_id_};
    }
    return {ban_->status, ban_->until, ban_->until - now.monotonic, offences_};
}

Rest Governor::grow(Hold& hold, int status, base::nanoseconds first, base::nanoseconds longest,
                    const Now& now) {
    // Requests that were under way when the cool-down began fail together: that counts once.
    if (hold.in_a_row == 0 || now.monotonic >= hold.until) {
        hold.until = now.monotonic + doubled(first, hold.in_a_row, longest);
        hold.in_a_row = std::min(hold.in_a_row + 1, 1000);
    }
    return {status, hold.until, hold.until - now.monotonic, hold.in_a_row};
}

std::optional<Rest> Governor::on_failed(int status, const Now& now) {
    if (status == 403)
        return grow(firewall_hold_, status, options_.firewall_cool_down, longest_firewall_rest, now);
    if (status == 0 || status >= 500)
        return grow(server_hold_, status, options_.first_cool_down, options_.longest_cool_down, now);
    return std::nullopt;
}

void Governor::on_succeeded(const Now& now) {
    roll(now);
    // An answer to a request from before the cool-down says nothing about what came after.
    if (now.monotonic >= server_hold_.until) server_hold_.in_a_row = 0;
    if (now.monotonic >= firewall_hold_.until) firewall_hold_.in_a_row = 0;
    if (!ban_ && now.monotonic >= careful_until_ + offences_forgotten_after) offences_ = 0;
}

std::optional<Rest> Governor::restore_ban(const BanRecord& record, const Now& now, base::WallTime wall) {
    const auto until = remaining_ban(record, now.monotonic, wall, boot_id_);
    if (!until) return std::nullopt;
    offences_ = std::clamp(record.offences, 1, 1000);
    const auto length = std::chrono::ceil<base::microseconds>(*until - now.monotonic);
    ban_ = BanRecord{.status = record.status == 418 ? 418 : 429,
                     .offences = offences_,
                     .until = *until,
                     .imposed = now.monotonic,
                     .wall_until = wall + length,
                     .wall_imposed = wall,
                     .boot_id = boot_id_};
    return Rest{ban_->status, *until, *until - now.monotonic, offences_};
}

std::optional<int> Governor::take_lifted_ban(const Now& now) {
    roll(now);
    return std::exchange(lifted_status_, std::nullopt);
}

std::optional<base::MonotonicTime> Governor::banned_until(const Now& now) const {
    if (!ban_ || now.monotonic >= ban_->until) return std::nullopt;
    return ban_->until;
}

Usage Governor::usage(std::size_t index) const {
    base::check(index < ledger_count_, "a limit's index is below the count");
    const WindowLedger& ledger = ledgers_[index];
    return {ledger.limit(), ledger.used(), ledger.own(), ceiling(ledger.limit(), Lane::reconcile, false),
            ledger.peak()};
}

}  // namespace vigil::governor
