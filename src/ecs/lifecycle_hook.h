#pragma once

#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// Lifecycle hooks of a service deployment. A PAUSE waits for ContinueServiceDeployment. Of a Lambda function's ARN
// Gantry takes the function's name, and runs the task definition family of that name (function_task.h): exit code 0 is
// the hook's SUCCEEDED, any other its FAILED.
namespace gantry::ecs {

// Those of the stage that the deployment's course is in begin: writes the course, plans the tasks.
void begin_hooks(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    ServiceDeploymentRecord& deployment,
    state::Plan& plan
);

// What has become of their tasks.
void judge_hooks(const state::View& view, scheduler::Course& course);

// The tasks of hooks that timed out end.
void end_late_hooks(
    const state::View& view,
    const state::Turn& turn,
    const scheduler::Course& before,
    const scheduler::Course& after,
    state::Plan& plan
);

// What starts those tasks: TaskRecord::started_by begins with it.
inline constexpr std::string_view kHookStartedBy = "ecs-hook/";

}  // namespace gantry::ecs
