// The account of one published limit: what was used of it in the current window.
//
// Windows are fixed intervals of exchange time. Which one is current is known only within the uncertainty of
// the clock, so a window begins here when it has surely begun there; and what was charged so late that it may
// arrive in the next window is carried over and counts in both.
//
// Used is the highest that is believed: our own charges, or the highest count that an answer told plus what
// we charged since. Unfilled orders are the exception: fills take orders off that count, so the exchange's
// word about them replaces ours, plus what is in flight.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/rate_limit.h"
#include "governor/now.h"

namespace vigil::governor {

class WindowLedger {
  public:
    WindowLedger() = default;
    explicit WindowLedger(const domain::RateLimit& limit) : limit_{limit} {}

    /// The limit's number may change; type and window identify it.
    void set_limit(std::int64_t limit) { limit_.limit = limit; }
    [[nodiscard]] const domain::RateLimit& limit() const { return limit_; }

    /// Begins the current window when it has surely begun at the exchange. Call before anything else.
    void roll(const Now& now) {
        if (now.exchange - now.uncertainty >= ends_ || now.exchange + now.uncertainty < begins_) [[unlikely]]
            begin_window(now);
        if (doubtful_ > 0 && now.monotonic - began_ >= stale_answers_max) [[unlikely]]
            doubtful_ = 0;
    }

    /// Number of the current window, counted from the epoch.
    [[nodiscard]] std::int64_t window() const { return index_; }
    /// When the current window began here.
    [[nodiscard]] base::MonotonicTime began() const { return began_; }
    /// Whether it was watched from its beginning.
    [[nodiscard]] bool is_whole() const { return is_whole_; }
    /// No answer has told a count of this window yet: until when that is a reason for care. Nothing when one
    /// has, when the window is old, and in the first window ever.
    [[nodiscard]] std::optional<base::MonotonicTime> unproven_until(const Now& now) const {
        const base::MonotonicTime until = began_ + proof_max;
        if (!is_whole_ || told_ > 0 || now.monotonic >= until) [[likely]]
            return std::nullopt;
        return until;
    }

    /// The highest believed.
    [[nodiscard]] std::int64_t used() const {
        return std::max({own_, observed_ + (own_ - own_at_observation_), doubtful_});
    }
    [[nodiscard]] std::int64_t own() const { return own_; }
    /// Of `used`, by others.
    [[nodiscard]] std::int64_t foreign() const { return used() - own_; }
    /// What may be used by now, if the others have gone on as they did in this window until an answer last
    /// told of them.
    [[nodiscard]] std::int64_t projected(const Now& now) const {
        const std::int64_t others = foreign();
        if (others <= 0) [[likely]]
            return used();
        // A burst at the beginning makes no pace.
        const std::int64_t least = base::microseconds{limit_.window}.count() / 6;
        const std::int64_t seen = std::max(least, (observed_at_ - begins_).count());
        const std::int64_t gone = (now.exchange - begins_).count();
        return used() + (gone > seen ? others * (gone - seen) / seen : 0);
    }
    /// Highest `used` of any window.
    [[nodiscard]] std::int64_t peak() const { return std::max(peak_, used()); }

    void charge(std::int64_t cost, const Now& now) {
        own_ += cost;
        if (doubtful_ > 0) doubtful_ += cost;
        if (now.exchange + now.uncertainty + transit_max >= ends_) [[unlikely]]
            charge_late(cost, now);
        else
            late_from_ = base::MonotonicTime::max();
        peak_ = std::max(peak_, used());
    }
    /// Takes back what was charged at `charged`, if that counts in this window.
    void give_back(std::int64_t cost, base::MonotonicTime charged);

    /// The exchange's own count; `in_flight` is what it may not have seen yet (orders only).
    /// @return how much the exchange counts above our own; 0 when the count may be one of the window before
    std::int64_t observe(std::int64_t count, std::int64_t in_flight, const Now& now);

    /// Orders leave the count at their first fill, in the window of `filled`; those that the exchange may not
    /// have seen yet do not. Nothing is taken off when a count was told after the fill: it may know of it.
    void take_off(std::int64_t count, std::int64_t in_flight, base::ExchangeTime filled);

    /// When the next window has surely begun.
    [[nodiscard]] base::MonotonicTime next_window(const Now& now) const {
        return std::max(now.monotonic + (ends_ - (now.exchange - now.uncertainty)),
                        now.monotonic + base::milliseconds{1});
    }

    /// A drift is told when it passes the threshold, and again when it has doubled; slowly forgotten.
    [[nodiscard]] bool worth_telling(std::int64_t drift, std::int64_t threshold);

  private:
    /// Longest way of a request to the exchange that the books allow for.
    static constexpr base::microseconds transit_max{base::seconds{1}};
    /// For so long after a new window begins, an answer may still tell the count of the one before. Such a
    /// count is believed for that time only.
    static constexpr base::nanoseconds stale_answers_max{base::seconds{2}};

    /// So long a new window is treated with care when no answer tells anything about it.
    static constexpr base::nanoseconds proof_max{base::seconds{3}};

    [[nodiscard]] std::int64_t index_of(base::ExchangeTime time) const;
    void begin_window(const Now& now);
    void charge_late(std::int64_t cost, const Now& now);

    domain::RateLimit limit_{};
    std::int64_t index_{0};                                 // of the current window, counted from the epoch
    base::ExchangeTime begins_{base::ExchangeTime::max()};  // so that the first roll begins a window
    base::ExchangeTime ends_{base::ExchangeTime::min()};
    base::MonotonicTime began_{};  // when this window began here
    bool has_window_{false};
    bool is_whole_{false};
    std::int64_t own_{0};
    std::int64_t late_{0};        // of own_, that may be counted in a later window,
    std::int64_t late_index_{0};  // which is at most this one
    base::MonotonicTime late_from_{
        base::MonotonicTime::max()};      // all charges of the window since then were late
    std::int64_t carried_{0};             // of own_, from late charges of the window before,
    base::MonotonicTime carried_from_{};  // made since then
    std::int64_t observed_{0};
    std::int64_t own_at_observation_{0};
    base::ExchangeTime observed_at_{base::ExchangeTime::min()};  // the latest that the last count can be of
    std::int64_t doubtful_{0};                                   // a count that may be of the window before
    std::int64_t told_{0};         // highest count that an answer told in this window
    std::int64_t told_before_{0};  // and in the window before; 0: none
    std::int64_t told_drift_{0};
    std::int64_t peak_{0};
};

}  // namespace vigil::governor
