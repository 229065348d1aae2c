#include "metric/point.h"

namespace gantry::metric {

void Fold::add(const Point& point) {
    if (point.at_s < span_.start_s || point.at_s >= span_.end_s || point.width_s > span_.period_s) return;
    if (span_.unit && *span_.unit != point.unit) return;
    const auto period = round_down(point.at_s - span_.start_s, span_.period_s) + span_.start_s;
    periods_[{period, point.unit}].merge(point.values);
}

std::vector<Point> Fold::take() {
    std::vector<Point> all;
    all.reserve(periods_.size());
    for (auto& [when, values] : periods_)
        all.push_back({when.first, span_.period_s, when.second, std::move(values)});
    periods_.clear();
    return all;
}

}  // namespace gantry::metric
