#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/service_name.h"
#include "ecs/service_shape.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// DRAINING and INACTIVE services are described too, while they are kept; others are in `failures` as MISSING.
Result<DescribeServicesResponse> describe_services(
    Txn& txn, const DescribeServicesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.services.empty()) return refuse("InvalidParameterException", "Services cannot be empty.");
    if (request.services.size() > 10)
        return refuse("InvalidParameterException", "You can specify up to 10 services.");
    const auto& include = request.include;
    const bool with_tags = include && std::find(include->begin(), include->end(), "TAGS") != include->end();
    DescribeServicesResponse response;
    auto& services = response.services.emplace();
    auto& failures = response.failures.emplace();
    std::vector<std::string> seen;
    for (const auto& given : request.services) {
        TRY(const auto name, service_name(given, cluster->name, caller));
        const auto key = ServiceRecord::key(caller.scope(), cluster->name, name);
        if (const auto service = txn.get<ServiceRecord>(key)) {
            if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
            seen.push_back(name);
            services.push_back(service_shape(txn, *service, with_tags));
        } else {
            failures.push_back(failure(
                given.starts_with("arn:") ? given : service_arn(caller.scope(), cluster->name, given),
                "MISSING"
            ));
        }
    }
    return response;
}

}  // namespace gantry::ecs
