#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "operation/caller.h"
#include "shapes/codedeploy/shapes.h"
#include "state/view.h"

// Settings that deployment groups have and deployments override.
namespace gantry::codedeploy {

inline constexpr std::size_t kAlarms = 10;
inline constexpr std::size_t kTriggers = 10;
// Minutes: both waits of a blue/green deployment, two days.
inline constexpr int kWaitMax = 2880;

// At least one event where it is enabled.
Result<> admit_auto_rollback(shapes::codedeploy::AutoRollbackConfiguration& rollback);
// At most ten names, no two alike; at least one where it is enabled. The alarms need not exist.
Result<> admit_alarms(shapes::codedeploy::AlarmConfiguration& alarms);
Result<> admit_triggers(const std::vector<shapes::codedeploy::TriggerConfig>& triggers);
// Both waits and both actions are there afterwards: clients read them without asking.
Result<> admit_blue_green(shapes::codedeploy::BlueGreenDeploymentConfiguration& config);
// A role of the account that codedeploy.amazonaws.com may assume.
Result<> admit_role(const state::View& view, const Caller& caller, const std::string& arn);
// The name of an existing configuration for ECS, AllAtOnce unless the balancer is an application load balancer.
Result<> admit_config(
    const state::View& view, const Caller& caller, const std::string& name, bool application_balancer
);

}  // namespace gantry::codedeploy
