#include "ecs/admit_task_set.h"
#include "ecs/task_set_shape.h"
#include "state/txn.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// DRAINING, and gone when its last task has stopped; asking again meanwhile is answered the same. ECS deletes
// one that has tasks without `force` too, but never the PRIMARY.
Result<DeleteTaskSetResponse> delete_task_set(
    Txn& txn, const DeleteTaskSetRequest& request, const Caller& caller
) {
    TRY(const auto service, find_external_service(txn, request.cluster, request.service, caller));
    TRY(const auto set, find_task_set(txn, *service, request.task_set));
    if (set->status == TaskSetStatus::PRIMARY)
        return refuse("InvalidParameterException", "Primary TaskSet cannot be deleted");
    state::Plan plan;
    const auto after = drain_task_set(*set, txn.turn(), plan);
    txn.apply(plan);
    DeleteTaskSetResponse response;
    response.task_set = task_set_shape(txn, after, true);
    return response;
}

}  // namespace gantry::ecs
