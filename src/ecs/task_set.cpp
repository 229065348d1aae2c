#include "ecs/task_set.h"

#include <algorithm>
#include <cmath>

#include "base/assertion.h"
#include "ecs/service_shape.h"
#include "ecs/task_indexes.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

namespace {

int counted(const state::View& view, const TaskSetRecord& set, const char* what) {
    return static_cast<int>(view.count<TasksByDeployment>(TasksByDeployment::key(set.key(), what)));
}

void unsettle(TaskSetRecord& set, const state::Turn& turn) {
    if (set.stability == Stability::STABILIZING) return;
    set.stability = Stability::STABILIZING;
    set.stability_at = turn.now;
}

void count_targets(
    const state::View& view,
    const TaskSetRecord& set,
    const ServiceRevisionRecord& revision,
    TaskSetProgress& progress
) {
    for (const auto& task : view.find<TasksByService>(set.service)) {
        if (task->service_revision != set.key()) continue;
        for (const auto& balancer : revision.load_balancers) {
            const auto target = elbv2::service_target(view, balancer.group, task->key());
            if (!target || target->health == elbv2::TargetHealth::draining) continue;
            ++progress.targets;
            progress.unused_targets += target->unused;
            progress.healthy_targets += target->health == elbv2::TargetHealth::healthy;
        }
    }
}

}  // namespace

int share_of(int desired, double percent) {
    // What binary fractions add to a whole number is no task.
    constexpr double kRounding = 1e-9;
    return static_cast<int>(std::ceil(desired * percent / 100 - kRounding));
}

bool uses_task_sets(const ServiceRecord& service) { return service.deployment_controller != "ECS"; }

std::vector<state::Pinned<TaskSetRecord>> task_sets_of(
    const state::View& view, const ServiceRecord& service
) {
    auto sets = view.list<TaskSetRecord>(service.parts());
    std::sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) {
        const bool primary = a->status == TaskSetStatus::PRIMARY;
        if (primary != (b->status == TaskSetStatus::PRIMARY)) return primary;
        return std::tie(b->created_at, b->id) < std::tie(a->created_at, a->id);
    });
    return sets;
}

state::Pinned<TaskSetRecord> task_set_of(
    const state::View& view, const ServiceRecord& service, std::string_view id
) {
    if (id.starts_with("ecs-svc/")) id.remove_prefix(8);
    return view.get<TaskSetRecord>(TaskSetRecord::key(service.parts(), id));
}

state::Pinned<TaskSetRecord> primary_task_set(const state::View& view, const ServiceRecord& service) {
    if (service.primary.empty()) return nullptr;
    return task_set_of(view, service, service.primary);
}

state::Pinned<ServiceRevisionRecord> revision_of(const state::View& view, const TaskSetRecord& set) {
    return view.get<ServiceRevisionRecord>(set.key());
}

TaskSetProgress progress_of(
    const state::View& view, const ServiceRecord& service, const TaskSetRecord& set
) {
    TaskSetProgress progress;
    const bool ends = set.status == TaskSetStatus::DRAINING || service.status != ServiceStatus::ACTIVE;
    progress.desired = ends ? 0 : share_of(service.desired_count, set.scale);
    progress.pending = counted(view, set, "pending");
    progress.running = counted(view, set, "running");
    progress.failed_launches = set.failed_launches;
    progress.steady = set.stability == Stability::STEADY_STATE && progress.desired == set.computed_desired &&
                      progress.running == progress.desired && progress.pending == 0;
    if (const auto revision = revision_of(view, set)) count_targets(view, set, *revision, progress);
    return progress;
}

NewTaskSet like(const state::View& view, const TaskSetRecord& set) {
    const auto revision = revision_of(view, set);
    ASSERT(revision, "a task set without its service revision");
    NewTaskSet wanted;
    wanted.task_definition = revision->definition_arn();
    wanted.network = network_shape(*revision);
    wanted.load_balancers = load_balancer_shapes(*revision);
    if (revision->capacity_provider_strategy.empty())
        wanted.launch_type = revision->launch_type;
    else
        wanted.capacity_provider_strategy = revision->capacity_provider_strategy;
    wanted.platform_version = revision->platform_version;
    return wanted;
}

TaskSetRecord scale_task_set(TaskSetRecord set, double percent, const state::Turn& turn, state::Plan& plan) {
    set.scale = percent;
    set.updated_at = turn.now;
    unsettle(set, turn);
    plan.put(set, "the task set is scaled");
    return set;
}

TaskSetRecord make_primary(
    const state::View& view,
    const state::Turn& turn,
    ServiceRecord service,
    TaskSetRecord set,
    state::Plan& plan
) {
    constexpr const char* kWhy = "another task set is PRIMARY";
    if (set.status == TaskSetStatus::PRIMARY) return set;
    ASSERT(set.status == TaskSetStatus::ACTIVE, "a task set that is DRAINING cannot become PRIMARY");
    if (const auto before = primary_task_set(view, service)) {
        TaskSetRecord other = *before;
        other.status = TaskSetStatus::ACTIVE;
        other.updated_at = turn.now;
        plan.put(std::move(other), kWhy);
    }
    set.status = TaskSetStatus::PRIMARY;
    set.updated_at = turn.now;
    service.primary = set.id;
    plan.put(set, kWhy);
    plan.put(std::move(service), kWhy);
    return set;
}

TaskSetRecord drain_task_set(TaskSetRecord set, const state::Turn& turn, state::Plan& plan) {
    if (set.status == TaskSetStatus::DRAINING) return set;
    set.status = TaskSetStatus::DRAINING;
    set.updated_at = turn.now;
    unsettle(set, turn);
    plan.put(set, "the task set is deleted");
    return set;
}

}  // namespace gantry::ecs
