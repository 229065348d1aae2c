#include <algorithm>

#include "ecs/admit_cluster.h"
#include "ecs/arn.h"
#include "ecs/failure.h"
#include "ecs/paging.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<DescribeCapacityProvidersResponse> describe_capacity_providers(
    Txn& txn, const DescribeCapacityProvidersRequest& request, const Caller& caller
) {
    const auto scope = caller.scope();
    std::vector<std::string> known(std::begin(kBuiltInProviders), std::end(kBuiltInProviders));
    if (request.cluster) {
        TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
        known = cluster->capacity_providers;
    }
    auto wanted = request.capacity_providers.value_or(std::vector<std::string>());
    if (wanted.size() > 100)
        return refuse("InvalidParameterException", "You can specify up to 100 capacity providers.");
    if (wanted.empty()) wanted = known;
    TRY(const auto start, admit_page(request.next_token, request.max_results, "", 10));
    const auto begin = std::find(wanted.begin(), wanted.end(), start.after);
    if (!start.after.empty()) {
        if (begin == wanted.end()) return refuse("InvalidParameterException", "Invalid token.");
        wanted.erase(wanted.begin(), begin + 1);
    }
    DescribeCapacityProvidersResponse response;
    // Without maxResults all are told, as the ARNs were given.
    if (request.max_results && wanted.size() > start.limit) {
        wanted.resize(start.limit);
        response.next_token = next_token(wanted.back(), "");
    }
    auto& providers = response.capacity_providers.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& given : wanted) {
        std::string name = given;
        if (const auto arn = parse_arn(given); arn && arn->resource.starts_with("capacity-provider/"))
            name = arn->resource.substr(18);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            failures.push_back(failure(capacity_provider_arn(scope, name), "MISSING"));
            continue;
        }
        auto& provider = providers.emplace_back();
        provider.capacity_provider_arn = capacity_provider_arn(scope, name);
        provider.name = name;
        provider.status = "ACTIVE";
        provider.type = name;
        provider.tags.emplace();
    }
    return response;
}

}  // namespace gantry::ecs
