// Reading, stopping and continuing deployments.
#include <algorithm>

#include "codedeploy/deployment.h"
#include "codedeploy/page.h"
#include "codedeploy/tagging.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

constexpr std::size_t kDeploymentsPerBatch = 25;

tl::unexpected<Error> already_completed(const DeploymentRecord& deployment) {
    return refuse(
        "DeploymentAlreadyCompletedException",
        "The deployment " + deployment.id + " has already been completed."
    );
}

}  // namespace

Result<GetDeploymentResponse> get_deployment(
    Txn& txn, const GetDeploymentRequest& request, const Caller& caller
) {
    TRY(const auto deployment, find_deployment(txn, caller, request.deployment_id));
    return GetDeploymentResponse{show(*deployment)};
}

// Those that do not exist are left out, as on AWS.
Result<BatchGetDeploymentsResponse> batch_get_deployments(
    Txn& txn, const BatchGetDeploymentsRequest& request, const Caller& caller
) {
    if (request.deployment_ids.empty())
        return refuse("DeploymentIdRequiredException", "At least one deployment ID must be specified.");
    TRY_VOID(check_batch(request.deployment_ids.size(), kDeploymentsPerBatch));
    BatchGetDeploymentsResponse response;
    response.deployments_info.emplace();
    for (const auto& id : request.deployment_ids) {
        const auto found = find_deployment(txn, caller, id);
        if (found) {
            response.deployments_info->push_back(show(**found));
        } else if (found.error().code != "DeploymentDoesNotExistException") {
            return tl::unexpected<Error>(found.error());
        }
    }
    return response;
}

// The newest first.
Result<ListDeploymentsResponse> list_deployments(
    Txn& txn, const ListDeploymentsRequest& request, const Caller& caller
) {
    std::string application_id, group_id;
    if (request.application_name) {
        TRY(const auto application, find_application(txn, caller, *request.application_name));
        application_id = application->id;
        if (request.deployment_group_name) {
            TRY(const auto group, find_deployment_group(txn, *application, *request.deployment_group_name));
            group_id = group->id;
        }
    } else if (request.deployment_group_name) {
        return refuse(
            "ApplicationNameRequiredException",
            "The application name is required where a deployment group is named."
        );
    }
    std::optional<std::int64_t> start, end;
    if (const auto& range = request.create_time_range) {
        if (range->start) start = range->start->ms;
        if (range->end) end = range->end->ms;
        if (start && end && *start > *end)
            return refuse("InvalidTimeRangeException", "The time range ends before it begins.");
    }
    auto all = txn.list<DeploymentRecord>(caller.scope());
    std::erase_if(all, [&](const auto& deployment) {
        if (!application_id.empty() && deployment->application != application_id) return true;
        if (!group_id.empty() && deployment->group != group_id) return true;
        // There are none that something outside made.
        if (request.external_id) return true;
        if ((start && deployment->created_at.ms < *start) || (end && deployment->created_at.ms > *end))
            return true;
        const auto& only = request.include_only_statuses;
        return only && !only->empty() &&
               std::find(
                   only->begin(), only->end(), boost::describe::enum_to_string(deployment->status, "")
               ) == only->end();
    });
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(b->created_at, b->id) < std::tie(a->created_at, a->id);
    });
    std::vector<std::string> ids;
    for (const auto& deployment : all) ids.push_back(deployment->id);
    ListDeploymentsResponse response;
    TRY(response.next_token, cut_page(ids, request.next_token));
    response.deployments = std::move(ids);
    return response;
}

// Stopping is the controller's: the answer is Pending, as on AWS.
Result<StopDeploymentResponse> stop_deployment(
    Txn& txn, const StopDeploymentRequest& request, const Caller& caller
) {
    TRY(const auto found, find_deployment(txn, caller, request.deployment_id));
    if (found->ended()) return already_completed(*found);
    DeploymentRecord deployment = *found;
    const auto& events = deployment.auto_rollback.events;
    const bool by_itself = deployment.auto_rollback.enabled.value_or(false) && events &&
                           std::find(events->begin(), events->end(), "DEPLOYMENT_STOP_ON_REQUEST") != events->end();
    deployment.stop_requested = true;
    const bool rolls_back = request.auto_rollback_enabled.value_or(by_itself);
    deployment.stop_rolls_back = rolls_back;
    deployment.updated_at = txn.now();
    txn.put(std::move(deployment));
    StopDeploymentResponse response;
    response.status = "Pending";
    response.status_message = "No more instances are being updated. Rolling back is " +
                              std::string(rolls_back ? "requested." : "not requested.");
    return response;
}

Result<ContinueDeploymentResponse> continue_deployment(
    Txn& txn, const ContinueDeploymentRequest& request, const Caller& caller
) {
    TRY(const auto found, find_deployment(txn, caller, request.deployment_id.value_or("")));
    if (found->ended()) return already_completed(*found);
    DeploymentRecord deployment = *found;
    const std::string type = request.deployment_wait_type.value_or("READY_WAIT");
    const bool waits = type == "READY_WAIT"
                           ? deployment.status == DeploymentStatus::Ready
                           : deployment.terminate_after.has_value() && !deployment.terminating;
    if (!waits) {
        return refuse(
            "DeploymentIsNotInReadyStateException",
            type == "READY_WAIT"
                ? "The deployment does not have a status of Ready and can't continue yet."
                : "The deployment does not wait for the termination of the original task set."
        );
    }
    (type == "READY_WAIT" ? deployment.continue_ready : deployment.continue_termination) = true;
    deployment.updated_at = txn.now();
    txn.put(std::move(deployment));
    return ContinueDeploymentResponse{};
}

}  // namespace gantry::codedeploy
