// Reproducible pseudo-random numbers for everything that is made up: integers only, so that a seed gives the
// same market with every compiler. SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>

namespace vigil::exchange {

/// A well-mixed function of `x`; for noise that is a function of time.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

class Random {
  public:
    explicit constexpr Random(std::uint64_t seed) : state_{seed} {}

    constexpr std::uint64_t next() {
        const std::uint64_t out = mix64(state_);
        state_ += 0x9e3779b97f4a7c15U;
        return out;
    }
    /// 0 .. bound-1; `bound` > 0.
    constexpr std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// low .. high, both included.
    constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    /// True in `parts` of 1,000,000 draws.
    constexpr bool chance_ppm(std::uint64_t parts) { return below(1'000'000) < parts; }
    /// Approximately normal, mean 0, standard deviation 1,000,000 (the sum of twelve uniform draws), within
    /// six standard deviations.
    constexpr std::int64_t normal_ppm() {
        std::int64_t sum = 0;
        for (int i = 0; i < 12; ++i) sum += static_cast<std::int64_t>(below(1'000'001));
        return sum - 6'000'000;
    }

    /// With which another one continues where this one is.
    [[nodiscard]] constexpr std::uint64_t state() const { return state_; }

  private:
    std::uint64_t state_;
};

}  // namespace vigil::exchange
