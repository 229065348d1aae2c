#pragma once

#include <string>
#include <vector>

#include "cloudwatch/alarm.h"
#include "operation/caller.h"
#include "state/plan.h"
#include "state/txn.h"

// What services ask that keep alarms of their own (target tracking) or act on alarms (scaling policies).
namespace gantry::cloudwatch {

// PutMetricAlarm.
Result<shapes::cloudwatch::PutMetricAlarmResponse> put_metric_alarm(
    state::Txn& txn, const shapes::cloudwatch::PutMetricAlarmRequest& request, const Caller& caller
);

// The alarm goes, and its history says so: two records. Nothing if there is none.
void erase_alarm(const state::View& view, const state::Turn& turn, const std::string& key, state::Plan& plan);

}  // namespace gantry::cloudwatch
