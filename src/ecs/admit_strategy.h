#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ecs/service_course.h"
#include "ecs/service_revision.h"
#include "operation/caller.h"
#include "shapes/ecs/shapes.h"
#include "state/view.h"

// Deployment strategies and what they need. AWS does not publish these refusals' texts: the codes are AWS's, the words
// are our own where its documentation has none.
namespace gantry::ecs {

// Whether traffic moves from one service revision to another: BLUE_GREEN, CANARY, LINEAR.
bool shifts_traffic(const shapes::ecs::DeploymentConfiguration& configuration);

// Takes over strategy, bake time, hooks and steps, with AWS's defaults and limits; what another strategy had is
// forgotten when it changes.
Result<void> admit_strategy(
    const shapes::ecs::DeploymentConfiguration& given, shapes::ecs::DeploymentConfiguration& into
);

// A load balancer's advancedConfiguration: target groups of one load balancer, and rules of its listeners that
// forward. `group` and `vpc`: what it is the alternate of.
Result<void> admit_advanced(
    const state::View& view,
    const shapes::ecs::AdvancedConfiguration& given,
    const Caller& caller,
    ServiceLoadBalancer& balancer
);

// What the strategy needs of the load balancers.
Result<void> check_routes(
    const shapes::ecs::DeploymentConfiguration& configuration, const std::vector<ServiceLoadBalancer>& balancers
);

// The strategy as the scheduler reads it.
scheduler::Strategy strategy_of(const shapes::ecs::DeploymentConfiguration& configuration);

// At which stage a hook's lifecycleStages member runs: PRE_PRODUCTION_TRAFFIC_SHIFT is no stage of its own.
scheduler::LifecycleStage stage_of_hook(const std::string& member);

}  // namespace gantry::ecs
