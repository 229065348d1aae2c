#include "codedeploy/deployment.h"
#include "codedeploy/revision.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

namespace {

// An ECS deployment has one target.
DeploymentOverview overview(const DeploymentRecord& deployment) {
    DeploymentOverview counts;
    counts.pending = counts.in_progress = counts.succeeded = counts.failed = counts.skipped = counts.ready = 0;
    switch (deployment.status) {
        case DeploymentStatus::Created:
        case DeploymentStatus::Queued:
            counts.pending = 1;
            break;
        case DeploymentStatus::InProgress:
        case DeploymentStatus::Baking:
            counts.in_progress = 1;
            break;
        case DeploymentStatus::Ready:
            counts.ready = 1;
            break;
        case DeploymentStatus::Succeeded:
            counts.succeeded = 1;
            break;
        case DeploymentStatus::Failed:
            counts.failed = 1;
            break;
        case DeploymentStatus::Stopped:
            counts.skipped = 1;
            break;
    }
    return counts;
}

std::optional<shapes::Timestamp> time(const std::optional<PolicyInstant>& at) {
    return at ? std::optional(shapes::Timestamp{at->ms}) : std::nullopt;
}

}  // namespace

Result<state::Pinned<DeploymentRecord>> find_deployment(
    const state::View& view, const Caller& caller, const std::string& id
) {
    if (id.empty()) return refuse("DeploymentIdRequiredException", "The deployment ID is required.");
    if (!id.starts_with("d-") || id.size() > 20) {
        return refuse(
            "InvalidDeploymentIdException", "The deployment ID " + id + " is not in a valid format."
        );
    }
    auto found = view.get<DeploymentRecord>(caller.scope() + id);
    if (!found)
        return refuse("DeploymentDoesNotExistException", "The deployment " + id + " could not be found");
    return found;
}

std::string fresh_deployment_id(state::Chance& chance) { return "d-" + chance.base32(9); }

DeploymentInfo show(const DeploymentRecord& deployment) {
    DeploymentInfo info;
    info.application_name = deployment.application_name;
    info.deployment_group_name = deployment.group_name;
    info.deployment_config_name = deployment.config_name;
    info.deployment_id = deployment.id;
    if (!deployment.previous_sha256.empty())
        info.previous_revision = revision_location(deployment.previous_type, deployment.previous_sha256);
    if (!deployment.revision_sha256.empty())
        info.revision = revision_location(deployment.revision_type, deployment.revision_sha256);
    info.status = boost::describe::enum_to_string(deployment.status, "Created");
    if (!deployment.error_code.empty()) {
        info.error_information.emplace();
        info.error_information->code = deployment.error_code;
        info.error_information->message = deployment.error_message;
    }
    info.create_time = shapes::Timestamp{deployment.created_at.ms};
    info.start_time = time(deployment.started_at);
    info.complete_time = time(deployment.completed_at);
    info.deployment_overview = overview(deployment);
    if (!deployment.description.empty()) info.description = deployment.description;
    info.creator = deployment.creator;
    info.ignore_application_stop_failures = false;
    info.auto_rollback_configuration = deployment.auto_rollback;
    info.update_outdated_instances_only = false;
    if (!deployment.rollback_id.empty() || deployment.rollback() || !deployment.rollback_message.empty()) {
        auto& rollback = info.rollback_info.emplace();
        if (!deployment.rollback_id.empty()) rollback.rollback_deployment_id = deployment.rollback_id;
        if (deployment.rollback()) rollback.rollback_triggering_deployment_id = deployment.rollback_of;
        if (!deployment.rollback_message.empty()) rollback.rollback_message = deployment.rollback_message;
    }
    info.deployment_style.emplace();
    info.deployment_style->deployment_type = "BLUE_GREEN";
    info.deployment_style->deployment_option = "WITH_TRAFFIC_CONTROL";
    info.instance_termination_wait_time_started = deployment.terminate_after.has_value();
    info.blue_green_deployment_configuration = deployment.blue_green;
    info.load_balancer_info = deployment.load_balancer;
    info.file_exists_behavior = "DISALLOW";
    info.deployment_status_messages.emplace();
    info.compute_platform = "ECS";
    info.override_alarm_configuration = deployment.override_alarms;
    return info;
}

}  // namespace gantry::codedeploy
