#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "metric/name.h"
#include "metric/point.h"

namespace gantry::port {

// width_s of the point is 1 (high resolution) or 60; at_s is a multiple of it.
struct MetricSample {
    metric::Name name;
    metric::Point point;
};

struct MetricRead {
    metric::Name name;
    metric::Span span;
};

struct DimensionFilter {
    std::string name;
    std::optional<std::string> value;  // absent: any
};

struct MetricList {
    std::string account;
    std::string region;
    std::optional<std::string> space;
    std::optional<std::string> name;
    std::vector<DimensionFilter> dimensions;  // all of them must be there; others may be
    std::int64_t active_since_s = INT64_MIN;  // a point of that time or later
    std::optional<metric::Name> after;        // exclusive
    std::size_t most = 500;
};

// Keeps metric points, compressed and on disk, for one installation. Points of the same metric, time, width
// and unit are merged.
//
// What append() has acknowledged survives kill -9 and power loss. Errors: exhausted (disk full: nothing of the
// call was done), unavailable, unknown (append only: the points may be there; they are not sent again). Any
// number of calls may be under way at once.
class MetricStore {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~MetricStore() = default;

    // All or nothing. A metric comes to be with its first point.
    virtual Reply<> append(std::vector<MetricSample> samples) = 0;

    // As metric::Fold puts them together.
    virtual Reply<std::vector<metric::Point>> read(MetricRead what) = 0;
    // By name.
    virtual Reply<std::vector<metric::Name>> list(MetricList what) = 0;

    // Makes old points coarser and drops what is too old, as CloudWatch does: points of a second are kept for 3
    // hours, then those of a minute for 15 days, of 5 minutes for 63 days, of an hour for 455 days. May keep
    // some for longer, up to a third of that. Idempotent.
    virtual Reply<> age(std::int64_t now_s) = 0;
};

// One step of ageing: points of `width_s` older than `kept_s` become points of `next_width_s` (0: none).
struct MetricAge {
    std::int64_t width_s;
    std::int64_t kept_s;
    std::int64_t next_width_s;
};
inline constexpr MetricAge kMetricAges[] = {
    {1, 3 * 3'600, 60},
    {60, 15 * 86'400, 300},
    {300, 63 * 86'400, 3'600},
    {3'600, 455 * 86'400, 0},
};

}  // namespace gantry::port
