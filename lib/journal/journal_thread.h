// The journal's own thread: what is submitted is written in groups, one transaction each, and what became of
// it is told through a callback. Orders whose record cannot be written come back as failed at once; plain
// records that cannot be written are kept, up to a bound, and tried again before anything newer, so that the
// journal has no hole. When the bound is reached, the thread refuses all that follows until a restart
// (cancels still come back as Journaled).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/time.h"
#include "domain/stages.h"
#include "journal/journal_writer.h"
#include "journal/record.h"
#include "journal/record_store.h"

namespace vigil::journal {

struct JournalThreadOptions {
    std::size_t queue_max{8192};  ///< submissions waiting; when full, submit refuses
    std::size_t group_max{512};   ///< submissions one transaction
    JournalWriterOptions writer{};
    base::milliseconds beat_every{100};  ///< the heartbeat's longest silence while idle
};

class JournalThread {
  public:
    /// Starts the thread, named "journal".
    /// @param store  used by the thread alone from here on; outlives this object
    /// @param report called on the journal thread after each commit that had something to tell; must not
    /// block
    JournalThread(RecordStore& store, JournalThreadOptions options,
                  std::function<void(JournalReport)> report);
    /// Stops as `stop` does, with a patience that has no end.
    ~JournalThread();
    JournalThread(const JournalThread&) = delete;
    JournalThread& operator=(const JournalThread&) = delete;

    /// From any thread; never blocks on the disk. False (and `permitted` untouched) when the queue is full or
    /// the thread was stopped: the order must not be sent.
    [[nodiscard]] bool submit(domain::Permitted&& permitted, const Stamp& stamp);
    /// Nothing when the queue is full or stopped: an order event was not recorded, halt.
    [[nodiscard]] std::optional<Ticket> submit(Record record, const Stamp& stamp);

    /// Waits until all that was submitted before is durable. Errors: timeout, or why it cannot be written.
    [[nodiscard]] base::Result<void> flush(base::milliseconds deadline);
    /// Takes nothing more, writes what is queued, ends the thread. Errors as flush; after `timeout` the
    /// thread may still hang in the disk, and the destructor will wait for it.
    [[nodiscard]] base::Result<void> stop(base::milliseconds deadline);

    /// Grows at least each `beat_every` while the thread is alive and not stuck; for the watchdog.
    [[nodiscard]] const std::atomic<std::uint64_t>& heartbeat() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::journal
