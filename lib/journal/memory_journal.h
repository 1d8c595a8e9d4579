// A journal without a disk, for backtests and tests: same gate, same records.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "journal/record_store.h"

namespace vigil::journal {

class MemoryJournal final : public RecordStore {
  public:
    /// @param keep false: records are counted and dropped (long backtests)
    explicit MemoryJournal(bool keep = true) : keep_{keep} {}

    [[nodiscard]] base::Result<std::int64_t> append(std::span<const Entry> entries) override;
    [[nodiscard]] base::Result<void> read(std::int64_t first_sequence, const Visit& visit) const override;
    [[nodiscard]] std::int64_t last_sequence() const override { return last_sequence_; }

    [[nodiscard]] const std::vector<StoredRecord>& records() const { return records_; }
    /// From now on each append fails with this error (nothing: works again).
    void fail_with(std::optional<base::Error> error) { error_ = std::move(error); }

  private:
    bool keep_;
    std::int64_t last_sequence_{0};
    std::vector<StoredRecord> records_;
    std::optional<base::Error> error_;
};

}  // namespace vigil::journal
