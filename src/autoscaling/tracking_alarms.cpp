#include "autoscaling/tracking_alarms.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using shapes::cloudwatch::Dimension;
using shapes::cloudwatch::MetricDataQuery;
using shapes::cloudwatch::PutMetricAlarmRequest;

namespace {

constexpr int period_seconds = 60;
constexpr std::size_t alarm_name_most = 255;

// "app/NAME/ID/targetgroup/NAME/ID", checked when it was put.
std::vector<Dimension> balancer_dimensions(const std::string& label) {
    const auto group = label.find("targetgroup/");
    return {{"TargetGroup", label.substr(group)}, {"LoadBalancer", label.substr(0, group - 1)}};
}

void set_predefined(
    const PredefinedMetricSpecification& metric, const Resource& resource, PutMetricAlarmRequest& alarm
) {
    if (metric.predefined_metric_type == "ALBRequestCountPerTarget") {
        alarm.namespace_ = "AWS/ApplicationELB";
        alarm.metric_name = "RequestCountPerTarget";
        alarm.statistic = "Sum";
        alarm.dimensions = balancer_dimensions(metric.resource_label.value_or(""));
        return;
    }
    alarm.namespace_ = "AWS/ECS";
    alarm.metric_name = metric.predefined_metric_type == "ECSServiceAverageCPUUtilization"
                            ? "CPUUtilization"
                            : "MemoryUtilization";
    alarm.statistic = "Average";
    alarm.dimensions =
        std::vector<Dimension>{{"ClusterName", resource.cluster}, {"ServiceName", resource.service}};
}

MetricDataQuery query_of(const TargetTrackingMetricDataQuery& given) {
    MetricDataQuery query;
    query.id = given.id;
    query.expression = given.expression;
    query.label = given.label;
    query.return_data = given.return_data.value_or(true);
    if (!given.metric_stat) return query;
    auto& stat = query.metric_stat.emplace();
    stat.metric.namespace_ = given.metric_stat->metric.namespace_;
    stat.metric.metric_name = given.metric_stat->metric.metric_name;
    if (given.metric_stat->metric.dimensions) {
        auto& dimensions = stat.metric.dimensions.emplace();
        for (const auto& one : *given.metric_stat->metric.dimensions)
            dimensions.push_back({one.name, one.value});
    }
    stat.period = period_seconds;
    stat.stat = given.metric_stat->stat;
    stat.unit = given.metric_stat->unit;
    return query;
}

void set_customized(const CustomizedMetricSpecification& metric, PutMetricAlarmRequest& alarm) {
    if (metric.metrics && !metric.metrics->empty()) {
        auto& queries = alarm.metrics.emplace();
        for (const auto& query : *metric.metrics) queries.push_back(query_of(query));
        alarm.period.reset();
        return;
    }
    alarm.namespace_ = metric.namespace_;
    alarm.metric_name = metric.metric_name;
    alarm.statistic = metric.statistic;
    alarm.unit = metric.unit;
    if (metric.dimensions) {
        auto& dimensions = alarm.dimensions.emplace();
        for (const auto& one : *metric.dimensions) dimensions.push_back({one.name, one.value});
    }
}

}  // namespace

std::vector<PutMetricAlarmRequest> tracking_alarms(
    const PolicyRecord& policy, const Resource& resource, const std::function<std::string()>& fresh
) {
    const auto& tracking = *policy.tracking;
    PutMetricAlarmRequest common;
    common.period = period_seconds;
    if (tracking.predefined_metric_specification) {
        set_predefined(*tracking.predefined_metric_specification, resource, common);
    } else {
        set_customized(*tracking.customized_metric_specification, common);
    }
    common.alarm_description =
        "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + policy.arn() + ".";
    common.alarm_actions.emplace().push_back(policy.arn());

    const auto name = [&](const char* kind) {
        for (const auto& known : policy.alarms) {
            if (known.find(kind) != std::string::npos && known.starts_with("TargetTracking-")) return known;
        }
        const std::string end = kind + fresh();
        constexpr std::string_view start = "TargetTracking-";
        return std::string(start) + resource.id.substr(0, alarm_name_most - start.size() - end.size()) + end;
    };
    std::vector<PutMetricAlarmRequest> alarms{common};
    auto& high = alarms.front();
    high.alarm_name = name("-AlarmHigh-");
    high.comparison_operator = "GreaterThanThreshold";
    high.threshold = tracking.target_value;
    high.evaluation_periods = 3;
    if (tracking.disable_scale_in.value_or(false)) return alarms;
    auto& low = alarms.emplace_back(common);
    low.alarm_name = name("-AlarmLow-");
    low.comparison_operator = "LessThanThreshold";
    low.threshold = tracking.target_value * 0.9;
    low.evaluation_periods = 15;
    return alarms;
}

}  // namespace gantry::autoscaling
