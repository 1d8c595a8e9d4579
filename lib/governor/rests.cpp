// The part of the governor that rests: what 429, 418, 403 and 5xx ask for, and how it ends.
#include <algorithm>
#include <chrono>
#include <utility>

#include "governor/governor.h"

namespace vigil::governor {

namespace {

using domain::RateLimitType;

/// A rest ends a little later than the exchange says, because the exchange counts whole seconds.
constexpr base::nanoseconds rest_margin = base::seconds{1};
constexpr base::nanoseconds longest_default_rest = std::chrono::minutes{10};
constexpr base::nanoseconds longest_firewall_rest = std::chrono::hours{1};
constexpr base::nanoseconds offences_forgotten_after = std::chrono::minutes{10};
constexpr base::nanoseconds order_rest = base::seconds{10};

base::nanoseconds doubled(base::nanoseconds first, int times, base::nanoseconds longest) {
    base::nanoseconds length = first;
    for (int i = 0; i < times && length < longest; ++i) length *= 2;
    return std::min(length, longest);
}

}  // namespace

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

/// splitmix64: small, seeded, the same everywhere.
base::nanoseconds Governor::jitter(base::nanoseconds length) {
    random_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = random_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31U;
    constexpr std::uint64_t steps = 1000;
    const auto step = static_cast<std::int64_t>(mixed % (steps + 1));
    const base::nanoseconds most = length / 100 * options_.jitter_percent;
    return length + most / static_cast<std::int64_t>(steps) * step;
}

Rest Governor::grow(Hold& hold, int status, base::nanoseconds first, base::nanoseconds longest,
                    const Now& now) {
    // Requests that were under way when the cool-down began fail together: that counts once.
    if (hold.in_a_row == 0 || now.monotonic >= hold.until) {
        hold.until = now.monotonic + jitter(doubled(first, hold.in_a_row, longest));
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

}  // namespace vigil::governor
