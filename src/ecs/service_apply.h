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

}  // namespace gantry::ecs
