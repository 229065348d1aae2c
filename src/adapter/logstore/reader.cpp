#include "adapter/logstore/reader.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "adapter/logstore/chunk.h"
#include "adapter/logstore/page.h"
#include "base/log.h"

namespace gantry::adapter::logstore {
namespace {

// What one scan looks at before it hands back an empty or short page.
constexpr std::uint64_t kScanBytesMax = 16u << 20;

// A read transaction: all statements of a query see one state.
class Snapshot {
  public:
    explicit Snapshot(Connection& db) : db_(db), begun_(db.execute("BEGIN").has_value()) {}
    ~Snapshot() {
        if (begun_) (void)db_.execute("COMMIT");
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    Connection& db_;
    bool begun_;
};

std::int64_t first_hour(const port::LogRange& range) {
    auto from = range.start_ms;
    if (range.after) from = std::max(from, range.after->timestamp_ms);
    return hour_of(std::max<std::int64_t>(from, INT64_MIN / 2));
}

std::int64_t last_hour(const port::LogRange& range) {
    auto to = range.end_ms;
    if (range.before && range.before->timestamp_ms < to) to = range.before->timestamp_ms + 1;
    return hour_of(to == INT64_MIN ? to / 2 : to - 1);
}

}  // namespace

Result<std::int64_t> Reader::group_id(const std::string& group) {
    auto row = db_->prepare("SELECT id FROM log_group WHERE name = ?1");
    row.bind(1, group);
    TRY(const bool found, row.step());
    return found ? row.number(0) : 0;
}

Result<std::vector<Reader::StreamRow>> Reader::streams_of(
    std::int64_t group, const std::vector<std::string>& names
) {
    std::vector<StreamRow> streams;
    if (names.empty()) {
        auto row = db_->prepare("SELECT id, name FROM log_stream WHERE log_group = ?1 ORDER BY name");
        row.bind(1, group);
        for (;;) {
            TRY(const bool found, row.step());
            if (!found) return streams;
            streams.push_back({row.number(0), std::string(row.bytes(1))});
        }
    }
    for (const auto& name : names) {
        auto row = db_->prepare("SELECT id FROM log_stream WHERE log_group = ?1 AND name = ?2");
        row.bind(1, group).bind(2, name);
        TRY(const bool found, row.step());
        if (found) streams.push_back({row.number(0), name});
    }
    return streams;
}

Result<std::optional<std::int64_t>> Reader::next_hour(
    std::int64_t group, const std::vector<StreamRow>& streams, bool all, std::int64_t from, bool ascending
) {
    std::optional<std::int64_t> hour;
    const auto take = [&](Row& row, std::int64_t of) -> Result<void> {
        row.bind(1, of).bind(2, from);
        TRY(const bool found, row.step());
        if (!found) return {};
        const auto candidate = row.number(0);
        if (!hour || (ascending ? candidate < *hour : candidate > *hour)) hour = candidate;
        return {};
    };
    if (all) {
        auto row = db_->prepare(
            ascending
                ? "SELECT hour FROM chunk WHERE log_group = ?1 AND hour >= ?2 ORDER BY hour LIMIT 1"
                : "SELECT hour FROM chunk WHERE log_group = ?1 AND hour <= ?2 ORDER BY hour DESC LIMIT 1"
        );
        TRY_VOID(take(row, group));
        return hour;
    }
    for (const auto& stream : streams) {
        auto row = db_->prepare(
            ascending ? "SELECT hour FROM chunk WHERE stream = ?1 AND hour >= ?2 ORDER BY hour LIMIT 1"
                      : "SELECT hour FROM chunk WHERE stream = ?1 AND hour <= ?2 ORDER BY hour DESC LIMIT 1"
        );
        TRY_VOID(take(row, stream.id));
    }
    return hour;
}

Result<std::vector<Reader::ChunkRow>> Reader::chunks_of_hour(
    std::int64_t group, const std::vector<StreamRow>& streams, bool all, std::int64_t hour, bool ascending
) {
    std::vector<ChunkRow> chunks;
    if (all) {
        std::unordered_map<std::int64_t, std::uint32_t> by_id;
        for (std::uint32_t i = 0; i < streams.size(); ++i) by_id.emplace(streams[i].id, i);
        auto row = db_->prepare(
            "SELECT id, min_ms, max_ms, stream FROM chunk WHERE log_group = ?1 AND hour = ?2 ORDER BY min_ms"
        );
        row.bind(1, group).bind(2, hour);
        for (;;) {
            TRY(const bool found, row.step());
            if (!found) break;
            // Chunks of a removed stream may still wait for their deletion.
            const auto stream = by_id.find(row.number(3));
            if (stream == by_id.end()) continue;
            chunks.push_back({row.number(0), row.number(1), row.number(2), stream->second});
        }
    } else {
        for (std::uint32_t i = 0; i < streams.size(); ++i) {
            auto row = db_->prepare("SELECT id, min_ms, max_ms FROM chunk WHERE stream = ?1 AND hour = ?2");
            row.bind(1, streams[i].id).bind(2, hour);
            for (;;) {
                TRY(const bool found, row.step());
                if (!found) break;
                chunks.push_back({row.number(0), row.number(1), row.number(2), i});
            }
        }
    }
    std::ranges::sort(chunks, [ascending](const ChunkRow& a, const ChunkRow& b) {
        return ascending ? std::pair(a.min_ms, a.id) < std::pair(b.min_ms, b.id)
                         : std::pair(a.max_ms, a.id) > std::pair(b.max_ms, b.id);
    });
    return chunks;
}

Result<std::vector<port::LogEvent>> Reader::load(std::int64_t chunk) {
    auto row = db_->prepare("SELECT data FROM chunk WHERE id = ?1");
    row.bind(1, chunk);
    TRY(const bool found, row.step());
    if (!found) return std::vector<port::LogEvent>{};
    auto events = unpack(row.bytes(0));
    if (events) return events;
    // The rest of the stream stays readable.
    log::error("a chunk of log events is damaged and left out", {{"chunk", chunk}});
    return std::vector<port::LogEvent>{};
}

Result<std::vector<port::LogEvent>> Reader::read(const port::LogRead& what) {
    const Snapshot snapshot(*db_);
    TRY(const auto group, group_id(what.stream.group));
    TRY(const auto streams, streams_of(group, {what.stream.stream}));
    if (streams.empty()) return std::vector<port::LogEvent>{};

    const auto& range = what.range;
    const bool ascending = what.from_head;
    Page page(range, ascending, what.events_max, what.bytes_max);
    const auto first = first_hour(range);
    const auto last = last_hour(range);
    auto from = ascending ? first : last;
    for (bool full = false; !full;) {
        TRY(const auto hour, next_hour(group, streams, false, from, ascending));
        if (!hour || *hour < first || *hour > last) break;
        TRY(const auto chunks, chunks_of_hour(group, streams, false, *hour, ascending));
        for (const auto& chunk : chunks) {
            if (chunk.max_ms < range.start_ms || chunk.min_ms >= range.end_ms) continue;
            if (range.after && chunk.max_ms < range.after->timestamp_ms) continue;
            if (range.before && chunk.min_ms > range.before->timestamp_ms) continue;
            full = page.edge() && (ascending ? chunk.min_ms > page.edge()->timestamp_ms
                                             : chunk.max_ms < page.edge()->timestamp_ms);
            if (full) break;
            TRY(auto events, load(chunk.id));
            for (auto& event : events) page.offer(0, std::move(event));
        }
        // Whatever lies in later hours lies beyond the edge.
        full = full || page.edge().has_value();
        from = *hour + (ascending ? 1 : -1);
    }
    std::vector<port::LogEvent> events;
    events.reserve(page.entries().size());
    for (auto& [key, entry] : page.entries()) events.push_back(std::move(entry.event));
    return events;
}

Result<port::LogScanned> Reader::scan(const port::LogScan& what) {
    const Snapshot snapshot(*db_);
    TRY(const auto group, group_id(what.group));
    const bool all = what.streams.empty();
    TRY(const auto streams, streams_of(group, what.streams));
    port::LogScanned found;
    if (streams.empty()) return found;

    const auto& range = what.range;
    Page page(range, true, what.events_max, what.bytes_max);
    const auto last = last_hour(range);
    auto from = first_hour(range);
    std::uint64_t looked_at = 0;
    std::optional<port::LogEventKey> stopped_at;
    for (bool done = false; !done;) {
        TRY(const auto hour, next_hour(group, streams, all, from, true));
        if (!hour || *hour > last) break;
        TRY(const auto chunks, chunks_of_hour(group, streams, all, *hour, true));
        for (const auto& chunk : chunks) {
            if (chunk.max_ms < range.start_ms || chunk.min_ms >= range.end_ms) continue;
            if (range.after && chunk.max_ms < range.after->timestamp_ms) continue;
            done = page.edge() && chunk.min_ms > page.edge()->timestamp_ms;
            if (done) break;
            // All that is older than this chunk was looked at: a place to stop, if that is any progress.
            const port::LogEventKey here{chunk.min_ms, 0};
            if (looked_at > kScanBytesMax && (!range.after || here > *range.after)) {
                stopped_at = here;
                done = true;
                break;
            }
            TRY(auto events, load(chunk.id));
            for (auto& event : events) {
                looked_at += billable(event);
                if (page.excludes(event.key)) continue;
                if (what.matches && !what.matches(event.message)) continue;
                page.offer(chunk.stream, std::move(event));
            }
        }
        done = done || page.edge().has_value();
        from = *hour + 1;
    }
    if (stopped_at && (!page.edge() || *stopped_at < *page.edge())) {
        page.cut(*stopped_at);
        found.next_after = stopped_at;
    } else if (page.edge()) {
        found.next_after = page.entries().rbegin()->first;
    }
    found.events.reserve(page.entries().size());
    for (auto& [key, entry] : page.entries())
        found.events.push_back({streams[entry.stream].name, std::move(entry.event)});
    return found;
}

Result<std::vector<port::LogStreamStats>> Reader::stats(
    const std::string& group, const std::vector<std::string>& streams
) {
    const Snapshot snapshot(*db_);
    TRY(const auto id, group_id(group));
    TRY(const auto rows, streams_of(id, streams));
    std::vector<port::LogStreamStats> all;
    all.reserve(rows.size());
    for (const auto& stream : rows) {
        auto row =
            db_->prepare("SELECT first_ms, last_ms, ingestion_ms, events, bytes FROM log_stream WHERE id = ?1"
            );
        row.bind(1, stream.id);
        TRY(const bool found, row.step());
        if (!found) continue;
        all.push_back(
            {stream.name, row.number(0), row.number(1), row.number(2),
             static_cast<std::uint64_t>(row.number(3)), static_cast<std::uint64_t>(row.number(4))}
        );
    }
    std::ranges::sort(all, {}, &port::LogStreamStats::stream);
    return all;
}

Result<std::vector<port::LogGroupStats>> Reader::group_stats(const std::vector<std::string>& groups) {
    const Snapshot snapshot(*db_);
    std::vector<port::LogGroupStats> all;
    for (const auto& group : groups) {
        TRY(const auto id, group_id(group));
        auto row =
            db_->prepare("SELECT count(*), sum(events), sum(bytes) FROM log_stream WHERE log_group = ?1");
        row.bind(1, id);
        TRY_VOID(row.step());
        all.push_back(
            {group, static_cast<std::uint64_t>(row.number(0)), static_cast<std::uint64_t>(row.number(1)),
             static_cast<std::uint64_t>(row.number(2))}
        );
    }
    return all;
}

Result<std::uint64_t> Reader::position(const std::string& source) {
    auto row = db_->prepare("SELECT position FROM mark WHERE source = ?1");
    row.bind(1, source);
    TRY(const bool found, row.step());
    return found ? static_cast<std::uint64_t>(row.number(0)) : 0;
}

}  // namespace gantry::adapter::logstore
