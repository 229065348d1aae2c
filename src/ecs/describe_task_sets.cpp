#include <algorithm>

#include "ecs/admit_task_set.h"
#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/service_name.h"
#include "ecs/task_set_shape.h"
#include "state/txn.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

// Also those that CodeDeploy manages. Ones that there are not (any more) are in `failures` as MISSING.
Result<DescribeTaskSetsResponse> describe_task_sets(
    Txn& txn, const DescribeTaskSetsRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    TRY(const auto service, find_service(txn, request.service, cluster->name, caller));
    if (service->status == ServiceStatus::INACTIVE)
        return refuse("ServiceNotActiveException", "Service was not ACTIVE.");
    if (!uses_task_sets(*service)) {
        return refuse(
            "InvalidParameterException", "Amazon ECS only supports task set management on services configured "
                                         "to use external deployment controllers."
        );
    }
    if (!request.task_sets || request.task_sets->empty())
        return refuse("InvalidParameterException", "TaskSets cannot be empty.");
    const auto& include = request.include;
    const bool with_tags = include && std::find(include->begin(), include->end(), "TAGS") != include->end();
    DescribeTaskSetsResponse response;
    auto& sets = response.task_sets.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& given : *request.task_sets) {
        TRY(const auto id, task_set_id(*service, given));
        if (const auto set = id.empty() ? nullptr : task_set_of(txn, *service, id)) {
            sets.push_back(task_set_shape(txn, *set, with_tags));
            continue;
        }
        std::string arn = given;
        if (!given.starts_with("arn:")) {
            arn = arn_in(service->scope, "task-set/" + service->cluster + "/" + service->name + "/" + given);
        }
        failures.push_back(failure(std::move(arn), "MISSING"));
    }
    return response;
}

}  // namespace gantry::ecs
