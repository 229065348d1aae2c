#include "codedeploy/deployment_controller.h"

#include "cloudwatch/alarm.h"
#include "codedeploy/deployment_course.h"
#include "ecs/task.h"
#include "ecs/task_set.h"
#include "elbv2/listener.h"
#include "elbv2/target_group.h"

namespace gantry::codedeploy {

namespace {

void look_at_group(const state::View&, const DeploymentGroupRecord& group, const KeySink& look_at) {
    if (!group.active.empty()) look_at(group.scope + group.active);
}

void look_at_service(const state::View& view, const std::string& service, const KeySink& look_at) {
    for (const auto& group : view.find<DeploymentGroupsByService>(service)) look_at_group(view, *group, look_at);
}

}  // namespace

void DeploymentController::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* deployment = changed<DeploymentRecord>(view, change, *side)) look_at(deployment->key());
        if (const auto* group = changed<DeploymentGroupRecord>(view, change, *side))
            look_at_group(view, *group, look_at);
        if (const auto* set = changed<ecs::TaskSetRecord>(view, change, *side))
            look_at_service(view, set->service, look_at);
        if (const auto* service = changed<ecs::ServiceRecord>(view, change, *side))
            look_at_service(view, service->key(), look_at);
        // Only hooks' tasks are started by a deployment.
        if (const auto* task = changed<ecs::TaskRecord>(view, change, *side)) {
            if (task->started_by.starts_with("d-")) look_at(task->scope + task->started_by);
        }
        // Rare, and few deployments are under way at a time.
        std::string scope;
        if (const auto* listener = changed<elbv2::ListenerRecord>(view, change, *side))
            scope = listener->account + "/" + listener->region + "/";
        if (const auto* group = changed<elbv2::TargetGroupRecord>(view, change, *side))
            scope = group->account + "/" + group->region + "/";
        if (const auto* alarm = changed<cloudwatch::AlarmRecord>(view, change, *side)) scope = alarm->scope();
        if (scope.empty()) continue;
        for (const auto& deployment : view.find<DeploymentsActive>(scope)) look_at(deployment->key());
    }
}

void DeploymentController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& deployment : view.list<DeploymentRecord>()) {
        if (!deployment->ended()) look_at(deployment->key());
    }
}

state::Plan DeploymentController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto deployment = view.get<DeploymentRecord>(key);
    if (deployment && !deployment->ended()) advance(view, turn, *deployment, plan);
    return plan;
}

}  // namespace gantry::codedeploy
