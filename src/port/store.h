#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::port {

// Grows with every commit of a store; 0 is a store that nobody has written to.
using Sequence = std::uint64_t;

// One record to write, or to delete when there is no JSON.
struct StoreWrite {
    std::string table;
    std::string key;
    int version = 1;  // of the record's schema
    std::optional<std::string> json;
};

// Each (table, key) at most once.
using StoreBatch = std::vector<StoreWrite>;

struct StoredRecord {
    std::string table;
    std::string key;
    int version = 1;
    std::string json;
};

// How much one commit may carry; a transaction alone is never larger than 100 records and 1 MiB.
struct StoreLimits {
    std::size_t records_max = 1'000;
    std::size_t bytes_max = 4 << 20;
};

// Where the control plane's records outlive it. Sized for etcd, also while it is SQLite. One commit at a time
// is outstanding. What was committed survives kill -9 and power loss.
class Store {
  public:
    virtual ~Store() = default;

    virtual StoreLimits limits() const { return {}; }

    // All of the batch or nothing, durable when it returns the new sequence. Errors:
    //   unknown   the batch may or may not be there (now or later): load() again before the next commit
    //   conflict  definitely not there: the store's sequence is not `expected`, somebody else writes too
    //   other     definitely not there
    virtual boost::asio::awaitable<Result<Sequence>> commit(StoreBatch batch, Sequence expected) = 0;

    // Visits every record once, in no particular order, as of the returned sequence. visit may run on another
    // thread, one call at a time, all of them before this returns.
    using Visit = std::function<void(StoredRecord)>;
    virtual boost::asio::awaitable<Result<Sequence>> load(Visit visit) = 0;
};

}  // namespace gantry::port
