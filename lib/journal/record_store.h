// Where records go and come from: the file (journal.h) or memory (memory_journal.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/error.h"
#include "journal/record.h"

namespace vigil::journal {

/// Used by one thread at a time.
class RecordStore {
  public:
    RecordStore() = default;
    RecordStore(const RecordStore&) = delete;
    RecordStore& operator=(const RecordStore&) = delete;
    virtual ~RecordStore() = default;

    /// All of `entries` or none. When it returns, they are durable (for a file: fsynced). Returns the
    /// sequence of the first; the others follow without gaps. Errors: exhausted (disk full: nothing was
    /// written, later may be better), unavailable (somebody holds the file), io (the disk failed: from now on
    /// every append is refused), corrupt.
    [[nodiscard]] virtual base::Result<std::int64_t> append(std::span<const Entry> entries) = 0;

    /// Calls `visit` for each record from `first_sequence` on, in order. Stops with the error that `visit`
    /// returns, or that reading met.
    using Visit = std::function<base::Result<void>(const StoredRecord&)>;
    [[nodiscard]] virtual base::Result<void> read(std::int64_t first_sequence, const Visit& visit) const = 0;

    /// Sequence of the last record; 0 when there is none.
    [[nodiscard]] virtual std::int64_t last_sequence() const = 0;
};

}  // namespace vigil::journal
