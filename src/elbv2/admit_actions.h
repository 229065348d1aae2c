#pragma once

#include <vector>

#include "base/result.h"
#include "elbv2/load_balancer.h"
#include "operation/caller.h"
#include "shapes/elbv2/shapes.h"
#include "state/view.h"

namespace gantry::elbv2 {

// Checks the actions of a listener or rule and completes them as AWS shows them: weights, stickiness, the
// placeholders of redirects; one forward group stands in TargetGroupArn too.
//
// Refused: no or several deciding actions, kinds that the balancer does not have, unknown groups, groups of
// another balancer, VPC or protocol.
Result<std::vector<shapes::elbv2::Action>> admit_actions(
    const state::View& view,
    const Caller& caller,
    const LoadBalancerRecord& balancer,
    const std::string& protocol,
    std::vector<shapes::elbv2::Action> actions
);

// "TooManyUniqueTargetGroupsPerLoadBalancer": what the balancer's listeners would forward to with these
// actions added.
Result<> check_groups_of_balancer(
    const state::View& view,
    const LoadBalancerRecord& balancer,
    const std::vector<shapes::elbv2::Action>& added
);

}  // namespace gantry::elbv2
