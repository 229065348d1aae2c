#include "ecs/desired_count.h"

#include <algorithm>

#include "ecs/deployment.h"
#include "ecs/start_deployment.h"
#include "ecs/start_task_set.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

bool deploying(const state::View& view, const ServiceRecord& service) {
    if (uses_task_sets(service)) return view.list<TaskSetRecord>(service.parts()).size() > 1;
    const auto current = current_service_deployment(view, service);
    return current && !current->ended();
}

std::size_t running_count(const state::View& view, const ServiceRecord& service) {
    const auto tasks = view.find<TasksByService>(service.key());
    return static_cast<std::size_t>(std::count_if(tasks.begin(), tasks.end(), [](const auto& task) {
        return task->last_status == link::TaskStatus::RUNNING;
    }));
}

void set_desired_count(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    int desired_count,
    state::Plan& plan
) {
    ServiceRecord changed = service;
    changed.desired_count = desired_count;
    // The scales of task sets are shares of the service's count, which their controller reads.
    if (uses_task_sets(service)) unsettle_task_sets(view, turn, changed, plan);
    if (const auto found =
            view.get<DeploymentRecord>(DeploymentRecord::key(service.parts(), service.primary))) {
        DeploymentRecord deployment = *found;
        deployment.desired_count = desired_count;
        deployment.updated_at = turn.now;
        plan.put(std::move(deployment), "the service is scaled");
    }
    plan.put(std::move(changed), "the service is scaled");
}

}  // namespace gantry::ecs
