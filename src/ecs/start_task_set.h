#pragma once

#include "ecs/task_set.h"

namespace gantry::ecs {

// Plans the task set whose tasks are what `revision` says (whose identity it gives) and the revision itself.
// Everything has been checked; of `wanted` it takes scale, status, ids and tags. The service is the caller's
// to put.
TaskSetRecord start_task_set(
    const state::Turn& turn,
    const ServiceRecord& service,
    ServiceRevisionRecord revision,
    const NewTaskSet& wanted,
    state::Plan& plan
);

// The service's desired count is now another one: task sets that shall have more or fewer tasks are
// STABILIZING until the controller has seen to it.
void unsettle_task_sets(
    const state::View& view, const state::Turn& turn, const ServiceRecord& service, state::Plan& plan
);

// ECS itself does not shift the traffic of a service of these controllers, and has one target group at most for it.
Result<void> refuse_advanced(
    const std::vector<ServiceLoadBalancer>& balancers, const std::string& deployment_controller
);
Result<void> refuse_second_target_group(std::size_t load_balancers, const std::string& deployment_controller);

}  // namespace gantry::ecs
