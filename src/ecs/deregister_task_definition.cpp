#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Tasks and services that use the revision run on. Again on an INACTIVE one is no error and changes nothing.
Result<DeregisterTaskDefinitionResponse> deregister_task_definition(
    Txn& txn, const DeregisterTaskDefinitionRequest& request, const Caller& caller
) {
    TRY(const auto name, parse_revision_name(request.task_definition, caller));
    if (!name.revision) return refuse("ClientException", "Invalid revision number. Number: ");
    const auto found = find_revision(txn, caller.scope(), name);
    if (!found) return refuse("ClientException", "The specified task definition does not exist.");
    DeregisterTaskDefinitionResponse response;
    if (!found->active()) {
        response.task_definition = task_definition_shape(*found);
        return response;
    }
    RevisionRecord record = *found;
    record.status = "INACTIVE";
    record.deregistered_at = txn.now();
    FamilyRecord family = *txn.get<FamilyRecord>(record.scope + record.family);
    --family.active_count;
    ++family.inactive_count;
    response.task_definition = task_definition_shape(record);
    txn.put(std::move(family));
    txn.put(std::move(record));
    return response;
}

}  // namespace gantry::ecs
