#include "adapter/database/connection.h"

#include "base/assertion.h"

namespace gantry::adapter::database {

Error error_of(sqlite3* database, int code) {
    const int extended = sqlite3_extended_errcode(database);
    Errc errc = Errc::unavailable;
    switch (code & 0xff) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
            errc = Errc::exhausted;
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            errc = Errc::invalid;
            break;
        default:
            break;
    }
    if (extended == SQLITE_IOERR_FSYNC) errc = Errc::unknown;
    return {errc, {}, std::string("sqlite: ") + sqlite3_errmsg(database)};
}

Result<bool> Row::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return tl::unexpected<Error>(error_of(sqlite3_db_handle(statement_), code));
}

Result<void> Row::run() {
    TRY(const bool more, step());
    ASSERT(!more, "a statement without rows");
    return {};
}

std::string_view Row::bytes(int at) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, at));
    return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool read_only) {
    sqlite3* database = nullptr;
    const int flags =
        (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    if (code != SQLITE_OK) {
        Error error =
            database == nullptr ? Error{Errc::exhausted, {}, "no memory"} : error_of(database, code);
        error.message += " (" + path + ")";
        sqlite3_close(database);
        return tl::unexpected<Error>(std::move(error));
    }
    sqlite3_busy_timeout(database, 10'000);
    return std::unique_ptr<Connection>(new Connection(database));
}

Connection::~Connection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
}

Row Connection::prepare(const char* sql) {
    auto& statement = statements_[sql];
    if (statement == nullptr) {
        const int code =
            sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) assertion_failed(sql, __FILE__, __LINE__, sqlite3_errmsg(database_));
    }
    return Row(statement);
}

Result<void> Connection::execute(const char* sql) {
    const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return tl::unexpected<Error>(error_of(database_, code));
    return {};
}

Result<std::int64_t> Connection::number(const char* sql) {
    auto row = prepare(sql);
    TRY(const bool found, row.step());
    return found ? row.number(0) : 0;
}

Result<void> Connection::transaction(const std::function<Result<void>()>& body) {
    TRY_VOID(execute("BEGIN IMMEDIATE"));
    Result<void> done = body();
    if (done) done = execute("COMMIT");
    if (!done && in_transaction()) (void)execute("ROLLBACK");
    return done;
}

}  // namespace gantry::adapter::database
