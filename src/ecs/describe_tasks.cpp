#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/task_name.h"
#include "ecs/task_shape.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

Result<DescribeTasksResponse> describe_tasks(
    Txn& txn, const DescribeTasksRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    if (request.tasks.empty()) return refuse("InvalidParameterException", "Tasks cannot be empty.");
    if (request.tasks.size() > 100)
        return refuse("InvalidParameterException", "You can specify up to 100 tasks.");
    const auto& include = request.include;
    const bool with_tags = include && std::find(include->begin(), include->end(), "TAGS") != include->end();
    DescribeTasksResponse response;
    auto& tasks = response.tasks.emplace();
    tasks.reserve(request.tasks.size());
    auto& failures = response.failures.emplace();
    for (const auto& text : request.tasks) {
        TRY(const auto id, task_id(text, cluster->name, caller));
        const auto task = txn.get<TaskRecord>(TaskRecord::key(caller.scope(), cluster->name, id));
        if (task) {
            tasks.push_back(task_shape(txn, *task, with_tags));
        } else {
            failures.push_back(failure(
                text.starts_with("arn:") ? text : task_arn(caller.scope(), cluster->name, id), "MISSING"
            ));
        }
    }
    return response;
}

}  // namespace gantry::ecs
