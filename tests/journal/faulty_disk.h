// A disk that fails on demand: while one lives, SQLite's files go through it.
#pragma once

#include <sqlite3.h>

namespace vigil::journal::test {

class FaultyDisk {
  public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// After `good` more writes, each write fails with `code` (SQLITE_FULL, SQLITE_IOERR_WRITE) until `heal`.
    void fail_writes(int good, int code);
    /// After `good` more syncs, each sync fails with SQLITE_IOERR_FSYNC until `heal`.
    void fail_syncs(int good);
    void heal();

    [[nodiscard]] int writes() const;  ///< since construction
    [[nodiscard]] int syncs() const;
    [[nodiscard]] int failures() const;
};

}  // namespace vigil::journal::test
