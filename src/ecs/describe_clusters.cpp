#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// INACTIVE clusters are described too, while they are kept; others are in `failures` as MISSING.
Result<DescribeClustersResponse> describe_clusters(
    Txn& txn, const DescribeClustersRequest& request, const Caller& caller
) {
    const auto includes = [&](const char* field) {
        const auto& list = request.include;
        return list && std::find(list->begin(), list->end(), field) != list->end();
    };
    const ClusterFields fields{
        includes("ATTACHMENTS"), includes("CONFIGURATIONS"), includes("SETTINGS"),
        includes("STATISTICS"),  includes("TAGS"),
    };
    auto names = request.clusters.value_or(std::vector<std::string>());
    if (names.empty()) names.push_back("default");
    if (names.size() > 100) return refuse("InvalidParameterException", "You can specify up to 100 clusters.");
    DescribeClustersResponse response;
    auto& clusters = response.clusters.emplace();
    auto& failures = response.failures.emplace();
    std::vector<std::string> seen;
    for (const auto& given : names) {
        TRY(const auto name, cluster_name(given, caller));
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
        seen.push_back(name);
        const auto found = txn.get<ClusterRecord>(caller.scope() + name);
        if (found) {
            clusters.push_back(cluster_shape(txn, *found, fields));
        } else {
            failures.push_back(failure(cluster_arn(caller.scope(), name), "MISSING"));
        }
    }
    return response;
}

}  // namespace gantry::ecs
