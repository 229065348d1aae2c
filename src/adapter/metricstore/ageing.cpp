#include "adapter/metricstore/book.h"

// What becomes of old chunks.
namespace gantry::adapter::metricstore {
namespace {

constexpr std::size_t kAtOnce = 100;

struct Place {
    std::int64_t metric = 0;
    std::int64_t start = 0;
};

}  // namespace

Result<void> Book::drop_if_empty(std::int64_t metric) {
    const auto found = by_id_.find(metric);
    if (found == by_id_.end() || !found->second->head.empty()) return {};
    {
        auto row = db_->prepare("SELECT 1 FROM chunk WHERE metric = ?1 LIMIT 1");
        row.bind(1, metric);
        TRY(const bool some, row.step());
        if (some) return {};
    }
    auto row = db_->prepare("DELETE FROM metric WHERE id = ?1");
    row.bind(1, metric);
    TRY_VOID(row.run());
    const metric::Name name = *found->second->name;
    by_id_.erase(found);
    by_name_.erase(name);
    return {};
}

// Chunks whose time has all passed.
Result<bool> Book::age_chunks(const port::MetricAge& age, std::int64_t now_s) {
    std::vector<Place> old;
    {
        auto row = db_->prepare(
            "SELECT metric, start FROM chunk WHERE width = ?1 AND start <= ?2 ORDER BY start LIMIT ?3"
        );
        row.bind(1, age.width_s).bind(2, now_s - age.kept_s - chunk_span(age.width_s));
        row.bind(3, static_cast<std::int64_t>(kAtOnce));
        for (;;) {
            TRY(const bool more, row.step());
            if (!more) break;
            old.push_back({row.number(0), row.number(1)});
        }
    }
    if (old.empty()) return false;
    const auto write = [&]() -> Result<void> {
        for (const auto& place : old) {
            Points coarse;
            if (age.next_width_s != 0) {
                auto row =
                    db_->prepare("SELECT data FROM chunk WHERE metric = ?1 AND width = ?2 AND start = ?3");
                row.bind(1, place.metric).bind(2, age.width_s).bind(3, place.start);
                TRY(const bool found, row.step());
                if (found) {
                    TRY(const auto entries, unpack(row.bytes(0)));
                    for (const auto& [_, point] : entries) {
                        const auto at = metric::round_down(point.at_s, age.next_width_s);
                        coarse[{age.next_width_s, at, point.unit}].merge(point.values);
                    }
                }
            }
            TRY_VOID(put_points(place.metric, coarse));
            auto row = db_->prepare("DELETE FROM chunk WHERE metric = ?1 AND width = ?2 AND start = ?3");
            row.bind(1, place.metric).bind(2, age.width_s).bind(3, place.start);
            TRY_VOID(row.run());
        }
        return {};
    };
    TRY_VOID(db_->transaction(write));
    // On its own: what is forgotten in memory must not come back with an undone transaction.
    for (const auto& place : old) TRY_VOID(drop_if_empty(place.metric));
    return true;
}

// The finest chunks are the most: they go first, the oldest of them.
Result<bool> Book::evict_step() {
    if (limits_.bytes_max == 0) return false;
    TRY(const auto pages, db_->number("PRAGMA page_count"));
    TRY(const auto free, db_->number("PRAGMA freelist_count"));
    TRY(const auto page_size, db_->number("PRAGMA page_size"));
    if (static_cast<std::uint64_t>((pages - free) * page_size) <= limits_.bytes_max) return false;
    for (const auto& age : port::kMetricAges) {
        auto row = db_->prepare(
            "DELETE FROM chunk WHERE (metric, width, start) IN "
            "(SELECT metric, width, start FROM chunk WHERE width = ?1 ORDER BY start LIMIT ?2)"
        );
        row.bind(1, age.width_s).bind(2, static_cast<std::int64_t>(kAtOnce));
        TRY_VOID(row.run());
        if (db_->changes() > 0) return true;
    }
    return false;
}

Result<bool> Book::age_step(std::int64_t now_s) {
    if (flushing_ || head_points_ > 0) {
        TRY(const bool more, flush_step());
        if (more) return true;
    }
    for (const auto& age : port::kMetricAges) {
        TRY(const bool more, age_chunks(age, now_s));
        if (more) return true;
    }
    TRY(const bool evicted, evict_step());
    if (evicted) return true;
    TRY_VOID(db_->execute("PRAGMA incremental_vacuum(1000)"));
    return false;
}

}  // namespace gantry::adapter::metricstore
