#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudwatch/alarm.h"

namespace gantry::cloudwatch {

// One period of an alarm's range.
struct JudgedPeriod {
    std::int64_t at_s = 0;
    std::optional<double> value;  // nothing: no data
    double samples = 0;           // 0 where it is not known (a formula's)
};

struct Verdict {
    AlarmState state = AlarmState::INSUFFICIENT_DATA;
    std::string reason;
    std::string reason_data;  // JSON
    std::vector<double> recent;
};

// How many periods are looked at: more than are judged, so that late and missing points need not be filled in.
std::size_t judged_range(const shapes::cloudwatch::PutMetricAlarmRequest& alarm);

// CloudWatch's documented rules. `periods`: judged_range() of them, oldest first. Nothing: the alarm keeps the
// state that it has.
//
// As many real points as there are evaluation periods: the newest of them decide. Fewer: the missing ones count
// as the alarm says. With "missing", an alarm whose oldest breaching point is at least DatapointsToAlarm
// periods old, and all since breach or are missing, goes to ALARM all the same.
std::optional<Verdict> judge(
    const shapes::cloudwatch::PutMetricAlarmRequest& alarm,
    AlarmState present,
    const std::vector<JudgedPeriod>& periods,
    PolicyInstant now
);

bool breaches(const shapes::cloudwatch::PutMetricAlarmRequest& alarm, double value);

}  // namespace gantry::cloudwatch
