// The Writer's schema, and what gives space back.
#include <algorithm>
#include <set>

#include "adapter/logstore/writer.h"
#include "base/assertion.h"

namespace gantry::adapter::logstore {
namespace {

constexpr int kSchemaVersion = 1;
// Chunks of one step: a step holds up appends for a few milliseconds at most.
constexpr int kStepChunks = 256;

constexpr const char* kSchema = R"(
CREATE TABLE log_group(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE log_stream(
    id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, name TEXT NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, ingestion_ms INTEGER NOT NULL,
    events INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE(log_group, name));
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, stream INTEGER NOT NULL,
    hour INTEGER NOT NULL, min_ms INTEGER NOT NULL, max_ms INTEGER NOT NULL,
    events INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX chunk_by_group ON chunk(log_group, hour, min_ms, max_ms, stream);
CREATE INDEX chunk_by_stream ON chunk(stream, hour, min_ms, max_ms, bytes);
CREATE TABLE garbage(stream INTEGER PRIMARY KEY);
CREATE TABLE mark(source TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE counter(next_sequence INTEGER NOT NULL);
INSERT INTO counter VALUES(1);
PRAGMA user_version = 1;
)";

std::string upper_bound_of(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& folder, Limits limits) {
    TRY(auto connection, Connection::open(folder + "/logs.db", false));
    std::unique_ptr<Writer> writer(new Writer(std::move(connection), folder, limits));
    TRY_VOID(writer->prepare_schema());
    return writer;
}

Result<void> Writer::prepare_schema() {
    // Before the first table, or it has no effect.
    TRY_VOID(db_->execute("PRAGMA auto_vacuum = INCREMENTAL"));
    TRY_VOID(db_->execute("PRAGMA journal_mode = WAL"));
    TRY_VOID(db_->execute("PRAGMA synchronous = FULL"));
    TRY_VOID(db_->execute("PRAGMA journal_size_limit = 4194304"));
    TRY_VOID(db_->execute("PRAGMA cache_size = -4096"));
    // Debian's default overwrites what is deleted: a removal would need as much free space as it gives back.
    TRY_VOID(db_->execute("PRAGMA secure_delete = OFF"));
    TRY(const auto version, pragma("PRAGMA user_version"));
    if (version > kSchemaVersion)
        return trouble(Errc::invalid, "the log store was written by a newer version of Gantry");
    if (version == 0) TRY_VOID(db_->transaction([&] { return db_->execute(kSchema); }));
    TRY(const auto next, pragma("SELECT next_sequence FROM counter"));
    next_sequence_ = static_cast<std::uint64_t>(next);
    return {};
}

Result<std::int64_t> Writer::pragma(const char* sql) {
    auto row = db_->prepare(sql);
    TRY(const bool found, row.step());
    return found ? row.number(0) : 0;
}

Result<void> Writer::remove_stream(const port::LogStreamId& stream) {
    note_removed(stream);
    return db_->transaction([&]() -> Result<void> {
        auto row = db_->prepare(
            "INSERT OR IGNORE INTO garbage SELECT id FROM log_stream WHERE name = ?2 "
            "AND log_group = (SELECT id FROM log_group WHERE name = ?1)"
        );
        row.bind(1, stream.group).bind(2, stream.stream);
        TRY_VOID(row.run());
        auto gone = db_->prepare(
            "DELETE FROM log_stream WHERE name = ?2 "
            "AND log_group = (SELECT id FROM log_group WHERE name = ?1)"
        );
        gone.bind(1, stream.group).bind(2, stream.stream);
        return gone.run();
    });
}

Result<void> Writer::remove_group(const std::string& group) {
    note_removed({group, ""});
    return db_->transaction([&]() -> Result<void> {
        for (const char* sql : {
                 "INSERT OR IGNORE INTO garbage SELECT id FROM log_stream "
                 "WHERE log_group = (SELECT id FROM log_group WHERE name = ?1)",
                 "DELETE FROM log_stream WHERE log_group = (SELECT id FROM log_group WHERE name = ?1)",
                 "DELETE FROM log_group WHERE name = ?1",
             }) {
            auto row = db_->prepare(sql);
            row.bind(1, group);
            TRY_VOID(row.run());
        }
        return {};
    });
}

Result<void> Writer::forget(const std::string& source_prefix) {
    if (source_prefix.empty()) return {};
    const auto end = upper_bound_of(source_prefix);
    auto row = db_->prepare("DELETE FROM mark WHERE source >= ?1 AND source < ?2");
    row.bind(1, source_prefix).bind(2, end);
    return row.run();
}

Result<bool> Writer::garbage_step() {
    std::int64_t stream = 0;
    {
        auto row = db_->prepare("SELECT stream FROM garbage LIMIT 1");
        TRY(const bool found, row.step());
        if (!found) return false;
        stream = row.number(0);
    }
    small_.erase(stream);
    TRY_VOID(db_->transaction([&]() -> Result<void> {
        auto row =
            db_->prepare("DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE stream = ?1 LIMIT ?2)");
        row.bind(1, stream).bind(2, kStepChunks);
        TRY_VOID(row.run());
        if (db_->changes() == kStepChunks) return {};
        auto gone = db_->prepare("DELETE FROM garbage WHERE stream = ?1");
        gone.bind(1, stream);
        return gone.run();
    }));
    return true;
}

Result<bool> Writer::expire_step(const std::string& group, std::int64_t before_ms) {
    std::vector<std::int64_t> ids;
    {
        auto row = db_->prepare(
            "SELECT id FROM chunk WHERE log_group = (SELECT id FROM log_group WHERE name = ?1) "
            "AND hour < ?2 ORDER BY hour LIMIT ?3"
        );
        row.bind(1, group).bind(2, hour_of(before_ms)).bind(3, kStepChunks);
        for (;;) {
            TRY(const bool found, row.step());
            if (!found) break;
            ids.push_back(row.number(0));
        }
    }
    if (ids.empty()) return false;
    TRY_VOID(drop_chunks(ids));
    return true;
}

Result<bool> Writer::evict_step() {
    if (limits_.bytes_max == 0) return false;
    TRY(const auto pages, pragma("PRAGMA page_count"));
    TRY(const auto free, pragma("PRAGMA freelist_count"));
    TRY(const auto page_size, pragma("PRAGMA page_size"));
    if (static_cast<std::uint64_t>((pages - free) * page_size) <= limits_.bytes_max) return false;
    std::vector<std::int64_t> ids;
    {
        auto row = db_->prepare("SELECT id FROM chunk ORDER BY id LIMIT 64");
        for (;;) {
            TRY(const bool found, row.step());
            if (!found) break;
            ids.push_back(row.number(0));
        }
    }
    if (ids.empty()) return false;
    TRY_VOID(drop_chunks(ids));
    return true;
}

Result<void> Writer::drop_chunks(const std::vector<std::int64_t>& ids) {
    return db_->transaction([&]() -> Result<void> {
        std::set<std::int64_t> streams;
        for (const auto id : ids) {
            std::int64_t stream = 0;
            std::int64_t events = 0;
            std::int64_t bytes = 0;
            {
                auto row = db_->prepare("SELECT stream, events, bytes FROM chunk WHERE id = ?1");
                row.bind(1, id);
                TRY(const bool found, row.step());
                if (!found) continue;
                stream = row.number(0);
                events = row.number(1);
                bytes = row.number(2);
            }
            auto gone = db_->prepare("DELETE FROM chunk WHERE id = ?1");
            gone.bind(1, id);
            TRY_VOID(gone.run());
            auto less =
                db_->prepare("UPDATE log_stream SET events = events - ?2, bytes = bytes - ?3 WHERE id = ?1");
            less.bind(1, stream).bind(2, events).bind(3, bytes);
            TRY_VOID(less.run());
            streams.insert(stream);
        }
        for (const auto stream : streams) {
            auto row = db_->prepare(
                "UPDATE log_stream SET first_ms = coalesce((SELECT min_ms FROM chunk WHERE stream = ?1 "
                "ORDER BY hour, min_ms LIMIT 1), first_ms) WHERE id = ?1"
            );
            row.bind(1, stream);
            TRY_VOID(row.run());
        }
        return {};
    });
}

Result<bool> Writer::shrink_step() {
    TRY(const auto free, pragma("PRAGMA freelist_count"));
    if (free == 0) {
        // Truncates the file. Passive: waits for no reader.
        TRY_VOID(db_->execute("PRAGMA wal_checkpoint(PASSIVE)"));
        return false;
    }
    TRY_VOID(db_->execute("PRAGMA incremental_vacuum(128)"));
    return true;
}

}  // namespace gantry::adapter::logstore
