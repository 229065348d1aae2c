#include "ecs/cluster.h"
#include "ecs/service.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// The cluster becomes INACTIVE and can be described for a while. Deleting it again is answered the same.
Result<DeleteClusterResponse> delete_cluster(
    Txn& txn, const DeleteClusterRequest& request, const Caller& caller
) {
    TRY(const auto name, cluster_name(request.cluster, caller));
    const auto found = txn.get<ClusterRecord>(caller.scope() + name);
    if (!found) return refuse("ClusterNotFoundException", "Cluster not found.");
    DeleteClusterResponse response;
    const ClusterFields all{false, true, true, false, true};
    if (!found->active()) {
        response.cluster = cluster_shape(txn, *found, all);
        return response;
    }
    for (const auto status : {ServiceStatus::ACTIVE, ServiceStatus::DRAINING}) {
        if (txn.count<ServicesByCluster>(ServicesByCluster::key(found->scope, found->name, status)) > 0) {
            return refuse(
                "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
            );
        }
    }
    if (txn.count<TasksCounted>(TasksCounted::key(found->scope, found->name, "unstopped")) > 0)
        return refuse(
            "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
        );
    ClusterRecord cluster = *found;
    cluster.status = "INACTIVE";
    cluster.deleted_at = txn.now();
    response.cluster = cluster_shape(txn, cluster, all);
    txn.put(std::move(cluster));
    return response;
}

}  // namespace gantry::ecs
