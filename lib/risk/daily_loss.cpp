#include "risk/daily_loss.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace vigil::risk {

namespace {

std::int64_t day_of(base::ExchangeTime time) {
    return std::chrono::floor<std::chrono::days>(time.time_since_epoch()).count();
}

template <class Range>
auto find_quote(Range& range, const domain::Asset& quote) {
    return std::find_if(range.begin(), range.end(),
                        [&quote](const auto& each) { return each.quote == quote; });
}

/// Of numbers that cannot be subtracted, the worst is assumed.
domain::Amount difference(domain::Amount latest, domain::Amount opening) {
    return latest.checked_add(-opening).value_or(
        domain::Amount::from_raw(std::numeric_limits<std::int64_t>::min()));
}

}  // namespace

DailyLoss::DailyLoss(std::vector<DailyLossLimit> limits, std::vector<DayState> state)
    : limits_{std::move(limits)}, days_{std::move(state)} {}

bool DailyLoss::observe(const domain::Asset& quote, domain::Amount profit, base::ExchangeTime now) {
    const auto limit = find_quote(limits_, quote);
    if (limit == limits_.end()) return false;
    const std::int64_t day = day_of(now);
    auto at = find_quote(days_, quote);
    if (at == days_.end()) {
        at = days_.insert(days_.end(), DayState{quote, day, profit, profit, false});
        ++version_;
    }
    if (day > at->day) {
        // Over midnight nothing falls between two days: the new one opens where the old one was last seen.
        // After a longer absence it opens with what is found.
        const domain::Amount opening = day == at->day + 1 ? at->latest : profit;
        *at = DayState{quote, day, opening, profit, false};
        ++version_;
    }
    at->latest = profit;
    if (at->tripped || difference(profit, at->opening) > -limit->loss_max) return false;
    at->tripped = true;
    ++version_;
    return true;
}

const DayState* DailyLoss::tripped(const domain::Asset& quote, base::ExchangeTime now) const {
    const auto at = find_quote(days_, quote);
    // A clock that went back does not reopen the day.
    return at != days_.end() && at->tripped && at->day >= day_of(now) ? &*at : nullptr;
}

std::optional<domain::Amount> DailyLoss::limit(const domain::Asset& quote) const {
    const auto limit = find_quote(limits_, quote);
    if (limit == limits_.end()) return std::nullopt;
    return limit->loss_max;
}

std::optional<domain::Amount> DailyLoss::profit_today(const domain::Asset& quote,
                                                      base::ExchangeTime now) const {
    const auto at = find_quote(days_, quote);
    if (at == days_.end() || at->day < day_of(now)) return std::nullopt;
    return difference(at->latest, at->opening);
}

}  // namespace vigil::risk
