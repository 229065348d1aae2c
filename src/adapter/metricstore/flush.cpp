#include "adapter/metricstore/book.h"

// From heads to chunks.
namespace gantry::adapter::metricstore {

Result<void> Book::put_chunk(
    std::int64_t metric, std::int64_t width, std::int64_t start, const Points& points
) {
    Points all = points;
    {
        auto row = db_->prepare("SELECT data FROM chunk WHERE metric = ?1 AND width = ?2 AND start = ?3");
        row.bind(1, metric).bind(2, width).bind(3, start);
        TRY(const bool found, row.step());
        if (found) {
            TRY(const auto entries, unpack(row.bytes(0)));
            for (const auto& entry : entries)
                all[{entry.point.width_s, entry.point.at_s, entry.point.unit}].merge(entry.point.values);
        }
    }
    std::vector<Entry> entries;
    entries.reserve(all.size());
    for (auto& [when, values] : all)
        entries.push_back({0, {std::get<1>(when), width, std::get<2>(when), std::move(values)}});
    const auto packed = pack(entries);
    auto row = db_->prepare("INSERT OR REPLACE INTO chunk(metric, width, start, data) VALUES(?1, ?2, ?3, ?4)");
    row.bind(1, metric).bind(2, width).bind(3, start).bind_blob(4, packed);
    return row.run();
}

Result<void> Book::put_points(std::int64_t metric, const Points& points) {
    // Sorted by width, then time: those of one chunk stand together.
    for (auto at = points.begin(); at != points.end();) {
        const auto width = std::get<0>(at->first);
        const auto start = metric::round_down(std::get<1>(at->first), chunk_span(width));
        Points part;
        for (; at != points.end() && std::get<0>(at->first) == width &&
               std::get<1>(at->first) < start + chunk_span(width);
             ++at)
            part.insert(*at);
        TRY_VOID(put_chunk(metric, width, start, part));
    }
    return {};
}

Result<void> Book::flush_series(Series& series) {
    TRY_VOID(put_points(series.id, series.head));
    auto row = db_->prepare("UPDATE metric SET flushed = ?2, last_s = ?3 WHERE id = ?1");
    row.bind(1, series.id).bind(2, journal_last_).bind(3, series.last_s);
    return row.run();
}

Result<bool> Book::flush_step() {
    if (!flushing_) {
        flushing_ = true;
        flush_upto_ = journal_last_;
        flush_after_ = 0;
    }
    std::vector<Series*> now;
    auto at = by_id_.upper_bound(flush_after_);
    for (; at != by_id_.end() && now.size() < kFlushedAtOnce; ++at)
        if (!at->second->head.empty()) now.push_back(at->second);
    const bool last = at == by_id_.end();
    const auto write = [&]() -> Result<void> {
        for (auto* series : now) TRY_VOID(flush_series(*series));
        if (!last) return {};
        auto row = db_->prepare("DELETE FROM journal WHERE id <= ?1");
        row.bind(1, flush_upto_);
        return row.run();
    };
    if (!now.empty() || last) TRY_VOID(db_->transaction(write));
    for (auto* series : now) {
        head_points_ -= series->head.size();
        series->head.clear();
        series->flushed = journal_last_;
        flush_after_ = series->id;
    }
    if (last) flushing_ = false;
    return !last;
}

}  // namespace gantry::adapter::metricstore
