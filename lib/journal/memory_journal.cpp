#include "journal/memory_journal.h"

#include <algorithm>

namespace vigil::journal {

base::Result<std::int64_t> MemoryJournal::append(std::span<const Entry> entries) {
    if (error_) return base::fail(*error_);
    const std::int64_t first = last_sequence_ + 1;
    for (const Entry& entry : entries) {
        ++last_sequence_;
        if (keep_) records_.push_back(StoredRecord{last_sequence_, entry.stamp, entry.record});
    }
    return first;
}

base::Result<void> MemoryJournal::read(std::int64_t first_sequence, const Visit& visit) const {
    for (const StoredRecord& record : records_) {
        if (record.sequence < first_sequence) continue;
        auto visited = visit(record);
        if (!visited) return visited;
    }
    return {};
}

}  // namespace vigil::journal
