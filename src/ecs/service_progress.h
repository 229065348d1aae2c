#pragma once

#include "ecs/service.h"
#include "ecs/service_plan.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

// What the scheduler's plan means for the service deployment that is under way: it begins, succeeds, trips
// its circuit breaker, is rolled back. Writes it where that changes something.
void move_service_deployment(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
);

}  // namespace gantry::ecs
