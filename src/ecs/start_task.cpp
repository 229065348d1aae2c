#include "ecs/cluster.h"
#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// StartTask puts a task on container instances that the caller names, and there are none: every one is
// refused as ECS refuses one that it does not know.
Result<StartTaskResponse> start_task(Txn& txn, const StartTaskRequest& request, const Caller& caller) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.container_instances.empty())
        return refuse("InvalidParameterException", "Container instances can not be empty.");
    TRY(const auto name, parse_revision_name(request.task_definition, caller));
    const auto revision = find_revision(txn, caller.scope(), name);
    if (!revision) return refuse("ClientException", "TaskDefinition not found.");
    if (!revision->active()) return refuse("ClientException", "TaskDefinition is inactive");
    return refuse("InvalidParameterException", "No Container Instances were found in your cluster.");
}

}  // namespace gantry::ecs
