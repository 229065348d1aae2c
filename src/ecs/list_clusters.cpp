#include "ecs/cluster.h"
#include "ecs/paging.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<ListClustersResponse> list_clusters(
    Txn& txn, const ListClustersRequest& request, const Caller& caller
) {
    const auto scope = caller.scope();
    TRY(const auto start, admit_page(request.next_token, request.max_results, scope));
    const auto page =
        txn.page_of<ClustersByStatus>(ClustersByStatus::key(scope, "ACTIVE"), start.after, start.limit);
    ListClustersResponse response;
    auto& arns = response.cluster_arns.emplace();
    for (const auto& cluster : page.records) arns.push_back(cluster_arn(scope, cluster->name));
    response.next_token = next_token(page.next_after, scope);
    return response;
}

}  // namespace gantry::ecs
