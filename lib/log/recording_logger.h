// A logger that keeps its records in memory, for tests and backtests: what was told can be looked at.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "log/logger.h"

namespace vigil::log {

/// Keeps the newest `capacity` records; counts all. Any thread.
class RecordingLogger final : public Logger {
  public:
    explicit RecordingLogger(std::size_t capacity = 10'000) : capacity_{capacity} {}

    /// Redacted, in order of emission. A copy.
    [[nodiscard]] std::vector<Record> records() const;
    /// The newest record of that event, if it is still kept.
    [[nodiscard]] std::optional<Record> last(Event event) const;
    [[nodiscard]] Counts counts() const override;

  private:
    void submit(const Record& record) noexcept override;

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<Record> records_;
    Counts counts_;
};

}  // namespace vigil::log
