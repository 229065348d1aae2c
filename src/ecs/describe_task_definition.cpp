#include <algorithm>

#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<DescribeTaskDefinitionResponse> describe_task_definition(
    Txn& txn, const DescribeTaskDefinitionRequest& request, const Caller& caller
) {
    TRY(const auto name, parse_revision_name(request.task_definition, caller));
    const auto record = find_revision(txn, caller.scope(), name);
    if (!record) return refuse("ClientException", "Unable to describe task definition.");
    DescribeTaskDefinitionResponse response;
    response.task_definition = task_definition_shape(*record);
    const auto& include = request.include;
    if (include && std::find(include->begin(), include->end(), "TAGS") != include->end())
        response.tags = tag_shapes(record->tags);
    return response;
}

}  // namespace gantry::ecs
