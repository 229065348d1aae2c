#include "codedeploy/show_deployment_group.h"

#include "codedeploy/deployment.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

namespace {

std::optional<LastDeploymentInfo> last(const state::View& view, const std::string& scope, const std::string& id) {
    const auto deployment = id.empty() ? nullptr : view.get<DeploymentRecord>(scope + id);
    if (!deployment) return std::nullopt;
    const auto info = show(*deployment);
    return LastDeploymentInfo{info.deployment_id, info.status, info.complete_time, info.create_time};
}

}  // namespace

DeploymentGroupInfo show(
    const state::View& view, const ApplicationRecord& application, const DeploymentGroupRecord& group
) {
    DeploymentGroupInfo info = group.settings;
    info.application_name = application.name;
    info.deployment_group_id = group.id;
    info.deployment_group_name = group.name;
    info.compute_platform = application.compute_platform;
    if (!info.ec2_tag_filters) info.ec2_tag_filters.emplace();
    if (!info.on_premises_instance_tag_filters) info.on_premises_instance_tag_filters.emplace();
    if (!info.auto_scaling_groups) info.auto_scaling_groups.emplace();
    info.last_attempted_deployment = last(view, group.scope, group.last_attempted);
    info.last_successful_deployment = last(view, group.scope, group.last_successful);
    if (const auto target = view.get<DeploymentRecord>(group.scope + group.last_successful))
        info.target_revision = show(*target).revision;
    info.termination_hook_enabled = false;
    return info;
}

}  // namespace gantry::codedeploy
