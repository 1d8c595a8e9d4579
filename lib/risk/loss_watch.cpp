#include "risk/loss_watch.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace vigil::risk {

namespace {

/// Of numbers that cannot be subtracted, the worst is assumed.
domain::Amount fallen(domain::Amount from, domain::Amount to) {
    return from.checked_add(-to).value_or(domain::Amount::from_raw(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

LossWatch::LossWatch(std::vector<LossLimit> limits, std::vector<LossState> states)
    : limits_{std::move(limits)}, states_{std::move(states)} {
    for (const LossState& state : states_) kept_peaks_.push_back(state.peak);
}

const LossState* LossWatch::find(const domain::Asset& quote) const {
    const auto at = std::find_if(states_.begin(), states_.end(),
                                 [&quote](const LossState& each) { return each.quote == quote; });
    return at == states_.end() ? nullptr : &*at;
}

std::optional<LossWatch::Trip> LossWatch::observe(const domain::Asset& quote, domain::Amount realised,
                                                  std::optional<domain::Amount> total) {
    const auto limit = std::find_if(limits_.begin(), limits_.end(),
                                    [&quote](const LossLimit& each) { return each.quote == quote; });
    if (limit == limits_.end()) return std::nullopt;
    const LossState* known = find(quote);
    if (known == nullptr) {
        if (!total) return std::nullopt;
        states_.push_back({quote, realised, realised, *total, *total, false, false});
        kept_peaks_.push_back(*total);
        ++version_;
        return std::nullopt;
    }
    const auto place = static_cast<std::size_t>(known - states_.data());
    LossState& state = states_[place];
    state.realised = realised;
    if (total) state.total = *total;
    if (total && *total > state.peak) {
        state.peak = *total;
        // Not with every tick of a rising market: what a restart forgets of the peak is less than a
        // hundredth.
        const domain::Amount step = limit->drawdown_max
                                        ? domain::Amount::from_raw(limit->drawdown_max->raw() / 100)
                                        : domain::Amount::from_raw(std::numeric_limits<std::int64_t>::max());
        if (fallen(state.peak, kept_peaks_[place]) > step) {
            kept_peaks_[place] = state.peak;
            ++version_;
        }
    }
    const domain::Amount lost = fallen(state.baseline, realised);
    if (limit->realised_max && lost >= *limit->realised_max && !std::exchange(state.loss_tripped, true)) {
        ++version_;
        return Trip{"total_loss", lost, *limit->realised_max, limit->realised_level};
    }
    const domain::Amount down = fallen(state.peak, state.total);
    if (total && limit->drawdown_max && down >= *limit->drawdown_max &&
        !std::exchange(state.drawdown_tripped, true)) {
        ++version_;
        return Trip{"drawdown", down, *limit->drawdown_max, limit->drawdown_level};
    }
    return std::nullopt;
}

void LossWatch::begin_anew() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        LossState& state = states_[i];
        state.baseline = state.realised;
        state.peak = state.total;
        state.loss_tripped = false;
        state.drawdown_tripped = false;
        kept_peaks_[i] = state.peak;
    }
    ++version_;
}

std::optional<domain::Amount> LossWatch::loss(const domain::Asset& quote) const {
    const LossState* state = find(quote);
    if (state == nullptr) return std::nullopt;
    return fallen(state->baseline, state->realised);
}

std::optional<domain::Amount> LossWatch::drawdown(const domain::Asset& quote) const {
    const LossState* state = find(quote);
    if (state == nullptr) return std::nullopt;
    return fallen(state->peak, state->total);
}

}  // namespace vigil::risk
