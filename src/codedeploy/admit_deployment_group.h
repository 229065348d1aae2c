#pragma once

#include "base/result.h"
#include "codedeploy/deployment_group.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::codedeploy {

// Checks the settings of a group of an ECS application, as they are to be, fills in what was left out, and
// finds the service. CodeDeploy's refusals:
//
//   InvalidDeploymentStyleException, InvalidBlueGreenDeploymentConfigurationException,
//   InvalidLoadBalancerInfoException, InvalidTargetGroupPairException, InvalidECSServiceException,
//   ECSServiceMappingLimitExceededException, InvalidRoleException, RoleRequiredException,
//   DeploymentConfigDoesNotExistException, InvalidTrafficRoutingConfigurationException,
//   InvalidTriggerConfigException, InvalidAlarmConfigException, InvalidAutoRollbackConfigException
Result<> admit_deployment_group(const state::View& view, const Caller& caller, DeploymentGroupRecord& group);

}  // namespace gantry::codedeploy
