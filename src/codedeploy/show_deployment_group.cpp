#include "codedeploy/show_deployment_group.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

DeploymentGroupInfo show(
    const state::View&, const ApplicationRecord& application, const DeploymentGroupRecord& group
) {
    DeploymentGroupInfo info = group.settings;
    info.application_name = application.name;
    info.deployment_group_id = group.id;
    info.deployment_group_name = group.name;
    info.compute_platform = application.compute_platform;
    if (!info.ec2_tag_filters) info.ec2_tag_filters.emplace();
    if (!info.on_premises_instance_tag_filters) info.on_premises_instance_tag_filters.emplace();
    if (!info.auto_scaling_groups) info.auto_scaling_groups.emplace();
    info.termination_hook_enabled = false;
    return info;
}

}  // namespace gantry::codedeploy
