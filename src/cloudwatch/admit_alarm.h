#pragma once

#include "base/result.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

// Refuses what AWS refuses (ValidationError) and what is not built (anomaly detection, PromQL), and fills in
// the defaults. Shapes' own constraints have been checked.
Result<shapes::cloudwatch::PutMetricAlarmRequest> admit_alarm(
    shapes::cloudwatch::PutMetricAlarmRequest request
);

}  // namespace gantry::cloudwatch
