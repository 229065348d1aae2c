#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autoscaling/policy.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::autoscaling {

// The alarms that a target tracking policy owns, with AWS's names, periods and thresholds:
// "TargetTracking-service/CLUSTER/SERVICE-AlarmHigh-UUID" when the metric was above the target for three
// minutes, "…-AlarmLow-UUID" when it was a tenth below it for fifteen; no low one if scale-in is disabled.
// `names` are those it has already: they are used again, and more are made by `fresh`.
std::vector<shapes::cloudwatch::PutMetricAlarmRequest> tracking_alarms(
    const PolicyRecord& policy, const Resource& resource, const std::function<std::string()>& fresh
);

}  // namespace gantry::autoscaling
