#pragma once

#include <vector>

#include "ecs/service_census.h"
#include "ecs/service_plan.h"

namespace gantry::ecs::scheduler {

// Takes up to `count` of the candidates in the order in which ECS scales in, and removes them from the list:
// what is not placed, what is starting, what is failing, what serves; of equals those of older deployments
// first, then from the zone with the most tasks, then the youngest. Protected ones are passed over; `again`
// becomes the moment at which the first protection ends. `deployments` are newest first.
std::vector<Member> pick_to_stop(
    std::vector<Member>& candidates,
    int count,
    const std::vector<Deployment>& deployments,
    bool ignore_protection,
    std::optional<PolicyInstant>& again
);

}  // namespace gantry::ecs::scheduler
