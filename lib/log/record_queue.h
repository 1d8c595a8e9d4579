// The bounded queue between those who log and the log worker, with a policy for when it is full.
//
// Three classes: quiet (debug, info, notice), warnings, errors (error, critical). A record that finds the
// queue full takes the place of the oldest record of the lowest class below its own; where there is none, it
// is lost itself. Order is kept: the worker gets records in the order of their pushes, whatever their class.
// All storage is made at construction.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"
#include "log/record.h"

namespace vigil::log {

enum class RecordClass : std::uint8_t { quiet, warning, error };
inline constexpr std::size_t record_class_count = 3;

[[nodiscard]] constexpr RecordClass class_of(Severity severity) {
    if (severity >= Severity::error) return RecordClass::error;
    return severity == Severity::warning ? RecordClass::warning : RecordClass::quiet;
}

/// How many records of each class were lost to a full queue.
using Losses = std::array<std::uint64_t, record_class_count>;

/// Any number of threads push; one thread pops.
class RecordQueue {
  public:
    explicit RecordQueue(std::size_t capacity);

    /// Copies the record into the queue and stamps the copy. Never waits for room. After close() it is lost.
    void push(const Record& record, base::WallTime now);

    /// What the worker finds when it looks.
    struct Batch {
        std::uint64_t reached{0};  ///< every record up to this number was popped or lost
        bool closed{false};
        bool wanted{false};  ///< somebody called nudge() since the last look
    };
    /// Waits until there is reason to work (a warning or above, a half-full queue, a nudge, close) or
    /// `patience` is over, then moves at most `most` records to `out` (cleared first).
    [[nodiscard]] Batch pop(std::vector<Record>& out, std::size_t most, std::chrono::nanoseconds patience);

    /// Wakes the worker. @return the number of the newest push so far
    std::uint64_t nudge();
    /// No more pushes; what is queued is still popped.
    void close();

    [[nodiscard]] Losses losses() const;

  private:
    using Index = std::uint32_t;
    static constexpr Index none = UINT32_MAX;

    struct Node {
        std::optional<Record> record;
        std::uint64_t number{0};
        Index next{none};
    };
    struct List {
        Index head{none};
        Index tail{none};
    };

    // All below are called with the mutex held.
    [[nodiscard]] Index take_free_or_evict(RecordClass incoming);
    void append(List& list, Index node);
    Index detach_head(List& list);
    [[nodiscard]] List* oldest();

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::vector<Node> nodes_;
    List free_;
    std::array<List, record_class_count> queued_;
    std::size_t in_use_{0};          // nodes that are not free
    std::uint64_t queued_count_{0};  // records ever queued; the number of the newest
    Losses losses_{};
    bool urgent_{false};
    bool nudged_{false};
    bool closed_{false};
};

}  // namespace vigil::log
