// The clock-offset thread: it asks the exchange for the time as often as the estimator wants, and publishes
// what is known of the exchange's clock to whoever signs or stamps. Every sample passes the governor first,
// like any request.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/time.h"
#include "domain/exchange_port.h"
#include "log/logger.h"
#include "runtime/heartbeats.h"
#include "timesync/clock_estimator.h"
#include "timesync/estimate.h"

namespace vigil::runtime {

/// Owned by the service. The thread runs from start() to stop(); snapshot() and doubt() may be called from
/// every thread.
class ClockThread {
  public:
    struct Parts {
        const base::Clock& clock;
        domain::TimeSource& source;
        log::Logger& logger;
        Heartbeats& heartbeats;
        /// Asks the governor for one time request; called on the clock thread, blocks a bounded time.
        std::function<base::Result<void>()> permit;
    };

    ClockThread(Parts parts, timesync::Options options, base::milliseconds sample_deadline);
    ~ClockThread();
    ClockThread(const ClockThread&) = delete;
    ClockThread& operator=(const ClockThread&) = delete;

    void start();
    /// Asks the thread to end and does not wait for it: a sample that is cut short from now on is no news.
    void request_stop();
    /// Returns when the thread has ended: at most one sample deadline later, or as soon as a sample under way
    /// is cancelled (RestClient::stop).
    void stop();

    /// What is known now; cheap.
    [[nodiscard]] timesync::Snapshot snapshot() const;
    /// Exchange time minus this machine's wall clock, for people.
    [[nodiscard]] std::optional<base::microseconds> wall_offset() const;
    /// A request was refused for its timestamp: measure anew at once.
    void doubt();
    /// Waits until the clock is synchronised. Errors: unavailable, with the last failure, when it is not
    /// after `patience` or as soon as `interrupted` says so; that is asked several times a second, on this
    /// thread.
    [[nodiscard]] base::Result<void> wait_until_synchronised(base::milliseconds patience,
                                                             const std::function<bool()>& interrupted);

  private:
    void run();
    void take_sample();
    void tell(const timesync::Update& update, base::MonotonicTime now);

    Parts parts_;
    const base::milliseconds sample_deadline_;
    const base::microseconds max_uncertainty_;
    Heartbeat& heartbeat_;

    mutable std::mutex mutex_;  // guards everything below
    std::condition_variable changed_;
    timesync::ClockEstimator estimator_;
    std::string last_failure_;
    int failures_{0};
    bool stop_{false};
    bool doubted_{false};

    std::thread thread_;
};

}  // namespace vigil::runtime
