// The detectors: each keeps a bounded window of what it looks at, and speaks once when the picture turns
// unusual and not again before it was usual in between. Pure: fed with records, no clock, no thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "log/record.h"
#include "review/finding.h"

namespace vigil::review {

/// The newest N numbers; median and spread in the robust sense, so that one outlier does not hide the next.
template <std::size_t N>
class Sliding {
  public:
    void add(std::int64_t value) {
        values_[next_] = value;
        next_ = (next_ + 1) % N;
        if (size_ < N) ++size_;
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::int64_t median() const { return middle(values_); }
    /// Median of the distances from the median.
    [[nodiscard]] std::int64_t deviation() const {
        const std::int64_t center = median();
        std::array<std::int64_t, N> distances{};
        for (std::size_t i = 0; i < size_; ++i)
            distances[i] = values_[i] < center ? center - values_[i] : values_[i] - center;
        return middle(distances);
    }

  private:
    [[nodiscard]] std::int64_t middle(std::array<std::int64_t, N> copy) const {
        if (size_ == 0) return 0;
        const auto end = copy.begin() + static_cast<std::ptrdiff_t>(size_);
        const auto center = copy.begin() + static_cast<std::ptrdiff_t>(size_ / 2);
        std::nth_element(copy.begin(), center, end);
        return *center;
    }

    std::array<std::int64_t, N> values_{};
    std::size_t next_{0};
    std::size_t size_{0};
};

/// Of the last `window` orders of a symbol that the exchange answered, how many it rejected.
class RejectionRate {
  public:
    static constexpr std::size_t window = 20;
    static constexpr std::int64_t limit_percent = 25;

    [[nodiscard]] std::optional<Finding> on(const log::Record& record);

  private:
    struct Answers {
        std::deque<bool> rejected;
        bool told{false};
    };
    std::map<std::string, Answers> by_symbol_;
};

/// An order that took more than ten deviations longer than the median, and at least three times the median.
class OrderLatency {
  public:
    static constexpr std::size_t least = 20;  ///< answers before anything can be called unusual

    [[nodiscard]] std::optional<Finding> on(const log::Record& record);
    [[nodiscard]] std::int64_t median_us() const { return latencies_us_.median(); }
    [[nodiscard]] std::int64_t worst_us() const { return worst_us_; }

  private:
    Sliding<101> latencies_us_;
    std::int64_t worst_us_{0};
};

/// An uncertainty of exchange time of more than four times the median, and of at least 20 ms.
class ClockUncertainty {
  public:
    static constexpr std::size_t least = 5;
    static constexpr std::int64_t floor_us = 20'000;

    [[nodiscard]] std::optional<Finding> on(const log::Record& record);
    [[nodiscard]] std::int64_t worst_us() const { return worst_us_; }

  private:
    Sliding<51> uncertainties_us_;
    std::int64_t worst_us_{0};
    bool told_{false};
};

/// A connection that was lost `times` times within `within`.
class ConnectionFlapping {
  public:
    static constexpr std::size_t times = 4;
    static constexpr base::microseconds within = std::chrono::minutes{10};

    [[nodiscard]] std::optional<Finding> on(const log::Record& record);

  private:
    std::map<std::string, std::deque<base::WallTime>> losses_;
};

}  // namespace vigil::review
