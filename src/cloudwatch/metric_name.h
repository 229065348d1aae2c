#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metric/name.h"
#include "operation/caller.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

metric::Name metric_name(
    const std::string& account,
    const std::string& region,
    const std::string& space,
    const std::string& name,
    const std::optional<std::vector<shapes::cloudwatch::Dimension>>& dimensions
);

std::vector<shapes::cloudwatch::Dimension> show_dimensions(const metric::Name& name);

// 1, 5, 10, 20, 30 or a multiple of 60.
bool is_query_period(std::int64_t seconds);

// The start of a query as CloudWatch rounds it: to what is still kept of its time.
std::int64_t query_start(std::int64_t start_ms, std::int64_t period_s, std::int64_t now_ms);

}  // namespace gantry::cloudwatch
