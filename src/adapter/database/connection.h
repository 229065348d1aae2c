#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::adapter::database {

// A prepared statement, reset when the handle is dropped.
class Row {
  public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    ~Row() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;

    // Parameters from 1. Bytes are not copied: they outlive the row.
    Row& bind(int at, std::int64_t value) {
        sqlite3_bind_int64(statement_, at, value);
        return *this;
    }
    Row& bind(int at, std::string_view bytes) {
        sqlite3_bind_text(statement_, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
        return *this;
    }
    Row& bind_blob(int at, std::string_view bytes) {
        sqlite3_bind_blob(statement_, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
        return *this;
    }

    // True: a row is there. False: no more. An error ends the statement.
    Result<bool> step();
    // For statements without rows.
    Result<void> run();

    // Columns from 0; text stays until the next step.
    std::int64_t number(int at) const { return sqlite3_column_int64(statement_, at); }
    std::string_view bytes(int at) const;

  private:
    sqlite3_stmt* statement_;
};

// One connection, used by one thread. Statements are prepared once.
class Connection {
  public:
    static Result<std::unique_ptr<Connection>> open(const std::string& path, bool read_only);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // The text must live as long as the connection: literals. Asserts that it is valid SQL.
    Row prepare(const char* sql);
    Result<void> execute(const char* sql);
    // The first column of the first row; 0 without one.
    Result<std::int64_t> number(const char* sql);
    // Commits what the body did, or nothing of it.
    Result<void> transaction(const std::function<Result<void>()>& body);
    std::int64_t last_id() const { return sqlite3_last_insert_rowid(database_); }
    int changes() const { return sqlite3_changes(database_); }
    bool in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

  private:
    explicit Connection(sqlite3* database) : database_(database) {}

    sqlite3* database_;
    std::map<const char*, sqlite3_stmt*> statements_;
};

// SQLITE_FULL is exhausted, a failed fsync unknown, a damaged file invalid, the rest unavailable.
Error error_of(sqlite3* database, int code);

}  // namespace gantry::adapter::database
