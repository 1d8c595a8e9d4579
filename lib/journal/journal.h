// The journal file: SQLite, write-ahead log, synchronous=FULL, append only, each row chained to the one
// before by SHA-256. Operators may read it with `sqlite3` while the daemon runs.
//
//   meta(key, value)            journal_id: random, the root of the chain
//   records(sequence, exchange_us, wall_us, kind, client_order_id, body, hash)
//   hash = SHA-256(previous hash, sequence, exchange_us, wall_us, and kind, client_order_id, body each with
//   its length; numbers 8 bytes, big endian); the previous hash of the first row is SHA-256("vigil journal "
//   id)
//
// One process at a time writes: a lock on the file beside it, held while the object lives. Not tied to a
// thread, but used by one at a time (the journal thread, once it runs).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "journal/hash.h"
#include "journal/record_store.h"

namespace vigil::journal {

struct JournalOptions {
    std::filesystem::path state_folder;      ///< exists; the file is `journal.sqlite` in it
    base::milliseconds busy_timeout{1'000};  ///< how long somebody else's lock on the file is waited for
};

/// What a full check of the chain found.
struct Verified {
    std::int64_t records{0};
    Digest head{};  ///< hash of the last record (of the root when there is none); note it elsewhere to notice
                    ///< a shortened journal
};

class Journal final : public RecordStore {
  public:
    /// Opens, or creates with mode 0600. Errors: unavailable (another process has it), denied (owner, mode),
    /// corrupt (damaged, or not a journal of Vigil), unsupported (of a later version), io, exhausted.
    [[nodiscard]] static base::Result<std::unique_ptr<Journal>> open(const JournalOptions& options,
                                                                     HashFunction hash);
    /// To look at, also while a daemon writes it: no lock is taken and append is refused. Errors as `open`,
    /// and not_found.
    [[nodiscard]] static base::Result<std::unique_ptr<Journal>> open_read_only(const JournalOptions& options,
                                                                               HashFunction hash);
    ~Journal() override;

    [[nodiscard]] base::Result<std::int64_t> append(std::span<const Entry> entries) override;
    /// Checks the chain on the way (from the first record read on).
    [[nodiscard]] base::Result<void> read(std::int64_t first_sequence, const Visit& visit) const override;
    [[nodiscard]] std::int64_t last_sequence() const override;

    /// SQLite's own check, then every row against the chain. Errors: corrupt, naming the first bad record.
    /// @param noted a head that was noted earlier: corrupt when it is in the chain no more, because the
    /// journal was shortened, or written anew
    [[nodiscard]] base::Result<Verified> verify(const std::optional<Digest>& noted = std::nullopt) const;
    /// True after a failed write or sync: nothing more is written until the file is opened anew.
    [[nodiscard]] bool is_refusing() const;
    [[nodiscard]] const std::filesystem::path& path() const;

  private:
    struct Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::journal
