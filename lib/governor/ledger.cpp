#include "governor/ledger.h"

namespace vigil::governor {

std::int64_t WindowLedger::index_of(base::ExchangeTime time) const {
    const std::int64_t window_us = base::microseconds{limit_.window}.count();
    const std::int64_t time_us = time.time_since_epoch().count();
    const std::int64_t index = time_us / window_us;
    return time_us % window_us < 0 ? index - 1 : index;
}

void WindowLedger::begin_window(const Now& now) {
    const std::int64_t previous = index_;
    index_ = index_of(now.exchange - now.uncertainty);
    begins_ = base::ExchangeTime{index_ * base::microseconds{limit_.window}};
    ends_ = begins_ + limit_.window;
    if (!has_window_) {
        has_window_ = true;
        began_ = now.monotonic;
        return;
    }
    if (index_ < previous) {
        // The exchange's clock is now known to be earlier than was thought: nothing is forgiven.
        late_ = own_;
        late_index_ = index_ + 1;
        return;
    }
    carried_ = index_ <= late_index_ ? late_ : 0;
    carried_from_ = late_from_;
    late_from_ = base::MonotonicTime::max();
    is_whole_ = true;
    told_before_ = index_ == previous + 1 ? told_ : 0;
    told_ = 0;
    doubtful_ = 0;
    own_ = carried_;
    if (index_ >= late_index_) late_ = 0;
    observed_ = 0;
    own_at_observation_ = own_;
    began_ = now.monotonic;
    told_drift_ -= told_drift_ / 8;
}

void WindowLedger::charge_late(std::int64_t cost, const Now& now) {
    late_ += cost;
    late_from_ = std::min(late_from_, now.monotonic);
    late_index_ = std::max(late_index_, index_of(now.exchange + now.uncertainty + transit_max));
}

void WindowLedger::give_back(std::int64_t cost, base::MonotonicTime charged) {
    if (charged < began_) {
        // Charged in the window before, and counted here only as what may have arrived late.
        if (charged < carried_from_ || carried_ < cost) return;
        carried_ -= cost;
    }
    own_ = std::max<std::int64_t>(0, own_ - cost);
    late_ = std::min(late_, own_);
}

std::int64_t WindowLedger::observe(std::int64_t count, std::int64_t in_flight, const Now& now) {
    if (count < 0) return 0;
    const bool may_be_stale =
        told_before_ > 0 && count >= told_before_ && now.monotonic - began_ < stale_answers_max;
    if (may_be_stale) {
        doubtful_ = std::max(doubtful_, count);
        return 0;
    }
    doubtful_ = 0;  // a lower count is surely of this window, and so shows what the doubtful one was
    told_ = std::max(told_, count);
    observed_at_ = now.exchange + now.uncertainty;
    if (limit_.type == domain::RateLimitType::orders) {
        const std::int64_t before = own_;
        own_ = count + in_flight;
        late_ = std::min(late_, own_);
        observed_ = 0;
        own_at_observation_ = own_;
        peak_ = std::max(peak_, own_);
        return std::max<std::int64_t>(0, count - before);
    }
    if (count >= used()) {
        observed_ = count;
        own_at_observation_ = own_;
    }
    peak_ = std::max(peak_, used());
    return std::max<std::int64_t>(0, count - own_);
}

void WindowLedger::take_off(std::int64_t count, std::int64_t in_flight, base::ExchangeTime filled) {
    if (filled < begins_ || filled <= observed_at_) return;
    own_ = std::max(std::min(own_, in_flight), own_ - count);
    late_ = std::min(late_, own_);
    own_at_observation_ = own_;
}

bool WindowLedger::worth_telling(std::int64_t drift, std::int64_t threshold) {
    if (drift < threshold || drift < 2 * told_drift_) return false;
    told_drift_ = drift;
    return true;
}

}  // namespace vigil::governor
