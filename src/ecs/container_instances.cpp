#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Tasks run on Fargate's side only, so no cluster has container instances: these operations say so.

Result<ListContainerInstancesResponse> list_container_instances(
    Txn& txn, const ListContainerInstancesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    ListContainerInstancesResponse response;
    response.container_instance_arns.emplace();
    return response;
}

Result<DescribeContainerInstancesResponse> describe_container_instances(
    Txn& txn, const DescribeContainerInstancesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.container_instances.empty())
        return refuse("InvalidParameterException", "Container instance cannot be empty.");
    DescribeContainerInstancesResponse response;
    response.container_instances.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& given : request.container_instances) {
        const std::string arn =
            given.starts_with("arn:")
                ? given
                : arn_in(caller.scope(), "container-instance/" + cluster->name + "/" + given);
        failures.push_back(failure(arn, "MISSING"));
    }
    return response;
}

Result<ListAttributesResponse> list_attributes(
    Txn& txn, const ListAttributesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    ListAttributesResponse response;
    response.attributes.emplace();
    return response;
}

}  // namespace gantry::ecs
