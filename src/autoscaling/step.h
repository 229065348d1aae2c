#pragma once

#include "shapes/applicationautoscaling/shapes.h"

namespace gantry::autoscaling {

// The step for a metric that is `delta` above the alarm's threshold (below it: negative). Above, an interval
// has its lower bound and not its upper one, below the other way round; at the threshold the alarm's
// comparison says which. Null: no step has it.
const shapes::applicationautoscaling::StepAdjustment* pick_step(
    const shapes::applicationautoscaling::StepScalingPolicyConfiguration& policy, double delta, bool above
);

// The capacity that the step makes of `capacity`, not yet inside any range. A percentage is rounded towards
// zero, but changes at least one, and at least the policy's minimum magnitude.
int adjust(
    int capacity,
    const shapes::applicationautoscaling::StepScalingPolicyConfiguration& policy,
    const shapes::applicationautoscaling::StepAdjustment& step
);

// The capacity at which the metric, which is shared out among what there is, would be at the target: rounded up,
// so that it is not above it.
int tracking_capacity(int capacity, double metric, double target);

}  // namespace gantry::autoscaling
