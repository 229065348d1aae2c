#include "adapter/logstore/writer.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/assertion.h"

namespace gantry::adapter::logstore {
namespace {

// So many small chunks of one stream and hour are merged into one: each event is rewritten a few times, and a
// stream of single lines still compresses well.
constexpr unsigned kSmallMax = 32;
constexpr std::size_t kSmallStreamsMax = 200'000;
constexpr std::size_t kRemovedMax = 100'000;

}  // namespace

bool Writer::disk_is_full() const {
    if (limits_.reserve_bytes == 0) return false;
    struct statvfs disk{};
    if (statvfs(folder_.c_str(), &disk) != 0) return false;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < limits_.reserve_bytes;
}

std::vector<Result<port::LogAppended>> Writer::append(std::span<port::LogBatch> batches) {
    std::vector<Result<port::LogAppended>> results;
    if (disk_is_full()) {
        const Error full{Errc::exhausted, {}, "log store: less than the reserve is free on its disk"};
        results.assign(batches.size(), tl::unexpected<Error>(full));
        return results;
    }
    const auto first_sequence = next_sequence_;
    const auto committed = db_->transaction([&]() -> Result<void> {
        for (auto& batch : batches) {
            if (was_removed(batch.stream)) {
                results.push_back(trouble(Errc::conflict, "the log stream was removed"));
                continue;
            }
            TRY(auto appended, append_one(batch));
            results.push_back(std::move(appended));
        }
        if (next_sequence_ == first_sequence) return {};
        auto row = db_->prepare("UPDATE counter SET next_sequence = ?1");
        row.bind(1, static_cast<std::int64_t>(next_sequence_));
        return row.run();
    });
    if (!committed) {
        // Sequences are never used twice, not even where the outcome is unknown. What is known of small
        // chunks may be wrong now: they are counted anew.
        small_.clear();
        results.assign(batches.size(), tl::unexpected<Error>(committed.error()));
    }
    return results;
}

Result<port::LogAppended> Writer::append_one(port::LogBatch& batch) {
    port::LogAppended appended;
    for (const auto& mark : batch.marks) {
        auto row = db_->prepare("SELECT position FROM mark WHERE source = ?1");
        row.bind(1, mark.source);
        TRY(const bool found, row.step());
        const auto position = found ? static_cast<std::uint64_t>(row.number(0)) : 0;
        appended.positions.push_back(position);
        if (position != mark.from) appended.stored = false;
    }
    if (!appended.stored) return appended;
    for (std::size_t i = 0; i < batch.marks.size(); ++i) {
        auto row = db_->prepare(
            "INSERT INTO mark(source, position) VALUES(?1, ?2) "
            "ON CONFLICT(source) DO UPDATE SET position = excluded.position"
        );
        row.bind(1, batch.marks[i].source).bind(2, static_cast<std::int64_t>(batch.marks[i].to));
        TRY_VOID(row.run());
        appended.positions[i] = batch.marks[i].to;
    }
    if (batch.events.empty()) return appended;

    std::int64_t first_ms = INT64_MAX;
    std::int64_t last_ms = INT64_MIN;
    std::int64_t ingestion_ms = 0;
    std::uint64_t bytes = 0;
    for (auto& event : batch.events) {
        event.key.sequence = next_sequence_++;
        first_ms = std::min(first_ms, event.key.timestamp_ms);
        last_ms = std::max(last_ms, event.key.timestamp_ms);
        ingestion_ms = std::max(ingestion_ms, event.ingestion_ms);
        bytes += billable(event);
    }
    TRY(const auto stream, stream_row(batch.stream));
    std::int64_t group = 0;
    {
        auto row = db_->prepare(
            "UPDATE log_stream SET first_ms = min(first_ms, ?2), last_ms = max(last_ms, ?3), "
            "ingestion_ms = max(ingestion_ms, ?4), events = events + ?5, bytes = bytes + ?6 "
            "WHERE id = ?1 RETURNING log_group"
        );
        row.bind(1, stream).bind(2, first_ms).bind(3, last_ms).bind(4, ingestion_ms);
        row.bind(5, static_cast<std::int64_t>(batch.events.size())).bind(6, static_cast<std::int64_t>(bytes));
        TRY(const bool found, row.step());
        ASSERT(found, "the row was found or inserted above");
        group = row.number(0);
        TRY(const bool more, row.step());
        ASSERT(!more, "ids are unique");
    }
    TRY_VOID(store(group, stream, std::move(batch.events)));
    return appended;
}

Result<std::int64_t> Writer::stream_row(const port::LogStreamId& stream) {
    {
        auto row = db_->prepare(
            "SELECT log_stream.id FROM log_stream JOIN log_group ON log_group.id = log_stream.log_group "
            "WHERE log_group.name = ?1 AND log_stream.name = ?2"
        );
        row.bind(1, stream.group).bind(2, stream.stream);
        TRY(const bool found, row.step());
        if (found) return row.number(0);
    }
    {
        auto row = db_->prepare("INSERT OR IGNORE INTO log_group(name) VALUES(?1)");
        row.bind(1, stream.group);
        TRY_VOID(row.run());
    }
    auto row = db_->prepare(
        "INSERT INTO log_stream(log_group, name, first_ms, last_ms, ingestion_ms, events, bytes) "
        "SELECT id, ?2, ?3, ?4, 0, 0, 0 FROM log_group WHERE name = ?1"
    );
    row.bind(1, stream.group).bind(2, stream.stream).bind(3, INT64_MAX).bind(4, INT64_MIN);
    TRY_VOID(row.run());
    return db_->last_id();
}

Result<void> Writer::store(std::int64_t group, std::int64_t stream, std::vector<port::LogEvent> events) {
    for (const auto& chunk : pack(std::move(events))) {
        TRY_VOID(insert(group, stream, chunk));
        if (chunk.raw_bytes < kChunkBytes / 2) TRY_VOID(note_small(group, stream, chunk.hour, 1));
    }
    return {};
}

Result<void> Writer::insert(std::int64_t group, std::int64_t stream, const Chunk& chunk) {
    auto row = db_->prepare(
        "INSERT INTO chunk(log_group, stream, hour, min_ms, max_ms, events, bytes, data) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    row.bind(1, group).bind(2, stream).bind(3, chunk.hour).bind(4, chunk.min_ms).bind(5, chunk.max_ms);
    row.bind(6, static_cast<std::int64_t>(chunk.events)).bind(7, static_cast<std::int64_t>(chunk.raw_bytes));
    row.bind_blob(8, chunk.data);
    return row.run();
}

Result<void> Writer::note_small(std::int64_t group, std::int64_t stream, std::int64_t hour, unsigned count) {
    if (small_.size() > kSmallStreamsMax) small_.clear();
    auto& small = small_[stream];
    if (small.hour != hour) {
        if (small.count > 1) TRY_VOID(merge(group, stream, small.hour));
        small = {hour, 0};
    }
    small.count += count;
    if (small.count < kSmallMax) return {};
    small.count = 0;
    return merge(group, stream, hour);
}

Result<void> Writer::merge(std::int64_t group, std::int64_t stream, std::int64_t hour) {
    std::vector<port::LogEvent> events;
    std::vector<std::int64_t> ids;
    {
        auto row = db_->prepare("SELECT id, data FROM chunk WHERE stream = ?1 AND hour = ?2 AND bytes < ?3");
        row.bind(1, stream).bind(2, hour).bind(3, static_cast<std::int64_t>(kChunkBytes / 2));
        for (;;) {
            TRY(const bool found, row.step());
            if (!found) break;
            auto unpacked = unpack(row.bytes(1));
            if (!unpacked) continue;  // a damaged chunk stays as it is
            ids.push_back(row.number(0));
            std::ranges::move(*unpacked, std::back_inserter(events));
        }
    }
    if (ids.size() < 2) return {};
    for (const auto id : ids) {
        auto row = db_->prepare("DELETE FROM chunk WHERE id = ?1");
        row.bind(1, id);
        TRY_VOID(row.run());
    }
    for (const auto& chunk : pack(std::move(events))) TRY_VOID(insert(group, stream, chunk));
    return {};
}

void Writer::note_removed(port::LogStreamId stream) {
    if (!removed_.insert(stream).second) return;
    removed_order_.push_back(std::move(stream));
    if (removed_order_.size() <= kRemovedMax) return;
    removed_.erase(removed_order_.front());
    removed_order_.pop_front();
}

bool Writer::was_removed(const port::LogStreamId& stream) const {
    return removed_.contains(stream) || removed_.contains({stream.group, ""});
}

}  // namespace gantry::adapter::logstore
