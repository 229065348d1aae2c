#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/task_indexes.h"
#include "ecs/task_name.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

ProtectedTask shape(const TaskRecord& task, PolicyInstant now) {
    ProtectedTask out;
    out.task_arn = task.arn();
    // It ends by itself: whoever asks sees it ended.
    const bool on = task.protection_enabled && task.protection_until && now < *task.protection_until;
    out.protection_enabled = on;
    if (on) out.expiration_date = timestamp(*task.protection_until);
    return out;
}

// Null with a failure noted when there is no such task, or protection means nothing for it.
Result<state::Pinned<TaskRecord>> protectable(
    Txn& txn,
    const std::string& text,
    const ClusterRecord& cluster,
    const Caller& caller,
    std::vector<Failure>& failures
) {
    TRY(const auto id, task_id(text, cluster.name, caller));
    auto task = txn.get<TaskRecord>(TaskRecord::key(cluster.scope, cluster.name, id));
    const std::string arn = text.starts_with("arn:") ? text : task_arn(cluster.scope, cluster.name, id);
    if (!task || task->stopped()) {
        failures.push_back(failure(arn, "MISSING"));
        return state::Pinned<TaskRecord>();
    }
    if (task->service().empty()) {
        failures.push_back(failure(arn, "TASK_NOT_VALID", "Task is not part of a service."));
        return state::Pinned<TaskRecord>();
    }
    return task;
}

}  // namespace

Result<UpdateTaskProtectionResponse> update_task_protection(
    Txn& txn, const UpdateTaskProtectionRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.tasks.empty()) return refuse(kInvalid, "Tasks cannot be empty.");
    if (request.tasks.size() > 10) return refuse(kInvalid, "You can specify up to 10 tasks.");
    const int minutes = request.expires_in_minutes.value_or(120);
    if (minutes < 1 || minutes > 2880)
        return refuse(kInvalid, "expiresInMinutes must be between 1 and 2880.");
    UpdateTaskProtectionResponse response;
    auto& tasks = response.protected_tasks.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& text : request.tasks) {
        TRY(const auto found, protectable(txn, text, *cluster, caller, failures));
        if (!found) continue;
        TaskRecord task = *found;
        task.protection_enabled = request.protection_enabled;
        task.protection_until.reset();
        if (task.protection_enabled) task.protection_until = txn.now() + std::chrono::minutes(minutes);
        tasks.push_back(shape(task, txn.now()));
        txn.put(std::move(task));
    }
    return response;
}

Result<GetTaskProtectionResponse> get_task_protection(
    Txn& txn, const GetTaskProtectionRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    const auto given = request.tasks.value_or(std::vector<std::string>());
    if (given.empty()) return refuse(kInvalid, "Tasks cannot be empty.");
    if (given.size() > 100) return refuse(kInvalid, "You can specify up to 100 tasks.");
    GetTaskProtectionResponse response;
    auto& tasks = response.protected_tasks.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& text : given) {
        TRY(const auto task, protectable(txn, text, *cluster, caller, failures));
        if (task) tasks.push_back(shape(*task, txn.now()));
    }
    return response;
}

}  // namespace gantry::ecs
