// SQLite's handles as owners, and its error codes as errors. Internal to lib/journal, the only user of
// SQLite.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vigil::journal {

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// SQLITE_FULL is exhausted, BUSY and LOCKED unavailable, CORRUPT and NOTADB corrupt, PERM, AUTH and READONLY
/// denied, all else io. The message says what SQLite says.
[[nodiscard]] inline base::Error sqlite_error(sqlite3* database, int code, std::string_view what) {
    base::ErrorKind kind = base::ErrorKind::io;
    switch (code & 0xff) {
        case SQLITE_FULL:
            kind = base::ErrorKind::exhausted;
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            kind = base::ErrorKind::unavailable;
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            kind = base::ErrorKind::corrupt;
            break;
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_READONLY:
            kind = base::ErrorKind::denied;
            break;
        default:
            break;
    }
    std::string message{what};
    message += ": ";
    message += sqlite3_errstr(code & 0xff);
    if (database != nullptr && (sqlite3_errcode(database) & 0xff) == (code & 0xff)) {
        message += " (";
        message += sqlite3_errmsg(database);
        message += ")";
    }
    return base::Error{kind, std::move(message)};
}

[[nodiscard]] inline base::Result<void> execute(sqlite3* database, const char* sql, std::string_view what) {
    const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return base::fail(sqlite_error(database, code, what));
    return {};
}

[[nodiscard]] inline base::Result<Statement> prepare(sqlite3* database, std::string_view sql,
                                                     std::string_view what) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    Statement statement{raw};
    if (code != SQLITE_OK) return base::fail(sqlite_error(database, code, what));
    return statement;
}

/// The one value of a query that gives one row with one number.
[[nodiscard]] inline base::Result<std::int64_t> query_number(sqlite3* database, std::string_view sql,
                                                             std::string_view what) {
    auto statement = prepare(database, sql, what);
    if (!statement) return base::fail(statement.error());
    const int code = sqlite3_step(statement->get());
    if (code != SQLITE_ROW) return base::fail(sqlite_error(database, code, what));
    return sqlite3_column_int64(statement->get(), 0);
}

/// A text or blob column of the current row; valid until the next step.
[[nodiscard]] inline std::string_view column_bytes(sqlite3_stmt* statement, int column) {
    const void* bytes = sqlite3_column_blob(statement, column);
    const int size = sqlite3_column_bytes(statement, column);
    return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : static_cast<std::size_t>(size)};
}

}  // namespace vigil::journal
