#include "ecs/admit_task_set.h"
#include "ecs/task_set_shape.h"
#include "state/txn.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

// One that is being deleted stays as it is.
Result<void> refuse_draining(const TaskSetRecord& set) {
    if (set.status != TaskSetStatus::DRAINING) return {};
    return refuse("InvalidParameterException", "The task set is DRAINING and cannot be updated.");
}

}  // namespace

// Its scale is all that can change.
Result<UpdateTaskSetResponse> update_task_set(
    Txn& txn, const UpdateTaskSetRequest& request, const Caller& caller
) {
    TRY(const auto service, find_external_service(txn, request.cluster, request.service, caller));
    TRY(const auto set, find_task_set(txn, *service, request.task_set));
    TRY_VOID(refuse_draining(*set));
    TRY(const double percent, admit_scale(request.scale));
    state::Plan plan;
    const auto after = scale_task_set(*set, percent, txn.turn(), plan);
    txn.apply(plan);
    UpdateTaskSetResponse response;
    response.task_set = task_set_shape(txn, after, true);
    return response;
}

// What it is becomes the service's: task definition, network, load balancers, launch type, platform version.
Result<UpdateServicePrimaryTaskSetResponse> update_service_primary_task_set(
    Txn& txn, const UpdateServicePrimaryTaskSetRequest& request, const Caller& caller
) {
    TRY(const auto service, find_external_service(txn, request.cluster, request.service, caller));
    TRY(const auto set, find_task_set(txn, *service, request.primary_task_set));
    TRY_VOID(refuse_draining(*set));
    state::Plan plan;
    const auto after = make_primary(txn, txn.turn(), *service, *set, plan);
    txn.apply(plan);
    UpdateServicePrimaryTaskSetResponse response;
    response.task_set = task_set_shape(txn, after, true);
    return response;
}

}  // namespace gantry::ecs
