#include "ecs/account_setting.h"
#include "ecs/admit_cluster.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

// Whether creating it again asks for something else than what is there; what is not said asks for nothing.
bool differs(const ClusterRecord& known, const CreateClusterRequest& request, const ClusterRecord& wanted) {
    const auto text = [](const auto& value) { return encode_text(value); };
    return (request.settings && text(known.settings) != text(wanted.settings)) ||
           (request.configuration && text(known.configuration) != text(wanted.configuration)) ||
           (request.capacity_providers && known.capacity_providers != wanted.capacity_providers) ||
           (request.default_capacity_provider_strategy &&
            text(known.default_strategy) != text(wanted.default_strategy)) ||
           (request.service_connect_defaults &&
            known.service_connect_namespace != wanted.service_connect_namespace) ||
           (request.tags && known.tags != wanted.tags);
}

}  // namespace

// A cluster of that name that is there already is the answer, if it is as asked for.
Result<CreateClusterResponse> create_cluster(
    Txn& txn, const CreateClusterRequest& request, const Caller& caller
) {
    ClusterRecord cluster;
    cluster.scope = caller.scope();
    cluster.name = request.cluster_name.value_or("");
    if (cluster.name.empty()) cluster.name = "default";
    if (!is_name(cluster.name))
        return refuse("InvalidParameterException", "Cluster name contains invalid characters.");
    if (request.tags && !request.tags->empty()) {
        TRY(cluster.tags, admit_tags(request.tags));
    }
    ClusterSetting insights;
    insights.name = "containerInsights";
    insights.value = account_setting(txn, cluster.scope, caller.arn, "containerInsights");
    cluster.settings.push_back(insights);
    if (request.settings) {
        TRY_VOID(admit_settings(*request.settings));
        cluster.settings = merged_settings(cluster.settings, *request.settings);
    }
    TRY_VOID(admit_configuration(request.configuration));
    cluster.configuration = request.configuration;
    if (request.capacity_providers) {
        TRY_VOID(admit_providers(*request.capacity_providers));
        cluster.capacity_providers = *request.capacity_providers;
    }
    if (request.default_capacity_provider_strategy) {
        TRY(cluster.default_strategy,
            admit_strategy(*request.default_capacity_provider_strategy, cluster.capacity_providers));
    }
    if (request.service_connect_defaults)
        cluster.service_connect_namespace = request.service_connect_defaults->namespace_;
    cluster.created_at = txn.now();

    const ClusterFields all{true, true, true, false, true};
    CreateClusterResponse response;
    const auto known = txn.get<ClusterRecord>(cluster.key());
    if (known && known->active()) {
        if (differs(*known, request, cluster)) {
            return refuse(
                "InvalidParameterException",
                "Arguments on this idempotent request are inconsistent with arguments used in previous "
                "request(s)."
            );
        }
        response.cluster = cluster_shape(txn, *known, all);
        return response;
    }
    response.cluster = cluster_shape(txn, cluster, all);
    txn.put(std::move(cluster));
    return response;
}

}  // namespace gantry::ecs
