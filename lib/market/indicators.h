// Incremental indicators over candles: one `add` a closed candle, `value` once there is enough.
//
// Values are double on purpose: an average or an index is a statistic that is compared, never money. No
// price, quantity or amount of an order is ever computed from one; `as_double` is the only way in, and there
// is no way back.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/check.h"
#include "domain/decimal.h"
#include "domain/market_events.h"

namespace vigil::market {

[[nodiscard]] inline double as_double(domain::Price price) {
    return static_cast<double>(price.raw()) / static_cast<double>(domain::decimal_scale);
}

/// Simple moving average of the last `period` values.
class Sma {
  public:
    explicit Sma(int period) : window_(checked(period)) {}

    void add(double value) {
        window_[next_] = value;
        next_ = (next_ + 1) % window_.size();
        if (count_ < window_.size()) ++count_;
    }
    /// Nothing before `period` values. Summed anew each time, so rounding errors cannot pile up.
    [[nodiscard]] std::optional<double> value() const {
        if (count_ < window_.size()) return std::nullopt;
        double sum = 0;
        for (const double each : window_) sum += each;
        return sum / static_cast<double>(window_.size());
    }

  private:
    static std::size_t checked(int period) {
        base::check(period >= 1, "an average has a period of at least 1");
        return static_cast<std::size_t>(period);
    }
    std::vector<double> window_;
    std::size_t next_{0};
    std::size_t count_{0};
};

/// Exponential moving average, alpha = 2 / (period + 1), seeded with the simple average of the first
/// `period` values.
class Ema {
  public:
    explicit Ema(int period) : period_{period}, alpha_{2.0 / (period + 1.0)} {
        base::check(period >= 1, "an average has a period of at least 1");
    }

    void add(double value) {
        if (count_ < period_) {
            ++count_;
            value_ += value;
            if (count_ == period_) value_ /= period_;
            return;
        }
        value_ += alpha_ * (value - value_);
    }
    [[nodiscard]] std::optional<double> value() const {
        if (count_ < period_) return std::nullopt;
        return value_;
    }

  private:
    int period_;
    double alpha_;
    int count_{0};
    double value_{0};  ///< the sum while seeding
};

/// Wilder's smoothing: the mean of the first `period` values, then (previous * (period - 1) + value) /
/// period.
class Wilder {
  public:
    explicit Wilder(int period) : period_{period} {
        base::check(period >= 1, "an average has a period of at least 1");
    }
    void add(double value) {
        if (count_ < period_) {
            ++count_;
            value_ += value;
            if (count_ == period_) value_ /= period_;
            return;
        }
        value_ = (value_ * (period_ - 1) + value) / period_;
    }
    [[nodiscard]] std::optional<double> value() const {
        if (count_ < period_) return std::nullopt;
        return value_;
    }

  private:
    int period_;
    int count_{0};
    double value_{0};
};

/// Average true range (Wilder). The first candle's range is high - low, as there is no close before it.
class Atr {
  public:
    explicit Atr(int period) : mean_{period} {}
    void add(const domain::Candle& candle) {
        const double high = as_double(candle.high);
        const double low = as_double(candle.low);
        double range = high - low;
        if (previous_close_)
            range = std::fmax(
                range, std::fmax(std::fabs(high - *previous_close_), std::fabs(low - *previous_close_)));
        previous_close_ = as_double(candle.close);
        mean_.add(range);
    }
    [[nodiscard]] std::optional<double> value() const { return mean_.value(); }

  private:
    Wilder mean_;
    std::optional<double> previous_close_;
};

/// Relative strength index (Wilder), 0 to 100; 50 when nothing moved at all.
class Rsi {
  public:
    explicit Rsi(int period) : gains_{period}, losses_{period} {}
    void add(double close) {
        if (previous_) {
            const double change = close - *previous_;
            gains_.add(change > 0 ? change : 0);
            losses_.add(change < 0 ? -change : 0);
        }
        previous_ = close;
    }
    [[nodiscard]] std::optional<double> value() const {
        const auto gain = gains_.value();
        const auto loss = losses_.value();
        if (!gain || !loss) return std::nullopt;
        if (*gain + *loss <= 0) return 50.0;
        return 100.0 * *gain / (*gain + *loss);
    }

  private:
    Wilder gains_;
    Wilder losses_;
    std::optional<double> previous_;
};

}  // namespace vigil::market
