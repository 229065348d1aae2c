#include "ecs/paging.h"
#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<ListTaskDefinitionFamiliesResponse> list_task_definition_families(
    Txn& txn, const ListTaskDefinitionFamiliesRequest& request, const Caller& caller
) {
    const auto scope = caller.scope();
    TRY(const auto start, admit_page(request.next_token, request.max_results, scope));
    const auto page = txn.page_of<FamiliesByStatus>(
        // Without a status both kinds are listed.
        FamiliesByStatus::key(scope, request.status.value_or("ALL")), start.after, start.limit, false,
        scope + request.family_prefix.value_or("")
    );
    ListTaskDefinitionFamiliesResponse response;
    auto& families = response.families.emplace();
    for (const auto& family : page.records) families.push_back(family->name);
    response.next_token = next_token(page.next_after, scope);
    return response;
}

}  // namespace gantry::ecs
