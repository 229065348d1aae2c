#pragma once

#include "ecs/service_plan.h"
#include "ecs/service_snapshot.h"
#include "state/plan.h"

namespace gantry::ecs {

// The scheduler's plan as records: tasks made and told to stop, events, deployments, what becomes of the
// service.
void apply_service_plan(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
);

// The same of plan_task_set() for one of the service's task sets, whose record it brings to where it is
// wanted: its share of the desired count, its stability, its end.
void apply_task_set_plan(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const TaskSetRecord& set,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
);

}  // namespace gantry::ecs
