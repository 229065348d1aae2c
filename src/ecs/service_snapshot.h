#pragma once

#include <string>
#include <vector>

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_state.h"
#include "ecs/task.h"
#include "ecs/task_set.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

// A service's records, read once.
struct ServiceSnapshot {
    state::Pinned<ServiceRecord> service;
    std::vector<state::Pinned<DeploymentRecord>> deployments;  // newest first
    std::vector<state::Pinned<TaskSetRecord>> task_sets;       // PRIMARY, then newest first
    std::vector<state::Pinned<TaskRecord>> tasks;              // not STOPPED
    std::vector<state::Pinned<TaskRecord>> uncounted;          // to stop, and new to the scheduler
};

ServiceSnapshot read_service(const state::View& view, const std::string& key);

// The same in the scheduler's words. Every task costs a few lookups; whatever deployments have in common is
// looked up once.
scheduler::Service scheduler_state(
    const state::View& view, const state::Turn& turn, const ServiceSnapshot& snapshot
);

// One of its task sets in the scheduler's words, with its tasks only (plan_task_set).
scheduler::Service scheduler_state(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const TaskSetRecord& set
);

// The newest deployment comes first.
void sort_newest_first(std::vector<state::Pinned<DeploymentRecord>>& deployments);

}  // namespace gantry::ecs
