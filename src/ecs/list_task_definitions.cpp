#include "ecs/paging.h"
#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Family by family, revision by revision; with sort DESC the other way round.
Result<ListTaskDefinitionsResponse> list_task_definitions(
    Txn& txn, const ListTaskDefinitionsRequest& request, const Caller& caller
) {
    const auto scope = caller.scope();
    TRY(const auto start, admit_page(request.next_token, request.max_results, scope));
    const std::string prefix = request.family_prefix && !request.family_prefix->empty()
                                   ? scope + *request.family_prefix + ":"
                                   : scope;
    const auto page = txn.page_of<RevisionsByStatus>(
        RevisionsByStatus::key(scope, request.status.value_or("ACTIVE")), start.after, start.limit,
        request.sort == "DESC", prefix
    );
    ListTaskDefinitionsResponse response;
    auto& arns = response.task_definition_arns.emplace();
    for (const auto& record : page.records) arns.push_back(record->arn());
    response.next_token = next_token(page.next_after, scope);
    return response;
}

}  // namespace gantry::ecs
