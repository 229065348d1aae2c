#include "ecs/launch_tasks.h"

#include "ecs/admit_run_task.h"
#include "ecs/event.h"

namespace gantry::ecs {

Result<LaunchedTasks> launch_tasks(
    const state::View& view,
    const state::Turn& turn,
    const shapes::ecs::RunTaskRequest& request,
    const Caller& caller,
    state::Plan& plan
) {
    TRY(const auto launch, admit_run_task(view, request, caller));
    LaunchedTasks done;
    if (room_for(view, launch.demand) == Room::none) {
        done.without_room = launch.count;
        return done;
    }
    const auto providers = spread_over(launch.strategy, launch.count);
    for (int i = 0; i < launch.count; ++i) {
        TaskRecord task = launch.task;
        task.id = turn.chance.hex(32);
        if (!providers.empty()) task.capacity_provider = providers[i];
        task.created_at = turn.now;
        task.version = 0;
        note_change(view, turn, task, plan);
        plan.put(std::move(task), "RunTask on behalf of " + launch.task.started_by);
        ++done.started;
    }
    return done;
}

}  // namespace gantry::ecs
