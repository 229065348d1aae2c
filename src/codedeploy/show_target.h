#pragma once

#include <string>
#include <vector>

#include "codedeploy/deployment.h"

namespace gantry::codedeploy {

// "CLUSTER:SERVICE": an ECS deployment has one target.
std::string target_id(const DeploymentRecord& deployment);

// The two task sets with their counts and traffic, as far as they are there.
std::vector<shapes::codedeploy::ECSTaskSet> task_sets_info(
    const state::View& view, const DeploymentRecord& deployment
);

// As GetDeploymentTarget has it.
shapes::codedeploy::DeploymentTarget show_target(const state::View& view, const DeploymentRecord& deployment);

}  // namespace gantry::codedeploy
