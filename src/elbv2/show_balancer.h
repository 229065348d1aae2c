#pragma once

#include "elbv2/load_balancer.h"
#include "shapes/elbv2/shapes.h"

namespace gantry::elbv2 {

// As DescribeLoadBalancers has it. A balancer is active from the beginning: clients sleep for long before they
// look again.
shapes::elbv2::LoadBalancer show(const LoadBalancerRecord& balancer);

// What AWS calls the zone of its names in that region; clients need it for alias records.
std::string hosted_zone(const std::string& region, bool network);

}  // namespace gantry::elbv2
