#include "autoscaling/step.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;

const StepAdjustment* pick_step(const StepScalingPolicyConfiguration& policy, double delta, bool above) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (!policy.step_adjustments) return nullptr;
    const bool up = delta > 0 || (delta == 0 && above);
    for (const auto& step : *policy.step_adjustments) {
        const double lower = step.metric_interval_lower_bound.value_or(-infinity);
        const double upper = step.metric_interval_upper_bound.value_or(infinity);
        if (up ? lower <= delta && delta < upper : lower < delta && delta <= upper) return &step;
    }
    return nullptr;
}

int adjust(int capacity, const StepScalingPolicyConfiguration& policy, const StepAdjustment& step) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    const auto bounded = [&](std::int64_t value) {
        return static_cast<int>(std::clamp<std::int64_t>(value, 0, most));
    };
    if (policy.adjustment_type == "ExactCapacity") return bounded(step.scaling_adjustment);
    if (policy.adjustment_type == "ChangeInCapacity")
        return bounded(std::int64_t{capacity} + step.scaling_adjustment);
    std::int64_t change = std::int64_t{capacity} * step.scaling_adjustment / 100;
    if (change == 0 && step.scaling_adjustment != 0) change = step.scaling_adjustment > 0 ? 1 : -1;
    const std::int64_t least = policy.min_adjustment_magnitude.value_or(0);
    if (change > 0) change = std::max(change, least);
    if (change < 0) change = std::min(change, -least);
    return bounded(capacity + change);
}

int tracking_capacity(int capacity, double metric, double target) {
    if (!(target > 0)) return capacity;
    // What is whole but for rounding is whole.
    const double wanted = std::ceil(capacity * (metric / target) * (1 - 1e-12));
    constexpr double most = 1e9;
    return static_cast<int>(std::clamp(wanted, 0.0, most));
}

}  // namespace gantry::autoscaling
