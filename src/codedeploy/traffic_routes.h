#pragma once

#include <string>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "operation/caller.h"
#include "shapes/codedeploy/shapes.h"
#include "state/view.h"

namespace gantry::codedeploy {

// A deployment group's target groups and listeners, found: record keys of elbv2.
struct TrafficRoutes {
    std::vector<std::string> groups;  // two, in the order in which the group names them
    std::string prod_listener;
    std::string test_listener;  // empty: none
    bool application = false;   // behind an application load balancer
};
BOOST_DESCRIBE_STRUCT(TrafficRoutes, (), (groups, prod_listener, test_listener, application))

// Exactly one pair of two target groups, one production listener, at most one test listener, all of one load
// balancer, no rule of another one forwarding to the groups. InvalidLoadBalancerInfoException where the members
// are wrong, InvalidTargetGroupPairException where what they name is.
Result<TrafficRoutes> admit_traffic_routes(
    const state::View& view, const Caller& caller, const shapes::codedeploy::LoadBalancerInfo& info
);

}  // namespace gantry::codedeploy
