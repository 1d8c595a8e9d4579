// The gate before the wire, and the only maker of Journaled: a Permitted passes once its record is durable.
//
// When the record cannot be written, an order does not pass. A cancel does: it commits nobody to anything,
// may be repeated, and a full disk must not keep orders in the market. Such a Journaled has the sequence
// `unrecorded`.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/error.h"
#include "domain/stages.h"
#include "journal/record.h"
#include "journal/record_store.h"

namespace vigil::journal {

/// Sequence of a cancel that passed although it could not be recorded.
inline constexpr std::int64_t unrecorded = 0;

/// One thing to write: a decision on its way to the exchange, or a plain record.
struct Submission {
    Stamp stamp;
    std::variant<domain::Permitted, Record> content;
};

/// What became of a group.
struct Commit {
    std::vector<domain::Journaled> journaled;  ///< may leave now, in the order of submission
    std::vector<domain::Permitted> failed;     ///< must not leave
    std::vector<Entry> unwritten;              ///< plain records that were not written, in order
    std::optional<base::Error> error;          ///< why; nothing when all was written
    std::size_t written{0};                    ///< records that are durable now
    std::int64_t last_sequence{0};
};

class JournalGate {
  public:
    explicit JournalGate(RecordStore& store) : store_{store} {}

    /// Writes `backlog` (records that an earlier commit left unwritten), then the group, in one transaction.
    /// When it fails, `unwritten` contains the backlog too.
    [[nodiscard]] Commit commit(std::vector<Submission> group, std::vector<Entry> backlog = {});
    /// The same as a commit that failed with `error`, without trying.
    [[nodiscard]] static Commit refuse(std::vector<Submission> group, std::vector<Entry> backlog,
                                       base::Error error);

  private:
    RecordStore& store_;
};

}  // namespace vigil::journal
