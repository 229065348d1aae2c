#include "autoscaling/admit_policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "autoscaling/resource.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;

namespace {

constexpr std::size_t steps_most = 20;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Result<void> admit_cooldown(const char* name, const std::optional<std::int32_t>& seconds) {
    if (seconds && *seconds < 0) return invalid(std::string(name) + " cannot be negative.");
    return {};
}

struct Interval {
    double lower;
    double upper;
};

Result<std::vector<Interval>> intervals(const std::vector<StepAdjustment>& steps) {
    std::vector<Interval> all;
    for (const auto& step : steps) {
        if (!step.metric_interval_lower_bound && !step.metric_interval_upper_bound)
            return invalid("Both lower and upper bounds of a step adjustment cannot be left unspecified");
        all.push_back(
            {step.metric_interval_lower_bound.value_or(-kInfinity),
             step.metric_interval_upper_bound.value_or(kInfinity)}
        );
        if (all.back().lower >= all.back().upper)
            return invalid("The lower bound of a step adjustment must be less than its upper bound");
    }
    std::sort(all.begin(), all.end(), [](const Interval& left, const Interval& right) {
        return left.lower < right.lower;
    });
    return all;
}

Result<void> admit_intervals(const std::vector<StepAdjustment>& steps) {
    TRY(const auto all, intervals(steps));
    const auto open_below =
        std::count_if(all.begin(), all.end(), [](const auto& i) { return i.lower == -kInfinity; });
    const auto open_above =
        std::count_if(all.begin(), all.end(), [](const auto& i) { return i.upper == kInfinity; });
    if (open_below > 1) return invalid("At most one StepAdjustment may have an unspecified lower bound");
    if (open_above > 1) return invalid("At most one StepAdjustment may have an unspecified upper bound");
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].lower < all[i - 1].upper) return invalid("StepAdjustment intervals can't overlap");
        if (all[i].lower > all[i - 1].upper)
            return invalid("StepAdjustment intervals can't have gaps between them");
    }
    if (open_below == 0 && all.front().lower < 0) {
        return invalid(
            "There must be a StepAdjustment with an unspecified lower bound (i.e., lower bound is null) when "
            "one StepAdjustment has a negative lower bound"
        );
    }
    if (open_above == 0 && all.back().upper > 0) {
        return invalid(
            "There must be a StepAdjustment with an unspecified upper bound (i.e., upper bound is null) when "
            "one StepAdjustment has a positive upper bound"
        );
    }
    return {};
}

// "app/NAME/ID/targetgroup/NAME/ID"
bool is_balancer_label(const std::string& label) {
    const auto slashes = std::count(label.begin(), label.end(), '/');
    return slashes == 5 && label.starts_with("app/") && label.find("/targetgroup/") != std::string::npos &&
           label.find("//") == std::string::npos && !label.ends_with('/');
}

Result<void> admit_predefined(const PredefinedMetricSpecification& metric) {
    static constexpr std::array<std::string_view, 2> utilizations{
        "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"};
    const auto& type = metric.predefined_metric_type;
    if (type == "ALBRequestCountPerTarget") {
        if (!metric.resource_label || !is_balancer_label(*metric.resource_label)) {
            return invalid(
                "ResourceLabel must have the form app/LOAD-BALANCER-NAME/ID/targetgroup/TARGET-GROUP-NAME/ID "
                "for ALBRequestCountPerTarget"
            );
        }
        return {};
    }
    if (std::find(utilizations.begin(), utilizations.end(), type) == utilizations.end())
        return invalid("The predefined metric type " + type + " is not valid for " + kDimension);
    if (metric.resource_label)
        return invalid("ResourceLabel cannot be specified for the predefined metric type " + type);
    return {};
}

Result<void> admit_queries(const CustomizedMetricSpecification& metric) {
    if (metric.metric_name || metric.namespace_ || metric.statistic || metric.dimensions || metric.unit)
        return invalid("Metrics cannot be specified together with a single metric's parameters");
    const auto returned =
        std::count_if(metric.metrics->begin(), metric.metrics->end(), [](const auto& query) {
            return query.return_data.value_or(true);
        });
    if (returned != 1) return invalid("Exactly one element of Metrics must return data");
    std::vector<std::string> ids;
    for (const auto& query : *metric.metrics) {
        if (query.metric_stat.has_value() == query.expression.has_value()) {
            return invalid(
                "Exactly one of MetricStat and Expression must be specified for the metric " + query.id
            );
        }
        if (query.metric_stat &&
            (!query.metric_stat->metric.metric_name || !query.metric_stat->metric.namespace_))
            return invalid("MetricName and Namespace must be specified for the metric " + query.id);
        if (std::find(ids.begin(), ids.end(), query.id) != ids.end())
            return invalid("The Id " + query.id + " stands more than once in Metrics");
        ids.push_back(query.id);
    }
    return {};
}

Result<void> admit_customized(const CustomizedMetricSpecification& metric) {
    if (metric.metrics && !metric.metrics->empty()) return admit_queries(metric);
    if (!metric.metric_name || !metric.namespace_ || !metric.statistic)
        return invalid("MetricName, Namespace and Statistic must be specified for a customized metric");
    return {};
}

}  // namespace

Result<void> admit_step(const StepScalingPolicyConfiguration& step) {
    if (!step.adjustment_type) return invalid("AdjustmentType must be specified for a step scaling policy");
    if (!step.step_adjustments || step.step_adjustments->empty())
        return invalid("At least one StepAdjustment must be specified");
    if (step.step_adjustments->size() > steps_most)
        return invalid("There can be at most 20 step adjustments per scaling policy");
    TRY_VOID(admit_cooldown("Cooldown", step.cooldown));
    if (step.min_adjustment_magnitude) {
        if (*step.adjustment_type != "PercentChangeInCapacity") {
            return invalid(
                "MinAdjustmentMagnitude can only be specified with the adjustment type "
                "PercentChangeInCapacity"
            );
        }
        if (*step.min_adjustment_magnitude <= 0) return invalid("MinAdjustmentMagnitude must be positive");
    }
    if (*step.adjustment_type == "ExactCapacity") {
        for (const auto& one : *step.step_adjustments) {
            if (one.scaling_adjustment < 0)
                return invalid("ScalingAdjustment cannot be negative with the adjustment type ExactCapacity");
        }
    }
    return admit_intervals(*step.step_adjustments);
}

Result<void> admit_tracking(const TargetTrackingScalingPolicyConfiguration& tracking) {
    // The documented range.
    const double most = std::ldexp(1.0, 360);
    if (!(tracking.target_value >= -most && tracking.target_value <= most))
        return invalid("TargetValue must be in the range of -2^360 to 2^360");
    TRY_VOID(admit_cooldown("ScaleOutCooldown", tracking.scale_out_cooldown));
    TRY_VOID(admit_cooldown("ScaleInCooldown", tracking.scale_in_cooldown));
    if (tracking.predefined_metric_specification.has_value() ==
        tracking.customized_metric_specification.has_value()) {
        return invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified"
        );
    }
    if (tracking.predefined_metric_specification)
        return admit_predefined(*tracking.predefined_metric_specification);
    return admit_customized(*tracking.customized_metric_specification);
}

}  // namespace gantry::autoscaling
