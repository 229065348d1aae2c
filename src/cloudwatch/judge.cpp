#include "cloudwatch/judge.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "cloudwatch/judge_reason.h"
#include "metric/statistic.h"

namespace gantry::cloudwatch {

using shapes::cloudwatch::PutMetricAlarmRequest;

namespace {

constexpr std::size_t more = 2;

// Too few for a percentile to mean something.
bool few(const PutMetricAlarmRequest& alarm, const JudgedPeriod& period) {
    if (!alarm.extended_statistic || !period.value) return false;
    const auto statistic = metric::Statistic::parse(*alarm.extended_statistic);
    if (!statistic || !statistic->percentile()) return false;
    const double rank = statistic->rank() / 100;
    const double edge = rank < 0.5 ? rank : 1 - rank;
    return edge > 0 && period.samples < 10 / edge;
}

// Whether the oldest breaching one of the evaluation periods is old enough, and nothing since was within. Not asked where
// a point that was within fills its place: CloudWatch's table has OK for "0 - X - -", two of three.
bool premature(
    const PutMetricAlarmRequest& alarm, const std::vector<JudgedPeriod>& periods, std::size_t needed
) {
    const auto judged = static_cast<std::size_t>(*alarm.evaluation_periods);
    std::size_t oldest = 0;
    for (std::size_t age = 1; age <= std::min(judged, periods.size()); ++age) {
        const auto& value = periods[periods.size() - age].value;
        if (!value) continue;
        if (!breaches(alarm, *value)) break;
        oldest = age;
    }
    return oldest >= needed;
}

}  // namespace

std::size_t judged_range(const PutMetricAlarmRequest& alarm) {
    return static_cast<std::size_t>(alarm.evaluation_periods.value_or(1)) + more;
}

bool breaches(const PutMetricAlarmRequest& alarm, double value) {
    const auto& op = *alarm.comparison_operator;
    const double threshold = *alarm.threshold;
    if (op == "GreaterThanThreshold") return value > threshold;
    if (op == "GreaterThanOrEqualToThreshold") return value >= threshold;
    if (op == "LessThanThreshold") return value < threshold;
    return value <= threshold;
}

std::optional<Verdict> judge(
    const PutMetricAlarmRequest& alarm,
    AlarmState present,
    const std::vector<JudgedPeriod>& periods,
    PolicyInstant now
) {
    const auto wanted = static_cast<std::size_t>(*alarm.evaluation_periods);
    const auto needed = static_cast<std::size_t>(alarm.datapoints_to_alarm.value_or(*alarm.evaluation_periods));
    // The newest real points, newest first.
    std::vector<const JudgedPeriod*> real;
    for (auto at = periods.rbegin(); at != periods.rend() && real.size() < wanted; ++at)
        if (at->value) real.push_back(&*at);
    const auto breaching = static_cast<std::size_t>(
        std::count_if(real.begin(), real.end(), [&](const auto* one) { return breaches(alarm, *one->value); })
    );
    if (alarm.evaluate_low_sample_count_percentile == "ignore" &&
        std::any_of(real.begin(), real.end(), [&](const auto* one) { return few(alarm, *one); }))
        return std::nullopt;

    const std::size_t filled = wanted - real.size();
    const std::string& treatment = *alarm.treat_missing_data;
    AlarmState state = breaching >= needed ? AlarmState::ALARM : AlarmState::OK;
    if (filled > 0 && state != AlarmState::ALARM) {
        if (treatment == "breaching") {
            if (breaching + filled >= needed) state = AlarmState::ALARM;
        } else if (treatment == "ignore") {
            // Nothing was within the threshold that would speak for OK.
            if (breaching == real.size()) return std::nullopt;
        } else if (treatment == "missing") {
            if (real.empty())
                state = AlarmState::INSUFFICIENT_DATA;
            else if (breaching == real.size() && premature(alarm, periods, needed))
                state = AlarmState::ALARM;
        }
    }
    return explain({alarm, present, state, std::move(real), breaching, filled, needed, periods, now});
}

}  // namespace gantry::cloudwatch
