#include "journal/journal.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "journal/chain.h"
#include "journal/journal_file.h"
#include "journal/record_codec.h"
#include "journal/sqlite_handle.h"

namespace vigil::journal {

namespace {

constexpr std::int64_t application_id = 0x5647494c;  // "VGIL"
constexpr std::int64_t schema_version = 1;
constexpr const char* file_name = "journal.sqlite";

constexpr const char* schema =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE records("
    "  sequence INTEGER PRIMARY KEY,"
    "  exchange_us INTEGER NOT NULL,"
    "  wall_us INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  client_order_id TEXT NOT NULL,"
    "  body TEXT NOT NULL,"
    "  hash BLOB NOT NULL) STRICT;"
    "CREATE INDEX records_by_order ON records(client_order_id) WHERE client_order_id <> '';"
    "CREATE TRIGGER records_keep BEFORE DELETE ON records "
    "  BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;"
    "CREATE TRIGGER records_stay BEFORE UPDATE ON records "
    "  BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;";

constexpr std::string_view row_columns =
    "SELECT sequence, exchange_us, wall_us, kind, client_order_id, body, hash FROM records ";

base::Error damaged(std::int64_t sequence, std::string_view what) {
    std::string message = "journal record " + std::to_string(sequence) + ": ";
    message += what;
    return base::Error{base::ErrorKind::corrupt, std::move(message)};
}

/// The current row of a `row_columns` query.
struct ReadRow {
    Row row;
    Digest hash{};
};

base::Result<ReadRow> read_row(sqlite3_stmt* statement, std::int64_t expected_sequence) {
    const bool is_shaped = sqlite3_column_type(statement, 0) == SQLITE_INTEGER &&
                           sqlite3_column_type(statement, 1) == SQLITE_INTEGER &&
                           sqlite3_column_type(statement, 2) == SQLITE_INTEGER &&
                           sqlite3_column_type(statement, 3) == SQLITE_TEXT &&
                           sqlite3_column_type(statement, 4) == SQLITE_TEXT &&
                           sqlite3_column_type(statement, 5) == SQLITE_TEXT &&
                           sqlite3_column_type(statement, 6) == SQLITE_BLOB;
    if (!is_shaped) return base::fail(damaged(expected_sequence, "its columns are not of their types"));
    ReadRow read;
    read.row = Row{sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                   sqlite3_column_int64(statement, 2), column_bytes(statement, 3),
                   column_bytes(statement, 4),         column_bytes(statement, 5)};
    if (read.row.sequence != expected_sequence)
        return base::fail(
            damaged(expected_sequence, "is missing; the next one is " + std::to_string(read.row.sequence)));
    const std::string_view hash = column_bytes(statement, 6);
    if (hash.size() != read.hash.size())
        return base::fail(damaged(expected_sequence, "its hash has a wrong size"));
    std::memcpy(read.hash.data(), hash.data(), hash.size());
    return read;
}

int bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace

struct Journal::Impl {
    std::filesystem::path path;
    base::UniqueFd lock;
    Database database;
    Statement insert;
    mutable std::optional<Chain> chain;
    std::int64_t last_sequence{0};
    Digest head{};
    bool is_read_only{false};
    std::optional<base::Error> refusing;

    base::Result<void> open_database(base::milliseconds busy_timeout);
    base::Result<void> check_identity(bool may_create);
    base::Result<void> create();
    base::Result<void> load_head(HashFunction hash);
    base::Result<void> insert_all(std::span<const Entry> entries, std::int64_t& sequence, Digest& hash);
    base::Result<Digest> hash_at(std::int64_t sequence) const;
    template <class OnRow>
    base::Result<void> walk(std::int64_t first_sequence, OnRow on_row) const;
};

base::Result<void> Journal::Impl::open_database(base::milliseconds busy_timeout) {
    const int flags = (is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    database.reset(raw);
    if (code != SQLITE_OK) return base::fail(sqlite_error(raw, code, "cannot open " + path.string()));
    sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
    return execute(raw, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;", "cannot set up the journal");
}

base::Result<void> Journal::Impl::check_identity(bool may_create) {
    const std::string what = path.string() + " is not a journal of Vigil";
    const auto id = query_number(database.get(), "PRAGMA application_id", what);
    if (!id) return base::fail(id.error());
    const auto version = query_number(database.get(), "PRAGMA user_version", what);
    if (!version) return base::fail(version.error());
    const auto tables = query_number(database.get(), "SELECT count(*) FROM sqlite_schema", what);
    if (!tables) return base::fail(tables.error());
    if (*id == 0 && *version == 0 && *tables == 0 && may_create) return create();
    if (*id != application_id) return base::fail(base::ErrorKind::corrupt, what);
    if (*version != schema_version)
        return base::fail(base::ErrorKind::unsupported,
                          path.string() + " has schema version " + std::to_string(*version) +
                              ", this program knows " + std::to_string(schema_version));
    return {};
}

base::Result<void> Journal::Impl::create() {
    constexpr std::string_view what = "cannot create the journal";
    const auto id = random_id();
    if (!id) return base::fail(id.error().within(what));
    const std::string sql = std::string{"BEGIN IMMEDIATE;"} + schema +
                            "INSERT INTO meta VALUES('journal_id','" + *id +
                            "');PRAGMA application_id=" + std::to_string(application_id) +
                            ";PRAGMA user_version=" + std::to_string(schema_version) + ";COMMIT;";
    auto made = execute(database.get(), sql.c_str(), what);
    if (!made) return made;
    return sync_folder(path.parent_path());
}

base::Result<void> Journal::Impl::load_head(HashFunction hash) {
    const std::string what = "cannot read " + path.string();
    auto statement = prepare(database.get(), "SELECT value FROM meta WHERE key='journal_id'", what);
    if (!statement) return base::fail(statement.error());
    int code = sqlite3_step(statement->get());
    if (code != SQLITE_ROW) return base::fail(base::ErrorKind::corrupt, what + ": its id is missing");
    chain.emplace(std::move(hash), column_bytes(statement->get(), 0));

    statement = prepare(database.get(), std::string{row_columns} + "ORDER BY sequence DESC LIMIT 1", what);
    if (!statement) return base::fail(statement.error());
    code = sqlite3_step(statement->get());
    if (code == SQLITE_DONE) {
        head = chain->root();
        return {};
    }
    if (code != SQLITE_ROW) return base::fail(sqlite_error(database.get(), code, what));
    const std::int64_t sequence = sqlite3_column_int64(statement->get(), 0);
    const auto last = read_row(statement->get(), sequence);
    if (!last) return base::fail(last.error());
    const auto previous = hash_at(sequence - 1);
    if (!previous) return base::fail(previous.error());
    if (chain->next(*previous, last->row) != last->hash)
        return base::fail(damaged(sequence, "its hash does not match"));
    last_sequence = sequence;
    head = last->hash;
    return {};
}

base::Result<Digest> Journal::Impl::hash_at(std::int64_t sequence) const {
    if (sequence == 0) return chain->root();
    auto statement = prepare(database.get(), std::string{row_columns} + "WHERE sequence = ?", "cannot read");
    if (!statement) return base::fail(statement.error());
    sqlite3_bind_int64(statement->get(), 1, sequence);
    const int code = sqlite3_step(statement->get());
    if (code == SQLITE_DONE) return base::fail(damaged(sequence, "is missing"));
    if (code != SQLITE_ROW) return base::fail(sqlite_error(database.get(), code, "cannot read the journal"));
    const auto read = read_row(statement->get(), sequence);
    if (!read) return base::fail(read.error());
    return read->hash;
}

template <class OnRow>
base::Result<void> Journal::Impl::walk(std::int64_t first_sequence, OnRow on_row) const {
    const std::int64_t first = std::max<std::int64_t>(first_sequence, 1);
    if (first > last_sequence && first > 1) return {};
    auto previous = hash_at(first - 1);
    if (!previous) return base::fail(previous.error());
    auto statement =
        prepare(database.get(), std::string{row_columns} + "WHERE sequence >= ? ORDER BY sequence",
                "cannot read the journal");
    if (!statement) return base::fail(statement.error());
    sqlite3_bind_int64(statement->get(), 1, first);
    std::int64_t expected = first;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement->get())) == SQLITE_ROW) {
        const auto read = read_row(statement->get(), expected);
        if (!read) return base::fail(read.error());
        if (chain->next(*previous, read->row) != read->hash)
            return base::fail(damaged(expected, "its hash does not match"));
        auto visited = on_row(read->row, read->hash);
        if (!visited) return visited;
        previous = read->hash;
        ++expected;
    }
    if (code != SQLITE_DONE) return base::fail(sqlite_error(database.get(), code, "cannot read the journal"));
    if (!is_read_only && expected <= last_sequence) return base::fail(damaged(expected, "is missing"));
    return {};
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Journal::~Journal() = default;

base::Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options, HashFunction hash) {
    auto impl = std::make_unique<Impl>();
    impl->path = options.state_folder / file_name;
    auto lock = lock_journal(options.state_folder);
    if (!lock) return base::fail(lock.error());
    impl->lock = std::move(*lock);
    if (auto checked = check_journal_file(impl->path, true); !checked) return base::fail(checked.error());
    if (auto opened = impl->open_database(options.busy_timeout); !opened) return base::fail(opened.error());
    // The write-ahead log before the first write; FULL syncs it at each commit.
    auto mode =
        execute(impl->database.get(),
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;",
                "cannot use " + impl->path.string() + " as a journal");
    if (!mode) return base::fail(mode.error());
    if (auto known = impl->check_identity(true); !known) return base::fail(known.error());
    if (auto loaded = impl->load_head(std::move(hash)); !loaded) return base::fail(loaded.error());
    auto insert =
        prepare(impl->database.get(), "INSERT INTO records VALUES(?,?,?,?,?,?,?)", "cannot prepare");
    if (!insert) return base::fail(insert.error());
    impl->insert = std::move(*insert);
    return std::unique_ptr<Journal>{new Journal{std::move(impl)}};
}

base::Result<std::unique_ptr<Journal>> Journal::open_read_only(const JournalOptions& options,
                                                               HashFunction hash) {
    auto impl = std::make_unique<Impl>();
    impl->path = options.state_folder / file_name;
    impl->is_read_only = true;
    if (auto checked = check_journal_file(impl->path, false); !checked) return base::fail(checked.error());
    if (auto opened = impl->open_database(options.busy_timeout); !opened) return base::fail(opened.error());
    if (auto known = impl->check_identity(false); !known) return base::fail(known.error());
    if (auto loaded = impl->load_head(std::move(hash)); !loaded) return base::fail(loaded.error());
    return std::unique_ptr<Journal>{new Journal{std::move(impl)}};
}

base::Result<void> Journal::Impl::insert_all(std::span<const Entry> entries, std::int64_t& sequence,
                                             Digest& hash) {
    for (const Entry& entry : entries) {
        const std::string body = encode(entry.record);
        const domain::ClientOrderId id = order_of(entry.record);
        const Row row{sequence + 1,
                      entry.stamp.exchange.time_since_epoch().count(),
                      entry.stamp.wall.time_since_epoch().count(),
                      kind_of(entry.record),
                      id.view(),
                      body};
        const Digest next = chain->next(hash, row);
        sqlite3_stmt* const statement = insert.get();
        sqlite3_bind_int64(statement, 1, row.sequence);
        sqlite3_bind_int64(statement, 2, row.exchange_us);
        sqlite3_bind_int64(statement, 3, row.wall_us);
        bind_text(statement, 4, row.kind);
        bind_text(statement, 5, row.client_order_id);
        bind_text(statement, 6, row.body);
        sqlite3_bind_blob(statement, 7, next.data(), static_cast<int>(next.size()), SQLITE_STATIC);
        const int code = sqlite3_step(statement);
        // The error is the step's; reset repeats it.
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        if (code != SQLITE_DONE)
            return base::fail(sqlite_error(database.get(), code, "cannot write the journal"));
        hash = next;
        sequence = row.sequence;
    }
    return {};
}

base::Result<std::int64_t> Journal::append(std::span<const Entry> entries) {
    if (impl_->is_read_only)
        return base::fail(base::ErrorKind::denied, "the journal was opened to be looked at only");
    if (impl_->refusing)
        return base::fail(impl_->refusing->within("the journal refuses after an earlier failure"));
    const std::int64_t first = impl_->last_sequence + 1;
    if (entries.empty()) return first;

    sqlite3* const database = impl_->database.get();
    std::int64_t sequence = impl_->last_sequence;
    Digest hash = impl_->head;
    auto written = execute(database, "BEGIN IMMEDIATE", "cannot write the journal");
    if (written) written = impl_->insert_all(entries, sequence, hash);
    if (written) written = execute(database, "COMMIT", "cannot commit to the journal");
    if (!written) {
        const base::ErrorKind kind = written.error().kind;
        bool is_clean = true;
        if (sqlite3_get_autocommit(database) == 0)
            is_clean = execute(database, "ROLLBACK", "cannot roll back").has_value();
        // A full disk or a lock leaves things as they were. After anything else (a failed write, a failed
        // sync) nobody knows what the disk holds, and going on could lose what was reported as durable.
        const bool may_go_on = kind == base::ErrorKind::exhausted || kind == base::ErrorKind::unavailable;
        if (!is_clean || !may_go_on) impl_->refusing = written.error();
        return base::fail(written.error());
    }
    impl_->last_sequence = sequence;
    impl_->head = hash;
    return first;
}

base::Result<void> Journal::read(std::int64_t first_sequence, const Visit& visit) const {
    return impl_->walk(first_sequence, [&visit](const Row& row, const Digest&) -> base::Result<void> {
        auto record = decode(row.kind, row.body);
        if (!record)
            return base::fail(record.error().within("journal record " + std::to_string(row.sequence)));
        const Stamp stamp{base::ExchangeTime{base::microseconds{row.exchange_us}},
                          base::WallTime{base::microseconds{row.wall_us}}};
        return visit(StoredRecord{row.sequence, stamp, std::move(*record)});
    });
}

std::int64_t Journal::last_sequence() const {
    return impl_->last_sequence;
}

base::Result<Verified> Journal::verify(const std::optional<Digest>& noted) const {
    auto statement = prepare(impl_->database.get(), "PRAGMA integrity_check(1)", "cannot check the journal");
    if (!statement) return base::fail(statement.error());
    const int code = sqlite3_step(statement->get());
    if (code != SQLITE_ROW)
        return base::fail(sqlite_error(impl_->database.get(), code, "cannot check the journal"));
    const std::string_view verdict = column_bytes(statement->get(), 0);
    if (verdict != "ok")
        return base::fail(base::ErrorKind::corrupt, "the journal's file is damaged: " + std::string{verdict});
    statement->reset();

    Verified verified;
    verified.head = impl_->chain->root();
    bool has_noted = !noted || *noted == verified.head;
    auto walked = impl_->walk(1, [&](const Row&, const Digest& hash) -> base::Result<void> {
        ++verified.records;
        verified.head = hash;
        has_noted = has_noted || hash == *noted;
        return {};
    });
    if (!walked) return base::fail(walked.error());
    if (!has_noted)
        return base::fail(base::ErrorKind::corrupt,
                          "no record of the journal has the noted hash: it was shortened, or written anew");
    return verified;
}

bool Journal::is_refusing() const {
    return impl_->refusing.has_value();
}

const std::filesystem::path& Journal::path() const {
    return impl_->path;
}

}  // namespace vigil::journal
