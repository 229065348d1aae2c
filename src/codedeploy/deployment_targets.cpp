// Reading deployments' targets, and what hooks tell.
#include <algorithm>

#include "codedeploy/deployment.h"
#include "codedeploy/show_target.h"
#include "ecs/task_set.h"
#include "elbv2/target_group.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

std::optional<shapes::Timestamp> time(const std::optional<PolicyInstant>& at) {
    return at ? std::optional(shapes::Timestamp{at->ms}) : std::nullopt;
}

shapes::codedeploy::LifecycleEvent show(const codedeploy::LifecycleEvent& event) {
    shapes::codedeploy::LifecycleEvent shown;
    shown.lifecycle_event_name = event.name;
    if (!event.error_code.empty() || !event.message.empty()) {
        auto& diagnostics = shown.diagnostics.emplace();
        diagnostics.error_code = event.error_code.empty() ? "UnknownError" : event.error_code;
        diagnostics.script_name = event.hook;
        diagnostics.message = event.message;
        diagnostics.log_tail = "";
    }
    shown.start_time = time(event.started_at);
    shown.end_time = time(event.ended_at);
    shown.status = boost::describe::enum_to_string(event.status, "Unknown");
    return shown;
}

std::string target_status(const DeploymentRecord& deployment) {
    switch (deployment.status) {
        case DeploymentStatus::Created:
        case DeploymentStatus::Queued:
            return "Pending";
        case DeploymentStatus::InProgress:
        case DeploymentStatus::Baking:
            return "InProgress";
        case DeploymentStatus::Ready:
            return "Ready";
        case DeploymentStatus::Succeeded:
            return "Succeeded";
        case DeploymentStatus::Failed:
            return "Failed";
        case DeploymentStatus::Stopped:
            return "Skipped";
    }
    return "Unknown";
}

Result<> check_target(const DeploymentRecord& deployment, const std::string& id) {
    if (id.empty()) return refuse("DeploymentTargetIdRequiredException", "The deployment target ID is required.");
    if (id == target_id(deployment)) return {};
    return refuse(
        "DeploymentTargetDoesNotExistException",
        "The target ID " + id + " does not belong to the deployment " + deployment.id + "."
    );
}

}  // namespace

std::string target_id(const DeploymentRecord& deployment) {
    std::string id = deployment.service.substr(deployment.scope.size());
    std::replace(id.begin(), id.end(), '/', ':');
    return id;
}

std::vector<ECSTaskSet> task_sets_info(const state::View& view, const DeploymentRecord& deployment) {
    std::vector<ECSTaskSet> all;
    const auto service = view.get<ecs::ServiceRecord>(deployment.service);
    if (!service) return all;
    const int green_weight = deployment.green_weight.value_or(0);
    const auto add = [&](const std::string& id, const std::string& group, int weight, const char* label) {
        const auto set = id.empty() ? nullptr : ecs::task_set_of(view, *service, id);
        if (!set) return;
        const auto progress = ecs::progress_of(view, *service, *set);
        auto& shown = all.emplace_back();
        shown.identifer = set->name();
        shown.desired_count = progress.desired;
        shown.pending_count = progress.pending;
        shown.running_count = progress.running;
        shown.status = boost::describe::enum_to_string(set->status, "ACTIVE");
        shown.traffic_weight = weight;
        if (const auto target_group = view.get<elbv2::TargetGroupRecord>(group))
            shown.target_group.emplace().name = target_group->name;
        shown.task_set_label = label;
    };
    add(deployment.blue_set, deployment.blue_group, 100 - green_weight, "Blue");
    add(deployment.green_set, deployment.green_group, green_weight, "Green");
    return all;
}

DeploymentTarget show_target(const state::View& view, const DeploymentRecord& deployment) {
    DeploymentTarget target;
    target.deployment_target_type = "ECSTarget";
    auto& ecs_target = target.ecs_target.emplace();
    ecs_target.deployment_id = deployment.id;
    ecs_target.target_id = target_id(deployment);
    const auto service = deployment.service.substr(deployment.scope.size());
    const auto slash = service.find('/');
    ecs_target.target_arn =
        ecs::service_arn(deployment.scope, service.substr(0, slash), service.substr(slash + 1));
    ecs_target.last_updated_at = time(deployment.updated_at);
    ecs_target.lifecycle_events.emplace();
    for (const auto& event : deployment.events) ecs_target.lifecycle_events->push_back(show(event));
    ecs_target.status = target_status(deployment);
    ecs_target.task_sets_info =
        deployment.ended() ? deployment.task_sets : task_sets_info(view, deployment);
    return target;
}

Result<ListDeploymentTargetsResponse> list_deployment_targets(
    Txn& txn, const ListDeploymentTargetsRequest& request, const Caller& caller
) {
    TRY(const auto deployment, find_deployment(txn, caller, request.deployment_id));
    ListDeploymentTargetsResponse response;
    response.target_ids.emplace();
    const auto wanted = [&](const char* filter, const std::string& value) {
        if (!request.target_filters) return true;
        const auto values = request.target_filters->find(filter);
        if (values == request.target_filters->end()) return true;
        return std::find(values->second.begin(), values->second.end(), value) != values->second.end();
    };
    if (wanted("TargetStatus", target_status(*deployment))) response.target_ids->push_back(target_id(*deployment));
    return response;
}

Result<GetDeploymentTargetResponse> get_deployment_target(
    Txn& txn, const GetDeploymentTargetRequest& request, const Caller& caller
) {
    TRY(const auto deployment, find_deployment(txn, caller, request.deployment_id));
    TRY_VOID(check_target(*deployment, request.target_id));
    return GetDeploymentTargetResponse{show_target(txn, *deployment)};
}

Result<BatchGetDeploymentTargetsResponse> batch_get_deployment_targets(
    Txn& txn, const BatchGetDeploymentTargetsRequest& request, const Caller& caller
) {
    TRY(const auto deployment, find_deployment(txn, caller, request.deployment_id));
    if (request.target_ids.size() > 1) {
        return refuse(
            "DeploymentTargetListSizeExceededException",
            "The target list of an Amazon ECS deployment must have exactly one item."
        );
    }
    TRY_VOID(check_target(*deployment, request.target_ids.empty() ? std::string() : request.target_ids.front()));
    BatchGetDeploymentTargetsResponse response;
    response.deployment_targets.emplace().push_back(show_target(txn, *deployment));
    return response;
}

Result<PutLifecycleEventHookExecutionStatusResponse> put_lifecycle_event_hook_execution_status(
    Txn& txn, const PutLifecycleEventHookExecutionStatusRequest& request, const Caller& caller
) {
    TRY(const auto found, find_deployment(txn, caller, request.deployment_id.value_or("")));
    const std::string status = request.status.value_or("");
    if (status != "Succeeded" && status != "Failed") {
        return refuse(
            "InvalidLifecycleEventHookExecutionStatusException",
            "The status of a lifecycle event hook must be Succeeded or Failed."
        );
    }
    const std::string execution = request.lifecycle_event_hook_execution_id.value_or("");
    DeploymentRecord deployment = *found;
    const auto event = std::find_if(deployment.events.begin(), deployment.events.end(), [&](const auto& one) {
        return !execution.empty() && one.execution == execution;
    });
    if (event == deployment.events.end()) {
        return refuse(
            "InvalidLifecycleEventHookExecutionIdException",
            "The lifecycle event hook execution ID " + execution + " is not one of the deployment."
        );
    }
    if (event->ended() || deployment.ended()) {
        return refuse(
            "LifecycleEventAlreadyCompletedException",
            "The lifecycle event " + event->name + " has already been completed."
        );
    }
    event->status = status == "Succeeded" ? EventStatus::Succeeded : EventStatus::Failed;
    event->ended_at = txn.now();
    if (event->status == EventStatus::Failed) {
        event->error_code = "ScriptFailed";
        event->message = "The hook said that it failed.";
    }
    deployment.updated_at = txn.now();
    txn.put(std::move(deployment));
    return PutLifecycleEventHookExecutionStatusResponse{execution};
}

}  // namespace gantry::codedeploy
