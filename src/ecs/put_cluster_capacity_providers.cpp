#include <algorithm>

#include "ecs/admit_cluster.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<PutClusterCapacityProvidersResponse> put_cluster_capacity_providers(
    Txn& txn, const PutClusterCapacityProvidersRequest& request, const Caller& caller
) {
    TRY(const auto found, find_cluster(txn, request.cluster, caller));
    TRY_VOID(admit_providers(request.capacity_providers));
    ClusterRecord cluster = *found;
    for (const auto& old : cluster.capacity_providers) {
        const auto& wanted = request.capacity_providers;
        if (std::find(wanted.begin(), wanted.end(), old) != wanted.end()) continue;
        if (txn.count<TasksCounted>(TasksCounted::key(cluster.scope, cluster.name, "provider=" + old)) > 0) {
            return refuse(
                "ResourceInUseException", "The specified capacity provider is in use and cannot be removed."
            );
        }
    }
    TRY(cluster.default_strategy,
        admit_strategy(request.default_capacity_provider_strategy, request.capacity_providers));
    cluster.capacity_providers = request.capacity_providers;
    PutClusterCapacityProvidersResponse response;
    response.cluster = cluster_shape(txn, cluster, {true, true, true, false, true});
    txn.put(std::move(cluster));
    return response;
}

}  // namespace gantry::ecs
