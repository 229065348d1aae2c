#include "ecs/admit_task_definition.h"
#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<RegisterTaskDefinitionResponse> register_task_definition(
    Txn& txn, const RegisterTaskDefinitionRequest& request, const Caller& caller
) {
    TRY(auto tags, admit_tags(request.tags, "ClientException"));
    TRY(auto definition, admit_task_definition(request));

    FamilyRecord family{caller.scope(), request.family};
    if (const auto known = txn.get<FamilyRecord>(family.key())) family = *known;
    ++family.last_revision;
    ++family.active_count;

    RevisionRecord record;
    record.scope = family.scope;
    record.family = family.name;
    record.revision = family.last_revision;
    record.definition = std::move(definition);
    record.definition.registered_at = timestamp(txn.now());
    record.definition.registered_by = caller.arn;
    record.tags = std::move(tags);

    RegisterTaskDefinitionResponse response;
    response.task_definition = task_definition_shape(record);
    if (!record.tags.empty()) response.tags = tag_shapes(record.tags);
    txn.put(std::move(family));
    txn.put(std::move(record));
    return response;
}

}  // namespace gantry::ecs
