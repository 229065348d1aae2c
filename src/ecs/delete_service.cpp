#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/service_name.h"
#include "ecs/service_shape.h"
#include "ecs/start_deployment.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

bool has_tasks(const state::View& view, const DeploymentRecord& deployment) {
    return view.count<TasksByDeployment>(TasksByDeployment::key(deployment.key(), "unstopped")) > 0;
}

// The PRIMARY may go with the service; another one that has tasks is in use.
bool in_use(const state::View& view, const ServiceRecord& service) {
    const auto sets = task_sets_of(view, service);
    return std::any_of(sets.begin(), sets.end(), [&](const auto& set) {
        return set->status != TaskSetStatus::PRIMARY &&
               view.count<TasksByDeployment>(TasksByDeployment::key(set->key(), "unstopped")) > 0;
    });
}

}  // namespace

// The service becomes DRAINING and wants no task any more; the service controller makes it INACTIVE when the
// last one has stopped. Deleting it again while it drains is answered the same.
Result<DeleteServiceResponse> delete_service(
    Txn& txn, const DeleteServiceRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    TRY(const auto known, find_service(txn, request.service, cluster->name, caller));
    if (known->status == ServiceStatus::INACTIVE)
        return refuse("ServiceNotFoundException", "Service not found.");
    DeleteServiceResponse response;
    if (known->status == ServiceStatus::DRAINING) {
        response.service = service_shape(txn, *known, true);
        return response;
    }
    ServiceRecord service = *known;
    const auto deployments = txn.list<DeploymentRecord>(service.parts());
    if (!request.force.value_or(false)) {
        if (service.desired_count > 0) {
            return refuse(
                kInvalid, "The service cannot be stopped while the primary deployment is scaled above 0."
            );
        }
        for (const auto& deployment : deployments) {
            if (deployment->status == DeploymentStatus::ACTIVE && has_tasks(txn, *deployment)) {
                return refuse(kInvalid, "The service cannot be stopped while deployments are active.");
            }
        }
        if (in_use(txn, service))
            return refuse(kInvalid, "The service cannot be stopped while deployments are active.");
    }
    service.status = ServiceStatus::DRAINING;
    service.status_at = txn.now();
    service.desired_count = 0;
    for (const auto& found : deployments) {
        if (found->status != DeploymentStatus::PRIMARY || found->desired_count == 0) continue;
        DeploymentRecord deployment = *found;
        deployment.desired_count = 0;
        deployment.updated_at = txn.now();
        txn.put(std::move(deployment));
    }
    state::Plan plan;
    for (const auto& set : txn.list<TaskSetRecord>(service.parts())) drain_task_set(*set, txn.turn(), plan);
    txn.apply(plan);
    if (const auto current = current_service_deployment(txn, service); current && !current->ended()) {
        ServiceDeploymentRecord deployment = *current;
        deployment.status = ServiceDeploymentStatus::STOPPED;
        deployment.status_reason = "The service was deleted.";
        deployment.stopped_at = txn.now();
        deployment.finished_at = txn.now();
        deployment.updated_at = txn.now();
        txn.put(std::move(deployment));
    }
    txn.put(service);
    response.service = service_shape(txn, service, true);
    return response;
}

}  // namespace gantry::ecs
