// Time that moves only when it is told to (`vigil-exchange --clock virtual`, POST /clock/advance): the same
// requests at the same moments give the same answers, byte for byte, however long a test takes.
//
// Made by main, which lends it to the server. Loop thread only.
#pragma once

#include "base/time.h"

namespace vigil::exchange {

class VirtualClock final : public base::Clock {
  public:
    /// 2026-01-01 00:00 UTC, where it begins unless told otherwise.
    static constexpr base::WallTime default_start{std::chrono::milliseconds{1'767'225'600'000}};

    explicit VirtualClock(base::WallTime start = default_start) : start_{start} {}

    [[nodiscard]] base::MonotonicTime monotonic() const override { return base::MonotonicTime{elapsed_}; }
    [[nodiscard]] base::WallTime wall() const override {
        return start_ + std::chrono::floor<base::microseconds>(elapsed_);
    }
    void advance(base::nanoseconds time) { elapsed_ += time; }

  private:
    base::WallTime start_;
    base::nanoseconds elapsed_{0};
};

}  // namespace vigil::exchange
