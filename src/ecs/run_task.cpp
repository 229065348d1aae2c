#include "ecs/admit_run_task.h"
#include "ecs/event.h"
#include "ecs/failure.h"
#include "ecs/idempotency.h"
#include "ecs/task_lifecycle.h"
#include "ecs/task_shape.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kNoCapacity =
    "Capacity is unavailable at this time. Please try again later or in a different availability zone";

// The tasks that an earlier request with this token made; absent when there was none.
Result<std::optional<RunTaskResponse>> repeated(
    Txn& txn, const std::string& scope, const std::string& token, const std::string& print
) {
    const auto known = txn.get<TokenRecord>(TokenRecord::key(scope, "RunTask", token));
    if (!known || known->expires_at <= txn.now()) return std::optional<RunTaskResponse>();
    if (known->fingerprint != print) {
        return refuse(
            "ConflictException",
            "The RunTask request could not be processed due to conflicts. The provided clientToken is "
            "already in use "
            "with a different RunTask request."
        );
    }
    RunTaskResponse response;
    response.failures.emplace();
    auto& tasks = response.tasks.emplace();
    for (const auto& key : known->tasks) {
        if (const auto task = txn.get<TaskRecord>(key)) tasks.push_back(task_shape(txn, *task, true));
    }
    return std::optional(std::move(response));
}

}  // namespace

// The tasks are made PROVISIONING, with a worker where one has room now; the controllers go on from there.
// What finds no room is a failure, not an error.
Result<RunTaskResponse> run_task(Txn& txn, const RunTaskRequest& request, const Caller& caller) {
    const std::string token = request.client_token.value_or("");
    if (token.size() > 64)
        return refuse("InvalidParameterException", "clientToken can have at most 64 characters.");
    std::string print;
    if (!token.empty()) {
        auto bare = request;
        bare.client_token.reset();
        print = fingerprint(shapes::to_json_text(bare));
        TRY(auto earlier, repeated(txn, caller.scope(), token, print));
        if (earlier) return *std::move(earlier);
    }
    TRY(const auto launch, admit_run_task(txn, request, caller));

    RunTaskResponse response;
    auto& tasks = response.tasks.emplace();
    auto& failures = response.failures.emplace();
    TokenRecord record{caller.scope(), "RunTask", token, print, {}, txn.now() + kTokenKept};
    const auto providers = spread_over(launch.strategy, launch.count);
    for (int i = 0; i < launch.count; ++i) {
        if (room_for(txn, launch.demand) == Room::none) {
            failures.push_back(failure("", kNoCapacity));
            continue;
        }
        TaskRecord task = launch.task;
        task.id = txn.chance().hex(32);
        if (!providers.empty()) task.capacity_provider = providers[i];
        task.created_at = txn.now();
        task.version = 0;
        if (const auto worker = pick_worker(txn, launch.demand)) txn.put(promise(*worker, task));
        note_change(txn, task);
        record.tasks.push_back(task.key());
        tasks.push_back(task_shape(txn, task, true));
        txn.put(std::move(task));
    }
    if (!token.empty() && !record.tasks.empty()) txn.put(std::move(record));
    return response;
}

}  // namespace gantry::ecs
