#pragma once

#include <string>
#include <vector>

#include "ecs/cluster.h"
#include "ecs/task.h"
#include "ecs/worker.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// What RunTask asked for, checked: a task without identity, and where its copies go.
struct Launch {
    TaskRecord task;
    Demand demand;
    // Of a capacity provider strategy; empty with a launch type.
    std::vector<shapes::ecs::CapacityProviderStrategyItem> strategy;
    int count = 1;
};

// All of RunTask's refusals, in AWS's words.
Result<Launch> admit_run_task(
    const state::View& view, const shapes::ecs::RunTaskRequest& request, const Caller& caller
);

// The provider of each of `count` tasks: bases first, then by weight.
std::vector<std::string> spread_over(
    const std::vector<shapes::ecs::CapacityProviderStrategyItem>& strategy, int count
);

// "1.4.0" for LATEST or none; PlatformUnknownException for what Fargate never had.
Result<std::string> platform_version(const std::optional<std::string>& given);

// Refuses overrides of containers that there are not, and sizes that Fargate has not.
Result<void> admit_overrides(
    const shapes::ecs::TaskOverride& overrides, const shapes::ecs::TaskDefinition& definition
);

}  // namespace gantry::ecs
