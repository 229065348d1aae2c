#pragma once

#include "base/result.h"
#include "shapes/applicationautoscaling/shapes.h"

namespace gantry::autoscaling {

// The rules of AWS's step adjustments: none overlap or leave a gap, at most one is open at each end, a
// negative lower (positive upper) bound needs one that is open there. ValidationException.
Result<void> admit_step(const shapes::applicationautoscaling::StepScalingPolicyConfiguration& step);

// One metric, predefined for ECS services or customized. ValidationException.
Result<void> admit_tracking(
    const shapes::applicationautoscaling::TargetTrackingScalingPolicyConfiguration& tracking
);

}  // namespace gantry::autoscaling
