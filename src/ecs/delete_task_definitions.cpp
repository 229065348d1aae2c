#include "ecs/failure.h"
#include "ecs/task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kMissing =
    "The specified task definition does not exist. Specify a valid account, family, revision and try again.";
constexpr const char* kActive =
    "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";

}  // namespace

// The revisions become DELETE_IN_PROGRESS; a controller removes each when no task uses it any more.
Result<DeleteTaskDefinitionsResponse> delete_task_definitions(
    Txn& txn, const DeleteTaskDefinitionsRequest& request, const Caller& caller
) {
    if (request.task_definitions.empty())
        return refuse("InvalidParameterException", "Task definitions can not be empty.");
    if (request.task_definitions.size() > 10) {
        return refuse("InvalidParameterException", "You can specify up to 10 task definitions.");
    }
    DeleteTaskDefinitionsResponse response;
    auto& deleted = response.task_definitions.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& text : request.task_definitions) {
        const auto name = parse_revision_name(text, caller);
        if (!name || !name->revision) {
            failures.push_back(failure(
                text, name ? "The specified task definition must have a revision." : name.error().message
            ));
            continue;
        }
        const auto found = find_revision(txn, caller.scope(), *name);
        if (!found) {
            failures.push_back(failure(text, kMissing));
            continue;
        }
        if (found->active()) {
            failures.push_back(failure(found->arn(), kActive));
            continue;
        }
        RevisionRecord record = *found;
        if (record.status == "INACTIVE") {
            record.status = "DELETE_IN_PROGRESS";
            record.delete_requested_at = txn.now();
            FamilyRecord family = *txn.get<FamilyRecord>(record.scope + record.family);
            --family.inactive_count;
            txn.put(std::move(family));
            txn.put(record);
        }
        deleted.push_back(task_definition_shape(record));
    }
    return response;
}

}  // namespace gantry::ecs
