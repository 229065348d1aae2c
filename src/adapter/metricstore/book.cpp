#include "adapter/metricstore/book.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>

namespace gantry::adapter::metricstore {
namespace {

using database::Connection;

constexpr int kSchemaVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE metric(
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, space TEXT NOT NULL,
    name TEXT NOT NULL, dimensions BLOB NOT NULL, flushed INTEGER NOT NULL, last_s INTEGER NOT NULL);
CREATE TABLE journal(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL);
CREATE TABLE chunk(
    metric INTEGER NOT NULL, width INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY(metric, width, start)) WITHOUT ROWID;
CREATE INDEX chunk_by_time ON chunk(width, start);
PRAGMA user_version = 1;
)";

bool matches(const port::MetricList& what, const metric::Name& name) {
    if ((what.space && *what.space != name.space) || (what.name && *what.name != name.name)) return false;
    return std::ranges::all_of(what.dimensions, [&](const auto& filter) {
        return std::ranges::any_of(name.dimensions, [&](const auto& one) {
            return one.first == filter.name && (!filter.value || one.second == *filter.value);
        });
    });
}

}  // namespace

Result<std::unique_ptr<Book>> Book::open(const std::string& folder, BookLimits limits) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return trouble(Errc::unavailable, "metric store: " + folder + ": " + failed.message());
    TRY(auto connection, Connection::open(folder + "/metrics.db", false));
    std::unique_ptr<Book> book(new Book(std::move(connection), folder, limits));
    TRY_VOID(book->prepare_schema());
    TRY_VOID(book->load());
    return book;
}

Result<void> Book::prepare_schema() {
    for (const char* pragma :
         {"PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
          "PRAGMA journal_size_limit = 4194304", "PRAGMA cache_size = -4096", "PRAGMA secure_delete = OFF"})
        TRY_VOID(db_->execute(pragma));
    TRY(const auto version, db_->number("PRAGMA user_version"));
    if (version > kSchemaVersion)
        return trouble(Errc::invalid, "the metric store was written by a newer version of Gantry");
    if (version == 0) return db_->transaction([&] { return db_->execute(kSchema); });
    return {};
}

Book::Series& Book::add_series(metric::Name name, std::int64_t id) {
    const auto [at, added] = by_name_.try_emplace(std::move(name), std::make_unique<Series>());
    auto& series = *at->second;
    series.id = id;
    series.name = &at->first;
    by_id_[id] = &series;
    return series;
}

void Book::take(Series& series, const metric::Point& point) {
    auto& values = series.head[{point.width_s, point.at_s, point.unit}];
    if (values.empty()) ++head_points_;
    values.merge(point.values);
    series.last_s = std::max(series.last_s, point.at_s);
}

Result<void> Book::load() {
    auto metrics =
        db_->prepare("SELECT id, account, region, space, name, dimensions, flushed, last_s FROM metric");
    for (;;) {
        TRY(const bool more, metrics.step());
        if (!more) break;
        metric::Name name{
            std::string(metrics.bytes(1)), std::string(metrics.bytes(2)), std::string(metrics.bytes(3)),
            std::string(metrics.bytes(4)), split_dimensions(metrics.bytes(5))
        };
        auto& series = add_series(std::move(name), metrics.number(0));
        series.flushed = metrics.number(6);
        series.last_s = metrics.number(7);
    }
    auto journal = db_->prepare("SELECT id, data FROM journal ORDER BY id");
    for (;;) {
        TRY(const bool more, journal.step());
        if (!more) break;
        journal_last_ = journal.number(0);
        TRY(const auto entries, unpack(journal.bytes(1)));
        for (const auto& entry : entries) {
            const auto found = by_id_.find(entry.metric);
            if (found != by_id_.end() && found->second->flushed < journal_last_)
                take(*found->second, entry.point);
        }
    }
    return {};
}

bool Book::disk_is_full() const {
    if (limits_.reserve_bytes == 0) return false;
    struct statvfs disk {};
    if (statvfs(folder_.c_str(), &disk) != 0) return false;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < limits_.reserve_bytes;
}

Result<std::int64_t> Book::insert_metric(const metric::Name& name) {
    const auto dimensions = join_dimensions(name.dimensions);
    auto row = db_->prepare(
        "INSERT INTO metric(account, region, space, name, dimensions, flushed, last_s) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0)"
    );
    row.bind(1, name.account).bind(2, name.region).bind(3, name.space).bind(4, name.name);
    row.bind_blob(5, dimensions).bind(6, journal_last_);
    TRY_VOID(row.run());
    return db_->last_id();
}

Result<void> Book::append(std::vector<port::MetricSample> samples) {
    if (samples.empty()) return {};
    if (disk_is_full())
        return trouble(Errc::exhausted, "metric store: less than the reserve is free on its disk");
    std::map<metric::Name, std::int64_t> fresh;
    std::vector<Entry> entries;
    entries.reserve(samples.size());
    std::int64_t journal = 0;
    const auto write = [&]() -> Result<void> {
        for (auto& sample : samples) {
            std::int64_t id = 0;
            if (const auto known = by_name_.find(sample.name); known != by_name_.end()) {
                id = known->second->id;
            } else if (const auto made = fresh.find(sample.name); made != fresh.end()) {
                id = made->second;
            } else {
                if (limits_.metrics_max != 0 && by_name_.size() + fresh.size() >= limits_.metrics_max)
                    return trouble(Errc::exhausted, "metric store: there are too many metrics");
                TRY(id, insert_metric(sample.name));
                fresh.emplace(sample.name, id);
            }
            entries.push_back({id, std::move(sample.point)});
        }
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
            return left.metric < right.metric;
        });
        const auto packed = pack(entries);
        auto row = db_->prepare("INSERT INTO journal(data) VALUES(?1)");
        row.bind_blob(1, packed);
        TRY_VOID(row.run());
        journal = db_->last_id();
        return {};
    };
    TRY_VOID(db_->transaction(write));
    for (auto& [name, id] : fresh) add_series(name, id).flushed = journal_last_;
    journal_last_ = journal;
    for (const auto& entry : entries) take(*by_id_.at(entry.metric), entry.point);
    return {};
}

Result<std::vector<metric::Point>> Book::read(const port::MetricRead& what) {
    metric::Fold fold(what.span);
    const auto found = by_name_.find(what.name);
    if (found == by_name_.end()) return fold.take();
    const auto& series = *found->second;
    for (const auto& age : port::kMetricAges) {
        if (age.width_s > what.span.period_s) break;
        auto row = db_->prepare(
            "SELECT data FROM chunk WHERE metric = ?1 AND width = ?2 AND start > ?3 AND start < ?4"
        );
        row.bind(1, series.id).bind(2, age.width_s);
        row.bind(3, what.span.start_s - chunk_span(age.width_s)).bind(4, what.span.end_s);
        for (;;) {
            TRY(const bool more, row.step());
            if (!more) break;
            TRY(const auto entries, unpack(row.bytes(0)));
            for (const auto& entry : entries) fold.add(entry.point);
        }
    }
    for (const auto& [when, values] : series.head) {
        const auto& [width, at, unit] = when;
        if (at >= what.span.start_s && at < what.span.end_s) fold.add({at, width, unit, values});
    }
    return fold.take();
}

std::vector<metric::Name> Book::list(const port::MetricList& what) const {
    std::vector<metric::Name> all;
    const metric::Name first{what.account, what.region, what.space.value_or(""), "", {}};
    auto at = what.after && *what.after > first ? by_name_.upper_bound(*what.after)
                                                : by_name_.lower_bound(first);
    for (; at != by_name_.end() && all.size() < what.most; ++at) {
        const auto& name = at->first;
        if (name.account != what.account || name.region != what.region) break;
        if (what.space && name.space != *what.space) break;
        if (at->second->last_s >= what.active_since_s && matches(what, name)) all.push_back(name);
    }
    return all;
}

}  // namespace gantry::adapter::metricstore
