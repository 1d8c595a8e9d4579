// The account of one published limit: what was used of it in the current window.
//
// Windows are fixed intervals of exchange time. Which one is current is known only within the uncertainty of
// the clock, so a new window begins here when it has surely begun there; and what was charged shortly before
// that may be counted there in either window, so it is carried over into the new one.
#pragma once

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

    /// The limit's number may change; the window's length identifies it.
    void set_limit(std::int64_t limit) { limit_.limit = limit; }
    [[nodiscard]] const domain::RateLimit& limit() const { return limit_; }

    /// Begins the current window when it has surely begun at the exchange. Call before anything else.
    void roll(const Now& now);

    [[nodiscard]] std::int64_t used() const { return own_ + foreign_; }
    [[nodiscard]] std::int64_t own() const { return own_; }
    [[nodiscard]] std::int64_t peak() const { return peak_; }

    void charge(std::int64_t cost, const Now& now);
    /// Takes back what was charged at `charged`, if that was in this window.
    void give_back(std::int64_t cost, base::MonotonicTime charged);

    /// The exchange's own count. Weight and raw requests: the highest is believed. Orders: what the exchange
    /// says plus what is in flight, because fills take orders off.
    /// @return how much the exchange counts above our own
    std::int64_t observe(std::int64_t count, std::int64_t in_flight, const Now& now);

    /// One order left the count (its first fill).
    void take_off(std::int64_t count);

    /// When the next window has surely begun.
    [[nodiscard]] base::MonotonicTime next_window(const Now& now) const;

    /// A drift is told once each time it has doubled within a window.
    [[nodiscard]] bool worth_telling(std::int64_t drift, std::int64_t threshold);

  private:
    domain::RateLimit limit_{};
    std::int64_t window_index_{-1};
    base::MonotonicTime began_{};  // when this window was noticed here
    std::int64_t own_{0};
    std::int64_t foreign_{0};
    std::int64_t late_{0};  // of own_, charged in the last stretch before the next boundary
    std::int64_t last_observed_{-1};
    std::int64_t previous_observed_{-1};  // last of the window before
    std::int64_t told_drift_{0};
    std::int64_t peak_{0};
};

}  // namespace vigil::governor
