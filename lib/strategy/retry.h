// When something that was definitely refused may be tried again: after a growing pause, and after the same
// refusal several times in a row not before a long one. It keeps a strategy from a rejection loop; the
// house's own breakers stand behind it.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace vigil::strategy {

class Retry {
  public:
    /// The same refusal so many times in a row pauses.
    static constexpr int same_in_a_row = 5;
    static constexpr base::milliseconds pause{600'000};
    static constexpr base::milliseconds longest{60'000};

    /// @param code   what kind of refusal: the exchange's code, or a number of our own
    /// @param first  pause after the first one; doubled with each further one of the same kind
    /// @return true when this refusal began the long pause: the operator should hear of it
    bool failed(base::MonotonicTime now, int code, base::milliseconds first = base::milliseconds{1000}) {
        in_a_row_ = code == code_ ? in_a_row_ + 1 : 1;
        code_ = code;
        if (in_a_row_ >= same_in_a_row) {
            in_a_row_ = 0;
            next_ = now + pause;
            return true;
        }
        next_ = now + std::min(longest, first * (1 << (in_a_row_ - 1)));
        return false;
    }
    void succeeded() {
        in_a_row_ = 0;
        code_ = 0;
        next_ = {};
    }
    [[nodiscard]] bool ready(base::MonotonicTime now) const { return now >= next_; }
    [[nodiscard]] base::MonotonicTime next() const { return next_; }
    [[nodiscard]] int in_a_row() const { return in_a_row_; }

  private:
    int code_{0};
    int in_a_row_{0};
    base::MonotonicTime next_{};
};

/// Kinds of refusal that are not codes of the exchange.
inline constexpr int refusal_never_sent = 1;
inline constexpr int refusal_ended_unasked = 2;  ///< cancelled or expired by someone else

}  // namespace vigil::strategy
