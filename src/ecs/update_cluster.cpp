#include "ecs/admit_cluster.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {
constexpr ClusterFields kAll{true, true, true, false, true};
}

// What is not said stays as it is.
Result<UpdateClusterResponse> update_cluster(
    Txn& txn, const UpdateClusterRequest& request, const Caller& caller
) {
    TRY(const auto found, find_cluster(txn, request.cluster, caller));
    ClusterRecord cluster = *found;
    if (request.settings) {
        TRY_VOID(admit_settings(*request.settings));
        cluster.settings = merged_settings(cluster.settings, *request.settings);
    }
    TRY_VOID(admit_configuration(request.configuration));
    if (request.configuration) cluster.configuration = request.configuration;
    if (request.service_connect_defaults) {
        const auto& name = request.service_connect_defaults->namespace_;
        cluster.service_connect_namespace.reset();
        if (!name.empty()) cluster.service_connect_namespace = name;
    }
    UpdateClusterResponse response;
    response.cluster = cluster_shape(txn, cluster, kAll);
    txn.put(std::move(cluster));
    return response;
}

Result<UpdateClusterSettingsResponse> update_cluster_settings(
    Txn& txn, const UpdateClusterSettingsRequest& request, const Caller& caller
) {
    TRY(const auto found, find_cluster(txn, request.cluster, caller));
    if (request.settings.empty()) return refuse("InvalidParameterException", "Settings can not be empty.");
    TRY_VOID(admit_settings(request.settings));
    ClusterRecord cluster = *found;
    cluster.settings = merged_settings(cluster.settings, request.settings);
    UpdateClusterSettingsResponse response;
    response.cluster = cluster_shape(txn, cluster, kAll);
    txn.put(std::move(cluster));
    return response;
}

}  // namespace gantry::ecs
