#include "adapter/sqlite/connection.h"

#include <sqlite3.h>

#include "adapter/sqlite/format.h"

namespace gantry::adapter::sqlite {
namespace {

constexpr const char* kSettings =
    // Before the first table: an existing file keeps what it was made with.
    "pragma auto_vacuum = incremental;"
    "pragma journal_mode = wal;"
    "pragma synchronous = full;"
    "pragma journal_size_limit = 8388608;"
    "pragma temp_store = memory;"
    "pragma cache_size = -2000;";

// A person at the sqlite3 prompt may hold the write lock for a moment.
constexpr int kBusyTimeoutMs = 2'000;
constexpr std::int64_t kFreePagesKept = 256;
constexpr const char* kReclaim = "pragma incremental_vacuum(64)";

void bind(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::string column(sqlite3_stmt* statement, int at) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
    return text == nullptr ? std::string() : std::string(text, sqlite3_column_bytes(statement, at));
}

struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { sqlite3_reset(statement); }
};

Errc kind(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return Errc::exhausted;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Errc::invalid;
        default:
            return Errc::unavailable;
    }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path) {
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int opened = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    std::unique_ptr<Connection> connection(new Connection(database));
    if (opened != SQLITE_OK) return connection->failure("open the database");
    sqlite3_busy_timeout(database, kBusyTimeoutMs);
    TRY_VOID(connection->execute(kSettings));
    TRY_VOID(bring_up_to_date(*connection));
    TRY_VOID(connection->prepare());
    return connection;
}

Connection::~Connection() {
    for (auto* statement : {upsert_, erase_, sequence_, set_sequence_}) sqlite3_finalize(statement);
    sqlite3_close(database_);
}

Result<void> Connection::prepare() {
    TRY(upsert_, prepare("insert into records (tbl, key, version, json) values (?1, ?2, ?3, ?4)"
                         " on conflict (tbl, key) do update set version = ?3, json = ?4"));
    TRY(erase_, prepare("delete from records where tbl = ?1 and key = ?2"));
    TRY(sequence_, prepare("select sequence from meta"));
    TRY(set_sequence_, prepare("update meta set sequence = ?1"));
    return {};
}

Result<sqlite3_stmt*> Connection::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return failure("prepare a statement");
    return statement;
}

Result<port::Sequence> Connection::commit(const port::StoreBatch& batch, port::Sequence expected) {
    TRY_VOID(execute("begin immediate"));
    const auto present = sequence();
    if (!present || *present != expected) {
        roll_back();
        if (!present) return tl::unexpected<Error>(present.error());
        return trouble(Errc::conflict, "the store's sequence is another one: somebody else has written");
    }
    auto written = write(batch);
    if (written) {
        const Reset reset{set_sequence_};
        sqlite3_bind_int64(set_sequence_, 1, static_cast<std::int64_t>(expected + 1));
        if (sqlite3_step(set_sequence_) != SQLITE_DONE) written = failure("write");
    }
    if (!written) {
        roll_back();
        return tl::unexpected<Error>(written.error());
    }
    if (auto done = execute("commit"); !done) {
        const int code = sqlite3_extended_errcode(database_) & 0xff;
        const bool open = sqlite3_get_autocommit(database_) == 0;
        roll_back();
        // A full disk or a lock leaves the transaction open, so it is certainly gone after the rollback.
        // After anything else, a failed fsync above all, nobody knows what the disk holds.
        if (open && (code == SQLITE_BUSY || code == SQLITE_FULL)) return tl::unexpected<Error>(done.error());
        return trouble(Errc::unknown, done.error().message);
    }
    return expected + 1;
}

Result<void> Connection::write(const port::StoreBatch& batch) {
    for (const auto& one : batch) {
        auto* statement = one.json ? upsert_ : erase_;
        const Reset reset{statement};
        bind(statement, 1, one.table);
        bind(statement, 2, one.key);
        if (one.json) {
            sqlite3_bind_int(statement, 3, one.version);
            bind(statement, 4, *one.json);
        }
        if (sqlite3_step(statement) != SQLITE_DONE) return failure("write");
    }
    return {};
}

Result<port::Sequence> Connection::sequence() {
    const Reset reset{sequence_};
    if (sqlite3_step(sequence_) != SQLITE_ROW) return failure("read the sequence");
    return static_cast<port::Sequence>(sqlite3_column_int64(sequence_, 0));
}

Result<port::Sequence> Connection::load(const port::Store::Visit& visit) {
    // One read transaction: the records and the sequence belong together.
    TRY_VOID(execute("begin"));
    struct Rollback {
        Connection& connection;
        ~Rollback() { connection.roll_back(); }
    } rollback{*this};
    TRY(const auto at, sequence());
    TRY(auto* rows, prepare("select tbl, key, version, json from records"));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(rows, sqlite3_finalize);
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(rows)) == SQLITE_ROW)
        visit({column(rows, 0), column(rows, 1), sqlite3_column_int(rows, 2), column(rows, 3)});
    if (step != SQLITE_DONE) return failure("read the records");
    return at;
}

void Connection::reclaim() {
    if (const auto free = number("pragma freelist_count"); free && *free > kFreePagesKept)
        (void)execute(kReclaim);
}

Result<void> Connection::execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure("execute");
    return {};
}

Result<std::int64_t> Connection::number(const char* sql) {
    TRY(auto* statement, prepare(sql));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(statement, sqlite3_finalize);
    if (sqlite3_step(statement) != SQLITE_ROW) return failure("read a number");
    return sqlite3_column_int64(statement, 0);
}

void Connection::roll_back() {
    if (sqlite3_get_autocommit(database_) == 0)
        sqlite3_exec(database_, "rollback", nullptr, nullptr, nullptr);
}

tl::unexpected<Error> Connection::failure(const char* doing) const {
    return trouble(
        kind(sqlite3_extended_errcode(database_)),
        std::string("SQLite cannot ") + doing + ": " + sqlite3_errmsg(database_)
    );
}

}  // namespace gantry::adapter::sqlite
