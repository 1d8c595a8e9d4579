// The chain of hashes over the journal's rows (format: journal.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "journal/hash.h"

namespace vigil::journal {

/// One row as it lies in the table, but for its hash.
struct Row {
    std::int64_t sequence{0};
    std::int64_t exchange_us{0};
    std::int64_t wall_us{0};
    std::string_view kind;
    std::string_view client_order_id;
    std::string_view body;
};

class Chain {
  public:
    /// Begins at the root, which the journal's id gives.
    Chain(HashFunction hash, std::string_view journal_id);

    [[nodiscard]] const Digest& root() const { return root_; }
    /// Hash of a row that follows one with the hash `previous`.
    [[nodiscard]] Digest next(const Digest& previous, const Row& row);

  private:
    HashFunction hash_;
    Digest root_;
    std::vector<std::byte> buffer_;
};

}  // namespace vigil::journal
