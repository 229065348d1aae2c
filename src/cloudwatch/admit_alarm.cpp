#include "cloudwatch/admit_alarm.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "cloudwatch/metric_query.h"
#include "metric/statistic.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr int day = 86'400;
constexpr int week = 7 * day;

tl::unexpected<Error> invalid(std::string message) { return refuse("ValidationError", std::move(message)); }

template <std::size_t N>
bool one_of(const std::string& text, const std::array<std::string_view, N>& all) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

bool is_period(int seconds) { return seconds == 10 || seconds == 20 || seconds == 30 || seconds % 60 == 0; }

Result<> check_metric(const PutMetricAlarmRequest& request) {
    if (!request.namespace_) return invalid("The parameter Namespace is required.");
    if (request.statistic.has_value() == request.extended_statistic.has_value()) {
        return invalid(
            "The parameters Statistic and ExtendedStatistic are mutually exclusive, and one of them is "
            "required."
        );
    }
    if (request.extended_statistic) {
        const auto statistic = metric::Statistic::parse(*request.extended_statistic);
        if (!statistic || statistic->simple())
            return invalid("The value " + *request.extended_statistic + " for parameter ExtendedStatistic is invalid.");
    }
    if (!request.period) return invalid("The parameter Period is required.");
    if (!is_period(*request.period)) return invalid("Period must be 10, 20, 30 or a multiple of 60");
    return {};
}

Result<> check_expression(const PutMetricAlarmRequest& request) {
    if (request.metric_name || request.namespace_ || request.dimensions || request.period ||
        request.statistic || request.extended_statistic || request.unit) {
        return invalid("Metrics list cannot be specified together with a metric's own parameters.");
    }
    const auto returned =
        std::count_if(request.metrics->begin(), request.metrics->end(), [](const auto& query) {
            return query.return_data.value_or(true);
        });
    if (returned != 1) return invalid("Exactly one element of the metrics list should return data.");
    return admit_queries(*request.metrics);
}

Result<> check_actions(const std::optional<std::vector<std::string>>& actions) {
    if (!actions) return {};
    for (const auto& action : *actions) {
        if (!action.starts_with("arn:")) return invalid("Invalid arn syntax: " + action);
    }
    return {};
}

}  // namespace

Result<PutMetricAlarmRequest> admit_alarm(PutMetricAlarmRequest request) {
    if (request.evaluation_criteria) {
        return refuse(
            "ValidationError", "Gantry does not evaluate alarms on PromQL (EvaluationCriteria) yet."
        );
    }
    if (request.metric_name.has_value() == request.metrics.has_value()) {
        return invalid("Exactly one of MetricName and Metrics must be specified.");
    }
    TRY_VOID(request.metrics ? check_expression(request) : check_metric(request));
    if (!request.comparison_operator) return invalid("The parameter ComparisonOperator is required.");
    static constexpr std::array<std::string_view, 3> bands{
        "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"
    };
    if (request.threshold_metric_id || one_of(*request.comparison_operator, bands)) {
        return refuse(
            "ValidationError", "Gantry does not evaluate anomaly detection alarms (ThresholdMetricId) yet."
        );
    }
    if (!request.threshold) return invalid("The parameter Threshold is required.");
    if (!request.evaluation_periods) return invalid("The parameter EvaluationPeriods is required.");
    if (request.datapoints_to_alarm && *request.datapoints_to_alarm > *request.evaluation_periods) {
        return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods.");
    }
    if (const int period = request.period.value_or(60);
        std::int64_t{period} * *request.evaluation_periods > (period >= 3'600 ? week : day)) {
        return invalid(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400), "
            "or a week for periods of at least an hour."
        );
    }
    static constexpr std::array<std::string_view, 4> missing{
        "breaching", "notBreaching", "ignore", "missing"
    };
    if (!request.treat_missing_data) request.treat_missing_data = "missing";
    if (!one_of(*request.treat_missing_data, missing)) {
        return invalid("Option " + *request.treat_missing_data + " is not supported for TreatMissingData.");
    }
    static constexpr std::array<std::string_view, 2> low{"evaluate", "ignore"};
    if (const auto& few = request.evaluate_low_sample_count_percentile) {
        if (!request.extended_statistic) {
            return invalid("EvaluateLowSampleCountPercentile is only for alarms on percentiles.");
        }
        if (!one_of(*few, low))
            return invalid("Option " + *few + " is not supported for EvaluateLowSampleCountPercentile.");
    }
    TRY_VOID(check_actions(request.ok_actions));
    TRY_VOID(check_actions(request.alarm_actions));
    TRY_VOID(check_actions(request.insufficient_data_actions));
    if (!request.actions_enabled) request.actions_enabled = true;
    return request;
}

}  // namespace gantry::cloudwatch
