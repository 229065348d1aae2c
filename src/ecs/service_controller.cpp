#include "ecs/service_controller.h"

#include <tuple>

#include "cloudwatch/alarm.h"
#include "ecs/lifecycle_hook.h"
#include "ecs/service_apply.h"
#include "ecs/service_deployment.h"
#include "ecs/service_plan.h"
#include "ecs/service_snapshot.h"
#include "ecs/service_targets.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set_schedule.h"
#include "ecs/worker.h"
#include "elbv2/listener.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"

namespace gantry::ecs {

namespace {

// As many waiting tasks as are looked at for their services when a worker comes or goes.
constexpr int kWaitingLookedAt = 50;

// Most reports say nothing that matters to a service.
bool same_to_scheduler(const TaskRecord& a, const TaskRecord& b) {
    const auto facts = [](const TaskRecord& task) {
        return std::tuple(
            task.last_status, task.desired_status, task.health, task.worker.empty(), task.protection_enabled,
            task.protection_until, task.disconnected, task.served, task.counted
        );
    };
    return facts(a) == facts(b) && a.availability_zone == b.availability_zone &&
           a.target_groups == b.target_groups;
}

void task_changed(const TaskRecord* before, const TaskRecord* after, const KeySink& look_at) {
    if (before != nullptr && after != nullptr && same_to_scheduler(*before, *after)) return;
    const auto& task = after != nullptr ? *after : *before;
    if (!task.service_revision.empty()) look_at(task.service_key());
}

void target_changed(
    const state::View& view,
    const elbv2::TargetRecord* before,
    const elbv2::TargetRecord* after,
    const KeySink& look_at
) {
    if (before != nullptr && after != nullptr && before->owner == after->owner &&
        before->health == after->health)
        return;
    for (const auto* target : {before, after}) {
        if (target == nullptr || target->owner.empty()) continue;
        const auto task = view.get<TaskRecord>(target->owner);
        if (task && !task->service_revision.empty()) look_at(task->service_key());
    }
}

}  // namespace

namespace {

// Rare changes that deployments under way look at: the listeners that they turn, their target groups and alarms.
std::string watched_scope(const state::View& view, const state::Change& change) {
    std::string scope;
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* listener = changed<elbv2::ListenerRecord>(view, change, *side))
            scope = listener->account + "/" + listener->region + "/";
        if (const auto* group = changed<elbv2::TargetGroupRecord>(view, change, *side))
            scope = group->account + "/" + group->region + "/";
        if (const auto* alarm = changed<cloudwatch::AlarmRecord>(view, change, *side)) scope = alarm->scope();
        // The task of a lifecycle hook.
        if (const auto* task = changed<TaskRecord>(view, change, *side)) {
            if (task->started_by.starts_with(kHookStartedBy)) scope = task->scope;
        }
    }
    return scope;
}

}  // namespace

void ServiceController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (const auto scope = watched_scope(view, change); !scope.empty()) {
        for (const auto& deployment : view.find<ServiceDeploymentsWatching>(scope))
            look_at(ServiceRecord::key(deployment->scope, deployment->cluster, deployment->service));
    }
    const auto* task_was = changed<TaskRecord>(view, change, change.before);
    const auto* task_is = changed<TaskRecord>(view, change, change.after);
    if (task_was != nullptr || task_is != nullptr) return task_changed(task_was, task_is, look_at);
    const auto* target_was = changed<elbv2::TargetRecord>(view, change, change.before);
    const auto* target_is = changed<elbv2::TargetRecord>(view, change, change.after);
    if (target_was != nullptr || target_is != nullptr)
        return target_changed(view, target_was, target_is, look_at);
    if (changed<ServiceRecord>(view, change, change.after) != nullptr) return look_at(change.key);
    if (const auto* deployment = changed<DeploymentRecord>(view, change, change.after))
        return look_at(deployment->service);
    if (const auto* set = changed<TaskSetRecord>(view, change, change.after ? change.after : change.before))
        return look_at(set->service);
    if (const auto* deployment = changed<ServiceDeploymentRecord>(view, change, change.after))
        return look_at(ServiceRecord::key(deployment->scope, deployment->cluster, deployment->service));
    if (changed<WorkerRecord>(view, change, change.after) == nullptr) return;
    const auto* worker_was = changed<WorkerRecord>(view, change, change.before);
    const auto* worker_is = changed<WorkerRecord>(view, change, change.after);
    // Its going or coming decides whether what is not placed has to be told of.
    if (worker_was != nullptr && worker_was->connected == worker_is->connected) return;
    for (const auto& task : view.page_of<TasksUnplaced>("unplaced", {}, kWaitingLookedAt).records)
        task_changed(nullptr, task.get(), look_at);
}

void ServiceController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& service : view.list<ServiceRecord>()) look_at(service->key());
}

state::Plan ServiceController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto snapshot = read_service(view, std::string(key));
    if (snapshot.service) {
        ServiceRecord service = *snapshot.service;
        move_targets(view, turn, snapshot.tasks, &service, plan);
    } else {
        move_targets(view, turn, snapshot.tasks, nullptr, plan);
    }
    if (!plan.actions().empty() || !snapshot.service) return plan;
    if (snapshot.service->status == ServiceStatus::INACTIVE) return plan;
    if (uses_task_sets(*snapshot.service)) {
        schedule_task_sets(view, turn, snapshot, plan);
        return plan;
    }
    const auto service = scheduler_state(view, turn, snapshot);
    const auto decided = scheduler::plan_service(service, {turn.now, turn.real_now});
    apply_service_plan(view, turn, snapshot, service, decided, plan);
    if (decided.real_again) plan.look_again(*decided.real_again);
    if (decided.policy_again) plan.look_again(*decided.policy_again);
    return plan;
}

}  // namespace gantry::ecs
