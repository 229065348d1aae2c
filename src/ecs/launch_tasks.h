#pragma once

#include "base/result.h"
#include "operation/caller.h"
#include "shapes/ecs/shapes.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

struct LaunchedTasks {
    int started = 0;
    int without_room = 0;  // RunTask's failures: no capacity
};

// RunTask, as a part of a plan: for services that run tasks on their own. The tasks are PROVISIONING and find
// their workers as all do. Errors are RunTask's refusals. Ignores clientToken. At most 20 records.
Result<LaunchedTasks> launch_tasks(
    const state::View& view,
    const state::Turn& turn,
    const shapes::ecs::RunTaskRequest& request,
    const Caller& caller,
    state::Plan& plan
);

}  // namespace gantry::ecs
