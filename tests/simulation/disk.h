// The journal's disk in a simulated world: rows as the file keeps them (encoded, chained by hash), in memory.
// What append() accepted outlives the process; the disk can be full, fail for good until it is opened anew,
// or, for a mutant, lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "journal/chain.h"
#include "journal/record_store.h"

namespace vigil::simulation {

class Disk final : public journal::RecordStore {
  public:
    /// @param hash of the chain; a cheap one does, the format is the same
    explicit Disk(journal::HashFunction hash);

    [[nodiscard]] base::Result<std::int64_t> append(std::span<const journal::Entry> entries) override;
    /// Decodes, as the file does.
    [[nodiscard]] base::Result<void> read(std::int64_t first_sequence, const Visit& visit) const override;
    [[nodiscard]] std::int64_t last_sequence() const override {
        return static_cast<std::int64_t>(rows_.size());
    }

    /// From now on each append fails with this (nothing: works again).
    void fail_with(std::optional<base::Error> error) { error_ = std::move(error); }
    [[nodiscard]] bool is_failing() const { return error_.has_value(); }
    /// Every row against the chain.
    [[nodiscard]] base::Result<void> verify();
    /// Hash of the last row, as it comes.
    [[nodiscard]] std::string head_text() const;
    /// Whether the decision to place this order is on the disk.
    [[nodiscard]] bool holds_placement(const domain::ClientOrderId& id) const {
        return placements_.contains(id);
    }
    [[nodiscard]] const std::unordered_set<domain::ClientOrderId>& placements() const { return placements_; }

    // For mutants.
    /// What is appended is durable only after sync().
    void sync_by_hand(bool by_hand) { sync_by_hand_ = by_hand; }
    void sync();
    void lose_last_append();
    void lose_all();
    void alter(std::size_t row);

  private:
    struct StoredRow {
        journal::Stamp stamp;
        std::string_view kind;
        domain::ClientOrderId id;
        std::string body;
        journal::Digest hash{};
        bool is_placement{false};
    };
    [[nodiscard]] journal::Digest hash_of(std::size_t at, const journal::Digest& previous);

    journal::Chain chain_;
    std::vector<StoredRow> rows_;
    std::size_t last_append_{0};  ///< first row of it
    std::unordered_set<domain::ClientOrderId> placements_;
    std::vector<domain::ClientOrderId> unsynced_;
    bool sync_by_hand_{false};
    std::optional<base::Error> error_;
};

/// Mixes all bytes into 32; not for cryptography.
[[nodiscard]] journal::Digest cheap_hash(std::span<const std::byte> bytes);

}  // namespace vigil::simulation
