#pragma once

#include <string>

#include "elbv2/load_balancer.h"
#include "elbv2/target_group.h"
#include "metric/name.h"

namespace gantry::elbv2 {

// A metric of AWS/NetworkELB or AWS/ApplicationELB, of a balancer in all its zones (no zone) or one, and of all its groups (null)
// or one.
metric::Name balancer_metric(
    const LoadBalancerRecord& balancer,
    const std::string& what,
    const std::string& zone = "",
    const TargetGroupRecord* group = nullptr
);
// Of a group alone, whatever its balancer.
metric::Name group_metric(
    const LoadBalancerRecord& balancer, const std::string& what, const TargetGroupRecord& group
);

}  // namespace gantry::elbv2
