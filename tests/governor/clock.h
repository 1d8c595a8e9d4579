// Time for the governor's tests: moved by hand, exact unless told otherwise.
#pragma once

#include "base/time.h"
#include "governor/now.h"

namespace vigil::governor {

/// Exchange time begins on a full day, so that all windows begin with the test.
inline constexpr base::ExchangeTime day_begin = base::exchange_time_ms(1'723'161'600'000);

struct TestClock {
    base::nanoseconds elapsed{0};
    base::microseconds uncertainty{0};

    [[nodiscard]] base::MonotonicTime mono() const {
        return base::MonotonicTime{base::seconds{1000} + elapsed};
    }
    [[nodiscard]] Now now() const {
        return {mono(), day_begin + std::chrono::duration_cast<base::microseconds>(elapsed), uncertainty};
    }
    void to(base::MonotonicTime when) { elapsed = when.time_since_epoch() - base::seconds{1000}; }
    [[nodiscard]] base::WallTime wall() const {
        return base::WallTime{base::seconds{1'723'161'600}} +
               std::chrono::duration_cast<base::microseconds>(elapsed);
    }
};

}  // namespace vigil::governor
