#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Services are not built yet, so there are none: CreateService is refused by name, and these answer
// truthfully.

Result<ListServicesResponse> list_services(
    Txn& txn, const ListServicesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    ListServicesResponse response;
    response.service_arns.emplace();
    return response;
}

Result<DescribeServicesResponse> describe_services(
    Txn& txn, const DescribeServicesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.services.empty()) return refuse("InvalidParameterException", "Services cannot be empty.");
    if (request.services.size() > 10)
        return refuse("InvalidParameterException", "You can specify up to 10 services.");
    DescribeServicesResponse response;
    response.services.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& given : request.services) {
        failures.push_back(failure(
            given.starts_with("arn:") ? given : service_arn(caller.scope(), cluster->name, given), "MISSING"
        ));
    }
    return response;
}

}  // namespace gantry::ecs
