#pragma once

#include "ecs/service_snapshot.h"
#include "state/plan.h"

namespace gantry::ecs {

// The next step for a service that has task sets: each is kept at its share of the desired count (plan_task_set).
// One step changes one task set; the step's own writes bring the next. When nothing is left to do for any,
// what that means for the service: steady, or, when it is deleted and the last task set has gone, INACTIVE.
void schedule_task_sets(
    const state::View& view, const state::Turn& turn, const ServiceSnapshot& snapshot, state::Plan& plan
);

}  // namespace gantry::ecs
