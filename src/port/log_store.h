#pragma once

#include <boost/asio/awaitable.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gantry::port {

// Both names are opaque to the store and never used again after removal: a group or stream that is created
// anew under its old name gets fresh ones, so that events of the old one can not appear in it.
struct LogStreamId {
    std::string group;
    std::string stream;

    friend auto operator<=>(const LogStreamId&, const LogStreamId&) = default;
};

// Where an event stands: by its time, and among equal times in the order of arrival. Sequences start at 1
// and are unique in the installation, so a key names one event for ever and orders the events of any streams.
struct LogEventKey {
    std::int64_t timestamp_ms = 0;
    std::uint64_t sequence = 0;

    friend auto operator<=>(const LogEventKey&, const LogEventKey&) = default;
};

struct LogEvent {
    LogEventKey key;  // the sequence is given by append()
    std::int64_t ingestion_ms = 0;
    std::string message;
};

// How far a source of bytes (one output file of one container) has been taken in. Kept in the same commit as
// the events, so that a shipper that was killed sends nothing twice and leaves nothing out.
struct LogMark {
    std::string source;
    std::uint64_t from = 0;  // bytes of the source that were taken before this batch
    std::uint64_t to = 0;    // bytes of the source that are taken with it
};

struct LogBatch {
    LogStreamId stream;
    std::vector<LogEvent> events;  // any order; may be empty to move marks only
    std::vector<LogMark> marks;
};

struct LogAppended {
    // False: a mark's `from` is not where its source stands, so nothing was stored. The caller goes on from
    // `positions`.
    bool stored = true;
    std::vector<std::uint64_t> positions;  // of the marks' sources afterwards, in the order of the marks
};

// Times are [start, end) in ms; keys are exclusive.
struct LogRange {
    std::int64_t start_ms = INT64_MIN;
    std::int64_t end_ms = INT64_MAX;
    std::optional<LogEventKey> after;
    std::optional<LogEventKey> before;
};

struct LogRead {
    LogStreamId stream;
    LogRange range;
    bool from_head = true;  // the first events of the range, else its last
    std::size_t events_max = 10'000;
    std::size_t bytes_max = 1 << 20;  // of messages with 26 bytes for each; one event always fits
};

struct LogScan {
    std::string group;
    std::vector<std::string> streams;  // empty: every stream of the group
    LogRange range;
    // Called from other threads, several at once; empty: everything matches.
    std::function<bool(std::string_view message)> matches;
    std::size_t events_max = 10'000;
    std::size_t bytes_max = 1 << 20;
};

struct LogFound {
    std::string stream;
    LogEvent event;
};

struct LogScanned {
    std::vector<LogFound> events;  // by key
    // Set while there may be more in the range: goes into range.after of the next call. A page may be empty
    // and yet not the last, because one call looks at a bounded amount of data.
    std::optional<LogEventKey> next_after;
};

struct LogStreamStats {
    std::string stream;
    std::int64_t first_event_ms = 0;
    std::int64_t last_event_ms = 0;
    std::int64_t last_ingestion_ms = 0;
    std::uint64_t events = 0;
    std::uint64_t stored_bytes = 0;  // as CloudWatch counts: messages and 26 bytes for each event
};

struct LogGroupStats {
    std::string group;
    std::uint64_t streams = 0;
    std::uint64_t events = 0;
    std::uint64_t stored_bytes = 0;
};

// Keeps log events, compressed and on disk, for one installation. Knows no names, tags or limits of
// CloudWatch.
//
// What append() has acknowledged survives kill -9 and power loss; what it has refused left no trace. Errors:
// exhausted (disk full: nothing of the call was done), unavailable, conflict (append to a removed stream),
// unknown (append only: repeat it with the same marks). Any number of calls may be under way at once; appends
// to one stream take effect in the order in which they were called.
class LogStore {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~LogStore() = default;

    // All or nothing. The stream comes to be with its first append.
    virtual Reply<LogAppended> append(LogBatch batch) = 0;

    // Always in ascending order of keys. A stream that has no events reads as empty.
    virtual Reply<std::vector<LogEvent>> read(LogRead what) = 0;
    virtual Reply<LogScanned> scan(LogScan what) = 0;

    // Of the named streams (those without events are left out), or of all when none is named; by stream id.
    virtual Reply<std::vector<LogStreamStats>> stats(std::string group, std::vector<std::string> streams) = 0;
    // One for each that was asked for, in that order.
    virtual Reply<std::vector<LogGroupStats>> group_stats(std::vector<std::string> groups) = 0;

    // Idempotent. Readers see all of it gone at once; the space is given back before these return.
    virtual Reply<> remove_stream(LogStreamId stream) = 0;
    virtual Reply<> remove_group(std::string group) = 0;
    // Drops events whose time is before; may keep some for up to an hour longer.
    virtual Reply<> expire(std::string group, std::int64_t before_ms) = 0;

    // 0 for a source that is not known.
    virtual Reply<std::uint64_t> position(std::string source) = 0;
    // Sources whose name starts with the prefix are gone for good.
    virtual Reply<> forget(std::string source_prefix) = 0;
};

}  // namespace gantry::port
