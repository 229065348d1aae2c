#include "cloudwatch/metric_name.h"

#include <algorithm>

#include "metric/point.h"

namespace gantry::cloudwatch {

using shapes::cloudwatch::Dimension;

metric::Name metric_name(
    const std::string& account,
    const std::string& region,
    const std::string& space,
    const std::string& name,
    const std::optional<std::vector<Dimension>>& dimensions
) {
    metric::Name out{account, region, space, name, {}};
    if (dimensions) {
        for (const auto& one : *dimensions) out.dimensions.emplace_back(one.name, one.value);
    }
    std::sort(out.dimensions.begin(), out.dimensions.end());
    return out;
}

std::vector<Dimension> show_dimensions(const metric::Name& name) {
    std::vector<Dimension> out;
    for (const auto& [key, value] : name.dimensions) {
        auto& one = out.emplace_back();
        one.name = key;
        one.value = value;
    }
    return out;
}

bool is_query_period(std::int64_t seconds) {
    return seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30 ||
           (seconds > 0 && seconds % 60 == 0);
}

std::int64_t query_start(std::int64_t start_ms, std::int64_t period_s, std::int64_t now_ms) {
    constexpr std::int64_t day = 86'400'000;
    const std::int64_t start = metric::round_down(start_ms, 1'000) / 1'000;
    const std::int64_t age = now_ms - start_ms;
    if (age > 63 * day) return metric::round_down(start, 3'600);
    if (age > 15 * day) return metric::round_down(start, 300);
    return metric::round_down(start, std::min<std::int64_t>(period_s, 60));
}

}  // namespace gantry::cloudwatch
