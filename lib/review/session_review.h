// The review of a running session: counts what happened, asks the detectors, and keeps the figures for the
// summary.
//
//     const auto review = std::make_shared<review::SessionReview>();
//     const auto subscription = logger.subscribe([&, review](const log::Record& record) {
//         for (const review::Finding& finding : review->on(record)) review::emit(finding, logger);
//     });
//
// Fed from the log worker's thread; figures may be asked for from any other. A finding is emitted as
// `review.finding`, which the review itself does not look at again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "log/logger.h"
#include "log/record.h"
#include "review/detectors.h"
#include "review/finding.h"

namespace vigil::review {

/// One kind of anomaly, for the summary's table.
struct Anomaly {
    log::Event event{};
    std::uint64_t count{0};
    std::string newest;  ///< the newest one's message
};

struct Figures {
    std::uint64_t orders_placed{0};
    std::uint64_t orders_accepted{0};
    std::uint64_t orders_rejected{0};
    std::uint64_t orders_unknown{0};
    std::uint64_t orders_resolved{0};
    std::uint64_t cancels{0};
    std::uint64_t fills{0};
    std::uint64_t warnings{0};
    std::uint64_t errors{0};
    std::uint64_t criticals{0};
    std::int64_t latency_median_us{0};  ///< of the last 101 accepted orders
    std::int64_t latency_worst_us{0};
    std::int64_t uncertainty_worst_us{0};
    std::vector<Anomaly> anomalies;                     ///< gravest first, then most frequent
    std::vector<Finding> findings;                      ///< the newest 100, oldest first
    std::array<std::uint64_t, detector_count> found{};  ///< all findings of the session, by detector

    /// No anomaly of severity error or above.
    [[nodiscard]] bool sound() const { return errors == 0 && criticals == 0; }
};

class SessionReview {
  public:
    /// @return what the detectors found by this record; mostly nothing
    [[nodiscard]] std::vector<Finding> on(const log::Record& record);
    [[nodiscard]] Figures figures() const;

  private:
    mutable std::mutex mutex_;
    log::Counts counts_;
    std::vector<Anomaly> anomalies_;
    std::vector<Finding> findings_;
    std::array<std::uint64_t, detector_count> found_{};
    RejectionRate rejection_rate_;
    OrderLatency order_latency_;
    ClockUncertainty clock_uncertainty_;
    ConnectionFlapping connection_flapping_;
};

void emit(const Finding& finding, log::Logger& logger);

}  // namespace vigil::review
