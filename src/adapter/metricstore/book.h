#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "adapter/database/connection.h"
#include "adapter/metricstore/encoding.h"
#include "port/metric_store.h"

namespace gantry::adapter::metricstore {

struct BookLimits {
    std::uint64_t reserve_bytes = 0;  // appends are refused while less is free on the disk
    std::uint64_t bytes_max = 0;      // past it the oldest chunks go; 0: no bound
    std::size_t metrics_max = 0;      // appends that would name more are refused; 0: no bound
    std::size_t head_points_max = 0;  // so many wait in memory before they are flushed
};

// Metrics, the points that wait in memory, journal and chunks. For one thread.
class Book {
  public:
    // Metrics that one flush_step() takes up.
    static constexpr std::size_t kFlushedAtOnce = 100;

    static Result<std::unique_ptr<Book>> open(const std::string& folder, BookLimits limits);

    Result<void> append(std::vector<port::MetricSample> samples);
    Result<std::vector<metric::Point>> read(const port::MetricRead& what);
    std::vector<metric::Name> list(const port::MetricList& what) const;

    // Whether so much waits in memory that flush_step() should be called until it says false.
    bool wants_flush() const { return flushing_ || head_points_ > limits_.head_points_max; }
    Result<bool> flush_step();
    // Flushes first. Until it says false.
    Result<bool> age_step(std::int64_t now_s);

  private:
    using When = std::tuple<std::int64_t, std::int64_t, std::string>;  // width, time, unit
    using Points = std::map<When, metric::Values>;
    struct Series {
        std::int64_t id = 0;
        const metric::Name* name = nullptr;
        std::int64_t flushed = 0;  // journal rows up to this one are in the chunks
        std::int64_t last_s = 0;   // of the newest point
        Points head;
    };

    Book(std::unique_ptr<database::Connection> connection, std::string folder, BookLimits limits)
        : db_(std::move(connection)), folder_(std::move(folder)), limits_(limits) {}

    Result<void> prepare_schema();
    Result<void> load();
    bool disk_is_full() const;
    Series& add_series(metric::Name name, std::int64_t id);
    Result<std::int64_t> insert_metric(const metric::Name& name);
    void take(Series& series, const metric::Point& point);

    // Merges points into the chunks that they belong to.
    Result<void> put_points(std::int64_t metric, const Points& points);
    Result<void> put_chunk(
        std::int64_t metric, std::int64_t width, std::int64_t start, const Points& points
    );
    Result<void> flush_series(Series& series);
    Result<bool> age_chunks(const port::MetricAge& age, std::int64_t now_s);
    Result<void> drop_if_empty(std::int64_t metric);
    Result<bool> evict_step();

    std::unique_ptr<database::Connection> db_;
    std::string folder_;
    BookLimits limits_;
    std::map<metric::Name, std::unique_ptr<Series>> by_name_;
    std::map<std::int64_t, Series*> by_id_;
    std::int64_t journal_last_ = 0;
    std::size_t head_points_ = 0;

    // A flush goes over all metrics in the order of their ids; then the journal up to its start may go.
    bool flushing_ = false;
    std::int64_t flush_upto_ = 0;
    std::int64_t flush_after_ = 0;
};

// How much time one chunk of points of this width covers.
constexpr std::int64_t chunk_span(std::int64_t width_s) {
    return width_s == 1 ? 3'600 : width_s == 60 ? 4 * 3'600 : width_s == 300 ? 86'400 : 30 * 86'400;
}

}  // namespace gantry::adapter::metricstore
