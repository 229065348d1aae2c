#pragma once

#include <string>
#include <vector>

#include "cloudwatch/expression.h"
#include "operation/data_context.h"
#include "port/metric_store.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

// Refuses (ValidationError) ids that are not unique or no ids, statistics and periods that are none, and
// expressions that cannot be read, name what is not there, or each other in a circle.
Result<void> admit_queries(const std::vector<shapes::cloudwatch::MetricDataQuery>& queries);

struct QueryScope {
    std::string account;
    std::string region;
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
    std::int64_t now_ms = 0;
};

struct QueryResult {
    std::string id;
    std::string label;
    TimeSeries series;
};

// What admitted queries give, for those that return data, in their order; an expression may give several.
Awaitable<Result<std::vector<QueryResult>>> run_queries(
    port::MetricStore& store,
    const std::vector<shapes::cloudwatch::MetricDataQuery>& queries,
    QueryScope scope
);

}  // namespace gantry::cloudwatch
