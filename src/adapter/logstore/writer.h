#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapter/database/connection.h"
#include "adapter/logstore/chunk.h"
#include "port/log_store.h"

namespace gantry::adapter::logstore {

using database::Connection;

// All changes, on the connection of the one writing thread.
class Writer {
  public:
    // Refuses appends (exhausted) while the file system has less than reserve_bytes free, so that removal and
    // expiry always have room to work in. bytes_max: past it the oldest chunks of all streams go; 0: never.
    struct Limits {
        std::uint64_t reserve_bytes = 0;
        std::uint64_t bytes_max = 0;
    };
    static Result<std::unique_ptr<Writer>> open(const std::string& folder, Limits limits);

    // One commit for all; each succeeds, or conflicts, or meets the error that all met.
    std::vector<Result<port::LogAppended>> append(std::span<port::LogBatch> batches);

    // The quick halves: after them readers see nothing of it.
    Result<void> remove_stream(const port::LogStreamId& stream);
    Result<void> remove_group(const std::string& group);
    Result<void> forget(const std::string& source_prefix);

    // The slow halves, in short transactions. False: nothing is left to do.
    Result<bool> expire_step(const std::string& group, std::int64_t before_ms);
    Result<bool> garbage_step();
    Result<bool> shrink_step();
    // Only with bytes_max.
    Result<bool> evict_step();

  private:
    Writer(std::unique_ptr<Connection> connection, std::string folder, Limits limits)
        : db_(std::move(connection)), folder_(std::move(folder)), limits_(limits) {}

    Result<void> prepare_schema();
    bool disk_is_full() const;

    Result<port::LogAppended> append_one(port::LogBatch& batch);
    Result<std::int64_t> stream_row(const port::LogStreamId& stream);
    Result<void> store(std::int64_t group, std::int64_t stream, std::vector<port::LogEvent> events);
    Result<void> insert(std::int64_t group, std::int64_t stream, const Chunk& chunk);
    Result<void> note_small(std::int64_t group, std::int64_t stream, std::int64_t hour, unsigned count);
    Result<void> merge(std::int64_t group, std::int64_t stream, std::int64_t hour);
    Result<void> drop_chunks(const std::vector<std::int64_t>& ids);
    Result<std::int64_t> pragma(const char* sql);
    void note_removed(port::LogStreamId stream);
    bool was_removed(const port::LogStreamId& stream) const;

    // Chunks of a stream's newest hour that are worth merging.
    struct Small {
        std::int64_t hour = 0;
        unsigned count = 0;
    };

    std::unique_ptr<Connection> db_;
    std::string folder_;
    Limits limits_;
    std::uint64_t next_sequence_ = 1;
    std::unordered_map<std::int64_t, Small> small_;
    // Lately removed, so that an append that was under way does not bring them back. An empty stream name
    // stands for a whole group.
    std::set<port::LogStreamId> removed_;
    std::deque<port::LogStreamId> removed_order_;
};

}  // namespace gantry::adapter::logstore
