#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "port/log_store.h"

namespace gantry::adapter::logstore {

struct Options {
    std::string folder;                       // made when missing; holds logs.db
    std::uint64_t reserve_bytes = 32u << 20;  // appends are refused while less is free on that disk
    std::uint64_t bytes_max = 0;              // past it the oldest events of all go; 0: no bound
    unsigned readers = 2;                     // threads for queries; one more writes
};

// port::LogStore in one SQLite file: events stand in rows of up to ~96 KiB of raw text, zstd-compressed.
// Appends that wait at the same time share one fsync. Callers' coroutines go on on their own executors.
class Store : public port::LogStore {
  public:
    static Result<std::unique_ptr<Store>> open(Options options);
    // Ends what is under way; callers that wait get Errc::cancelled.
    ~Store() override;

    Reply<port::LogAppended> append(port::LogBatch batch) override;
    Reply<std::vector<port::LogEvent>> read(port::LogRead what) override;
    Reply<port::LogScanned> scan(port::LogScan what) override;
    Reply<std::vector<port::LogStreamStats>> stats(std::string group, std::vector<std::string> streams)
        override;
    Reply<std::vector<port::LogGroupStats>> group_stats(std::vector<std::string> groups) override;
    Reply<> remove_stream(port::LogStreamId stream) override;
    Reply<> remove_group(std::string group) override;
    Reply<> expire(std::string group, std::int64_t before_ms) override;
    Reply<std::uint64_t> position(std::string source) override;
    Reply<> forget(std::string source_prefix) override;

  private:
    struct Threads;
    explicit Store(std::unique_ptr<Threads> threads);

    std::unique_ptr<Threads> threads_;
};

}  // namespace gantry::adapter::logstore
