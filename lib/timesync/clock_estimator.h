// Estimates the exchange's clock from samples of GET /api/v3/time.
//
// Every sample gives hard bounds of (exchange time minus monotonic time): the server read its clock between
// `sent` and `received`, and cut the time down to its resolution. The bounds of the last few samples are
// intersected, each widened by the drift that 200 ppm allow since it was taken; so the sample with the least
// round trip wins by itself, a slow one does no harm, and asymmetric links are covered. A sample that
// contradicts the others is a step of the exchange's clock (or of our steady one): everything older is thrown
// away, and the estimate counts as uncertain until several samples in a row agree. A step smaller than the
// bounds themselves cannot be told from a slow link; that is why samples older than `memory` are forgotten:
// an error of that kind lasts no longer, and is never larger than the widths of the two samples that hid it.
//
// Pure: no clock, no thread. The clock thread owns an estimator, asks `next_sample_due` when to measure,
// feeds what it measured and publishes `snapshot()`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "timesync/estimate.h"

namespace vigil::timesync {

/// One answer of the exchange's time endpoint.
struct Sample {
    base::MonotonicTime sent;      ///< just before the first byte of the request left
    base::MonotonicTime received;  ///< just after the answer was read
    base::ExchangeTime server_time;
    base::microseconds resolution{1000};  ///< 1000 for milliseconds, 1 with X-MBX-TIME-UNIT: MICROSECOND
    base::WallTime wall;                  ///< this machine's wall clock at `received`
};

struct Options {
    base::microseconds max_uncertainty{250'000};         ///< wider: uncertain, nothing may be signed
    base::microseconds server_spread{500};               ///< how far the exchange's own machines may disagree
    base::nanoseconds max_age{base::seconds{300}};       ///< without a sample for longer: unsynchronised
    base::nanoseconds max_round_trip{base::seconds{5}};  ///< slower answers are not used
    base::nanoseconds memory{base::seconds{120}};        ///< samples older than this are forgotten
    int confirm_samples{3};                              ///< that must agree after start or a step
    int burst_samples{5};                                ///< measured quickly after start or a step
    base::nanoseconds burst_interval{base::milliseconds{100}};
    base::nanoseconds uncertain_interval{base::seconds{2}};
    base::nanoseconds quiet_interval{base::seconds{30}};  ///< at most two requests a minute when all is well
    base::microseconds wall_step_threshold{50'000};       ///< wall clock jumps from this size are reported
};

/// What a sample changed.
struct Update {
    bool used{false};              ///< false: implausible or too slow, see `refused`
    const char* refused{nullptr};  ///< why it was not used, static text
    State before{State::unsynchronised};
    State after{State::unsynchronised};
    std::optional<base::microseconds> step;       ///< the exchange's clock stepped, by about this much
    std::optional<base::microseconds> wall_step;  ///< this machine's wall clock stepped, by about this much
    base::microseconds round_trip{0};
};

class ClockEstimator {
  public:
    explicit ClockEstimator(Options options);

    /// Samples are fed in the order of receipt.
    Update add(const Sample& sample);

    /// A request for a sample failed or went unanswered: the next ones come later and later.
    void on_failure(base::MonotonicTime now);

    /// Another source (a -1021) says that the estimate is wrong: uncertain at once, and a burst of samples
    /// (one burst for doubts that follow each other closely).
    void doubt(base::MonotonicTime now);

    /// May be called more often than samples come (each second) to notice steps of the wall clock early.
    [[nodiscard]] std::optional<base::microseconds> observe_wall(base::MonotonicTime now,
                                                                 base::WallTime wall);

    /// When the next sample should be asked for; in the past: now.
    [[nodiscard]] base::MonotonicTime next_sample_due(base::MonotonicTime now) const;

    [[nodiscard]] std::optional<ExchangeEstimate> at(base::MonotonicTime now) const {
        return snapshot_.at(now);
    }
    [[nodiscard]] State state(base::MonotonicTime now) const { return snapshot_.state(now); }
    [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
    /// Exchange time minus this machine's wall clock, as last seen together. For people and logs.
    [[nodiscard]] std::optional<base::microseconds> wall_offset() const;
    [[nodiscard]] std::int64_t samples_used() const { return samples_used_; }

  private:
    /// Exchange time minus monotonic time lay within these at `reference`.
    struct Bounds {
        base::MonotonicTime reference{};
        std::int64_t low_ns{0};
        std::int64_t high_ns{0};
    };

    /// A ring of the newest few bounds.
    template <std::size_t N>
    struct Ring {
        std::array<Bounds, N> items{};
        std::size_t size{0};
        std::size_t next{0};

        void add(const Bounds& bounds) {
            items[next] = bounds;
            next = (next + 1) % N;
            if (size < N) ++size;
        }
        void clear() { size = next = 0; }
        /// 0 is the oldest.
        [[nodiscard]] const Bounds& at(std::size_t age_rank) const {
            return items[(next + N - size + age_rank) % N];
        }
    };

    [[nodiscard]] const char* implausible(const Sample& sample) const;
    [[nodiscard]] Bounds bounds_of(const Sample& sample) const;
    [[nodiscard]] static Bounds widened(const Bounds& bounds, base::MonotonicTime to);
    [[nodiscard]] Bounds common_bounds(base::MonotonicTime now) const;
    void learn_drift();

    Options options_;
    Snapshot snapshot_;
    Ring<8> recent_;       // what the snapshot is the intersection of
    Ring<16> history_;     // what the drift is learnt from, some time apart
    int agreeing_{0};      // samples that agree since start, step or doubt
    int burst_left_;       // quick samples still to take
    int failures_{0};      // requests without an answer, in a row
    bool doubted_{false};  // the next sample starts anew
    std::optional<base::MonotonicTime> last_doubt_;
    bool attempted_{false};
    base::MonotonicTime last_attempt_{};
    std::int64_t samples_used_{0};

    bool wall_known_{false};
    base::MonotonicTime wall_seen_at_{};
    base::WallTime wall_seen_{};
};

}  // namespace vigil::timesync
