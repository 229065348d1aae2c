#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/database/connection.h"
#include "port/log_store.h"

namespace gantry::adapter::logstore {

using database::Connection;
using database::Row;

// The queries, on a connection of one reading thread. Each sees one consistent state.
class Reader {
  public:
    explicit Reader(std::unique_ptr<Connection> connection) : db_(std::move(connection)) {}

    Result<std::vector<port::LogEvent>> read(const port::LogRead& what);
    Result<port::LogScanned> scan(const port::LogScan& what);
    Result<std::vector<port::LogStreamStats>> stats(
        const std::string& group, const std::vector<std::string>& streams
    );
    Result<std::vector<port::LogGroupStats>> group_stats(const std::vector<std::string>& groups);
    Result<std::uint64_t> position(const std::string& source);

  private:
    struct StreamRow {
        std::int64_t id = 0;
        std::string name;
    };
    struct ChunkRow {
        std::int64_t id = 0;
        std::int64_t min_ms = 0;
        std::int64_t max_ms = 0;
        std::uint32_t stream = 0;  // into the streams that were asked for
    };

    Result<std::int64_t> group_id(const std::string& group);  // 0: none
    Result<std::vector<StreamRow>> streams_of(std::int64_t group, const std::vector<std::string>& names);
    // The next hour at or after (at or before) `from` in which any of the streams has events.
    Result<std::optional<std::int64_t>> next_hour(
        std::int64_t group, const std::vector<StreamRow>& streams, bool all, std::int64_t from, bool ascending
    );
    Result<std::vector<ChunkRow>> chunks_of_hour(
        std::int64_t group, const std::vector<StreamRow>& streams, bool all, std::int64_t hour, bool ascending
    );
    Result<std::vector<port::LogEvent>> load(std::int64_t chunk);

    std::unique_ptr<Connection> db_;
};

}  // namespace gantry::adapter::logstore
