#include "codedeploy/hook.h"

#include "ecs/function_task.h"

namespace gantry::codedeploy {

Result<> start_hook(
    const state::View& view,
    const state::Turn& turn,
    const DeploymentRecord& deployment,
    const ecs::ServiceRecord& service,
    const ecs::ServiceRevisionRecord& like,
    LifecycleEvent& event,
    state::Plan& plan
) {
    const std::string execution = turn.chance.uuid();
    ecs::FunctionCall call;
    call.family = event.hook;
    call.started_by = deployment.id;
    call.environment = {{"DEPLOYMENT_ID", deployment.id}, {"LIFECYCLE_EVENT_HOOK_EXECUTION_ID", execution}};
    call.like = &like;
    call.network = deployment.spec.network;
    TRY(event.task, ecs::call_function(view, turn, service, call, "a hook of a deployment", plan));
    event.execution = execution;
    return {};
}

void judge_hook(const state::View& view, const state::Turn& turn, LifecycleEvent& event) {
    const auto failure = ecs::function_failure(view, event.task);
    if (!failure) return;
    event.ended_at = turn.now;
    event.status = failure->empty() ? EventStatus::Succeeded : EventStatus::Failed;
    if (failure->empty()) return;
    event.error_code = "ScriptFailed";
    event.message = *failure;
}

}  // namespace gantry::codedeploy
