#include "simulation/service_checker.h"

#include <algorithm>

#include "ecs/deployment.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"
#include "elbv2/service_targets.h"
#include "operation/controller.h"

namespace gantry::simulation {

namespace {

bool serves(const state::View& view, const ecs::TaskRecord& task) {
    if (!task.served || task.last_status != link::TaskStatus::RUNNING ||
        task.health == link::HealthStatus::UNHEALTHY)
        return false;
    return std::ranges::none_of(task.target_groups, [&](const auto& group) {
        const auto target = elbv2::service_target(view, group, task.key());
        return target && !target->unused && target->health == elbv2::TargetHealth::unhealthy;
    });
}

}  // namespace

void ServiceChecker::changed(const state::View& view, const state::Change& change) {
    // What the store refused is told of backwards, when all of it is undone already.
    if (!change.after || view.database().find(change.table, change.key) != change.after) return;
    if (const auto* task = gantry::changed<ecs::TaskRecord>(view, change, change.after))
        return task_changed(view, gantry::changed<ecs::TaskRecord>(view, change, change.before), *task);
    if (const auto* service = gantry::changed<ecs::ServiceRecord>(view, change, change.after))
        check_primary(view, *service);
}

void ServiceChecker::task_changed(
    const state::View& view, const ecs::TaskRecord* before, const ecs::TaskRecord& after
) {
    if (after.service_revision.empty()) return;
    const bool made = before == nullptr;
    const bool stopped = before != nullptr && !before->stopping() && after.stopping() &&
                         after.stop_code == "ServiceSchedulerInitiated" && serves(view, *before);
    if (!made && !stopped) return;
    const auto service = view.get<ecs::ServiceRecord>(after.service_key());
    if (!service) return checker_.violation(after.id + " is a task of a service that is not there");
    const bool of_set = ecs::uses_task_sets(*service);
    int wanted = 0;
    int serving = 0;
    for (const auto& task : view.find<ecs::TasksByService>(after.service_key())) {
        if (task->stopping() || (of_set && task->service_revision != after.service_revision)) continue;
        ++wanted;
        serving += serves(view, *task);
    }
    if (of_set) return check_share(view, *service, after, made, wanted, serving);
    const int most = service->desired_count * service->maximum_percent() / 100;
    const int least = (service->desired_count * service->minimum_healthy_percent() + 99) / 100;
    if (made && wanted > most)
        checker_.violation(
            service->name + " starts a task and so has " + std::to_string(wanted) + ", at most " +
            std::to_string(most) + " are allowed"
        );
    if (stopped && serving < least && service->status == ecs::ServiceStatus::ACTIVE)
        checker_.violation(
            service->name + " stops " + after.id + " that serves; " + std::to_string(serving) +
            " are left, at least " + std::to_string(least) + " must be"
        );
}

// A task set's replacements may be as many again as its share; what serves of its share stays.
void ServiceChecker::check_share(
    const state::View& view,
    const ecs::ServiceRecord& service,
    const ecs::TaskRecord& task,
    bool made,
    int wanted,
    int serving
) {
    const auto set = view.get<ecs::TaskSetRecord>(task.service_revision);
    if (!set) return checker_.violation(task.id + " is a task of a task set that is not there");
    const bool ends = service.status != ecs::ServiceStatus::ACTIVE || set->status == ecs::TaskSetStatus::DRAINING;
    const int share = ends ? 0 : ecs::share_of(service.desired_count, set->scale);
    if (made && wanted > 2 * share)
        checker_.violation(
            set->name() + " starts a task and so has " + std::to_string(wanted) + " for a share of " +
            std::to_string(share)
        );
    if (!made && serving < share)
        checker_.violation(
            set->name() + " stops " + task.id + " that serves; " + std::to_string(serving) +
            " are left of a share of " + std::to_string(share)
        );
}

void ServiceChecker::check_primary(const state::View& view, const ecs::ServiceRecord& service) {
    if (service.status == ecs::ServiceStatus::INACTIVE) return;
    if (ecs::uses_task_sets(service)) {
        for (const auto& set : ecs::task_sets_of(view, service))
            if ((set->status == ecs::TaskSetStatus::PRIMARY) != (set->id == service.primary) &&
                set->status != ecs::TaskSetStatus::DRAINING)
                checker_.violation(service.name + " names another PRIMARY task set than it has");
        return;
    }
    int primaries = 0;
    for (const auto& deployment : view.list<ecs::DeploymentRecord>(service.parts())) {
        if (deployment->status != ecs::DeploymentStatus::PRIMARY) continue;
        ++primaries;
        if (deployment->id != service.primary)
            checker_.violation(service.name + " names another PRIMARY deployment than it has");
    }
    if (primaries != 1)
        checker_.violation(service.name + " has " + std::to_string(primaries) + " PRIMARY deployments");
}

}  // namespace gantry::simulation
