#include "faulty_disk.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

namespace vigil::journal::test {

namespace {

struct State {
    sqlite3_vfs* real{nullptr};
    sqlite3_vfs faulty{};
    int writes{0};
    int syncs{0};
    int failures{0};
    int writes_left{-1};  ///< negative: without end
    int syncs_left{-1};
    int write_code{SQLITE_OK};
};
State state;

/// SQLite gives memory for one of these with the real file behind it.
struct File {
    sqlite3_file base;
    sqlite3_file* real;
};
sqlite3_file* real_of(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real;
}

int close_file(sqlite3_file* file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    ++state.writes;
    if (state.writes_left == 0) {
        ++state.failures;
        return state.write_code;
    }
    if (state.writes_left > 0) --state.writes_left;
    return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
    ++state.syncs;
    if (state.syncs_left == 0) {
        ++state.failures;
        return SQLITE_IOERR_FSYNC;
    }
    if (state.syncs_left > 0) --state.syncs_left;
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* is_reserved) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}
int control_file(sqlite3_file* file, int op, void* argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}
int sector_size(sqlite3_file* file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int n, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}
void barrier_shared(sqlite3_file* file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int unmap_shared(sqlite3_file* file, int is_delete) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), is_delete);
}

const sqlite3_io_methods methods{
    2,           close_file,     read_file,    write_file,   truncate_file, sync_file,       file_size,
    lock_file,   unlock_file,    check_lock,   control_file, sector_size,   characteristics, map_shared,
    lock_shared, barrier_shared, unmap_shared, nullptr,      nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* const mine = reinterpret_cast<File*>(file);
    mine->real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(file) + sizeof(File));
    mine->base.pMethods = nullptr;
    const int code = state.real->xOpen(state.real, name, mine->real, flags, out_flags);
    if (mine->real->pMethods != nullptr) mine->base.pMethods = &methods;
    return code;
}

}  // namespace

FaultyDisk::FaultyDisk() {
    state = State{};
    state.real = sqlite3_vfs_find(nullptr);
    state.faulty = *state.real;
    state.faulty.zName = "faulty";
    state.faulty.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
    state.faulty.xOpen = open_file;
    EXPECT_EQ(sqlite3_vfs_register(&state.faulty, 1), SQLITE_OK);
}
FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&state.faulty);
    sqlite3_vfs_register(state.real, 1);
}
void FaultyDisk::fail_writes(int good, int code) {
    state.writes_left = good;
    state.write_code = code;
}
void FaultyDisk::fail_syncs(int good) {
    state.syncs_left = good;
}
void FaultyDisk::heal() {
    state.writes_left = -1;
    state.syncs_left = -1;
}
int FaultyDisk::writes() const {
    return state.writes;
}
int FaultyDisk::syncs() const {
    return state.syncs;
}
int FaultyDisk::failures() const {
    return state.failures;
}

}  // namespace vigil::journal::test
