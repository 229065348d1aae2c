#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "port/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gantry::adapter::sqlite {

// One open database; used by one thread at a time.
class Connection {
  public:
    // Creates the file, or brings an older format up to date. Errc::invalid: not ours, or of a newer format.
    static Result<std::unique_ptr<Connection>> open(const std::string& path);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<port::Sequence> commit(const port::StoreBatch& batch, port::Sequence expected);
    Result<port::Sequence> load(const port::Store::Visit& visit);
    // Gives some free pages back to the file system when there are many; cheap when there are few.
    void reclaim();

    // For format.cpp and tests.
    Result<void> execute(const char* sql);
    Result<std::int64_t> number(const char* sql);

  private:
    explicit Connection(sqlite3* database) : database_(database) {}
    Result<void> prepare();
    Result<sqlite3_stmt*> prepare(const char* sql);
    Result<void> write(const port::StoreBatch& batch);
    Result<port::Sequence> sequence();
    void roll_back();
    tl::unexpected<Error> failure(const char* doing) const;

    sqlite3* database_;
    sqlite3_stmt* upsert_ = nullptr;
    sqlite3_stmt* erase_ = nullptr;
    sqlite3_stmt* sequence_ = nullptr;
    sqlite3_stmt* set_sequence_ = nullptr;
};

}  // namespace gantry::adapter::sqlite
