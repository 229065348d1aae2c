#pragma once

#include "base/result.h"
#include "codedeploy/deployment.h"
#include "ecs/task.h"
#include "ecs/task_set.h"
#include "state/plan.h"
#include "state/turn.h"

// Gantry's own: a hook of the AppSpec names a function, and there are none. Instead the task definition family
// of that name runs as a one-off task in the service's network, with DEPLOYMENT_ID and
// LIFECYCLE_EVENT_HOOK_EXECUTION_ID in the environment of its containers. PutLifecycleEventHookExecutionStatus
// decides, or, if the task ends first, its exit code.
namespace gantry::codedeploy {

// Plans the task and gives the event its execution id and task. `like`: whose network it runs in. ECS's refusal
// (no such family, ...), and then nothing is planned.
Result<> start_hook(
    const state::View& view,
    const state::Turn& turn,
    const DeploymentRecord& deployment,
    const ecs::ServiceRecord& service,
    const ecs::ServiceRevisionRecord& like,
    LifecycleEvent& event,
    state::Plan& plan
);

// Sets the event's end if its task has ended: Succeeded when all essential containers exited with 0, Failed
// with the reason else. A task that is no more says nothing: Failed.
void judge_hook(const state::View& view, const state::Turn& turn, LifecycleEvent& event);

}  // namespace gantry::codedeploy
