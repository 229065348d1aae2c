#pragma once

#include "codedeploy/application.h"
#include "codedeploy/deployment_group.h"

namespace gantry::codedeploy {

// As GetDeploymentGroup has it.
shapes::codedeploy::DeploymentGroupInfo show(
    const state::View& view, const ApplicationRecord& application, const DeploymentGroupRecord& group
);

}  // namespace gantry::codedeploy
