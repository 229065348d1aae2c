#include <algorithm>
#include <set>

#include "cloudwatch/alarm.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;
using state::Txn;

namespace {

constexpr int page_usual = 50;

MetricAlarm show(const AlarmRecord& alarm) {
    const auto& given = alarm.definition;
    const auto listed = [](const std::optional<std::vector<std::string>>& actions) {
        return actions.value_or(std::vector<std::string>{});
    };
    MetricAlarm out;
    out.alarm_name = given.alarm_name;
    out.alarm_arn = alarm.arn();
    out.alarm_description = given.alarm_description;
    out.alarm_configuration_updated_timestamp = shapes::Timestamp{alarm.updated.ms};
    out.actions_enabled = given.actions_enabled;
    out.ok_actions = listed(given.ok_actions);
    out.alarm_actions = listed(given.alarm_actions);
    out.insufficient_data_actions = listed(given.insufficient_data_actions);
    out.state_value = state_text(alarm.state);
    out.state_reason = alarm.state_reason;
    if (!alarm.state_reason_data.empty()) out.state_reason_data = alarm.state_reason_data;
    out.state_updated_timestamp = shapes::Timestamp{alarm.state_updated.ms};
    out.state_transitioned_timestamp = shapes::Timestamp{alarm.state_transitioned.ms};
    out.metric_name = given.metric_name;
    out.namespace_ = given.namespace_;
    out.statistic = given.statistic;
    out.extended_statistic = given.extended_statistic;
    if (!given.metrics) out.dimensions = given.dimensions.value_or(std::vector<Dimension>{});
    out.period = given.period;
    out.unit = given.unit;
    out.evaluation_periods = given.evaluation_periods;
    out.datapoints_to_alarm = given.datapoints_to_alarm;
    out.threshold = given.threshold;
    out.comparison_operator = given.comparison_operator;
    out.treat_missing_data = given.treat_missing_data;
    out.evaluate_low_sample_count_percentile = given.evaluate_low_sample_count_percentile;
    out.metrics = given.metrics;
    return out;
}

bool has_action(const AlarmRecord& alarm, const std::string& prefix) {
    const auto any = [&](const std::optional<std::vector<std::string>>& actions) {
        return actions && std::any_of(actions->begin(), actions->end(), [&](const auto& action) {
                   return action.starts_with(prefix);
               });
    };
    const auto& given = alarm.definition;
    return any(given.ok_actions) || any(given.alarm_actions) || any(given.insufficient_data_actions);
}

bool same_dimensions(const std::vector<Dimension>& left, const std::vector<Dimension>& right) {
    const auto as_set = [](const std::vector<Dimension>& all) {
        std::set<std::pair<std::string, std::string>> set;
        for (const auto& one : all) set.insert({one.name, one.value});
        return set;
    };
    return as_set(left) == as_set(right);
}

}  // namespace

// Composite alarms are not built: there are none. Without AlarmTypes only metric alarms are meant.
Result<DescribeAlarmsResponse> describe_alarms(
    Txn& txn, const DescribeAlarmsRequest& request, const Caller& caller
) {
    if (request.alarm_names && request.alarm_name_prefix) {
        return refuse("ValidationError", "AlarmNames and AlarmNamePrefix must not be specified together.");
    }
    DescribeAlarmsResponse response;
    auto& list = response.metric_alarms.emplace();
    response.composite_alarms.emplace();
    const auto& types = request.alarm_types;
    if (types && std::find(types->begin(), types->end(), "MetricAlarm") == types->end()) return response;
    if (request.children_of_alarm_name || request.parents_of_alarm_name) return response;

    std::vector<state::Pinned<AlarmRecord>> alarms;
    if (request.alarm_names) {
        for (const auto& name :
             std::set<std::string>(request.alarm_names->begin(), request.alarm_names->end())) {
            if (auto alarm = txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), name)))
                alarms.push_back(alarm);
        }
    } else {
        alarms = txn.list<AlarmRecord>(caller.scope() + request.alarm_name_prefix.value_or(""));
    }
    const auto most = static_cast<std::size_t>(request.max_records.value_or(page_usual));
    for (const auto& alarm : alarms) {
        if (request.next_token && alarm->definition.alarm_name <= *request.next_token) continue;
        if (request.state_value && *request.state_value != state_text(alarm->state)) continue;
        if (request.action_prefix && !has_action(*alarm, *request.action_prefix)) continue;
        if (list.size() == most) {
            response.next_token = list.back().alarm_name;
            break;
        }
        list.push_back(show(*alarm));
    }
    return response;
}

Result<DescribeAlarmsForMetricResponse> describe_alarms_for_metric(
    Txn& txn, const DescribeAlarmsForMetricRequest& request, const Caller& caller
) {
    DescribeAlarmsForMetricResponse response;
    auto& list = response.metric_alarms.emplace();
    for (const auto& alarm : txn.list<AlarmRecord>(caller.scope())) {
        const auto& given = alarm->definition;
        const bool same =
            given.metric_name == request.metric_name && given.namespace_ == request.namespace_ &&
            (!request.statistic || given.statistic == request.statistic) &&
            (!request.extended_statistic || given.extended_statistic == request.extended_statistic) &&
            (!request.period || given.period == request.period) &&
            (!request.unit || given.unit == request.unit) &&
            same_dimensions(
                given.dimensions.value_or(std::vector<Dimension>{}),
                request.dimensions.value_or(std::vector<Dimension>{})
            );
        if (same) list.push_back(show(*alarm));
    }
    return response;
}

}  // namespace gantry::cloudwatch
