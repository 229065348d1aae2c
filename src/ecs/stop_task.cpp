#include "ecs/cluster.h"
#include "ecs/event.h"
#include "ecs/task_lifecycle.h"
#include "ecs/task_name.h"
#include "ecs/task_shape.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Only what is desired changes here: the worker sees it and reports the rest. Again on a stopping or stopped
// task is answered with the task as it is.
Result<StopTaskResponse> stop_task(Txn& txn, const StopTaskRequest& request, const Caller& caller) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.task.empty()) return refuse("InvalidParameterException", "Task can not be blank.");
    const std::string reason = request.reason.value_or("");
    if (reason.size() > 1024)
        return refuse("InvalidParameterException", "The reason can have at most 1024 characters.");
    TRY(const auto id, task_id(request.task, cluster->name, caller));
    const auto found = txn.get<TaskRecord>(TaskRecord::key(caller.scope(), cluster->name, id));
    if (!found) return refuse("InvalidParameterException", "The referenced task was not found.");
    TaskRecord task = *found;
    if (!task.stopping()) {
        want_stopped(task, "UserInitiated", reason.empty() ? "Task stopped by user" : reason, txn.now());
        note_change(txn, task);
        txn.put(task);
    }
    StopTaskResponse response;
    response.task = task_shape(txn, task, true);
    return response;
}

}  // namespace gantry::ecs
