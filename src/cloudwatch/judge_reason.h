#pragma once

#include "cloudwatch/judge.h"

namespace gantry::cloudwatch {

// What a verdict rests on.
struct Judged {
    const shapes::cloudwatch::PutMetricAlarmRequest& alarm;
    AlarmState present;
    AlarmState state;
    std::vector<const JudgedPeriod*> real;  // newest first
    std::size_t breaching = 0;
    std::size_t filled = 0;
    std::size_t needed = 0;
    const std::vector<JudgedPeriod>& periods;
    PolicyInstant now;
};

// In CloudWatch's words: StateReason and StateReasonData.
Verdict explain(const Judged& judged);

}  // namespace gantry::cloudwatch
