// What the journal thread does with what it is handed, without the thread: groups go through the gate, plain
// records that could not be written are kept, up to a bound, and tried again at intervals before anything
// newer, so that the journal has no hole. Pure but for the store it writes to; time comes in. One owner (the
// journal thread, or a simulation).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/stages.h"
#include "journal/journal_gate.h"
#include "journal/record_store.h"

namespace vigil::journal {

/// Number of a submission; they grow by one.
using Ticket = std::uint64_t;

/// What one commit made durable, or failed to.
struct JournalReport {
    std::vector<domain::Journaled> journaled;  ///< may leave now, in the order of submission
    std::vector<domain::Permitted> failed;     ///< must not leave
    Ticket durable_through{0};                 ///< every plain record with a ticket up to here is on the disk
    std::optional<base::Error> error;          ///< why something is not; nothing: all is well (again)
    std::size_t backlog{0};                    ///< plain records waiting to be written
};

/// What waits to be written. A Permitted's ticket is not told again: it comes back as itself.
struct Numbered {
    Submission submission;
    Ticket ticket{0};
};

struct JournalWriterOptions {
    std::size_t backlog_max{65536};  ///< records kept while they cannot be written
    base::milliseconds retry_every{1'000};
};

class JournalWriter {
  public:
    /// @param store outlives this object
    JournalWriter(RecordStore& store, JournalWriterOptions options);

    /// Writes the group, in the order of its tickets, and the backlog before it; while writing fails that is
    /// tried at intervals only. An empty group tries the backlog alone.
    /// @param now     on any clock that does not step, the same for every call
    /// @param is_last try, whatever the interval says
    /// @returns nothing when there was nothing to do
    [[nodiscard]] std::optional<JournalReport> write(std::vector<Numbered> group, base::nanoseconds now,
                                                     bool is_last);
    /// Records that wait to be written.
    [[nodiscard]] std::size_t backlog() const { return backlog_.size(); }
    /// Highest ticket that was handed in.
    [[nodiscard]] Ticket handled() const { return handled_; }
    /// Of the last attempt; nothing: all is well.
    [[nodiscard]] const std::optional<base::Error>& failing() const { return failing_; }

  private:
    JournalGate gate_;
    JournalWriterOptions options_;
    std::vector<Entry> backlog_;
    std::vector<Ticket> backlog_tickets_;
    std::optional<base::Error> failing_;
    bool has_given_up_{false};
    base::nanoseconds next_attempt_{0};
    Ticket handled_{0};
};

}  // namespace vigil::journal
